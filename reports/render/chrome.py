"""Have figures drawn, and the page printed, by a Chrome in a process of its own.

No wait is without end, and nothing is left running: what is not heard of in time is killed.
"""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from select import select
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple, Self

from explainer_warehouse.terminal import printable

BROWSER_REMEDY = "install Chromium (Debian: `apt-get install chromium`) or run `plotly_get_chrome`"
# How long Chrome may be silent: while it opens, draws a figure, or prints a page of dozens of figures.
OPEN_S = 60
FIGURE_S = 90
PAGE_S = 600


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


Order = Drawing | Printing
Draw = Callable[[Sequence[Order], Callable[[int, int], None]], None]


@contextmanager
def opened_browser() -> Iterator[Draw]:
    """Open a browser while the caller does other work, and give what draws with it, once.

    What it gives carries out all orders, telling progress how many of how many are done. It raises
    BrowserError, also for a browser that did not open, since who draws nothing needs none; and OSError
    where a file cannot be written.
    """
    opened_by = time.monotonic() + OPEN_S
    with _started() as process:

        def draw_now(orders: Sequence[Order], progress: Callable[[int, int], None]) -> None:
            if isinstance(process, BrowserError):
                raise process
            process.tell(orders)
            process.await_answer(opened_by)
            silent_s = PAGE_S if any(isinstance(order, Printing) for order in orders) else FIGURE_S
            for n_done in range(1, len(orders) + 1):
                process.await_answer(time.monotonic() + silent_s)
                progress(n_done, len(orders))
            # Chrome is closed then.
            process.await_answer(time.monotonic() + OPEN_S)

        yield draw_now


def draw(orders: Sequence[Order], progress: Callable[[int, int], None]) -> None:
    """Carry out all orders in one browser session, telling progress how many of how many are done.

    Raises BrowserError and OSError.
    """
    with opened_browser() as draw_now:
        draw_now(orders, progress)


@contextmanager
def _started() -> Iterator["_Process | BrowserError"]:
    with ExitStack() as ended:
        started: _Process | BrowserError
        try:
            # A browser that is killed leaves its files, and writes some while it dies.
            place = TemporaryDirectory(prefix="draw-", ignore_cleanup_errors=True)
            started = ended.enter_context(_Process(Path(ended.enter_context(place))))
        except OSError as error:
            started = _broken(f"it could not be started: {error.strerror or error}")
        yield started


class _Process:
    """The process that opens Chrome; when it is left, it is killed with all that it started."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._said = b""

    def __enter__(self) -> Self:
        with self._stderr.open("wb") as stderr:
            self._popen = subprocess.Popen(
                # -P: a module of such a name in the working directory is none of ours.
                [sys.executable, "-P", "-m", "reports.render.in_chrome"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env={**os.environ, "TMPDIR": str(self.directory)},
                # The terminal sends Ctrl-C to our group alone; Chrome is in the one of that process.
                start_new_session=True,
            )
        return self

    def __exit__(self, *error: object) -> None:
        # The group is there until its first process is waited for; macOS refuses once all have ended.
        with suppress(PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            assert pipe is not None
            pipe.close()

    @property
    def _stderr(self) -> Path:
        return self.directory / "stderr"

    def tell(self, orders: Sequence[Order]) -> None:
        """Say what to draw: in a file, as a pipe that nobody reads is full at some time."""
        assert self._popen.stdin is not None
        path = self.directory / "orders"
        path.write_bytes(pickle.dumps(list(orders)))
        # What it said before it ended is still to be read.
        with suppress(BrokenPipeError):
            os.write(self._popen.stdin.fileno(), f"{path}\n".encode())

    def await_answer(self, until: float) -> None:
        """Wait for one more thing that is done. Raises BrowserError and OSError, whichever it tells."""
        assert self._popen.stdout is not None
        while b"\n" not in self._said:
            left = max(0, until - time.monotonic())
            if not select([self._popen.stdout], [], [], left)[0]:
                raise _broken("it did not answer")
            read = os.read(self._popen.stdout.fileno(), 1 << 16)
            if not read:
                raise _broken(self._last_words())
            self._said += read
        line, self._said = self._said.split(b"\n", 1)
        _check(json.loads(line))

    def _last_words(self) -> str:
        lines = self._stderr.read_text(encoding="utf-8", errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it ended")


def _check(answer: dict[str, Any]) -> None:
    """Raise what an answer of the process tells, if it is no good news."""
    match answer:
        case {"no_chrome": _}:
            raise BrowserError(f"no images, as there is no Chrome: {BROWSER_REMEDY}")
        case {"unwritten": path, "errno": number}:
            raise OSError(number, os.strerror(number), path)
        case {"broken": str(reason)}:
            raise _broken(reason)


def _broken(reason: str) -> BrowserError:
    line = printable(next(iter(reason.splitlines()), ""))
    return BrowserError(f"no images, as Chrome did not work ({line}): {BROWSER_REMEDY}")
