"""A new warehouse begins as a copy of an empty one that was made when this was built, or is made in full."""

import errno
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from loader import load as loading
from loader.store.connect import connect
from loader.views import new
from loader.views.build import apply_sql, current_info

N_FILES = 5
CATALOG = """
select 'view', schema_name, view_name, sql, comment from duckdb_views() where not internal
union all
select 'table', schema_name, table_name, sql, comment from duckdb_tables()
union all
select table_name, schema_name, column_name, data_type, comment from duckdb_columns() where not internal
union all
select 'macro', schema_name, function_name, macro_definition, comment from duckdb_functions()
where not internal
order by all
"""


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the empty warehouse, in a place of the test's own."""
    monkeypatch.setattr(new, "DIRECTORY", tmp_path)
    return new.make_empty_warehouse(current_info()["loader_version"])


def refuse(*given: Any) -> None:
    raise AssertionError("made in full")


def test_a_new_warehouse_begins_as_the_empty_one(
    empty: Path, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "place").mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(loading, "apply_sql", refuse)
        for n_loaded in (N_FILES, 0):
            path = tmp_path / "place" / "warehouse.duckdb"
            summary = loading.load(path, [tiny_run], loading.Settings())
            assert (summary.n_loaded, summary.n_unchanged) == (n_loaded, N_FILES - n_loaded)
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["warehouse.duckdb"]


def test_it_holds_what_is_made_in_full(empty: Path, tmp_path: Path) -> None:
    made = tmp_path / f"{empty.stem}-made.duckdb"
    with closing(connect(made, wait_s=0)) as connection:
        apply_sql(connection)
    found = []
    for path in (empty, made):
        with duckdb.connect(path, read_only=True) as connection:
            rows = connection.execute(CATALOG).fetchall()
            contents = {
                f"{schema}.{name}": connection.execute(f'from "{schema}"."{name}" order by all').fetchall()
                for kind, schema, name, *_ in rows
                if kind == "table"
            }
            found.append((rows, contents))
    assert found[0] == found[1]
    assert len(found[0][0]) > 1000


def test_who_was_quicker_keeps_the_file(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "warehouse.duckdb"

    def be_quicker(*given: Any) -> None:
        with duckdb.connect(path) as connection:
            connection.execute("create table theirs as select 1 as one")
        link(*given)

    link = os.link
    monkeypatch.setattr(os, "link", be_quicker)
    with closing(connect(path, wait_s=0, empty=empty)) as connection:
        assert connection.execute("from theirs").fetchall() == [(1,)]


def test_where_files_have_one_name_only_it_is_made_in_full(
    empty: Path, tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse_link(*given: Any) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse_link)
    (tmp_path / "place").mkdir()
    summary = loading.load(tmp_path / "place" / "w.duckdb", [tiny_run], loading.Settings())
    assert summary.n_loaded == N_FILES
    assert [path.name for path in (tmp_path / "place").iterdir()] == ["w.duckdb"]


@pytest.mark.parametrize("changed", ["sql_hash", "schema_version", "loader_version"])
def test_another_version_begins_as_another(empty: Path, changed: str) -> None:
    assert new.empty_warehouse(current_info()) == empty
    assert not new.empty_warehouse(current_info() | {changed: "9"}).exists()


def test_other_sources_or_another_duckdb_begin_as_another(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(duckdb, "__version__", "9.9.9")
        assert new.empty_warehouse(current_info()) != empty
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "more.py").write_text("")
    monkeypatch.setattr(new, "_SOURCES", (*new._SOURCES, tmp_path / "sources"))
    # A file of nothing says nothing.
    assert new.empty_warehouse(current_info()) == empty
    (tmp_path / "sources" / "more.py").write_text("more = 1")
    assert new.empty_warehouse(current_info()) != empty


def test_only_the_newest_is_left(empty: Path) -> None:
    newer = new.make_empty_warehouse("9.9.9")
    assert [path for path in empty.parent.iterdir() if path.suffix == ".duckdb"] == [newer]
