"""`loader merge`: warehouses that jobs loaded each on its own become the one that one load would make."""

import shutil
import time
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import kills
import pytest
from commands import answer, refusal
from every_view import rows
from run_files import examples, write, write_run

from loader.files.firing_counts import write_firing_counts
from loader.load import Settings, load
from loader.merge import merge

N_JOBS = 32
LATENTS = [f"layers.1_latent{i}" for i in range(3)]


def run_of(results: Path, job: int) -> Path:
    """Return the run of a job: four are called alike."""
    return results / f"batch{job // 8}" / f"run{job % 8}"


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Write a run per job, and beside each eight runs a cache that serves them."""
    results = tmp_path / "results"
    for job in range(N_JOBS):
        rng = Random(job)
        scores: dict[str, dict[str, Any]] = {
            score_type: {latent: examples(*(rng.randrange(5) for _ in range(5))) for latent in LATENTS}
            for score_type in ("fuzz", "detection")
        }
        if job % 8 == 3:
            scores["fuzz"][LATENTS[0]] = "["
        config = {"explainer_model": f"org/Model-{job % 5}", "scorer_model": "org/Judge", "model": "subject"}
        write_run(run_of(results, job), scores, dict.fromkeys(LATENTS, f"text of {job}"), config)
        if job % 8 == 0:
            cache = run_of(results, job).parent / "cache_subject" / "log" / "hookpoint_firing_counts.pt"
            cache.parent.mkdir(parents=True)
            write_firing_counts(cache, {"layers.1": range(job, job + 40)})
    kills.age(results)
    return results


def every_row(path: Path) -> dict[str, list[str]]:
    """Return all that the tables hold, ids and times too."""
    with closing(duckdb.connect(path, read_only=True)) as connection:
        tables = connection.execute(
            "select schema_name || '.\"' || table_name || '\"' from duckdb_tables() where not internal"
        ).fetchall()
        return {
            table: sorted(map(repr, connection.execute(f"from {table}").fetchall())) for (table,) in tables
        }


def load_new(new_warehouse: Path, path: Path, results: Path) -> Path:
    shutil.copy(new_warehouse, path)
    load(path, [results], Settings())
    return path


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.soak)])
def test_what_killed_jobs_loaded_equals_one_load_in_whatever_order_it_is_merged(
    results: Path, tmp_path: Path, new_warehouse: Path, every: int
) -> None:
    wanted = rows(load_new(new_warehouse, tmp_path / "serial.duckdb", results))
    assert len(wanted["runs"]) == N_JOBS
    rng = Random(18)
    names = rng.sample(range(N_JOBS), N_JOBS)
    jobs = [tmp_path / "jobs" / f"{name}.duckdb" for name in names]
    jobs[0].parent.mkdir()
    n_killed = 0
    began = time.monotonic()
    for job, path in enumerate(jobs):
        own, written = run_of(results, job), tmp_path / f"{job}.tmp"
        shutil.copy(new_warehouse, written)
        if job % every == every - 1:
            # The first at once; then within what a job took so far, be the machine as busy as it may.
            seconds = (time.monotonic() - began) / (job + 1) if n_killed else 0
            n_killed += kills.load_and_kill(own, written, rng.uniform(0, seconds))
        load(written, [own], Settings())
        written.rename(path)
    assert n_killed > 0
    merged = Path(shutil.copy(new_warehouse, tmp_path / "merged.duckdb"))
    assert merge(merged, jobs, 10)[:2] == (N_JOBS, N_JOBS)
    assert rows(merged) == wanted
    before = every_row(merged)
    assert merge(merged, jobs[::-1], 10) == (N_JOBS, N_JOBS, 0, 0)
    assert every_row(merged) == before


def test_a_merge_killed_at_any_moment_is_finished_by_the_next(
    results: Path, tmp_path: Path, new_warehouse: Path
) -> None:
    jobs = [
        load_new(new_warehouse, tmp_path / f"{job}.duckdb", run_of(results, job)) for job in (0, 1, 8, 9, 16)
    ]
    whole = Path(shutil.copy(new_warehouse, tmp_path / "whole.duckdb"))
    began = time.monotonic()
    merge(whole, jobs, 10)
    seconds = time.monotonic() - began
    wanted, n_killed = rows(whole), 0
    rng = Random(5)
    for i in range(4):
        into = Path(shutil.copy(new_warehouse, tmp_path / f"into{i}.duckdb"))
        n_killed += kills.merge_and_kill(into, jobs, rng.uniform(0, seconds if n_killed else 0))
        # Of each warehouse all is there, or nothing.
        with closing(duckdb.connect(into)) as connection:
            n_files = connection.execute(
                "select run_id, count(*) from current_files where run_id is not null group by all"
            ).fetchall()
        assert {n for _, n in n_files} <= {10}
        merge(into, jobs, 10)
        assert rows(into) == wanted
    assert n_killed > 0


def test_of_a_file_in_several_the_version_loaded_last_counts_in_whatever_order(
    tmp_path: Path, new_warehouse: Path
) -> None:
    run = write_run(tmp_path / "run", {"fuzz": {"layers.1_latent1": examples(tp=1), "layers.1_latent2": []}})
    write(run / "scores" / "fuzz" / "layers.1_latent3.txt", examples(fn=1))
    first = load_new(new_warehouse, tmp_path / "first.duckdb", run)
    write(run / "scores" / "fuzz" / "layers.1_latent1.txt", examples(tn=2))
    (run / "scores" / "fuzz" / "layers.1_latent3.txt").unlink()
    write(run / "scores" / "fuzz" / "layers.1_latent4.txt", examples(fp=3))
    second = load_new(new_warehouse, tmp_path / "second.duckdb", run)
    counts = "select latent_idx, tp, fp, tn, fn from latent_metrics order by all"
    # What only the first one knows stays: nobody says that it is gone.
    wanted = [(1, 0, 0, 2, 0), (3, 0, 0, 0, 1), (4, 0, 3, 0, 0)]
    for order in ((first, second), (second, first)):
        into = tmp_path / f"{order[0].stem}_into.duckdb"
        for path in order:
            merge(into, [path], 10)
        with closing(duckdb.connect(into, read_only=True)) as connection:
            assert connection.execute(counts).fetchall() == wanted
            past = connection.execute("select path, tp from past_files join past_count_facts using (file_id)")
            assert past.fetchall() == ([(f"{run}/scores/fuzz/layers.1_latent1.txt", 1)] * (order[0] == first))


def test_a_shared_file_that_no_run_uses_here_is_not_brought(tmp_path: Path, new_warehouse: Path) -> None:
    results = tmp_path / "results"
    run = write_run(results / "run", {"fuzz": {"layers.1_latent1": examples(tp=1)}}, config={"model": "m"})
    cache = results / "cache" / "log" / "hookpoint_firing_counts.pt"
    cache.parent.mkdir(parents=True)
    write_firing_counts(cache, {"layers.1": [1, 2]})
    older = load_new(new_warehouse, tmp_path / "older.duckdb", results)
    (results / "cache").rename(results / "cache_moved")
    write(run / "run_config.json", {"model": "another"})
    newer = load_new(new_warehouse, tmp_path / "newer.duckdb", results)
    before = every_row(newer)['main."source_files"']
    assert merge(newer, [older], 10) == (1, 1, 0, 0)
    assert every_row(newer)['main."source_files"'] == before


def test_names_metadata_and_history_are_kept(tmp_path: Path, new_warehouse: Path) -> None:
    jobs = []
    for name, bits in (("first", "4"), ("second", "high")):
        scores = {"fuzz": {"layers.1_latent1": examples(tp=3, tn=2)}}
        run = write_run(tmp_path / name / "run", scores, config={"explainer_model": f"org/{name}"})
        job = load_new(new_warehouse, tmp_path / f"{name}.duckdb", run)
        table = write(tmp_path / "settings.csv", f"run,bits\n{run},{bits}\n")
        answer("loader", "metadata", table, "-w", job, cwd=tmp_path)
        answer("loader", "rename", f"org/{name}", f"The {name}", "-w", job, cwd=tmp_path)
        jobs.append(job)
    answer("loader", "rename", "org/second", "Renamed again", "-w", jobs[1], cwd=tmp_path)
    printed = answer("loader", "merge", "into.duckdb", *jobs, cwd=tmp_path)
    assert printed == "into.duckdb: merged 2 warehouses of 2 runs; files: 4 new, 0 newer\n"
    before = every_row(tmp_path / "into.duckdb")
    printed = answer("loader", "merge", "into.duckdb", *jobs, cwd=tmp_path)
    assert printed == "into.duckdb: merged 2 warehouses of 2 runs; files: 0 new, 0 newer\n"
    assert every_row(tmp_path / "into.duckdb") == before
    with closing(duckdb.connect(tmp_path / "into.duckdb", read_only=True)) as connection:
        runs = connection.execute(
            "select run_name, model, settings_bits from runs_enriched order by all"
        ).fetchall()
        assert runs == [("first/run", "The first", "4"), ("second/run", "Renamed again", "high")]
        assert connection.execute("select event, run_name from load_history order by load_id").fetchall() == [
            ("load", "run"), ("merge", "first/run"), ("load", "run"), ("merge", "second/run"),
        ]  # fmt: skip
        assert connection.execute("select name, n_rows from metadata_sources").fetchall() == [("settings", 2)]


def test_a_name_given_here_beats_that_of_a_warehouse_that_is_merged(
    tmp_path: Path, new_warehouse: Path
) -> None:
    run = write_run(
        tmp_path / "run", {"fuzz": {"layers.1_latent1": examples(tp=1)}}, config={"explainer_model": "m"}
    )
    into, other = (load_new(new_warehouse, tmp_path / f"{name}.duckdb", run) for name in ("into", "other"))
    answer("loader", "rename", "m", "Here", "-w", into, cwd=tmp_path)
    answer("loader", "rename", "m", "There", "-w", other, cwd=tmp_path)
    answer("loader", "merge", into, other, cwd=tmp_path)
    with closing(duckdb.connect(into, read_only=True)) as connection:
        assert connection.execute("select model from runs").fetchall() == [("Here",)]


def test_what_cannot_be_merged_is_said_in_one_line_and_nothing_is_written(
    tmp_path: Path, new_warehouse: Path
) -> None:
    good = write_run(tmp_path / "run", {"fuzz": {"layers.1_latent1": examples(tp=1)}})
    whole = load_new(new_warehouse, tmp_path / "whole.duckdb", good)
    write(tmp_path / "notes.duckdb", "no database")
    with closing(duckdb.connect(tmp_path / "other.duckdb")) as connection:
        connection.execute("create table t as select 1 as a")
    odd = {}
    for name, statement in (
        ("old", "update warehouse_info set value = '1' where key = 'schema_version'"),
        ("half", "create or replace macro state_of_rows() as 'due'"),
        ("hostile", "drop table firing_facts; create view firing_facts as from read_csv('/etc/passwd')"),
    ):
        odd[name] = Path(shutil.copy(whole, tmp_path / f"{name}.duckdb"))
        with closing(duckdb.connect(odd[name])) as connection:
            connection.execute(statement)
    for name, said in (
        ("absent", "found no such file, wanted a warehouse"),
        ("notes", "found a file that is not a valid DuckDB database file"),
        ("other", "found a DuckDB file that is no warehouse"),
        ("old", "wanted schema"),
        ("half", "found a load that was not finished; load its results again, or leave it out"),
        ("hostile", "found no table with firing_facts.file_id, wanted one; make it with `loader refresh -w"),
    ):
        message = refusal("loader", "merge", "into.duckdb", whole, f"{name}.duckdb", cwd=tmp_path)
        assert message.startswith((f"{name}.duckdb: ", f"{tmp_path / name}.duckdb: "))
        assert said in message
        assert not (tmp_path / "into.duckdb").exists()
    before = whole.read_bytes()
    message = refusal("loader", "merge", whole, whole, cwd=tmp_path)
    assert message == f"{whole}: found it among the warehouses to merge into it; leave it out"
    assert whole.read_bytes() == before
