"""Fill the sections from a warehouse: every query run once, for the page, the images and the tables alike."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from ..exhibit import Exhibit, Section
from ..labels import in_id
from ..latents.browser import N_EXAMPLES, LatentBrowser, read_browser
from ..sections.contents import SECTIONS
from ..style import Looks, looks_of
from ..warehouse import Warehouse
from .answer import Statement, answer

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure


# In an order in which each may read those before it.
ASKED_OFTEN = ("current_files", "runs", "run_measures", "model_comparison", "model_ranking")


# Told how many of how many steps are done.
Progress = Callable[[int, int], None]


def silent(done: int, of: int) -> None:
    """Show no progress."""


class Place(NamedTuple):
    """Hold an exhibit's place in a report: one for all score types, or one each.

    score_type: the one it is about; None where it is about all
    name: of its files; key: its id in the page
    """

    exhibit: Exhibit
    score_type: str | None
    name: str
    key: str
    title: str


class Shown(NamedTuple):
    """Hold an exhibit filled with rows.

    score_type, name, key: as in Place
    sql: the whole query, filters included
    figure: None where the exhibit has none or nothing is defined
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
    """Run every section's queries and draw its figures; n_examples: of each latent, for its browser."""
    looks = looks_of(warehouse.all_runs)
    warehouse.keep(ASKED_OFTEN)
    sections = []
    # The latents take as long as all sections.
    with ThreadPoolExecutor(max_workers=1) as threads, warehouse.apart() as apart:
        latents = threads.submit(read_browser, apart, looks, n_examples, policy)
        for section in SECTIONS:
            progress(len(sections), len(SECTIONS) + 1)
            exhibits = [fill(exhibit, warehouse, looks, policy) for exhibit in section.exhibits]
            sections.append(FilledSection(section, list(chain.from_iterable(exhibits))))
        frames = {
            (shown.exhibit.name, shown.score_type): shown.frame
            for filled in sections
            for shown in filled.shown
        }
        statements = answer(frames, warehouse.score_types)
        progress(len(sections), len(SECTIONS) + 1)
        browser = latents.result()
    progress(len(SECTIONS) + 1, len(SECTIONS) + 1)
    return Report(title, scope_of(warehouse, policy), statements, sections, looks, browser)


def places(exhibit: Exhibit, score_types: Sequence[str]) -> Iterator[Place]:
    """Name the places that an exhibit takes in a report."""
    if not exhibit.by_score_type:
        yield Place(exhibit, None, exhibit.name, f"exhibit-{exhibit.name}", exhibit.title)
        return
    for number, score_type in enumerate(score_types, start=1):
        yield Place(
            exhibit,
            score_type,
            f"{exhibit.name}_{score_type}",
            f"exhibit-{exhibit.name}-{number}-{in_id(score_type)}",
            exhibit.title.format(score_type=score_type),
        )


def fill(
    exhibit: Exhibit, warehouse: Warehouse, looks: Looks | None = None, policy: str = "valid"
) -> Iterator[Shown]:
    """Run an exhibit's query, once or once a score type, and draw its figure; without looks it has none."""
    for place in places(exhibit, warehouse.score_types):
        yield fill_place(place, warehouse, looks, policy)


def fill_place(place: Place, warehouse: Warehouse, looks: Looks | None, policy: str) -> Shown:
    """Run the query of one place and draw its figure; without looks it has none."""
    exhibit = place.exhibit
    query = exhibit.text_of_query(policy, place.score_type)
    frame = warehouse.read(query)
    drawn = exhibit.figure is not None and looks is not None and not frame.empty
    figure = exhibit.figure(frame, looks) if drawn else None
    caption = exhibit.nothing if frame.empty else exhibit.caption(frame)
    return Shown(*place, sql=warehouse.settings + query, frame=frame, figure=figure, caption=caption)


def scope_of(warehouse: Warehouse, policy: str = "valid") -> str:
    """Say how much of the warehouse a report covers."""
    n_all = len(warehouse.all_runs)
    runs = f"{n_all} run{'s' * (n_all != 1)}"
    if warehouse.n_runs < n_all:
        runs = f"{warehouse.n_runs} of {runs}"
    scope = f"{runs} · {', '.join(warehouse.score_types) or 'no scores'}"
    return scope + (" · a failed example counts as wrong" if policy == "strict" else "")
