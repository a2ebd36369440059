"""`loader drop` and `loader rename`: what a warehouse holds of runs, changed without loading."""

import shutil
from pathlib import Path

import duckdb
import pytest
from commands import answer, refusal
from conftest import Load, Query
from run_files import examples, write, write_run

from loader.files.firing_counts import write_firing_counts

SCORES = {"fuzz": {"layers.1_latent1": examples(tp=3, tn=2, fn=1)}}
MEASURES = "select run_name, score_type, name, value, se, low, high from run_measures order by all"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Write three runs, two of which have directories of one name, with one cache for all."""
    results = tmp_path / "results"
    for name in ("a/base", "b/base", "other"):
        config = {"explainer_model": f"org/Model-{name[0]}"}
        write_run(results / name, SCORES, {"layers.1_latent1": f"of {name}"}, config)
    return results


def test_a_dropped_run_leaves_nothing_and_a_load_brings_it_back(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    cache = write(results / "cache" / "log" / "hookpoint_firing_counts.pt", b"")
    write_firing_counts(cache, {"layers.1": [5, 3]})
    load_into(results)
    whole = query(MEASURES)
    assert answer("loader", "drop", "other", cwd=tmp_path) == "dropped other: 3 files\n"
    assert query(MEASURES) == [row for row in whole if row[0] != "other"]
    for table in ("source_files", "run_directories", "run_links", "scan_problems"):
        assert (
            query(f"select run_id from {table} anti join runs using (run_id) where run_id is not null") == []
        )
    assert (results / "other" / "run_config.json").exists()
    load_into(results)
    assert query(MEASURES) == whole


def test_the_answers_of_the_rest_are_kept_again(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    load_into(results)
    answer("loader", "drop", "other", cwd=tmp_path)
    assert query("select rows_are_kept(), (from behind_the_views.state) = state_of_tables()") == [
        (True, True)
    ]


@pytest.mark.parametrize(
    "called",
    ["a/base", "results/a/base", "results/a/base/", "Model-a"],
    ids=["name", "path", "slash", "label"],
)
def test_a_run_is_called_by_its_name_directory_or_label(
    results: Path, tmp_path: Path, load_into: Load, called: str
) -> None:
    load_into(results)
    assert answer("loader", "drop", called, cwd=tmp_path) == "dropped a/base: 3 files\n"


def test_a_name_that_is_not_one_runs_drops_nothing(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    load_into(results)
    assert (
        refusal("loader", "drop", "other", "base", cwd=tmp_path)
        == "2 runs are called 'base'; say which: a/base, b/base"
    )
    assert refusal("loader", "drop", "othr", cwd=tmp_path) == "no run is called 'othr'; did you mean other?"
    assert (
        refusal("loader", "drop", "zzz", cwd=tmp_path)
        == "no run is called 'zzz'; there are a/base, b/base, other"
    )
    assert query("select count(*) from runs") == [(3,)]


@pytest.mark.parametrize("key", ["org/Model-o", "Model-o", "other"])
def test_a_display_name_shows_at_once_and_stays(
    results: Path, tmp_path: Path, load_into: Load, query: Query, key: str
) -> None:
    load_into(results)
    assert answer("loader", "rename", key, "The other", cwd=tmp_path) == "The other\n"
    assert query("select model from run_metrics where run_name = 'other'") == [("The other",)]
    load_into(results, model_names={key: "Given by a file"})
    assert query("select model from runs where run_name = 'other'") == [("The other",)]


def test_a_key_that_no_run_has_is_refused_with_the_nearest(
    results: Path, tmp_path: Path, load_into: Load
) -> None:
    load_into(results)
    message = refusal("loader", "rename", "Model-oo", "X", cwd=tmp_path)
    assert message.startswith(
        "no run has the directory or the explainer model 'Model-oo'; did you mean Model-o"
    )
    assert "wanted one that can be read" in refusal("loader", "rename", "other", " ", cwd=tmp_path)


def test_views_of_another_version_are_made_anew_first(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    load_into(results)
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("update warehouse_info set value = 'older' where key = 'sql_hash'")
        connection.execute("drop view runs")
    shutil.copy(tmp_path / "warehouse.duckdb", tmp_path / "other.duckdb")
    answer("loader", "drop", "other", cwd=tmp_path)
    assert query("select run_name from runs order by all") == [("a/base",), ("b/base",)]
    answer("loader", "rename", "other", "O", "-w", "other.duckdb", cwd=tmp_path)
    assert query("select rows_are_kept()") == [(True,)]
