"""Draw figures, and print the page, in one Chrome: a process of its own, the only one that knows kaleido.

`chrome.py` starts it, and says on its standard input where the orders are; on its standard output it says how
far it is, a line of JSON each. Once its input ends, so does it, with all of Chrome.
"""

import asyncio
import json
import os
import pickle
import signal
import sys
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from choreographer.browsers.chromium import Chromium
from choreographer.errors import (
    BrowserClosedError,
    BrowserFailedError,
    ChannelClosedError,
    ChromeNotFoundError,
)
from kaleido import Kaleido

from .chrome import FIGURE_S, Drawing, Order, Printing
from .page import PLOTLY

if TYPE_CHECKING:
    from choreographer import Tab

# A figure is drawn while Chrome writes another down.
N_TABS = 2
# A4, in inches, as the browser counts; the page's own style says the margins.
PAPER = {"paperWidth": 8.27, "paperHeight": 11.69, "preferCSSPageSize": True}
# Of a PDF, in bytes.
PART = 1 << 18

Say = Callable[..., None]


class PageError(Exception):
    """Say what Chrome found wrong with a page, or with what it was told to do."""


class UnwrittenError(Exception):
    """Say which file of an order cannot be written, and by what number the system says why."""


class _OfOurGroup(Chromium):
    """A Chrome that is ended with the group of this process."""

    def get_popen_args(self) -> dict[str, Any]:
        return {**super().get_popen_args(), "start_new_session": False}


def main() -> None:
    """Open Chrome, and carry out the orders that are then asked for."""
    # Whatever a library prints is no message.
    messages = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def say(**message: Any) -> None:
        print(json.dumps(message), file=messages, flush=True)

    try:
        with as_file(files("reports") / "static" / PLOTLY) as plotly:
            asyncio.run(_serve(plotly, say))
    except ChromeNotFoundError:
        say(no_chrome=True)
    except UnwrittenError as error:
        path, number = error.args
        say(unwritten=path, errno=number)
    except (BrowserFailedError, BrowserClosedError, ChannelClosedError, TimeoutError, PageError) as error:
        say(broken=str(next(iter(error.args), type(error).__name__)))
    except asyncio.CancelledError:
        say(broken="it ended")
    else:
        say(end=True)


async def _serve(plotly: Path, say: Say) -> None:
    # kaleido itself and not plotly.io.write_images, which cannot turn MathJax off (its page would ask the
    # network for it) and says nothing when an image failed.
    browser = Kaleido(N_TABS, FIGURE_S, mathjax=False, plotlyjs=plotly, browser_cls=_OfOurGroup)
    orders: asyncio.Future[Sequence[Order]] = asyncio.get_running_loop().create_future()
    threading.Thread(target=_listen, args=(asyncio.get_running_loop(), orders), daemon=True).start()
    await browser.open()
    say(open=True)
    await _carry_out(browser, await orders, say)
    await browser.close()


def _listen(loop: asyncio.AbstractEventLoop, orders: "asyncio.Future[Sequence[Order]]") -> None:
    """Read where the orders are; when nobody is there any more who wants them, end this and Chrome."""
    if line := sys.stdin.readline():
        loop.call_soon_threadsafe(orders.set_result, pickle.loads(Path(line.rstrip("\n")).read_bytes()))
        sys.stdin.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


async def _carry_out(browser: Kaleido, orders: Sequence[Order], say: Say) -> None:
    """Draw figure after figure, in whichever of kaleido's tabs is free, and meanwhile print in others."""
    drawings = (order for order in orders if isinstance(order, Drawing))

    async def draw_some() -> None:
        for order in drawings:
            what = {"fig": order.figure, "path": order.path, "opts": order.options}
            with _unwritten(order.path):
                await browser.write_fig_from_object(what, cancel_on_error=True)
            say(done=1)

    async def print_one(order: Printing) -> None:
        await _print(browser, order)
        say(done=1)

    await asyncio.gather(
        *(print_one(order) for order in orders if isinstance(order, Printing)),
        *(draw_some() for _ in range(N_TABS)),
    )


async def _print(browser: Kaleido, order: Printing) -> None:
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
        transferMode="ReturnAsStream",
    )
    pdf = await _read(tab, printed["stream"])
    with _unwritten(order.path):
        order.path.write_bytes(pdf)


async def _read(tab: "Tab", stream: str) -> bytes:
    """Read what Chrome has ready, in parts: an answer takes choreographer the square of its length."""
    parts = []
    is_read = False
    while not is_read:
        part = await _ask(tab, "IO.read", handle=stream, size=PART)
        parts.append(b64decode(part["data"]))
        is_read = part["eof"]
    await _ask(tab, "IO.close", handle=stream)
    return b"".join(parts)


@contextmanager
def _unwritten(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # A wait that is over, too, is an OSError, without a number.
        if error.errno is None:
            raise
        raise UnwrittenError(str(path), error.errno) from error


async def _ask(tab: "Tab", command: str, **values: Any) -> dict[str, Any]:
    """Send a command of the DevTools protocol. Raises PageError, also for what is wrong in the page."""
    answer = await tab.send_command(command, params=values)
    if "error" in answer:
        raise PageError(answer["error"]["message"])
    result: dict[str, Any] = answer["result"]
    if "exceptionDetails" in result:
        details = result["exceptionDetails"]
        raise PageError(details.get("exception", {}).get("description") or details["text"])
    return result


if __name__ == "__main__":
    main()
