"""Draw figures, and print the page, in one Chrome: the only module that knows kaleido and choreographer."""

import asyncio
import logging
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .page import PLOTLY

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

    ready: JavaScript that gives a promise, fulfilled once the page may be printed
    footer: HTML at the foot of each sheet, as Page.printToPDF takes it
    """

    page: Path
    path: Path
    ready: str
    footer: str


Draw = Callable[[Sequence[Drawing | Printing], Callable[[int, int], None]], None]
_Work = tuple[Sequence[Drawing | Printing], Callable[[int, int], None]]


@contextmanager
def opened_browser() -> Iterator[Draw]:
    """Open a browser while the caller does other work, and give what draws with it, once.

    What it gives carries out all orders, telling progress how many of how many are done. It raises
    BrowserError, also for a browser that did not open: who draws nothing needs none.
    """
    # Before there is another thread: two that import it at once would find it half made.
    import kaleido.errors  # noqa: F401

    work: Future[_Work] = Future()
    running: list[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = []

    async def watched() -> None:
        task = asyncio.current_task()
        assert task is not None
        running.append((asyncio.get_running_loop(), task))
        with as_file(files("reports") / "static" / PLOTLY) as plotly:
            await _draw(work, plotly)

    # A thread of its own, as the caller may be in an event loop.
    with ThreadPoolExecutor(max_workers=1) as threads:
        job = threads.submit(asyncio.run, watched())

        def draw_now(orders: Sequence[Drawing | Printing], progress: Callable[[int, int], None]) -> None:
            work.set_result((orders, progress))
            try:
                with _errors_told():
                    job.result()
            except KeyboardInterrupt:
                for loop, task in running:
                    loop.call_soon_threadsafe(task.cancel)
                raise

        try:
            yield draw_now
        finally:
            # Closes a browser that has nothing to draw; else there is work, and this does nothing.
            work.cancel()


def draw(orders: Sequence[Drawing | Printing], progress: Callable[[int, int], None]) -> None:
    """Carry out all orders in one browser session, telling progress how many of how many are done.

    Raises BrowserError.
    """
    with opened_browser() as draw_now:
        draw_now(orders, progress)


@contextmanager
def _errors_told() -> Iterator[None]:
    from kaleido.errors import BrowserClosedError, BrowserFailedError, ChromeNotFoundError

    try:
        yield
    except ChromeNotFoundError as error:
        raise BrowserError(f"no images, as there is no Chrome: {BROWSER_REMEDY}") from error
    except (BrowserFailedError, BrowserClosedError, TimeoutError) as error:
        raise _broken(str(error) or type(error).__name__) from error


async def _draw(work: Future[_Work], plotly: Path) -> None:
    # kaleido itself and not plotly.io.write_images, which cannot turn MathJax off (its page would ask the
    # network for it) and says nothing when an image failed.
    from kaleido import Kaleido

    # What fails is raised to who waits for it; once interrupted nobody does, and then it is nothing to tell.
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    # No `async with`: interrupted while it opens, it would leave its browser behind and wait for it.
    browser = Kaleido(mathjax=False, plotlyjs=plotly, timeout=TIMEOUT_S)
    opening = asyncio.ensure_future(browser.open())
    try:
        await asyncio.shield(opening)
        orders, progress = await asyncio.wrap_future(work)
        await _carry_out(browser, orders, progress)
    finally:
        # What the browser was saying when it was closed is cut short: that is nothing to tell the user.
        logging.getLogger("choreographer").addHandler(logging.NullHandler())
        await asyncio.wait([opening])
        await browser.close()


async def _carry_out(
    browser: "Kaleido", orders: Sequence[Drawing | Printing], progress: Callable[[int, int], None]
) -> None:
    """Draw figure after figure in one tab, and meanwhile print in others."""
    n_done = 0

    def one_more() -> None:
        nonlocal n_done
        n_done += 1
        progress(n_done, len(orders))

    async def draw_all() -> None:
        for order in orders:
            if isinstance(order, Drawing):
                what = {"fig": order.figure, "path": order.path, "opts": order.options}
                await browser.write_fig_from_object(what, cancel_on_error=True)
                one_more()

    async def print_one(order: Printing) -> None:
        await asyncio.wait_for(_print(browser, order), PRINT_TIMEOUT_S)
        one_more()

    await asyncio.gather(draw_all(), *(print_one(order) for order in orders if isinstance(order, Printing)))


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
    result: dict[str, Any] = answer["result"]
    if "exceptionDetails" in result:
        details = result["exceptionDetails"]
        raise _broken(details.get("exception", {}).get("description") or details["text"])
    return result


def _broken(reason: str) -> BrowserError:
    return BrowserError(f"no images, as Chrome did not work ({reason.splitlines()[0]}): {BROWSER_REMEDY}")
