"""Fill the sections from a warehouse: every query run once, for the page, the images and the tables alike."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from ..exhibit import Column, Exhibit, Section
from ..labels import in_id
from ..latents.browser import N_EXAMPLES, LatentBrowser, read_browser
from ..sections.contents import sections_of
from ..style import Looks, looks_of
from ..warehouse import Families, Warehouse, all_score_types
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
# Told how many of how many steps are done.
Progress = Callable[[int, int], None]


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


class FilledSection(NamedTuple):
    """Hold a section with its exhibits filled."""

    section: Section
    shown: list[Shown]


class Report(NamedTuple):
    """Hold all that a report shows."""

    title: str
    scope: str
    statements: list[Statement]
    sections: list[FilledSection]
    looks: Looks
    latents: LatentBrowser

    def every_shown(self) -> Iterator[Shown]:
        """Walk the exhibits of all sections."""
        for section in self.sections:
            yield from section.shown


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
        latents = threads.submit(read_browser, apart, looks, n_examples, policy)
        for section in contents:
            progress(len(sections), len(contents) + 1)
            filled = [fill(exhibit, warehouse, looks, policy) for exhibit in section.exhibits]
            sections.append(FilledSection(section, list(chain.from_iterable(filled))))
        frames = {
            (shown.exhibit.name, shown.score_type): shown.frame
            for filled in sections
            for shown in filled.shown
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
            shown=[shown for shown in filled.shown if not (shown.exhibit.optional and shown.frame.empty)]
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
    """Run the query of a placement and draw its figure; without looks it has none."""
    exhibit = placement.exhibit
    query = exhibit.text_of_query(policy, placement.score_type)
    frame = warehouse.read(query)
    figure = None
    if exhibit.figure is not None and looks is not None and not frame.empty:
        figure = exhibit.figure(frame, looks)
    caption = exhibit.nothing if frame.empty else exhibit.caption(frame)
    return Shown(*placement, sql=warehouse.settings + query, frame=frame, figure=figure, caption=caption)


def scope_of(warehouse: Warehouse, policy: str = "valid") -> str:
    """Say how much of the warehouse a report covers."""
    n_all = len(warehouse.all_runs)
    runs = f"{n_all} run{'s' * (n_all != 1)}"
    if warehouse.n_runs < n_all:
        runs = f"{warehouse.n_runs} of {runs}"
    scope = f"{runs} · {', '.join(warehouse.score_types) or 'no scores'}"
    return scope + (" · a failed example counts as wrong" if policy == "strict" else "")
