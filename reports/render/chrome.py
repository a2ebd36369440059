"""Draw figures, and print the page, in one Chrome: the only module that knows kaleido and choreographer."""

import asyncio
import logging
from base64 import b64decode
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from choreographer import Tab
    from kaleido import Kaleido

BROWSER_REMEDY = "install Chromium (Debian: `apt-get install chromium`) or run `plotly_get_chrome`"
TIMEOUT_S = 90
# A page has dozens of figures to draw.
PRINT_TIMEOUT_S = 600
# A4, in inches, as the browser counts; the page's own style says the margins.
PAPER = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}


class BrowserError(Exception):
    """Say why there are no images and how to get them."""


class Drawing(NamedTuple):
    """Order a figure.

    figure: data and layout, as plain data
    options: format, width, height and scale, as kaleido takes them
    """

    figure: dict[str, Any]
    path: Path
    options: dict[str, Any]


class Printing(NamedTuple):
    """Order a page as PDF.

    ready: JavaScript that gives a promise, kept once the page may be printed
    footer: HTML at the foot of each sheet, as Page.printToPDF takes it
    """

    page: Path
    path: Path
    ready: str
    footer: str


def draw(orders: Sequence[Drawing | Printing], progress: Callable[[int, int], None]) -> None:
    """Carry out all orders in one browser session, telling progress how many of how many are done.

    Raises BrowserError.
    """
    from kaleido.errors import BrowserClosedError, BrowserFailedError, ChromeNotFoundError

    try:
        _run(_draw(orders, progress))
    except ChromeNotFoundError as error:
        raise BrowserError(f"no images, as there is no Chrome: {BROWSER_REMEDY}") from error
    except (BrowserFailedError, BrowserClosedError, TimeoutError) as error:
        raise _broken(str(error) or type(error).__name__) from error


async def _draw(orders: Sequence[Drawing | Printing], progress: Callable[[int, int], None]) -> None:
    # kaleido itself and not plotly.io.write_images, which cannot turn MathJax off (its page would ask the
    # network for it) and says nothing when an image failed.
    from kaleido import Kaleido

    # No `async with`: interrupted while it opens, it would leave its browser behind and wait for it.
    browser = Kaleido(mathjax=False, timeout=TIMEOUT_S)
    opening = asyncio.ensure_future(browser.open())
    try:
        await asyncio.shield(opening)
        for done, order in enumerate(orders, start=1):
            if isinstance(order, Printing):
                await asyncio.wait_for(_print(browser, order), PRINT_TIMEOUT_S)
            else:
                what = {"fig": order.figure, "path": order.path, "opts": order.options}
                await browser.write_fig_from_object(what, cancel_on_error=True)
            progress(done, len(orders))
    finally:
        # What the browser was saying when it was closed is cut short: that is nothing to tell the user.
        logging.getLogger("choreographer").addHandler(logging.NullHandler())
        await asyncio.wait([opening])
        await browser.close()


async def _print(browser: "Kaleido", order: Printing) -> None:
    tab = await browser.create_tab("", window=True)
    await _ask(tab, "Page.enable")
    loaded = tab.subscribe_once("Page.loadEventFired")
    await _ask(tab, "Page.navigate", url=order.page.absolute().as_uri())
    await loaded
    await _ask(tab, "Runtime.evaluate", expression=order.ready, awaitPromise=True)
    printed = await _ask(
        tab,
        "Page.printToPDF",
        **PAPER,
        printBackground=True,
        displayHeaderFooter=True,
        headerTemplate="<span></span>",
        footerTemplate=order.footer,
        generateTaggedPDF=True,
        generateDocumentOutline=True,
    )
    order.path.write_bytes(b64decode(printed["data"]))


async def _ask(tab: "Tab", command: str, **values: Any) -> dict[str, Any]:
    """Send a command of the DevTools protocol. Raises BrowserError, also for what is wrong in the page."""
    answer = await tab.send_command(command, params=values)
    if "error" in answer:
        raise _broken(answer["error"]["message"])
    result = answer["result"]
    if "exceptionDetails" in result:
        details = result["exceptionDetails"]
        raise _broken(details.get("exception", {}).get("description") or details["text"])
    return result


def _broken(reason: str) -> BrowserError:
    return BrowserError(f"no images, as Chrome did not work ({reason.splitlines()[0]}): {BROWSER_REMEDY}")


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run work in a thread of its own, as the caller may be in an event loop; Ctrl-C closes the browser."""
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def watched() -> None:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        await work

    with ThreadPoolExecutor(max_workers=1) as threads:
        job = threads.submit(asyncio.run, watched())
        try:
            job.result()
        except KeyboardInterrupt:
            for loop, task in running:
                loop.call_soon_threadsafe(task.cancel)
            raise
