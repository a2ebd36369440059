"""`loader upgrade`: a file of the first release becomes what a load into a new one makes."""

import lzma
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import answer, refusal
from conftest import Load
from first_release import PACKED, write_first_results

from explainer_warehouse.versions import SCHEMA_VERSION
from loader.load import Settings, load
from loader.schema.headers import relations
from loader.views.upgrade import STEPS

COLUMNS = """
select schema_name, table_name, column_name, data_type
from duckdb_columns()
where not internal and database_name = current_database()
order by all
"""
# What follows from where the results lay and when they were loaded.
ELSEWHERE = {
    "run_id",
    "run_id_a",
    "run_id_b",
    "best_in_judging",
    "key",
    "run_path",
    "path",
    "loaded_at",
    "mtime_ns",
    "detail",
    "fingerprint",
    "file_id",
}
# A number that follows from file_id, where others have a name.
SCORER = ("behind_the_views.score_files", "scorer")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """Return the warehouse of the first release."""
    path = tmp_path / "old.duckdb"
    path.write_bytes(lzma.decompress(PACKED.read_bytes()))
    return path


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(query).fetchall()


def test_an_upgraded_file_is_what_a_load_into_a_new_one_makes(
    old: Path, tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    printed = answer("loader", "upgrade", "-w", "old.duckdb", cwd=tmp_path)
    assert printed.startswith("old.duckdb: from 0.1.0 to ")
    write_first_results(tmp_path / "results")
    names = {"Explainer-7B": "The small one", "org/Explainer-70B": "The large one"}
    load_into(tmp_path / "results", model_names=names)
    assert rows(old, COLUMNS) == rows(warehouse, COLUMNS)
    for relation in relations():
        compared = [c.name for c in relation.columns if c.name not in ELSEWHERE]
        columns = [f'"{name}"' for name in compared if (relation.name, name) != SCORER]
        if relation.kind == "view":
            query = f"select {', '.join(columns) or 'count(*)'} from {relation.name} order by all"
            assert rows(old, query) == rows(warehouse, query), relation.name
    assert rows(old, "select rows_are_kept()") == [(True,)]


def test_a_load_goes_on_from_an_upgraded_file(old: Path, tmp_path: Path) -> None:
    write_first_results(tmp_path / "results")
    answer("loader", "upgrade", "-w", "old.duckdb", cwd=tmp_path)
    assert (
        answer("loader", "sql", "select count(*) n from runs", "--format", "csv", "-w", old, cwd=tmp_path)
        == "n\n3\n"
    )
    # The same results elsewhere are other runs.
    assert load(old, [tmp_path / "results"], Settings()).n_loaded == 85
    assert rows(old, "select count(*) from runs") == [(6,)]


def test_the_copy_is_the_file_as_it_was_and_no_copy_is_overwritten(old: Path, tmp_path: Path) -> None:
    before = [rows(old, f"from {table} order by all") for table in ("example_facts", "warehouse_info")]
    (tmp_path / "old-0.1.0.duckdb").write_text("another")
    printed = answer("loader", "upgrade", "-w", "old.duckdb", cwd=tmp_path)
    assert printed.endswith("as it was: old-0.1.0-2.duckdb\n")
    copy = tmp_path / "old-0.1.0-2.duckdb"
    after = [rows(copy, f"from {table} order by all") for table in ("example_facts", "warehouse_info")]
    assert after == before
    assert (tmp_path / "old-0.1.0.duckdb").read_text() == "another"


def test_a_file_of_this_version_is_left_as_it_is(old: Path, tmp_path: Path) -> None:
    answer("loader", "upgrade", "-w", "old.duckdb", cwd=tmp_path)
    whole = old.read_bytes()
    assert "old.duckdb: is of this version" in answer("loader", "upgrade", "-w", "old.duckdb", cwd=tmp_path)
    assert old.read_bytes() == whole
    assert len(list(tmp_path.glob("*.duckdb"))) == 2


@pytest.mark.parametrize("command", [["load", "."], ["status"], ["refresh"], ["drop", "first"]])
def test_an_older_file_is_refused_until_it_is_upgraded(old: Path, tmp_path: Path, command: list[str]) -> None:
    write_first_results(tmp_path / "results")
    message = refusal("loader", *command, "-w", "old.duckdb", cwd=tmp_path)
    assert "old.duckdb: found a warehouse of explainer-warehouse 0.1.0 (schema 1)" in message
    assert "`loader upgrade`" in message


def test_a_newer_file_is_refused_with_the_version_to_install(old: Path, tmp_path: Path) -> None:
    with closing(duckdb.connect(old)) as connection:
        connection.execute("update warehouse_info set value = '999' where key = 'schema_version'")
        connection.execute("update warehouse_info set value = '7.0.0' where key = 'loader_version'")
    whole = old.read_bytes()
    for command in (["upgrade"], ["status"], ["drop", "first"]):
        assert "pip install 'explainer-warehouse>=7.0.0'" in refusal(
            "loader", *command, "-w", old, cwd=tmp_path
        )
    assert old.read_bytes() == whole
    assert len(list(tmp_path.glob("*.duckdb"))) == 1


def test_a_step_that_fails_leaves_the_file_as_it_was(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(old, COLUMNS)
    monkeypatch.setitem(STEPS, 1, ("alter table example_facts drop column text", "select from nothing"))
    message = refusal("loader", "upgrade", "-w", "old.duckdb", cwd=tmp_path)
    assert "could not be brought forward" in message
    assert rows(old, COLUMNS) == before


def test_there_is_a_step_from_every_version() -> None:
    assert list(STEPS) == list(range(1, SCHEMA_VERSION))


def test_what_is_no_warehouse_is_not_upgraded(tmp_path: Path) -> None:
    duckdb.connect(tmp_path / "other.duckdb").close()
    assert "is no warehouse" in refusal("loader", "upgrade", "-w", "other.duckdb", cwd=tmp_path)
    assert "found no such file" in refusal("loader", "upgrade", "-w", "none.duckdb", cwd=tmp_path)
