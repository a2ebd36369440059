"""Fill the sections from a warehouse: every query run once, for the page, the images and the tables alike."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from ..latents.browser import N_EXAMPLES, LatentBrowser, no_browser, read_browser
from ..latents.carried import N_CARRIED
from ..sections.contents import sections_of
from ..style import Looks, looks_of
from ..warehouse import Warehouse
from .fill import UNFILLED, UnfilledError, fill_once, placements
from .filled import FilledSection, Placement, Report, Shown
from .headline import headline
from .pair import top_pair

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


def assemble(
    warehouse: Warehouse,
    title: str,
    policy: str = "valid",
    n_examples: int = N_EXAMPLES,
    progress: Progress = silent,
    n_carried: int = N_CARRIED,
) -> Report:
    """Run every section's queries and draw its figures.

    n_examples: per latent, for the latent browser
    n_carried: of how many latents
    """
    looks = looks_of(warehouse.all_runs)
    contents = sections_of(warehouse.by)
    warehouse.read_once(READ_OFTEN)
    sections: list[FilledSection] = []
    # The latents take as long as all sections.
    with ThreadPoolExecutor(max_workers=1) as threads, warehouse.apart() as apart:
        latents = threads.submit(_latents, apart, looks, n_examples, policy, n_carried)
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
        browser.overview["pair"] = top_pair(frames)
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


def _fill_or_say(placement: Placement, warehouse: Warehouse, looks: Looks, policy: str) -> Shown:
    """Fill a placement or, in its place, say why it cannot be filled: the rest of the report is no worse."""
    import pandas as pd

    try:
        return fill_once(placement, warehouse, looks, policy)
    except UnfilledError as error:
        sql = warehouse.settings + placement.exhibit.text_of_query(policy, placement.score_type)
        return Shown(*placement, sql, pd.DataFrame(), None, f"{error}.", is_failed=True)


def _latents(
    warehouse: Warehouse, looks: Looks, n_examples: int, policy: str, n_carried: int
) -> LatentBrowser:
    try:
        return read_browser(warehouse, looks, n_examples, policy, n_carried)
    except UNFILLED as error:
        return no_browser(f"The latents could not be read: {error}.", policy)


def left_out(warehouse: Warehouse) -> str:
    """Say how many runs a report does without, and how to have others."""
    return f"{warehouse.n_left_out:,} more are left out, choose others with --run, --model or --where"


def scope_of(warehouse: Warehouse, policy: str = "valid") -> str:
    """Say how much of the warehouse a report covers."""
    n_all = len(warehouse.all_runs)
    runs = f"{n_all} run{'s' * (n_all != 1)}"
    if warehouse.n_runs < n_all:
        runs = f"{warehouse.n_runs} of {runs}"
    if warehouse.n_left_out:
        runs = f"{runs}, those that lead by some measure: {left_out(warehouse)}"
    scope = f"{runs} · {', '.join(warehouse.score_types) or 'no scores'}"
    return scope + (" · a failed example counts as wrong" if policy == "strict" else "")
