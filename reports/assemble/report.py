"""Fill the sections from a warehouse: every query run once, for the page, the images and the tables alike."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from ..exhibit import Column, Exhibit, Section
from ..labels import in_id
from ..latents.browser import N_EXAMPLES, LatentBrowser, no_browser, read_browser
from ..sections.contents import sections_of
from ..style import Looks, looks_of
from ..warehouse import Families, RefusedError, Warehouse, all_score_types
from .headline import Statement, headline

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure


# Views that several queries read; each may read those before it.
READ_OFTEN = (
    "current_files",
    "runs",
    "run_measures",
    "model_comparison",
    "measure_ranking",
    "metrics_at_prevalence",
)
# In pixels, of the page on a wide screen.
HALF_WIDTH = 500
# Told how many of how many steps are done.
Progress = Callable[[int, int], None]


# What a value makes of a query, or of arithmetic on its rows.
_UNFILLED = (RefusedError, ArithmeticError, ValueError)


def silent(done: int, of: int) -> None:
    """Show no progress."""


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
            column
            for column in self.exhibit.columns
            if not column.optional or self.frame[column.name].notna().any()
        )

    @property
    def is_folded(self) -> bool:
        """Whether its table is behind a line to click."""
        if self.exhibit.table is not None:
            return self.exhibit.table == "folded"
        return self.figure is not None

    @property
    def shape(self) -> str:
        """How it stands on the page: nothing (it says why), line (to click for its table) or whole."""
        if self.frame.empty and not self.is_failed:
            return "nothing"
        return "line" if self.columns and self.figure is None and self.is_folded else "whole"

    @property
    def fits_half(self) -> bool:
        """Whether half of a wide page is enough for it."""
        return (
            self.figure is not None
            and self.figure.layout["meta"]["min_width"] <= HALF_WIDTH
            and (self.is_folded or not self.columns)
        )


class UnfilledError(Exception):
    """Say which exhibit cannot be filled, and why."""

    def __init__(self, placement: Placement, reason: str) -> None:
        super().__init__(f"{placement.name} could not be made: {reason}")


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


def assemble(
    warehouse: Warehouse,
    title: str,
    policy: str = "valid",
    n_examples: int = N_EXAMPLES,
    progress: Progress = silent,
) -> Report:
    """Run every section's queries and draw its figures; n_examples: per latent, for the latent browser."""
    looks = looks_of(warehouse.all_runs)
    contents = sections_of(warehouse.by)
    warehouse.read_once(READ_OFTEN)
    sections: list[FilledSection] = []
    # The latents take as long as all sections.
    with ThreadPoolExecutor(max_workers=1) as threads, warehouse.apart() as apart:
        latents = threads.submit(_latents, apart, looks, n_examples, policy)
        for section in contents:
            progress(len(sections), len(contents) + 1)
            found = chain.from_iterable(placements(e, warehouse.families) for e in section.exhibits)
            shown = [_fill_or_say(placement, warehouse, looks, policy) for placement in found]
            sections.append(FilledSection(section, shown))
        frames = {
            (shown.exhibit.name, shown.score_type): shown.frame
            for filled in sections
            for shown in filled.shown
            if not shown.is_failed
        }
        statements = headline(frames, warehouse.families)
        progress(len(sections), len(contents) + 1)
        browser = latents.result()
    progress(len(contents) + 1, len(contents) + 1)
    return Report(title, scope_of(warehouse, policy), statements, _worth_showing(sections), looks, browser)


def _worth_showing(sections: list[FilledSection]) -> list[FilledSection]:
    """Leave out exhibits that are optional and empty, and sections that have no other."""
    left = [
        filled._replace(
            shown=[
                shown
                for shown in filled.shown
                if not (shown.exhibit.optional and shown.frame.empty) or shown.is_failed
            ]
        )
        for filled in sections
    ]
    return [filled for filled in left if filled.shown]


def placements(exhibit: Exhibit, families: Families) -> Iterator[Placement]:
    """Name the times that an exhibit stands in a report; none if the warehouse lacks its family of scores."""
    if exhibit.family is not None and exhibit.family not in families:
        return
    if not exhibit.by_score_type:
        yield Placement(exhibit, None, exhibit.name, f"exhibit-{exhibit.name}", exhibit.title)
        return
    score_types = all_score_types(families) if exhibit.family is None else families[exhibit.family]
    for number, score_type in enumerate(score_types, start=1):
        yield Placement(
            exhibit,
            score_type,
            f"{exhibit.name}_{score_type}",
            f"exhibit-{exhibit.name}-{number}-{in_id(score_type)}",
            exhibit.title.format(score_type=score_type),
        )


def fill(
    exhibit: Exhibit, warehouse: Warehouse, looks: Looks | None = None, policy: str = "valid"
) -> Iterator[Shown]:
    """Fill an exhibit for each time that it stands in the report; without looks it has no figure."""
    for placement in placements(exhibit, warehouse.families):
        yield fill_once(placement, warehouse, looks, policy)


def fill_once(placement: Placement, warehouse: Warehouse, looks: Looks | None, policy: str) -> Shown:
    """Run the query of a placement and draw its figure; without looks it has none. Raises UnfilledError."""
    exhibit = placement.exhibit
    query = exhibit.text_of_query(policy, placement.score_type)
    figure = None
    try:
        frame = warehouse.read(query)
        if exhibit.figure is not None and looks is not None and not frame.empty:
            figure = exhibit.figure(frame, looks)
            _check_finite(figure)
        caption = exhibit.nothing if frame.empty else exhibit.caption(frame)
    except _UNFILLED as error:
        raise UnfilledError(placement, str(error)) from error
    return Shown(*placement, sql=warehouse.settings + query, frame=frame, figure=figure, caption=caption)


def _fill_or_say(placement: Placement, warehouse: Warehouse, looks: Looks, policy: str) -> Shown:
    """Fill a placement or, in its place, say why it cannot be filled: the rest of the report is no worse."""
    import pandas as pd

    try:
        return fill_once(placement, warehouse, looks, policy)
    except UnfilledError as error:
        sql = warehouse.settings + placement.exhibit.text_of_query(policy, placement.score_type)
        return Shown(*placement, sql, pd.DataFrame(), None, f"{error}.", is_failed=True)


def _latents(warehouse: Warehouse, looks: Looks, n_examples: int, policy: str) -> LatentBrowser:
    try:
        return read_browser(warehouse, looks, n_examples, policy)
    except _UNFILLED as error:
        return no_browser(f"The latents could not be read: {error}.", policy)


def _check_finite(figure: "Figure | None") -> None:
    """Raise ValueError for a number that JSON, and so the page, has no word for."""
    json.dumps(figure, allow_nan=False)


def scope_of(warehouse: Warehouse, policy: str = "valid") -> str:
    """Say how much of the warehouse a report covers."""
    n_all = len(warehouse.all_runs)
    runs = f"{n_all} run{'s' * (n_all != 1)}"
    if warehouse.n_runs < n_all:
        runs = f"{warehouse.n_runs} of {runs}"
    scope = f"{runs} · {', '.join(warehouse.score_types) or 'no scores'}"
    return scope + (" · a failed example counts as wrong" if policy == "strict" else "")
