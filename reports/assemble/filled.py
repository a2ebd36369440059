"""Hold a report that is filled: sections of exhibits with their rows, and how much of the page each takes."""

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..exhibit import Column, Exhibit, Section
from ..latents.browser import LatentBrowser
from ..style import Looks
from .headline import Statement

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

# In pixels, of the page on a wide screen.
HALF_WIDTH = 500


class Placement(NamedTuple):
    """Hold one of the times that an exhibit stands in a report: once, or once per score type.

    score_type: the one it is about; None if it is about all
    name: of its files; key: its id in the page
    """

    exhibit: Exhibit
    score_type: str | None
    name: str
    key: str
    title: str


class Shown(NamedTuple):
    """Hold an exhibit filled with rows.

    score_type, name, key, title: as in Placement
    sql: the whole query, filters included
    figure: None if the exhibit has none or no value is defined
    is_failed: it could not be filled, and its caption says why
    """

    exhibit: Exhibit
    score_type: str | None
    name: str
    key: str
    title: str
    sql: str
    frame: "pd.DataFrame"
    figure: "Figure | None"
    caption: str
    is_failed: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of its table; none without a row."""
        if self.frame.empty:
            return ()
        return tuple(
            column for column in self.exhibit.columns_of(self.frame) if column.is_worth_showing(self.frame)
        )

    @property
    def is_folded(self) -> bool:
        """Whether its table is behind a line to click."""
        if self.exhibit.table is not None:
            return self.exhibit.table == "folded"
        return self.figure is not None

    @property
    def shape(self) -> str:
        """How it stands on the page: nothing (it says why), line (to click for its table), facts or whole."""
        if self.frame.empty and not self.is_failed:
            return "nothing"
        if self.columns and self.exhibit.table == "facts":
            return "facts"
        return "line" if self.columns and self.figure is None and self.is_folded else "whole"

    @property
    def fits_half(self) -> bool:
        """Whether half of a wide page is enough for it."""
        return (
            self.figure is not None
            and self.figure.layout["meta"]["min_width"] <= HALF_WIDTH
            and (self.is_folded or not self.columns)
        )


class FilledSection(NamedTuple):
    """Hold a section with its exhibits filled."""

    section: Section
    shown: list[Shown]

    @property
    def halves(self) -> set[str]:
        """The keys of exhibits that stand side by side, two by two, whichever scorer is shown."""
        found: set[str] = set()
        for score_type in {shown.score_type for shown in self.shown}:
            seen = [shown for shown in self.shown if shown.score_type in (None, score_type)]
            for left, right in pairwise(seen):
                if (
                    left.fits_half
                    and right.fits_half
                    and left.score_type == right.score_type
                    and left.key not in found
                ):
                    found |= {left.key, right.key}
        return found


class Report(NamedTuple):
    """Hold all that a report shows."""

    title: str
    scope: str
    statements: list[Statement]
    sections: list[FilledSection]
    looks: Looks
    latents: LatentBrowser

    @property
    def before_latents(self) -> list[FilledSection]:
        """The sections that stand above the latents."""
        return [filled for filled in self.sections if not filled.section.after_latents]

    @property
    def after_latents(self) -> list[FilledSection]:
        """The sections that stand below the latents."""
        return [filled for filled in self.sections if filled.section.after_latents]

    @property
    def scorers(self) -> list[str]:
        """The score types among which the page switches, the first of which it shows first."""
        return list(
            dict.fromkeys(shown.score_type for shown in self.every_shown() if shown.score_type is not None)
        )

    def every_shown(self) -> Iterator[Shown]:
        """Walk the exhibits of all sections."""
        for section in self.sections:
            yield from section.shown

    def failed(self) -> list[str]:
        """Name what could not be made, which says why in its place."""
        names = [shown.name for shown in self.every_shown() if shown.is_failed]
        return [*names, "latents"] if self.latents.failure else names
