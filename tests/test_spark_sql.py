"""The views in Spark's SQL, as text: what is written, and what is refused; test_spark.py runs it."""

import re
import sys
from pathlib import Path

import duckdb
import pytest
from commands import answer, refusal
from conftest import Load

from loader.schema.headers import relations
from loader.spark.rewrite import name_in_spark
from loader.spark.unfold import Macro, parse, read_macros, unfold
from loader.spark.views import CANNOT, spark_sql, spark_views

pytestmark = pytest.mark.once


@pytest.fixture
def loaded(load_into: Load, tiny_run: Path) -> None:
    """Load a small run."""
    load_into(tiny_run)


def unfolded(query: str, **macros: str) -> str:
    """Return a query with the macros of one parameter x written out."""
    found = {name: Macro(["x"], parse(body)) for name, body in macros.items()}
    return unfold(parse(query), found).sql("duckdb")


def test_an_argument_keeps_together() -> None:
    assert unfolded("select 2 * plus_one(3 + a)", plus_one="x + 1") == "SELECT 2 * ((3 + a) + 1)"


def test_a_macro_in_a_macro_is_unfolded() -> None:
    assert unfolded("select f(g(a))", f="x * x", g="x - 1") == "SELECT ((a - 1) * (a - 1))"


def test_a_field_of_an_argument_is_taken_at_once() -> None:
    share = {"share": "x.a / x.b"}
    assert unfolded("select share({'a': n + 1, 'b': m})", **share) == "SELECT ((n + 1) / m)"
    assert unfolded("select share(t.parts)", **share) == "SELECT (t.parts.a / t.parts.b)"


def test_no_macro_is_left_in_any_view() -> None:
    macros = {name.upper() for name in read_macros()}
    for view in spark_views():
        assert not macros & set(re.findall(r"\b(\w+)\(", view.query)), view.name


def test_every_view_is_written_or_listed() -> None:
    views = {relation.name for relation in relations() if relation.kind == "view"}
    written = [view.name for view in spark_views()]
    assert sorted([*written, *CANNOT]) == sorted(views)


def test_the_document_lists_what_cannot() -> None:
    document = (Path(__file__).parent.parent / "docs" / "spark.md").read_text(encoding="utf-8")
    assert dict(re.findall(r"^\| `([\w.]+)` \| (it .+) \|$", document, re.MULTILINE)) == {
        view: f"it {reason}" for view, reason in CANNOT.items()
    }


def test_what_rests_on_a_file_that_is_not_there_is_left_out() -> None:
    assert " view config_differences " in spark_sql("tables", ["run_settings"])
    assert " view config_differences " not in spark_sql("tables", [])


@pytest.mark.usefixtures("loaded")
def test_an_export_for_spark_holds_the_tables_too(tmp_path: Path, warehouse: Path) -> None:
    answer("loader", "export", "out", "--spark", cwd=tmp_path)
    out = tmp_path / "out"
    assert "spark-sql -i spark.sql" in (out / "README.md").read_text(encoding="utf-8")
    sql = (out / "spark.sql").read_text(encoding="utf-8")
    files = re.findall(r"path '(.+\.parquet)'", sql)
    assert len(files) == len({*files})
    with duckdb.connect(warehouse, read_only=True) as connection:
        for file in files:
            name = Path(file).stem
            told = connection.execute(f"select count(*) from {name}").fetchall()
            assert connection.execute(f"select count(*) from '{out / file}'").fetchall() == told, name


def test_views_that_others_read_are_saved_first_and_the_rest_left_to_who_asks() -> None:
    sql = spark_sql("tables", CANNOT)
    found: set[str] = set()
    lasting = set()
    for statement in sql.split(";\n"):
        if saved := re.search(r"directory 'views/(\w+)'", statement):
            lasting.add(saved[1])
        elif made := re.search(r"temporary view (\w+)", statement):
            found.add(made[1])
    views = list(spark_views())
    names = {name_in_spark(view.name) for view in views}
    for view in views:
        assert view.reads & lasting == view.reads & names
    assert "run_measures" in lasting
    assert "run_metrics" in found - lasting
    assert lasting < found


@pytest.mark.usefixtures("loaded")
def test_a_part_of_it_is_refused(tmp_path: Path) -> None:
    for options in (["--public"], ["--format", "csv"]):
        assert "wanted Parquet" in refusal("loader", "export", "out", "--spark", *options, cwd=tmp_path)
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("loaded")
def test_without_sqlglot_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.startswith("loader.spark")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    assert "explainer-warehouse[spark]" in refusal("loader", "export", "out", "--spark", cwd=tmp_path)
