"""`loader verify`: whatever is not as a load wrote it is found, in the file that it is of."""

import json
import lzma
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from commands import answer, run
from conftest import Load
from first_release import PACKED
from run_files import examples, write_run
from score_files import FILES

from loader.files.firing_counts import write_firing_counts
from loader.store.checksums import different_files
from loader.store.files import fact_tables

# Tables with what was read from files.
READ = [table for table in fact_tables() if table.endswith("_facts")]
# What 1.5.5 and 2.0.1 make of hash_probe().
PROBE = "27239533310838206728"


@pytest.fixture
def loaded(tmp_path: Path, load_into: Load, warehouse: Path) -> Path:
    """Load a run with files of every kind and family."""
    two = {"layers.1_latent1": examples(tp=3, tn=2), "layers.1_latent2_0": examples(tp=1, fn=2)}
    others = {family: {"layers.1_latent1": content} for family, content in FILES.items()}
    run = write_run(
        tmp_path / "results" / "run",
        {"fuzz": two, **others},
        {"layers.1_latent1": "years"},
        {"explainer_model": "org/Explainer-7B"},
        explainer_stats={"X": {"total_time": 1.5, "prompt_tokens": 1, "completion_tokens": 2, "count": 3}},
        timing={"explanation_time_seconds": 30.5, "total_time_seconds": 61.0},
    )
    counts = run / "log" / "hookpoint_firing_counts.pt"
    counts.parent.mkdir()
    write_firing_counts(counts, {"layers.1": [5, 3, 8]})
    load_into(run)
    return warehouse


def test_a_warehouse_that_nobody_changed_is_as_written(loaded: Path, tmp_path: Path) -> None:
    with closing(duckdb.connect(loaded, read_only=True)) as connection:
        counts = [connection.execute(f"select count(*) from {table}").fetchall()[0][0] for table in READ]
        [(n_files,)] = connection.execute("select count(*) from source_files").fetchall()
    assert all(counts)
    wanted = f"as written: {n_files} files, {sum(counts)} rows\n"
    assert answer("loader", "verify", cwd=tmp_path) == wanted
    answer("loader", "merge", "merged.duckdb", loaded, cwd=tmp_path)
    assert answer("loader", "verify", "-w", "merged.duckdb", cwd=tmp_path) == wanted


def test_a_change_of_any_value_of_any_table_is_found_in_its_file(loaded: Path) -> None:
    with closing(duckdb.connect(loaded)) as connection:
        assert different_files(connection)[1] == []
        for table in READ:
            for column, kind, *_ in connection.execute(f"describe {table}").fetchall():
                if column == "file_id":
                    continue
                [(row, file_id, is_null, n)] = connection.execute(
                    f"select rowid, file_id, {column} is null, count(*) over (partition by file_id)"
                    f" from {table} order by rowid limit 1"
                ).fetchall()
                [(run_name, path)] = connection.execute(
                    "select run_name, path from source_files left join run_directories using (run_id)"
                    f" where file_id = {file_id}"
                ).fetchall()
                changed = f"cast('{'[1]' if kind.endswith('[]') else 1}' as {kind})" if is_null else "null"
                connection.begin()
                connection.execute(f"update {table} set {column} = {changed} where rowid = {row}")
                assert different_files(connection)[1] == [(run_name, path, table, n, n)], (table, column)
                connection.rollback()


def test_values_of_a_file_that_change_places_are_found(loaded: Path) -> None:
    with closing(duckdb.connect(loaded)) as connection:
        connection.execute("update firing_facts set firing_count = case latent_idx when 0 then 3 else 5 end")
        connection.execute("update firing_facts set firing_count = 8 where latent_idx = 2")
        [(_, path, table, n_written, n_found)] = different_files(connection)[1]
    assert path.endswith("hookpoint_firing_counts.pt")
    assert (table, n_written, n_found) == ("firing_facts", 3, 3)


def test_rows_that_are_lost_doubled_or_of_no_file_are_listed_and_the_exit_code_is_1(
    loaded: Path, tmp_path: Path
) -> None:
    with closing(duckdb.connect(loaded)) as connection:
        connection.execute("delete from firing_facts where latent_idx = 1")
        connection.execute("insert into stats_facts from stats_facts")
        connection.execute("insert into explanation_facts values (999, 'of no file')")
    done = run("loader", "verify", "--json", cwd=tmp_path)
    assert (done.exit_code, done.stderr) == (1, "")
    found = [
        (
            row["run_name"],
            row["path"] and Path(row["path"]).name,
            row["relation"],
            row["n_written"],
            row["n_found"],
        )
        for row in json.loads(done.stdout)
    ]
    assert sorted(found, key=str) == [
        ("run", "explainer_stats.json", "stats_facts", 1, 2),
        (None, "hookpoint_firing_counts.pt", "firing_facts", 3, 2),
        (None, None, "explanation_facts", 0, 1),
    ]
    assert run("loader", "verify", cwd=tmp_path).stdout.splitlines()[0].split() == [
        "run_name", "path", "relation", "n_written", "n_found",
    ]  # fmt: skip


def test_rows_of_a_duckdb_that_hashes_otherwise_are_counted(loaded: Path, tmp_path: Path) -> None:
    with closing(duckdb.connect(loaded)) as connection:
        connection.execute("update file_checksums set hashed_like = 'otherwise', checksum = '1'")
        [(n_files,)] = connection.execute("select count(*) from source_files").fetchall()
    done = run("loader", "verify", cwd=tmp_path)
    assert (done.exit_code, done.stdout.partition(":")[0]) == (0, "as written")
    assert done.stderr.startswith(f"Rows of {n_files} files were counted and not compared")
    with closing(duckdb.connect(loaded)) as connection:
        connection.execute("delete from stats_facts")
    assert run("loader", "verify", cwd=tmp_path).exit_code == 1


def test_every_duckdb_that_is_supported_hashes_alike(loaded: Path) -> None:
    with closing(duckdb.connect(loaded, read_only=True)) as connection:
        assert connection.execute("select hash_probe()").fetchall() == [(PROBE,)]


def test_what_an_older_version_loaded_is_written_down_when_it_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(lzma.decompress(PACKED.read_bytes()))
    answer("loader", "upgrade", cwd=tmp_path)
    assert answer("loader", "verify", cwd=tmp_path).startswith("as written: ")
    with closing(duckdb.connect(path)) as connection:
        connection.execute("update count_facts set tp = tp + 1")
        n_files = len(connection.execute("from count_facts").fetchall())
        assert len(different_files(connection)[1]) == n_files
