"""`loader history` and `reports diff`: what loads changed, and whether a change is more than chance."""

import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import tzset

import duckdb
import pytest
from commands import answer, run
from conftest import Load, Query
from run_files import example, examples, write, write_run
from scipy.stats import ttest_rel
from score_files import intruder_set

from explainer_warehouse.api.diff import add_changes, diff_files, diff_since, judge, make_changes
from loader.views.build import apply_sql

N_LATENTS = 12


def scores(tps: list[int]) -> dict[str, object]:
    """Return 12 latents of 10 activating and 10 other examples each, all of the others right."""
    return {f"layers.1_latent{i}": examples(tp=tp, fn=10 - tp, tn=10) for i, tp in enumerate(tps)}


@pytest.fixture
def results(tmp_path: Path, load_into: Load) -> Path:
    """Load three runs that find 5 to 7 of 10 activating examples."""
    results = tmp_path / "results"
    for name in ("better", "same", "worse"):
        write_run(results / name, {"fuzz": scores([5, 6, 7] * 4)}, config={"explainer_model": name})
    load_into(results)
    return results


def change(results: Path) -> None:
    """Let one run find 2 or 3 more of each latent, one 2 or 3 fewer, and drop a latent of the third."""
    for name, step in (("better", 1), ("worse", -1)):
        tps = [tp + step * (2 + i % 2) for i, tp in enumerate([5, 6, 7] * 4)]
        for stem, content in scores(tps).items():
            write(results / name / "scores" / "fuzz" / f"{stem}.txt", content)
    write_run(results / "new", {"fuzz": scores([5] * 12)})


def test_history_lists_what_came_changed_and_went(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    change(results)
    (results / "same" / "scores" / "fuzz" / "layers.1_latent3.txt").unlink()
    load_into(results)
    load_into(results)
    shutil.rmtree(results / "new")
    load_into(results, prune=True)
    answer("loader", "drop", "same", cwd=tmp_path)
    listed = json.loads(answer("loader", "history", "--json", cwd=tmp_path))
    assert [(e["event"], e["run_name"], e["n_new"], e["n_changed"], e["n_gone"]) for e in listed] == [
        ("drop", "same", 0, 0, 13),
        ("prune", "new", 0, 0, 12),
        ("load", "better", 0, 12, 0),
        ("load", "new", 12, 0, 0),
        ("load", "same", 0, 0, 1),
        ("load", "worse", 0, 12, 0),
        ("load", "better", 13, 0, 0),
        ("load", "same", 13, 0, 0),
        ("load", "worse", 13, 0, 0),
    ]
    # Of a run that is forgotten nothing is kept; ids are not given twice.
    assert query(
        "select distinct run_name from past_files join run_directories using (run_id) order by 1"
    ) == [
        ("better",),
        ("worse",),
    ]
    write_run(results / "later", {"fuzz": scores([5] * 12)})
    load_into(results)
    assert query("select max(n) from (select count(*) as n from source_files group by file_id)") == [(1,)]


def test_each_measure_has_its_paired_interval_and_verdict(
    results: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    old = Path(shutil.copy(warehouse, tmp_path / "old.duckdb"))
    before = datetime.now(UTC).replace(tzinfo=None)
    change(results)
    load_into(results)
    changes = diff_files(old, warehouse)
    found = {(c.run_name, c.measure): c for c in changes}
    assert {name for name, _ in found} == {"better", "worse", "new"}
    assert (found["new", None].score_type, found["new", None].verdict) == ("fuzz", "came")
    # Of 240 examples 72 + 120 were right; then 30 more.
    recall, accuracy = found["better", "recall"], found["better", "accuracy"]
    assert (recall.old, recall.new) == pytest.approx((72 / 120, 102 / 120))
    assert accuracy.difference == pytest.approx(30 / 240)
    assert recall.low is not None
    assert recall.high is not None
    assert recall.difference is not None
    assert 0.2 < recall.low < recall.difference < recall.high < 0.3
    assert recall.n_latents == N_LATENTS
    assert (recall.verdict, found["worse", "recall"].verdict) == ("better", "worse")
    assert found["worse", "recall"].difference == pytest.approx(-0.25)
    # Nobody ever took another example for activating.
    assert found["worse", "specificity"].verdict is None
    assert diff_since(warehouse, before) == changes
    other_way = {(c.run_name, c.measure): c for c in diff_files(warehouse, old)}
    assert other_way["new", None].verdict == "went"
    assert other_way["better", "recall"].verdict == "worse"
    assert other_way["better", "recall"].high == pytest.approx(-recall.low)


def test_the_command_says_it_and_exits_3_if_worse(
    results: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    shutil.copy(warehouse, tmp_path / "old.duckdb")
    nothing = run("reports", "diff", "old.duckdb", warehouse, "--fail-if-worse", cwd=tmp_path)
    assert (nothing.exit_code, nothing.stdout) == (0, "No score of any run has changed.\n")
    change(results)
    load_into(results)
    done = run("reports", "diff", "old.duckdb", warehouse, "--fail-if-worse", cwd=tmp_path)
    assert done.exit_code == 3
    assert "  fuzz recall                   0.600 to 0.350  -0.250 (" in done.stdout
    assert "new\n  fuzz came\n" in done.stdout
    without = run("reports", "diff", "old.duckdb", warehouse, cwd=tmp_path)
    assert (without.exit_code, without.stdout) == (0, done.stdout)
    since = (datetime.now() - timedelta(days=2)).strftime("%Y-%m-%d")
    early = run("reports", "diff", "--since", since, cwd=tmp_path)
    assert early.exit_code == 1
    assert "nothing is known of" in early.stderr
    assert "its history begins at" in early.stderr
    for arguments in (["old.duckdb"], [], ["old.duckdb", "x", "--since", since]):
        done = run("reports", "diff", *arguments, cwd=tmp_path)
        assert done.exit_code == 2
        assert "give two warehouses, OLD and NEW, or --since TIME" in done.stderr
    missing = run("reports", "diff", "none.duckdb", warehouse, cwd=tmp_path)
    assert "none.duckdb: found no such file" in missing.stderr
    with duckdb.connect(tmp_path / "old.duckdb") as connection:
        connection.execute("drop table past_count_facts")
    lacking = run("reports", "diff", "old.duckdb", warehouse, cwd=tmp_path)
    assert lacking.exit_code == 1
    assert "old.duckdb: found no table past_count_facts; make it with `loader refresh -w" in lacking.stderr
    answer("loader", "refresh", "-w", "old.duckdb", cwd=tmp_path)
    assert run("reports", "diff", "old.duckdb", warehouse, cwd=tmp_path).stdout == without.stdout


def test_runs_that_lie_elsewhere_are_told_by_their_names(
    results: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    old = warehouse.rename(tmp_path / "old.duckdb")
    elsewhere = results.rename(tmp_path / "elsewhere")
    load_into(elsewhere)
    assert diff_files(old, warehouse) == []
    change(elsewhere)
    load_into(elsewhere)
    verdicts = {(c.run_name, c.verdict) for c in diff_files(old, warehouse) if c.measure in ("recall", None)}
    assert verdicts == {("better", "better"), ("worse", "worse"), ("new", "came")}


def test_a_dropped_latent_is_no_loss_of_those_that_stay(
    results: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    old = Path(shutil.copy(warehouse, tmp_path / "old.duckdb"))
    path = results / "same" / "scores" / "fuzz" / "layers.1_latent2.txt"
    path.unlink()
    load_into(results)
    recall = next(c for c in diff_files(old, warehouse) if c.measure == "recall")
    assert (recall.old, recall.new) == pytest.approx((72 / 120, 65 / 110))
    assert (recall.difference, recall.n_latents, recall.verdict) == (0, 11, None)


def test_a_time_of_the_history_is_one_to_go_back_to(
    results: Path, tmp_path: Path, load_into: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    tzset()
    try:
        [time] = {
            entry["loaded_at"] for entry in json.loads(answer("loader", "history", "--json", cwd=tmp_path))
        }
        change(results)
        load_into(results)
        printed = answer("reports", "diff", "--since", time, "--json", cwd=tmp_path)
    finally:
        monkeypatch.undo()
        tzset()
    assert {change["run_name"] for change in json.loads(printed)} == {"better", "worse", "new"}


def test_scores_that_came_or_went_are_said(
    results: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    before = datetime.now(UTC).replace(tzinfo=None)
    write_run(results / "same", {"detection": scores([5] * 12)})
    load_into(results)
    answer("loader", "drop", "better", cwd=tmp_path)
    assert [(c.run_name, c.score_type, c.verdict) for c in diff_since(warehouse, before)] == [
        ("better", None, "went"),
        ("same", "detection", "came"),
    ]


def test_a_file_that_was_away_for_a_while_was_away(
    results: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    path = results / "same" / "scores" / "fuzz" / "layers.1_latent2.txt"
    content = path.read_text()
    path.unlink()
    load_into(results)
    away = datetime.now(UTC).replace(tzinfo=None)
    path.write_text(content)
    load_into(results)
    recall = next(c for c in diff_since(warehouse, away) if c.measure == "recall")
    assert (recall.old, recall.new) == pytest.approx((65 / 110, 72 / 120))
    assert (recall.difference, recall.n_latents) == (0, 11)


def test_other_families_and_auc_have_the_interval_of_a_paired_t_test(
    tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    rights = {"old": [4, 5, 6] * 4, "new": [7, 9, 8, 6] * 3}
    states = {}
    for state in rights:
        found = {
            f"layers.1_latent{i}": [intruder_set(0)] * n + [intruder_set(1)] * (10 - n)
            for i, n in enumerate(rights[state])
        }
        # The one activating example beats n of ten others.
        sure = {
            f"layers.1_latent{i}": [example(probability=0.5)]
            + [example(False, False, probability=0.4 if j < n else 0.6) for j in range(10)]
            for i, n in enumerate(rights[state])
        }
        load_into(write_run(tmp_path / "results" / "run", {"intruder": found, "fuzz": sure}))
        states[state] = Path(shutil.copy(warehouse, tmp_path / f"{state}.duckdb"))
    listed = diff_files(states["old"], states["new"])
    changes = {(c.score_type, c.measure): c for c in listed}
    assert len(changes) == len(listed)
    test = ttest_rel([n / 10 for n in rights["new"]], [n / 10 for n in rights["old"]])
    interval = test.confidence_interval()
    for change, average in ((changes["intruder", "accuracy"], "pooled"), (changes["fuzz", "auc"], "macro")):
        assert (change.average, change.n_latents, change.verdict) == (average, 12, "better")
        assert (change.old, change.new, change.difference) == pytest.approx((0.5, 0.75, 0.25))
        assert (change.low, change.high) == pytest.approx((interval.low, interval.high))
    # The scores of a type that did not change stand nowhere.
    write_run(tmp_path / "results" / "run", {"intruder": {"layers.1_latent0": [intruder_set(1)]}})
    load_into(tmp_path / "results" / "run")
    assert {c.score_type for c in diff_files(states["new"], warehouse)} == {"intruder"}
    # Where more of the others have a probability of 0.4: 0.16 instead of 0.36 each, of 11 examples.
    assert changes["fuzz", "brier"].difference == pytest.approx(-0.2 * 2.5 / 11)
    assert changes["fuzz", "brier"].verdict == "better"


def test_of_several_explanations_of_a_latent_the_first_counts(
    results: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    directory = results / "same" / "scores" / "fuzz"
    (directory / "layers.1_latent0.txt").rename(directory / "layers.1_latent0_0.txt")
    write(directory / "layers.1_latent0_1.txt", examples(tp=10, tn=10))
    load_into(results)
    old = Path(shutil.copy(warehouse, tmp_path / "old.duckdb"))
    before = datetime.now(UTC).replace(tzinfo=None)
    write(directory / "layers.1_latent0_1.txt", examples(fn=10, fp=10))
    write(directory / "layers.1_latent0_0.txt", examples(tp=8, fn=2, tn=10))
    load_into(results)
    recall = next(c for c in diff_files(old, warehouse) if c.measure == "recall")
    assert (recall.old, recall.new) == pytest.approx((72 / 120, 75 / 120))
    assert recall.n_latents == N_LATENTS
    assert diff_since(warehouse, before) == diff_files(old, warehouse)


def test_at_most_one_null_reload_in_twenty_is_called_worse() -> None:
    n_reloads, n_latents, rng = 2000, 20, Random(1)
    with duckdb.connect() as connection:
        apply_sql(connection)
        files: list[tuple[object, ...]] = []
        counts: list[tuple[object, ...]] = []
        for reload in range(n_reloads):
            for latent in range(n_latents):
                skill = rng.betavariate(4, 2)
                for side in ("old", "new"):
                    file_id = len(files) + 1
                    tp = sum(rng.random() < skill for _ in range(25))
                    tn = sum(rng.random() < skill for _ in range(25))
                    files.append((file_id, f"{side}:r", f"{side}/{reload}/{latent}", str(reload), latent))
                    # Of pairs that a yes or no puts in order, or ties.
                    half_pairs = 2 * tp * tn + tp * (25 - tn) + (25 - tp) * tn
                    counts.append((file_id, tp, 25 - tn, tn, 25 - tp, half_pairs, 50 - tp - tn))
        for side in ("old", "new"):
            connection.execute(
                "insert into run_directories values (?, ?, ?, 'r')", [f"{side}:r", f"r ({side})", side]
            )
        columns = "file_id, run_id, path, score_type, latent_idx"
        insert(connection, f"source_files ({columns})", files)
        connection.execute(
            "update source_files"
            " set kind = 'score', hookpoint = 'h', status = 'loaded', content_hash = file_id"
        )
        insert(connection, "count_facts (file_id, tp, fp, tn, fn, half_pairs, squared_error)", counts)
        connection.execute(
            "update count_facts set n_failed = 0, n_failed_activating = 0, n_probability = 50,"
            " n_probability_activating = 25"
        )
        make_changes(connection)
        add_changes(connection, "r", "old:r", "new:r", family="score_type")
        verdicts: dict[str, set[str | None]] = {}
        for found in judge(connection):
            verdicts.setdefault(str(found.score_type), set()).add(found.verdict)
    assert len(verdicts) == n_reloads
    alarms = sum("worse" in found for found in verdicts.values())
    assert 0 < alarms <= 0.05 * n_reloads


def insert(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]
    values = ", ".join(["unnest(?)"] * len(columns))
    connection.execute(f"insert into {table} select {values}", columns)


def test_a_file_that_is_no_warehouse_is_one_line_and_reaches_nothing(
    results: Path, tmp_path: Path, warehouse: Path
) -> None:
    """A pipe would wait, SQLite's would fetch an extension, and a view may read what is not its own."""
    os.mkfifo(tmp_path / "pipe.duckdb")
    (tmp_path / "lite.duckdb").write_bytes(b"SQLite format 3\0" + bytes(4080))
    (tmp_path / "secret.csv").write_text("file_id,run_id\n1,the secret\n")
    shutil.copy(warehouse, tmp_path / "view.duckdb")
    with duckdb.connect(tmp_path / "view.duckdb") as connection:
        connection.execute("drop view current_files; alter table source_files rename to others")
        columns = "o.* exclude (run_id), s.run_id"
        connection.execute(
            f"create view source_files as select {columns} from others o, '{tmp_path}/secret.csv' s"
        )
    for name, said in {
        "pipe": "found a pipe or device, wanted a file",
        "lite": "found a file that is not a valid DuckDB database file",
        "view": "file system operations are disabled by configuration",
        "none": "found no such file, wanted a warehouse",
    }.items():
        for order in ((f"{name}.duckdb", warehouse.name), (warehouse.name, f"{name}.duckdb")):
            done = run("reports", "diff", *order, cwd=tmp_path)
            assert (done.exit_code, done.stdout) == (1, ""), (order, done.output)
            assert said in done.stderr, done.stderr
            assert "the secret" not in done.output
