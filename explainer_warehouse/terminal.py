"""What the two commands do alike at a terminal: Ctrl-C as one line, and a progress bar."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import click

# The exit code after Ctrl-C: 128 and the number of its signal.
INTERRUPTED = 130


@contextmanager
def ending_on_interrupt(message: str) -> Iterator[None]:
    """End the process after Ctrl-C with one line on stderr and the usual exit code."""
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        interrupted = True
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    try:
        # Inside, since a Ctrl-C may come before the next line.
        signal.signal(signal.SIGINT, interrupt)
        yield
        if interrupted:
            # One that came in when Python has to ignore errors, in a finalizer say.
            raise KeyboardInterrupt
    except BaseException:
        # DuckDB makes other errors of a Ctrl-C that reaches it inside a query.
        if not interrupted:
            raise
        click.echo(message, err=True)
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, before)


class InterruptibleGroup(click.Group):
    """A group of commands that end with one line after Ctrl-C."""

    def __init__(self, *args: Any, interrupted: str, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.interrupted = interrupted

    def main(self, *args: Any, **settings: Any) -> Any:
        """Run the program, whatever the terminal is like."""
        _have_streams()
        for stream in (sys.stdout, sys.stderr):
            # Not every terminal has every character: Latin-1 has no dash.
            getattr(stream, "reconfigure", lambda errors: None)(errors="backslashreplace")
        return super().main(*args, **settings)

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Refuse what is no text, which no name in a warehouse can be."""
        if odd := [arg for arg in args if arg != arg.encode(errors="replace").decode()]:
            raise click.UsageError(f"found {os.fsencode(odd[0])!r}, wanted UTF-8")
        return super().parse_args(context, args)

    def invoke(self, context: click.Context) -> Any:
        """Run the command that was asked for."""
        with ending_on_interrupt(self.interrupted):
            return super().invoke(context)


def _have_streams() -> None:
    """Open the standard streams that were closed, since the next file would be taken for one."""
    opened = -1
    while opened < 3:
        opened = os.open(os.devnull, os.O_RDWR)
    os.close(opened)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def printable(text: str) -> str:
    """Write what would move the cursor or the colours as an escape: names are untrusted."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def printable_lines(text: str) -> str:
    """Write a text of several lines so."""
    return "\n".join(map(printable, text.split("\n")))


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function to tell how many of how many steps are done; a bar on a terminal's stderr shows it."""
    bar: Any = None

    def advance(done: int, of: int) -> None:
        nonlocal bar
        if bar is None and of:
            bar = click.progressbar(length=of, label=label, file=sys.stderr, show_pos=True)
        if bar is not None:
            bar.length = of
            bar.update(done - bar.pos)

    try:
        yield advance if sys.stderr.isatty() else lambda done, of: None
    finally:
        if bar is not None:
            bar.render_finish()
