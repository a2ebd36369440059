"""Results that were renamed or moved: `loader move`, and what a load says where nobody told it."""

import shutil
from pathlib import Path

import pytest
from commands import answer, refusal, run
from conftest import Load, Query
from every_view import rows
from run_files import examples, write, write_run

from loader.files.firing_counts import write_firing_counts
from loader.find.names import run_id_of
from loader.load import Settings, load

MEASURES = "select run_name, score_type, name, value, se, low, high from run_measures order by all"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Write three runs, two of which have directories of one name, with a cache and explanations for all."""
    results = tmp_path / "results"
    for place, name in enumerate(("a/base", "b/base", "other")):
        scores = {f"layers.1_latent{i}": examples(tp=3 + place, tn=2 + i, fn=i) for i in range(3)}
        config = {"explainer_model": f"org/Model-{name[0]}", "shared_explanations_path": "shared"}
        write_run(results / name, {"fuzz": scores}, {"layers.1_latent1": f"of {name}"}, config)
    write(results / "shared" / "layers.1_latent2.txt", '"shared"')
    write_firing_counts(
        write(results / "cache" / "log" / "hookpoint_firing_counts.pt", b""), {"layers.1": [5, 3]}
    )
    return results


def findings(query: Query) -> list[tuple[str, ...]]:
    return query(
        "select parse_filename(path), detail from load_problems where kind = 'loaded twice' order by all"
    )


def test_what_has_moved_is_not_read_again_and_equals_a_fresh_load(
    results: Path, tmp_path: Path, load_into: Load, query: Query, warehouse: Path, new_warehouse: Path
) -> None:
    load_into(results)
    before = query(MEASURES)
    new = tmp_path / "elsewhere" / "renamed"
    new.parent.mkdir()
    results.rename(new)
    said = answer("loader", "move", "results", "elsewhere/renamed", cwd=tmp_path)
    assert said == "moved a/base, b/base, other; next: loader load elsewhere/renamed\n"
    assert query(MEASURES) == before
    again = load_into(new)
    assert (again.n_runs, again.n_loaded, again.n_gone, again.n_findings) == (3, 0, 0, 0)
    fresh = Path(shutil.copy(new_warehouse, tmp_path / "fresh.duckdb"))
    load(fresh, [new], Settings())
    assert rows(warehouse) == rows(fresh)


def test_no_table_holds_the_old_place_any_more(
    results: Path, tmp_path: Path, load_into: Load, query: Query, warehouse: Path
) -> None:
    """Every column of text of every table is searched, also of those that come one day."""
    write(results / "b" / "base" / "scores" / "fuzz" / "layers.1_latent0.txt", "[]")
    write(results / "notes" / "layers.1_latent1.txt", "[]")
    write(results / "about.csv", f"run,lr\n{results}/other,0.1\n{run_id_of(results / 'a' / 'base')},0.2\n")
    load_into(results)
    write(results / "b" / "base" / "scores" / "fuzz" / "layers.1_latent0.txt", examples(tp=1, fn=2))
    load_into(results)
    run("loader", "metadata", "results/about.csv", cwd=tmp_path)
    brought = query("select run_name, about_lr from runs_enriched order by all")
    results.rename(tmp_path / "new")
    answer("loader", "move", "results", "new", cwd=tmp_path)
    assert query("select run_name, about_lr from runs_enriched order by all") == brought
    old = [str(results), *(run_id_of(results / name) for name in ("a/base", "b/base", "other"))]
    columns = query(
        "select c.schema_name || '.' || c.table_name, column_name from duckdb_columns() c "
        "join duckdb_tables() t using (table_oid) where data_type = 'VARCHAR' and not t.internal"
    )
    assert len(columns) > 50
    found = [
        (table, column, value)
        for table, column in columns
        for (value,) in query(f'select distinct "{column}" from {table}')
        if value and column != "detail" and any(value == each or value.startswith(f"{each}/") for each in old)
    ]
    assert found == []


def test_a_renamed_run_keeps_its_names_metadata_and_history(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    write(tmp_path / "about.csv", f"run,lr\n{results}/other,0.1\n")
    load_into(results)
    run("loader", "metadata", "about.csv", cwd=tmp_path)
    answer("loader", "rename", "other", "The other", cwd=tmp_path)
    write(results / "other" / "scores" / "fuzz" / "layers.1_latent0.txt", examples(tp=1))
    load_into(results)
    (results / "other").rename(results / "first")
    answer("loader", "move", "results/other", "results/first", cwd=tmp_path)
    load_into(results)
    about = "select run_name, model, directory_name, about_lr from runs_enriched"
    assert query(f"{about} join run_directories using (run_name) where run_name = 'other'") == [
        ("other", "The other", "first", 0.1)
    ]
    events = "select event, n_new, n_changed from load_history join run_directories using (run_id)"
    assert query(f"{events} where directory_name = 'first' order by load_id") == [
        ("load", 5, 0),
        ("load", 0, 1),
        ("move", 0, 0),
    ]
    assert query("select count(*) from past_files join run_directories using (run_id)") == [(1,)]


def test_a_load_of_the_new_place_says_what_counts_twice_and_a_move_mends_it(
    results: Path, tmp_path: Path, load_into: Load, query: Query, warehouse: Path, new_warehouse: Path
) -> None:
    load_into(results)
    before = query(MEASURES)
    results.rename(tmp_path / "new")
    # Since then a latent was scored again.
    write(tmp_path / "new" / "b" / "base" / "scores" / "fuzz" / "layers.1_latent0.txt", examples(tp=1))
    assert load_into(tmp_path / "new").n_findings == 3
    detail = (
        "found {} of the 4 scores and explanations of the run in {}, whose "
        "directory is gone, so that both count; "
        "run `loader move {} {}`, which keeps its name, metadata and history, or {}"
    )
    assert findings(query) == [
        (name, detail.format(n, results / old, results, tmp_path / "new", also))
        for name, n, old, also in [
            ("base", 3, "b/base", "`loader drop` it"),
            ("base", 4, "a/base", "load with --prune, which forgets the old"),
            ("other", 4, "other", "load with --prune, which forgets the old"),
        ]
    ]
    answer("loader", "move", results, tmp_path / "new", cwd=tmp_path)
    assert findings(query) == []
    assert [row for row in query(MEASURES) if row[0] != "b/base"] == [
        row for row in before if row[0] != "b/base"
    ]
    again = load_into(tmp_path / "new")
    assert (again.n_loaded, again.n_findings) == (0, 0)
    fresh = Path(shutil.copy(new_warehouse, tmp_path / "fresh.duckdb"))
    load(fresh, [tmp_path / "new"], Settings())
    assert rows(warehouse) == rows(fresh)


def test_prune_on_the_new_place_forgets_the_old(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    load_into(results)
    before = query(
        "select explainer_model, name, value from run_measures join runs using (run_id) order by all"
    )
    results.rename(tmp_path / "new")
    assert load_into(tmp_path / "new", prune=True).n_pruned_runs == 3
    assert findings(query) == []
    after = query(
        "select explainer_model, name, value from run_measures join runs using (run_id) order by all"
    )
    assert after == before


def test_a_copy_or_a_lost_disk_is_not_pruned(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    """The old is there still, or more was in it than in the new."""
    load_into(results)
    shutil.copytree(results, tmp_path / "copy")
    assert load_into(tmp_path / "copy", prune=True).n_pruned_runs == 0
    assert findings(query) == []
    (tmp_path / "copy" / "other" / "scores" / "fuzz" / "layers.1_latent1.txt").unlink()
    results.rename(tmp_path / "unmounted")
    assert load_into(tmp_path / "copy", prune=True).n_pruned_runs == 2
    [(name, detail)] = findings(query)
    assert (name, detail[:13]) == ("other", "found 3 of th")


def test_runs_that_hold_the_same_files_are_told_apart_by_their_directories(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    for name in ("one", "two", "three"):
        write_run(tmp_path / "old" / name, {"fuzz": {"layers.1_latent1": examples(tp=2, tn=1)}})
    load_into(tmp_path / "old")
    (tmp_path / "old").rename(tmp_path / "new")
    load_into(tmp_path / "new")
    moves = f"loader move {tmp_path}/old {tmp_path}/new"
    assert [(name, moves in detail) for name, detail in findings(query)] == [
        ("one", True),
        ("three", True),
        ("two", True),
    ]


def test_a_link_that_was_left_in_the_old_place_is_none_of_it(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    load_into(results)
    results.rename(tmp_path / "new")
    results.symlink_to("new")
    assert load_into(results).n_findings == 3
    answer("loader", "move", "results", "new", cwd=tmp_path)
    assert load_into(results).n_findings == 0
    assert query("select count(*) from runs") == [(3,)]


def test_what_another_program_wrote_moves_too(tmp_path: Path, load_into: Load, query: Query) -> None:
    table = write(tmp_path / "old" / "ratings.csv", "run,latent,hookpoint,value\nhuman,1,layers.1,0.5\n")
    write_run(tmp_path / "old#2" / "run", {"fuzz": {"layers.1_latent1": examples(tp=2, tn=1)}})
    load_into(tmp_path / "old#2")
    columns = "run=run,latent=latent,hookpoint=hookpoint,value=value"
    run("loader", "scores", table, "--columns", columns, "--score-type", "rating", cwd=tmp_path)
    (tmp_path / "old").rename(tmp_path / "new")
    assert answer("loader", "move", "old", "new", cwd=tmp_path).startswith("moved human; ")
    assert query("select run_path from run_directories order by all") == [
        (f"{tmp_path}/new/ratings.csv#scores/human",),
        (f"{tmp_path}/old#2/run",),
    ]


def test_what_has_not_moved_is_refused(results: Path, tmp_path: Path, load_into: Load) -> None:
    load_into(results)
    write_run(tmp_path / "another", {"fuzz": {"layers.1_latent1": []}})
    assert refusal("loader", "move", "results", "nowhere", cwd=tmp_path) == (
        "nowhere: found nothing, wanted the place where results is now"
    )
    assert refusal("loader", "move", "results", "another", cwd=tmp_path) == (
        f"{results}: found {results}/a/base still there, wanted what has moved; move the files first, or "
        "name the directories of the runs that have"
    )
    assert refusal("loader", "move", "reslts", "another", cwd=tmp_path).startswith(
        f"no run was loaded from {tmp_path}/reslts; did you mean {results}"
    )
    results.rename(tmp_path / "new")
    assert refusal("loader", "move", "results", "another", cwd=tmp_path) == (
        f"another: found none of the runs of results, such as {tmp_path}/another/a/base"
    )
    # A run alone may have moved.
    (tmp_path / "new").rename(results)
    (results / "other").rename(tmp_path / "alone")
    assert answer("loader", "move", "results/other", "alone", cwd=tmp_path) == (
        "moved other; next: loader load alone\n"
    )
