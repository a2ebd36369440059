"""Many loaders of one lake: no run is lost, none doubled, and readers see whole loads, whatever is killed."""

import csv
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import kills
import pytest
from every_view import rows
from lakes import Lakes, mostly
from postgres import find_programs, started
from run_files import examples, write, write_run

import loader.load
from loader.address import Address, Lake
from loader.ahead import read_ahead
from loader.files.firing_counts import write_firing_counts
from loader.lakes import as_file, snapshot_of
from loader.load import Settings, load
from loader.store import lake as store_lake
from loader.store.connect import WarehouseError, writing
from loader.store.lake import LakeError, at_once
from loader.verify import verify

pytest.importorskip("duckdb_extension_ducklake", reason="needs the environment of `make test-lake`")
pytestmark = pytest.mark.lake

LATENTS = [f"layers.1_latent{i}" for i in range(3)]
PATIENT = Settings(wait_s=600)


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Write nine runs, served by one cache, that were finished long ago."""
    results = tmp_path / "results"
    for number in range(9):
        rng = Random(number)
        scores = {
            score_type: {latent: examples(*(rng.randrange(5) for _ in range(5))) for latent in LATENTS}
            for score_type in ("fuzz", "detection")
        }
        config = {"explainer_model": f"org/Model-{number}", "scorer_model": "org/Judge", "model": "subject"}
        write_run(results / f"run{number}", scores, dict.fromkeys(LATENTS, f"text of {number}"), config)
    cache = results / "cache_subject" / "log" / "hookpoint_firing_counts.pt"
    cache.parent.mkdir(parents=True)
    write_firing_counts(cache, {"layers.1": range(40)})
    kills.age(results)
    return results


def command(lake: Lake, run: Path) -> list[str]:
    """Return the command that loads a run into a lake, which it makes if there is none."""
    at = ["-w", str(lake), "--data-path", str(lake.data_path), "--wait", "600"]
    return [sys.executable, "-m", "loader.cli", "load", str(run), *at]


def measures(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a warehouse says of each run: its files and its measures."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with duckdb.connect(file, read_only=True) as connection:
        for query in (
            "select run_name, kind, count(*) from current_files join runs using (run_id) group by all",
            "select run_name, score_type, accuracy, f1, auc from run_metrics",
        ):
            for name, *row in connection.execute(f"{query} order by all").fetchall():
                found.setdefault(name, []).append(tuple(row))
    return found


def is_begun(lake: Lake) -> bool:
    """Tell whether any load into a lake is finished."""
    try:
        snapshot_of(lake, 600)
    except LakeError as error:
        if "found no" not in str(error):
            raise
        return False
    return True


def reported(address: Address, directory: Path) -> dict[str, list[str]]:
    """Build a report by the command, which must succeed; return each run's rows in it."""
    out = directory / "report"
    reports = str(Path(sys.executable).with_name("reports"))
    build = [reports, "build", "-w", str(address), "-o", str(out), "--format", "csv"]
    subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
    found: dict[str, list[str]] = {}
    with (out / "model_accuracy_summary.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["run_name"], []).append(repr(row))
    return found


def seen(lake: Lake) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a reader finds in a lake, nothing if no load is finished yet."""
    try:
        return measures(as_file(lake, 600))
    except LakeError as error:
        if "found no" not in str(error):
            raise
        return {}


@pytest.mark.parametrize("lakes", ["postgres"], indirect=True)
def test_of_ten_loaders_at_once_none_is_lost_none_doubled_and_readers_see_whole_loads(
    new_lake: Lake, results: Path, warehouse: Path, tmp_path: Path
) -> None:
    load(warehouse, [results], Settings())
    wanted = reported(warehouse, tmp_path)
    assert len(wanted) == 9
    runs = [results / f"run{number}" for number in (0, 1, 2, 3, 4, 5, 6, 7, 8, 8)]
    loaders = [subprocess.Popen(command(new_lake, run), stdout=subprocess.DEVNULL) for run in runs]
    n_seen = 0
    while any(loader.poll() is None for loader in loaders):
        # Before, there is nothing to report.
        if is_begun(new_lake):
            found = reported(new_lake, tmp_path)
            assert found == {name: wanted[name] for name in found}
            assert n_seen <= (n_seen := len(found))
    assert [loader.wait() for loader in loaders] == [0] * 10
    assert reported(new_lake, tmp_path) == wanted
    assert rows(as_file(new_lake, 0)) == rows(warehouse)
    assert verify(new_lake, 0)[:3] == verify(warehouse, 0)[:3]
    assert verify(new_lake, 0).different.rows == []


@mostly("postgres")
@pytest.mark.parametrize("n_kills", [3, pytest.param(100, marks=pytest.mark.soak)])
def test_what_killed_loaders_leave_is_whole_and_finished_by_the_next(
    lake: Lake, results: Path, warehouse: Path, n_kills: int
) -> None:
    rng = Random(n_kills)
    load(warehouse, [results], Settings())
    wanted = measures(warehouse)
    began = time.monotonic()
    load(lake, [results / "run0"], PATIENT)
    seconds = time.monotonic() - began
    n_killed = 0
    for _ in range(n_kills):
        # The first at once; then within what a load took, be the machine as busy as it may.
        after_s = rng.uniform(0, seconds) if n_killed else 0
        n_killed += kills.load_and_kill(results / f"run{rng.randrange(1, 9)}", lake, after_s)
        found = seen(lake)
        assert found == {name: wanted[name] for name in found}
    assert n_killed > 0
    load(lake, [results], PATIENT)
    assert rows(as_file(lake, 0)) == rows(warehouse)
    assert verify(lake, 0).different.rows == []


def test_a_load_fails_in_one_line_if_postgresql_is_restarted_and_the_next_completes(
    at_lakes: None, results: Path, tmp_path: Path, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = find_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL: ask for the package postgresql")
    finish = loader.load._finish
    with started(programs) as server:
        lake = Lakes(tmp_path, server.port).new(tmp_path / "data")
        load(lake, [results / "run0"], PATIENT)
        before = seen(lake)

        def finish_later(*arguments: Any) -> int:
            server.restart()
            return finish(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(loader.load, "_finish", finish_later)
            with pytest.raises(WarehouseError, match="readers see what was whole before") as raised:
                load(lake, [results], PATIENT)
        assert len(str(raised.value).splitlines()) == 1
        assert seen(lake) == before
        load(lake, [results], PATIENT)
        load(warehouse, [results], Settings())
        assert rows(as_file(lake, 0)) == rows(warehouse)
        assert verify(lake, 0).different.rows == []


@pytest.mark.parametrize("lakes", ["postgres"], indirect=True)
def test_without_the_lock_a_second_commit_is_refused(
    lake: Lake, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_lake, "_takes_lock", lambda lock: True)

    def write_while_another_does() -> None:
        with writing(lake, wait_s=0) as connection, at_once(connection):
            connection.execute("insert into model_names values ('a', 'b')")
            load(lake, [results / "run0"], Settings())

    with pytest.raises(WarehouseError, match="could not be written"):
        write_while_another_does()
    assert list(seen(lake)) == ["run0"]


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, work: Any) -> Iterator[None]:
    """Do some work after the files of the first load inside are read, and before it has its turn."""

    @contextmanager
    def read_and_work(*arguments: Any, **more: Any) -> Iterator[Any]:
        with read_ahead(*arguments, **more) as ahead:
            monkeypatch.undo()
            work()
            yield ahead

    monkeypatch.setattr("loader.load.read_ahead", read_and_work)
    yield


@mostly("file")
def test_of_a_file_that_changed_and_was_loaded_by_another_meanwhile_the_newer_counts(
    lake: Lake, results: Path, warehouse: Path
) -> None:
    run = results / "run0"

    def change_and_load() -> None:
        write(run / "scores" / "fuzz" / f"{LATENTS[0]}.txt", examples(tp=9))
        load(lake, [run], Settings())

    with pytest.MonkeyPatch.context() as patch, meanwhile(patch, change_and_load):
        done = load(lake, [run], Settings())
    load(warehouse, [run], Settings())
    assert rows(as_file(lake, 0)) == rows(warehouse)
    assert verify(lake, 0).different.rows == []
    # The one that has changed was read again, in its turn.
    assert (done.n_loaded, done.n_unchanged) == (0, 11)


@mostly("file")
def test_what_another_loaded_meanwhile_is_not_loaded_twice(
    lake: Lake, results: Path, warehouse: Path
) -> None:
    load(warehouse, [results], Settings())
    with pytest.MonkeyPatch.context() as patch, meanwhile(patch, lambda: load(lake, [results], Settings())):
        done = load(lake, [results], Settings())
    assert done.n_loaded == 0
    assert rows(as_file(lake, 0)) == rows(warehouse)
    assert verify(lake, 0)[:3] == verify(warehouse, 0)[:3]
