"""Write untrusted names and texts so that nothing reads them as anything but text."""

import math
import re
import unicodedata
from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import TypeIs

LONGEST_LABEL = 28
LONGEST_NARROW_LABEL = 16
DASH = "–"  # noqa: RUF001


def in_figure(text: str) -> str:
    """Escape text for plotly, which takes <b>, <a href> and the like in any text for markup."""
    return escape(_without_controls(text), quote=False)


def axis_label(text: str, longest: int = LONGEST_LABEL) -> str:
    """Shorten text in its middle to that many characters, then escape it for plotly."""
    return in_figure(shortened(text, longest))


def axis_lines(text: str, width: int) -> list[str]:
    """Shorten text as axis_label does, and break it after -, _, / and spaces into lines of at most width.

    A part that is longer stays whole. The lines are not escaped yet: their lengths are those that show.
    """
    lines = [""]
    for part in re.findall(r"[^-_/\s]*[-_/\s]*", shortened(text, LONGEST_LABEL)):
        if lines[-1] and len(lines[-1] + part.rstrip()) > width:
            lines.append("")
        lines[-1] += part
    return [line.rstrip() for line in lines]


def in_terminal(text: str) -> str:
    """Show control characters, which could steer a terminal, as a replacement sign."""
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_control(character) else character for character in text)


def in_id(text: str) -> str:
    """Reduce text to what an HTML id, and a link to it, may hold."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "x"


def words(value: str | Iterable[object] | None) -> str:
    """Print text, a name or a list of names; null is a dash."""
    if is_missing(value):
        return DASH
    return value if isinstance(value, str) else ", ".join(str(item) for item in value)


def ratio(value: float | None) -> str:
    """Print a measure with three decimals, as the original analysis did; undefined is a dash."""
    return DASH if is_missing(value) else f"{value:.3f}"


def whole(value: float | None) -> str:
    """Print a count with its thousands apart."""
    return DASH if is_missing(value) else f"{round(value):,}"


def one_decimal(value: float | None) -> str:
    """Print an amount with its thousands apart and one decimal."""
    return DASH if is_missing(value) else f"{value:,.1f}"


def percent(value: float | None) -> str:
    """Print a share; one that is not quite nothing or all does not read as if it were."""
    if is_missing(value):
        return DASH
    if value in (0, 1):
        return f"{100 * value:.0f} %"
    shown = f"{100 * value:.1f} %"
    return {"0.0 %": "< 0.1 %", "100.0 %": "> 99.9 %"}.get(shown, shown)


def is_missing(value: object) -> "TypeIs[None]":
    """Tell whether a cell that came from SQL was null: None, or what pandas puts in its place."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def shortened(text: str, longest: int) -> str:
    """Leave out the middle of text that is longer."""
    keep = longest - 1
    if len(text) <= longest:
        return text
    # What was left out there before is no other gap.
    return text[: keep - keep // 2].rstrip("…") + "…" + text[-(keep // 2) :].lstrip("…")


def _without_controls(text: str) -> str:
    # Most texts: nothing printable is a control character.
    if text.isprintable():
        return text
    return "".join(" " if _is_control(character) else character for character in text)


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs")
