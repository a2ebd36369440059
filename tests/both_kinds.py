"""Let tests of warehouses in files be done on lakes as well, if the environment says LAKE=file or postgres.

What tests load or write by hand goes into a lake then, its catalogue in a file or in PostgreSQL, and they ask
what its readers ask: a local copy. Done so are the loader's and the views' tests, some by `make test-lake`,
all by `make soak`.
"""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from lakes import Lakes, make_empty
from postgres import PASSWORD, find_programs, started

from loader.address import Lake

KIND = os.environ.get("LAKE")
# What they are in that `make test-lake` does, and beside that `make soak`. Other tests load into a file by
# its path, in processes of their own or by commands (test_reliability, test_given_scores, test_move).
EVERY_TIME = {"test_candidates", "test_exports", "test_load"}
IN_SOAK = {
    "test_auc",
    "test_comparison",
    "test_controls",
    "test_data_quality",
    "test_demo_counts",
    "test_diagnostics",
    "test_diff",
    "test_hookpoints",
    "test_judges",
    "test_large_settings",
    "test_latent_scores",
    "test_layouts",
    "test_measures",
    "test_pairs_of_runs",
    "test_power",
    "test_prevalence",
    "test_ranking",
    "test_run_settings",
    "test_score_families",
    "test_uncertainty",
    "test_views",
}
# What holds for a file alone, and why.
_EDITS = "changes the warehouse's file by hand between two loads"
OF_FILES = {
    "test_an_edited_name_beats_the_file_and_the_file_beats_the_built_in": _EDITS,
    "test_a_deleted_name_stays_deleted": _EDITS,
    "test_views_of_another_version_leave_no_ghost": _EDITS,
    "test_runs_that_lie_elsewhere_are_told_by_their_names": "puts the warehouse's file elsewhere for another",
    "test_p_values_equal_scipy": "asks a macro of a table of its own, which is in no lake",
}
# What says that a test is not done every time, or elsewhere.
_APART = ("soak", "lake", "peers", "spark")
# Closed when the tests are done.
OPENED = ExitStack()


def mark(items: Sequence[pytest.Item]) -> None:
    """Mark what is done on lakes, beside the tests that are marked where they stand."""
    for item in items:
        name = item.name.partition("[")[0]
        if name in OF_FILES or any(item.get_closest_marker(marker) for marker in ("both", *_APART)):
            continue
        if item.path.stem in EVERY_TIME | IN_SOAK:
            item.add_marker(pytest.mark.both)
        if item.path.stem in IN_SOAK:
            item.add_marker(pytest.mark.soak)


def copied_lake() -> Lake:
    """Return a new lake of the kind that is asked for, with nothing loaded."""
    return _lakes().copy(_empty())


@cache
def _empty() -> Lake:
    return make_empty(_lakes())


@cache
def _lakes() -> Lakes:
    directory = OPENED.enter_context(TemporaryDirectory(prefix="lakes-"))
    # Copies that are read go there, too.
    os.environ["XDG_CACHE_HOME"] = directory
    if KIND != "postgres":
        return Lakes(Path(directory))
    programs = find_programs()
    assert programs, "there is no PostgreSQL: ask for the package postgresql"
    os.environ["PGPASSWORD"] = PASSWORD
    return Lakes(Path(directory), OPENED.enter_context(started(programs)).port)
