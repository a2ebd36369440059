"""`loader copy`: a warehouse is the same elsewhere, in a file or a lake, or it is not there."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from commands import answer, refusal, run
from conftest import Load
from every_view import rows
from lakes import mostly
from run_files import write

from loader.address import Address, Lake
from loader.copy import CopyError, copy
from loader.lakes import as_file, our_tables
from loader.load import Settings, load
from loader.store.connect import writing
from loader.store.lake import LakeError
from loader.verify import verify

# Of a copy that is killed before its n-th commit.
KILLED = """
import os, signal, sys
import duckdb
from loader.address import read_address, with_data
from loader.copy import copy
commit, n_left = duckdb.DuckDBPyConnection.commit, int(sys.argv[4])
def commit_or_die(connection):
    global n_left
    n_left -= 1
    if n_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return commit(connection)
duckdb.DuckDBPyConnection.commit = commit_or_die
copy(read_address(sys.argv[1]), with_data(read_address(sys.argv[2]), sys.argv[3] or None), 600)
"""


def every_row(file: Path) -> dict[str, list[str]]:
    """Return all that was loaded into a warehouse, or said of it, ids and times too."""
    with duckdb.connect(file, read_only=True) as connection:
        tables = [*our_tables(), "metadata.costs"]
        return {name: sorted(map(repr, connection.execute(f"from {name}").fetchall())) for name in tables}


@pytest.fixture
def lived_in(two_runs: Path, load_into: Load, warehouse: Path, tmp_path: Path) -> Path:
    """Return a warehouse with names, metadata of several types, an earlier version of a file, and history."""
    load_into(two_runs)
    changed = two_runs / "run0" / "scores" / "fuzz" / "layers.1_latent3.txt"
    changed.write_text((two_runs / "run1" / "scores" / "fuzz" / "layers.1_latent3.txt").read_text())
    load_into(two_runs)
    answer("loader", "rename", "org/A-7B", "Ours", "-w", warehouse, cwd=tmp_path)
    costs = [
        '{"run": "run0", "price": 0.1, "n": 3, "on": "2026-11-20", "is_ours": true, "tags": ["a", "b"]}',
        '{"run": "run1", "price": -0.0, "n": null, "on": null, "is_ours": false, "tags": []}',
    ]
    write(tmp_path / "costs.json", f"[{', '.join(costs)}]")
    done = run("loader", "metadata", "costs.json", "-w", warehouse, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    return warehouse


def test_a_copied_file_holds_all_that_it_held_and_leaves_what_is_not_the_loaders(
    lived_in: Path, tmp_path: Path
) -> None:
    with duckdb.connect(lived_in) as connection:
        connection.execute("create table own as select 1")
        connection.execute("create schema theirs; create view theirs.other as select 2")
    done = run("loader", "copy", lived_in, "a copy.duckdb", cwd=tmp_path)
    assert done.exit_code == 0
    assert done.stdout == "a copy.duckdb: copied and compared 2 runs; 10 files, 36 rows\n"
    assert done.stderr == "Left behind, being no part of a warehouse: own, theirs.other\n"
    copied = tmp_path / "a copy.duckdb"
    assert every_row(copied) == every_row(lived_in)
    assert len(every_row(copied)["past_files"]) == 1
    assert rows(copied) == rows(lived_in)
    assert verify(copied, 0) == verify(lived_in, 0)
    assert not list(tmp_path.glob(".*"))


def test_no_copy_takes_the_place_of_anything(lived_in: Path, tmp_path: Path) -> None:
    write(tmp_path / "there", "somebody's")
    (tmp_path / "dangling").symlink_to(tmp_path / "nothing")
    for target in ("there", "dangling", lived_in):
        said = refusal("loader", "copy", lived_in, target, cwd=tmp_path)
        assert "found something there already, wanted a place for a new warehouse" in said
    assert (tmp_path / "there").read_text() == "somebody's"
    for target in ("none/copy.duckdb", "there/copy.duckdb"):
        assert "could not be put there" in refusal("loader", "copy", lived_in, target, cwd=tmp_path)
    assert "beside a file" in refusal("loader", "copy", lived_in, "new", "--data-path", "data", cwd=tmp_path)
    assert "no such file" in refusal("loader", "copy", "none.duckdb", "new", cwd=tmp_path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "delete from example_facts where example_idx = 0",
            "6 differences from what its loads wrote, wanted none",
        ),
        ("create or replace macro state_of_rows() as 'due'", "found a load that was not finished"),
    ],
)
def test_what_is_not_as_it_was_loaded_is_not_copied(
    lived_in: Path, tmp_path: Path, change: str, said: str
) -> None:
    with duckdb.connect(lived_in) as connection:
        connection.execute(change)
    assert said in refusal("loader", "copy", lived_in, "copy.duckdb", cwd=tmp_path)
    assert not list(tmp_path.glob("*copy.duckdb*"))


def test_a_copy_that_is_not_its_origin_is_given_up(
    lived_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy_less(connection: duckdb.DuckDBPyConnection, origin: str, target: str) -> None:
        copy_all(connection, origin, target)
        connection.execute("update model_names set name = name || '!' where name = 'Ours'")
        connection.execute("update metadata.costs set price = 0.2 where price = 0.1")

    from loader.lakes import copy_tables as copy_all

    monkeypatch.setattr("loader.copy.copy_tables", copy_less)
    with pytest.raises(
        CopyError, match=r"other rows in metadata\.\"costs\", model_names, so it was given up"
    ):
        copy(lived_in, tmp_path / "copy.duckdb", 0)
    assert not list(tmp_path.glob("*copy.duckdb*"))


def test_a_copy_that_was_killed_is_not_there(lived_in: Path, tmp_path: Path) -> None:
    target = tmp_path / "copy.duckdb"
    assert killed(lived_in, target, 1) == killed(lived_in, target, 2) == -signal.SIGKILL
    assert not os.path.lexists(target)
    assert killed(lived_in, target, 1000) == 0
    assert rows(target) == rows(lived_in)


def killed(origin: Address, target: Address, commit: int) -> int:
    """Copy in another process, killed at a commit; return its exit code."""
    data = target.data_path or "" if isinstance(target, Lake) else ""
    child = [sys.executable, "-c", KILLED, str(origin), str(target), data, str(commit)]
    return subprocess.run(child, check=False).returncode


@pytest.mark.lake
def test_a_warehouse_goes_into_a_lake_and_back_and_stays_what_it_is(
    new_lake: Lake, lived_in: Path, tmp_path: Path, two_runs: Path
) -> None:
    lake = new_lake
    # Killed when its tables are there, and once more with all of their rows.
    assert [killed(lived_in, lake, commit) for commit in (1, 2)] == [-signal.SIGKILL] * 2
    with pytest.raises(LakeError, match=r"found no (finished load|such lake)"):
        as_file(lake, 600)
    copied = copy(lived_in, lake, 600)
    # Of each run: a config, an explanation, 3 files of scores with 13 examples and a row of counts each.
    assert copied[:3] == (2, 10, 36)
    assert rows(as_file(lake, 0)) == rows(lived_in)
    assert verify(lake, 0) == verify(lived_in, 0)
    with pytest.raises(CopyError, match="found something there already"):
        copy(lived_in, lake, 0)
    back = tmp_path / "back.duckdb"
    assert copy(lake, back, 0) == copied
    assert every_row(back) == every_row(lived_in)
    assert rows(back) == rows(lived_in)
    # Neither load finds anything new, nor reads again what could not be loaded.
    for address in (lake, back):
        assert load(address, [two_runs], Settings()).n_unchanged == 11


@pytest.mark.lake
@mostly("file")
def test_a_lake_is_copied_to_another(lake: Lake, two_runs: Path, tmp_path: Path) -> None:
    load(lake, [two_runs], Settings())
    with writing(lake, wait_s=0) as connection:
        connection.execute("create table own as select 1")
    # What no load has finished is not seen, nor copied.
    said = run("loader", "copy", lake, "ducklake:other.ducklake", "--data-path", "other", cwd=tmp_path)
    assert (said.exit_code, said.stderr) == (0, "")
    assert any((tmp_path / "other").rglob("*.parquet")) or (tmp_path / "other.ducklake").stat().st_size
    answer("loader", "verify", "-w", "ducklake:other.ducklake", cwd=tmp_path)
    other = Lake(str(tmp_path / "other.ducklake"))
    assert rows(as_file(other, 0)) == rows(as_file(lake, 0))
