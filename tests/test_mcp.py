"""`loader mcp`, as the official client meets it."""

import asyncio
import json
import sys
import time
from contextlib import chdir
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import refusal
from conftest import Load
from mcp import Client, StdioServerParameters
from run_files import examples, write

import explainer_warehouse
from explainer_warehouse.api.server import Limits, server


def ask(path: Path, tool: str, limits: Limits = Limits(), **arguments: Any) -> tuple[bool, Any]:  # noqa: B008
    """Call a tool of a server in this process; return whether it failed, and what it said."""

    async def call() -> tuple[bool, Any]:
        async with Client(server(path, limits)) as client:
            result = await client.call_tool(tool, arguments)
            text = result.content[0].text  # type: ignore[union-attr]
            return bool(result.is_error), text if result.is_error else json.loads(text)

    return asyncio.run(call())


def test_a_process_is_asked_over_its_standard_input_and_output(demo_warehouse: Path) -> None:
    async def talk() -> tuple[list[str], dict[str, Any]]:
        arguments = ["-m", "loader.cli", "mcp", "-w", str(demo_warehouse)]
        root = str(Path(__file__).parent.parent)
        parameters = StdioServerParameters(command=sys.executable, args=arguments, env={"PYTHONPATH": root})
        async with Client(parameters) as client:
            tools = await client.list_tools()
            result = await client.call_tool("query", {"sql": "select count(*) as n from runs"})
            return [tool.name for tool in tools.tools], json.loads(result.content[0].text)  # type: ignore[union-attr]

    names, found = asyncio.run(talk())
    assert names == ["schema", "query", "answer"]
    assert found == {"rows": [{"n": 5}], "is_cut": False}


def test_the_schema_has_meanings_and_which_way_is_better(demo_warehouse: Path) -> None:
    failed, found = ask(demo_warehouse, "schema")
    assert not failed
    assert found["relations"]["run_measures"].startswith("The measures of a run in long form")
    ways = {measure["measure"]: measure["higher_is"] for measure in found["measures"]}
    assert (ways["f1"], ways["brier"]) == ("better", "worse")
    failed, found = ask(demo_warehouse, "schema", relation="run_measures")
    assert not failed
    low = next(column for column in found["columns"] if column["column_name"] == "low")
    assert (low["data_type"], low["description"][:9]) == ("DOUBLE", "lower end")
    failed, said = ask(demo_warehouse, "schema", relation="run_measure")
    assert failed
    assert "did you mean run_measures" in said


def test_every_measure_is_explained(demo_warehouse: Path) -> None:
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        unexplained = "select distinct measure from run_measures anti join measure_docs using (measure)"
        assert connection.execute(unexplained).fetchall() == []
        twice = "select measure from measure_docs group by measure having count(*) > 1"
        assert connection.execute(twice).fetchall() == []


def test_rows_are_given_as_they_are_and_no_more_than_allowed(demo_warehouse: Path) -> None:
    sql = "select run_name, f1, score_type from run_metrics order by all"
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        wanted = connection.execute(sql).fetchall()
    assert ask(demo_warehouse, "query", sql=sql)[1]["rows"] == [
        {"run_name": name, "f1": f1, "score_type": score_type} for name, f1, score_type in wanted
    ]
    _, cut = ask(demo_warehouse, "query", Limits(rows=3), sql=sql)
    assert (len(cut["rows"]), cut["is_cut"]) == (3, True)
    _, whole = ask(demo_warehouse, "query", Limits(rows=10), sql=sql)
    assert (len(whole["rows"]), whole["is_cut"]) == (10, False)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("drop view runs", "found the statements drop, wanted one select"),
        ("delete from model_names", "found the statements delete, wanted one select"),
        ("select 1; select 2", "found the statements select, select, wanted one select"),
        ("attach 'x.duckdb'", "wanted one select"),
        ("copy runs to 'runs.csv'", "wanted one select"),
        ("set enable_external_access = true", "wanted one select"),
        ("from read_text('/etc/hostname')", "disabled"),
        ("from 'secret.csv'", "disabled"),
        ("select f2 from run_metrics", 'column "f2" not found'),
        ("select 1 as a, 2 as a", "found two columns named a"),
        ("", "found the statements none, wanted one select"),
    ],
)
def test_nothing_but_reading_the_warehouse_is_possible(
    demo_warehouse: Path, tmp_path: Path, sql: str, said: str
) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    before = demo_warehouse.read_bytes()
    with chdir(tmp_path):
        failed, text = ask(demo_warehouse, "query", sql=sql)
    assert failed
    assert said in text
    assert demo_warehouse.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


def test_a_query_that_takes_too_long_is_ended(demo_warehouse: Path) -> None:
    began = time.monotonic()
    forever = "select count(*) from range(1000000) a, range(1000000) b where a.range * b.range = 7"
    failed, said = ask(demo_warehouse, "query", Limits(seconds=0.5), sql=forever)
    assert failed
    assert "took longer than 0.5 s; ask for less" in said
    assert time.monotonic() - began < 60


def test_the_answer_is_the_reports(demo_warehouse: Path) -> None:
    with explainer_warehouse.open(demo_warehouse) as warehouse:
        wanted = {statement.about: statement.text for statement in warehouse.headline()}
    failed, found = ask(demo_warehouse, "answer")
    assert (failed, found["answer"]) == (False, wanted)
    failed, said = ask(demo_warehouse, "answer", policy="none")
    assert failed
    assert "wanted valid or strict" in said


def test_a_load_goes_on_between_questions(tiny_run: Path, load_into: Load, warehouse: Path) -> None:
    async def talk() -> list[Any]:
        async with Client(server(warehouse)) as client:
            counts = []
            for _ in range(2):
                result = await client.call_tool("query", {"sql": "select count(*) as n from source_files"})
                counts.append(json.loads(result.content[0].text)["rows"][0]["n"])  # type: ignore[union-attr]
                write(tiny_run / "scores" / "fuzz" / "layers.1_latent8.txt", examples(tp=1))
                load_into(tiny_run)
            return counts

    load_into(tiny_run)
    assert asyncio.run(talk()) == [5, 6]


def test_a_missing_warehouse_is_said_before_anything_is_served(tmp_path: Path) -> None:
    assert "found no such file" in refusal("loader", "mcp", cwd=tmp_path)
