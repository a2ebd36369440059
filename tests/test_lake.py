"""A lake as the warehouse, its catalogue a file or in PostgreSQL: what views give, and who waits for whom."""

import itertools
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from commands import answer, refusal, run
from every_view import answers, rows
from kills import age
from lakes import mostly
from postgres import PASSWORD, USER, find_programs, new_database

from loader.address import AddressError, Lake, read_address, with_data
from loader.files.firing_counts import write_firing_counts
from loader.lakes import as_file
from loader.load import Settings, load
from loader.maintain import maintain
from loader.merge import merge
from loader.store.connect import writing
from loader.store.lake import NAME, NEWEST, AsOf, LakeError, find_snapshot, reading_lake, whole
from loader.store.rows import transaction
from loader.verify import verify

pytest.importorskip("duckdb_extension_ducklake", reason="needs the environment of `make test-lake`")
pytestmark = pytest.mark.lake

_NUMBERS = itertools.count()


def test_every_view_of_a_lake_loaded_run_by_run_is_that_of_a_file(
    lake: Lake, two_runs: Path, warehouse: Path
) -> None:
    load(warehouse, [two_runs], Settings())
    for number in (1, 0):
        load(lake, [two_runs / f"run{number}"], Settings())
    wanted = rows(warehouse)
    assert len(wanted["runs"]) == 2
    assert rows(as_file(lake, 0)) == wanted
    # A changed file supersedes what was there; loading once more changes nothing.
    changed = two_runs / "run0" / "scores" / "fuzz" / "layers.1_latent3.txt"
    changed.write_text((two_runs / "run1" / "scores" / "fuzz" / "layers.1_latent3.txt").read_text())
    for address in (warehouse, lake, lake):
        load(address, [two_runs], Settings())
    assert rows(warehouse) != wanted
    assert rows(as_file(lake, 0)) == rows(warehouse)
    assert verify(lake, 0)[:3] == verify(warehouse, 0)[:3]
    assert verify(lake, 0).different.rows == []


@mostly("file")
def test_a_lake_answers_the_definitions_of_its_views_itself(
    lake: Lake, two_runs: Path, warehouse: Path
) -> None:
    for address in (warehouse, lake):
        load(address, [two_runs], Settings())
    query = "select run_name, score_type, accuracy, f1, accuracy_low from run_metrics order by all"
    with reading_lake(lake, 0) as connection, duckdb.connect(warehouse, read_only=True) as file:
        found = connection.execute(query).fetchall()
        assert len(found) == 4
        assert found == file.execute(query).fetchall()


@pytest.mark.soak
def test_a_lake_answers_the_definition_of_every_view_itself(
    lake: Lake, two_runs: Path, warehouse: Path
) -> None:
    for address in (warehouse, lake):
        load(address, [two_runs], Settings())
    with reading_lake(lake, 0) as connection, duckdb.connect(warehouse, read_only=True) as file:
        # Sums go by the order of rows, which is another.
        assert answers(connection, digits=12) == answers(file, digits=12)


@mostly("postgres")
def test_the_commands_take_a_lake(new_lake: Lake, two_runs: Path, tmp_path: Path) -> None:
    at = ("-w", new_lake)
    assert run("loader", "load", two_runs, *at, "--data-path", "data", cwd=tmp_path).exit_code == 1
    assert len(list((tmp_path / "data").rglob("*.parquet"))) > 0
    assert "org/A-7B" not in answer("loader", "rename", "org/A-7B", "Ours", *at, cwd=tmp_path)
    answer("loader", "drop", "run1", *at, cwd=tmp_path)
    query = "select run_name, model from runs"
    assert (
        answer("loader", "sql", query, "--format", "csv", *at, cwd=tmp_path) == "run_name,model\nrun0,Ours\n"
    )
    answer("loader", "refresh", *at, cwd=tmp_path)
    assert answer("loader", "verify", *at, cwd=tmp_path).startswith("as written: ")


def test_a_load_of_nothing_new_writes_nothing_and_readers_keep_their_copy(lake: Lake, two_runs: Path) -> None:
    # A cache, of which each run's links tell, and something for scans to find.
    cache = two_runs / "cache_subject" / "log" / "hookpoint_firing_counts.pt"
    cache.parent.mkdir(parents=True)
    write_firing_counts(cache, {"layers.1": range(40)})
    (two_runs / "run0" / "scores" / "fuzz" / "notes.md").write_text("not a score")
    age(two_runs)

    def written() -> list[tuple[int, str]]:
        with reading_lake(lake, 0) as connection:
            return connection.execute(
                f"select snapshot_id, changes::varchar from ducklake_snapshots('{NAME}')"
            ).fetchall()

    load(lake, [two_runs], Settings())
    before, copy = written(), as_file(lake, 0)
    with duckdb.connect(copy, read_only=True) as connection:
        assert connection.execute("select count(*) from run_links").fetchall() == [(2,)]
        assert connection.execute("select count(*) > 0 from scan_problems").fetchall() == [(True,)]
    assert load(lake, [two_runs], Settings()).n_unchanged == 12
    assert written() == before
    assert as_file(lake, 0) == copy
    # What is new is seen, and then is not new any more.
    for _ in range(2):
        load(lake, [two_runs], Settings(model_names={"org/A-7B": "A"}))
    assert len(written()) == len(before) + 1


@mostly("postgres")
def test_an_empty_lake_is_made_ahead_of_its_loaders_who_then_define_nothing(
    new_lake: Lake, two_runs: Path, tmp_path: Path
) -> None:
    make = ("new", "-w", new_lake, "--data-path", new_lake.data_path)
    assert answer("loader", *make, cwd=tmp_path) == f"{new_lake}: made, and empty\n"
    assert rows(as_file(new_lake, 0))["runs"] == []
    load(new_lake, [two_runs], Settings())
    assert answer("loader", *make, cwd=tmp_path) == f"{new_lake}: is there already\n"
    with reading_lake(new_lake, 0) as connection:
        made, loaded = connection.execute(
            f"select map_keys(changes) from ducklake_snapshots('{NAME}') where commit_message is not null"
        ).fetchall()
    assert "tables_created" in made[0]
    assert not [change for change in loaded[0] if change.endswith(("_created", "_dropped", "_altered"))]
    assert "found a file, which the first load makes" in refusal("loader", "new", cwd=tmp_path)


def test_a_second_writer_waits_for_the_first_and_says_so(lake: Lake, two_runs: Path, tmp_path: Path) -> None:
    load(lake, [two_runs / "run0"], Settings())
    second = [sys.executable, "-m", "loader.cli", "load", str(two_runs / "run1"), "-w", str(lake)]
    with writing(lake, wait_s=0):
        done = subprocess.run([*second, "--wait", "0"], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "for 0 s; wait longer with --wait" in done.stderr
        assert len(done.stderr.partition("Error: ")[2].splitlines()) == 1
        # Who it is: PostgreSQL knows by the name that each writer gives itself, DuckDB by its lock.
        if lake.is_served:
            assert f"another loader (process {os.getpid()} on {socket.gethostname()}) has" in done.stderr
        else:
            assert f"(process {os.getpid()})" in done.stderr
        waiting = subprocess.Popen([*second, "--wait", "600"], stdout=subprocess.PIPE, text=True)
    said, _ = waiting.communicate()
    assert said.startswith("1 run; files: 5 loaded, 0 unchanged, 1 failed;")
    assert verify(lake, 0).different.rows == []
    assert len(rows(as_file(lake, 0))["runs"]) == 2


@mostly("file")
def test_readers_see_the_last_load_that_is_finished(lake: Lake, two_runs: Path) -> None:
    with pytest.raises(LakeError, match=r"found no (finished load|such lake)"):
        as_file(lake, 0)
    load(lake, [two_runs / "run0"], Settings())
    first = as_file(lake, 0)
    before = rows(first)
    with writing(lake, wait_s=0) as connection, transaction(connection):
        connection.execute("delete from run_directories")
        # Of a writer that was killed here.
    assert as_file(lake, 0) == first
    with writing(lake, wait_s=0) as connection, whole(connection):
        connection.execute("delete from source_files")
    assert as_file(lake, 0) != first
    assert rows(as_file(lake, 0))["runs"] == []
    assert rows(first) == before


@mostly("postgres")
def test_files_that_jobs_wrote_are_merged_into_a_lake(
    lake: Lake, new_lake: Lake, two_runs: Path, warehouse: Path, tmp_path: Path
) -> None:
    load(warehouse, [two_runs], Settings())
    jobs = [tmp_path / f"job{number}.duckdb" for number in range(2)]
    for number, job in enumerate(jobs):
        load(job, [two_runs / f"run{number}"], Settings())
    load(lake, [two_runs / "run0"], Settings())
    assert merge(lake, jobs[::-1], 0)[:2] == (2, 2)
    assert rows(as_file(lake, 0)) == rows(warehouse)
    assert verify(lake, 0).different.rows == []
    assert merge(lake, jobs, 0) == (2, 2, 0, 0)
    assert rows(as_file(lake, 0)) == rows(warehouse)
    told = answer("loader", "merge", new_lake, *jobs, "--data-path", "data", cwd=tmp_path)
    assert told.startswith(f"{new_lake}: merged 2 warehouses of 2 runs")
    assert rows(as_file(new_lake, 0)) == rows(warehouse)


@mostly("postgres")
def test_maintenance_merges_files_and_keeps_what_can_be_asked_for(
    new_lake: Lake, two_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = new_lake
    for number in (0, 1, 0):
        load(lake, [two_runs / f"run{number}"], Settings(reread=True))
    # A table of somebody's own, of more rows than DuckLake keeps in its catalogue.
    with writing(lake, wait_s=0) as connection:
        connection.execute("create table own as from range(5000)")
        for _ in range(3):
            with whole(connection):
                connection.execute("insert into own from range(5000)")
    wanted = rows(as_file(lake, 0))
    orphan, young = (next((tmp_path / "data").rglob("*.parquet")).parent / f"{x}.parquet" for x in "ab")
    for path in (orphan, young):
        path.write_bytes(b"left behind")
    os.utime(orphan, (0, 0))
    done = maintain(lake, keep_days=1, wait_s=0)
    assert (orphan.exists(), young.exists()) == (False, True)
    # Whoever reads the files that were merged can go on.
    assert done.n_snapshots == 0
    assert done.n_files >= done.n_files_before - 1
    monkeypatch.setattr("loader.maintain.GRACE", "0 days")
    done = maintain(lake, keep_days=0, wait_s=0)
    assert done.n_snapshots > 0
    assert done.n_files <= done.n_files_before - 4
    assert rows(as_file(lake, 0)) == wanted
    assert verify(lake, 0).different.rows == []
    with writing(lake, wait_s=0) as connection:
        assert connection.execute("select count(*) from own").fetchall() == [(20_000,)]
        connection.execute("drop table own")
    with pytest.raises(LakeError, match="found a load that was not finished"):
        maintain(lake, keep_days=0, wait_s=0)


# Loads, and is killed at a commit: before an odd one, after an even one.
KILLED = """
import os, signal, sys
from pathlib import Path
import duckdb
from loader.address import read_address
from loader.load import Settings, load
commit, n_left = duckdb.DuckDBPyConnection.commit, int(sys.argv[3])
def commit_or_die(connection):
    global n_left
    n_left -= 1
    if n_left == 0 and int(sys.argv[3]) % 2 == 0:
        commit(connection)
    if n_left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return commit(connection)
duckdb.DuckDBPyConnection.commit = commit_or_die
load(read_address(sys.argv[1]), [Path(sys.argv[2])], Settings(wait_s=600))
"""


@mostly("file")
def test_of_a_writer_that_is_killed_readers_see_nothing_and_the_next_load_finishes_it(
    lake: Lake, two_runs: Path, warehouse: Path
) -> None:
    load(warehouse, [two_runs], Settings())
    load(lake, [two_runs / "run0"], Settings())
    before = as_file(lake, 0)
    codes: list[int] = []
    while not codes or codes[-1] == -signal.SIGKILL:
        assert as_file(lake, 600) == before
        child = [sys.executable, "-c", KILLED, str(lake), str(two_runs), str(len(codes) + 1)]
        codes.append(subprocess.run(child, check=False).returncode)
        if codes[-1] == -signal.SIGKILL and as_file(lake, 600) != before:
            # It was killed after the last commit, which marked the lake as whole.
            break
    assert len(codes) > 3
    assert set(codes[:-1]) == {-signal.SIGKILL}
    load(lake, [two_runs], Settings(wait_s=600))
    assert rows(as_file(lake, 0)) == rows(warehouse)
    assert verify(lake, 0).different.rows == []


@mostly("file")
def test_a_reader_goes_back_to_a_snapshot_or_a_time(lake: Lake, two_runs: Path) -> None:
    load(lake, [two_runs / "run0"], Settings())
    with reading_lake(lake, 0) as connection:
        first = find_snapshot(connection, NEWEST)
    assert first is not None
    before = rows(as_file(lake, 0))
    load(lake, [two_runs / "run1"], Settings())
    assert rows(as_file(lake, 0)) != before
    for as_of in (AsOf(first.number), AsOf(written_us=first.written_us)):
        assert rows(as_file(lake, 0, as_of)) == before
    with pytest.raises(LakeError, match="found no finished load that early"):
        as_file(lake, 0, AsOf(written_us=first.written_us - 1))


@mostly("file")
def test_a_report_of_a_lake_is_that_of_a_file_also_as_it_was(
    lake: Lake, two_runs: Path, warehouse: Path, tmp_path: Path
) -> None:
    def reported(address: object, *more: object) -> dict[str, bytes]:
        out = tmp_path / f"out{next(_NUMBERS)}"
        done = run("reports", "build", "-w", address, "-o", out, "--format", "csv", *more, cwd=tmp_path)
        assert done.exit_code == 0, done.stderr
        return {path.name: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    for address in (warehouse, lake):
        load(address, [two_runs / "run0"], Settings())
    before = reported(warehouse)
    with reading_lake(lake, 0) as connection:
        first = find_snapshot(connection, NEWEST)
    assert first is not None
    load(lake, [two_runs / "run1"], Settings())
    then = datetime.fromtimestamp(first.written_us / 1_000_000, UTC) + timedelta(microseconds=1)
    assert reported(lake) != before
    for as_of in (first.number, then.isoformat()):
        assert reported(lake, "--as-of", as_of) == before
    for wrong, said in (("yesterday", "wanted a snapshot's number or a time"), ("0", "that early")):
        done = run("reports", "build", "-w", lake, "--as-of", wrong, cwd=tmp_path)
        assert done.exit_code == 1
        assert said in done.stderr


def test_a_file_keeps_no_earlier_states(warehouse: Path, tmp_path: Path) -> None:
    done = run("reports", "build", "-w", warehouse, "--as-of", "1", cwd=tmp_path)
    assert "found a file, which keeps no earlier states, wanted a lake" in done.stderr


def test_views_of_a_lake_reach_no_file_beside_it(lake: Lake, two_runs: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    load(lake, [two_runs], Settings())
    for opened in (reading_lake(lake, 0), writing(lake, wait_s=0)):
        with opened as connection, pytest.raises(duckdb.PermissionException):
            connection.execute(f"from read_csv('{tmp_path}/secret.csv')")


def test_a_password_is_neither_taken_nor_kept(
    server: int, at_lakes: None, two_runs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = new_database(server)
    for address in (
        f"{database} password={PASSWORD}",
        f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{server}/x",
    ):
        said = refusal("loader", "load", two_runs, "-w", f"ducklake:postgres:{address}", cwd=tmp_path)
        assert "give it in PGPASSWORD, ~/.pgpass or a service file" in said
        assert PASSWORD not in said
    lake = with_data(read_address(f"ducklake:postgres:{database}"), str(tmp_path / "data"))
    load(lake, [two_runs], Settings())
    as_file(lake, 0)
    to_server = ["-h", "127.0.0.1", "-p", str(server), "-U", USER]
    dump = [f"{find_programs()}/pg_dump", *to_server, database.rpartition("=")[2]]
    dumped = subprocess.run(dump, capture_output=True, check=True).stdout
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert b"run_directories" in dumped
    assert not any(PASSWORD.encode() in content for content in [dumped, *written])
    monkeypatch.setenv("PGPASSWORD", "another")
    said = refusal("loader", "status", "-w", str(lake), cwd=tmp_path)
    assert "password authentication failed" in said
    assert "another" not in said


def test_what_is_no_lake_is_said_in_a_line(tmp_path: Path, server: int, at_lakes: None) -> None:
    new = f"ducklake:postgres:{new_database(server)}"
    for address, said in (
        ("ducklake:none.ducklake", "found no such lake; make it with"),
        (new, "found no such lake; make it with"),
        (
            f"ducklake:postgres:host=127.0.0.1 port={server} dbname=none user={USER}",
            "does not exist",
        ),
        ("ducklake:sqlite:x", "wanted ducklake:postgres:dbname=... host=... or ducklake:FILE"),
    ):
        found = refusal("loader", "verify", "-w", address, cwd=tmp_path)
        assert said in found
        assert len(found.splitlines()) == 1
    (tmp_path / "run" / "scores").mkdir(parents=True)
    assert "say where its data are to be" in refusal("loader", "load", "run", "-w", new, cwd=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_data_have_a_place_of_their_own_beside_a_lake_only() -> None:
    with pytest.raises(AddressError, match="found --data-path beside a file"):
        with_data(Path("warehouse.duckdb"), "data")
    assert with_data(read_address("ducklake:/a/b"), "s3://bucket/data") == Lake("/a/b", "s3://bucket/data")
