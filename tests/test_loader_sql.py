"""`loader sql`: a user's own questions, in every form of output, from a file that it cannot change."""

import csv
import io
import json
from pathlib import Path

import pytest
from commands import answer, refusal

from loader.table_text import table_as_csv, table_as_json, table_as_markdown

QUERY = """
select
    'a|"b",' || chr(10) || 'c' as "some text",
    1234567 as n,
    0.1 + 0.2::double as sum,
    true as yes,
    null as nothing,
    [1, 2] as list,
    {'x': 1.5, 'y': 'z'} as struct,
    date '2026-01-02' as day,
    'nan'::double as odd
"""


@pytest.fixture
def place(demo_warehouse: Path) -> Path:
    """Return the demo's directory, whose warehouse has the default name; it is only to be read."""
    return demo_warehouse.parent


def test_the_forms_agree_on_the_measures_of_the_demo(place: Path) -> None:
    query = "select model, score_type, f1, n_latents from run_metrics order by all"
    records = json.loads(answer("loader", "sql", query, "--format", "json", cwd=place))
    assert len(records) == 10
    rows = list(csv.reader(io.StringIO(answer("loader", "sql", query, "--format", "csv", cwd=place))))
    assert rows[0] == ["model", "score_type", "f1", "n_latents"]
    assert [[row[0], row[1], float(row[2]), int(row[3])] for row in rows[1:]] == [
        [*record.values()] for record in records
    ]
    text = answer("loader", "sql", query, cwd=place).splitlines()
    assert text[0].split() == ["model", "score_type", "f1", "n_latents"]
    assert [line.split() for line in text[2:]] == [
        [r["model"], r["score_type"], f"{r['f1']:.6g}", str(r["n_latents"])] for r in records
    ]
    markdown = answer("loader", "sql", query, "--format", "markdown", cwd=place).splitlines()
    assert markdown[1] == "| --- | --- | ---: | ---: |"
    assert len(markdown) == 12


def test_json_has_every_value(place: Path) -> None:
    (record,) = json.loads(answer("loader", "sql", QUERY, "--format", "json", cwd=place))
    assert record == {
        "some text": 'a|"b",\nc', "n": 1234567, "sum": 0.1 + 0.2, "yes": True, "nothing": None,
        "list": [1, 2], "struct": {"x": 1.5, "y": "z"}, "day": "2026-01-02", "odd": None,
    }  # fmt: skip


def test_csv_has_lists_as_json_and_null_empty(place: Path) -> None:
    (_, row) = csv.reader(io.StringIO(answer("loader", "sql", QUERY, "--format", "csv", cwd=place)))
    assert row == [
        'a|"b",\nc', "1234567", "0.30000000000000004", "true", "", "[1, 2]", '{"x": 1.5, "y": "z"}',
        "2026-01-02", "nan",
    ]  # fmt: skip


def test_a_text_cannot_leave_its_cell() -> None:
    rows = [("\x1b[31m|`<b>\nx", 1.0)]
    assert table_as_markdown(["a_b", "n"], rows).splitlines() == [
        r"| a\_b | n |",
        "| --- | ---: |",
        r"| \\x1b\[31m\|\`\<b\>\\nx | 1 |",
    ]
    assert table_as_csv(["a"], [('x"\n',)]) == 'a\n"x""\n"'
    assert json.loads(table_as_json(["a"], [(float("inf"),)])) == [{"a": None}]


def test_a_question_comes_from_standard_input(place: Path) -> None:
    text = answer("loader", "sql", "-", "--format", "csv", cwd=place, input="select count(*) as n from runs")
    assert text == "n\n5\n"


def test_filters_are_set_as_the_report_sets_them(place: Path) -> None:
    query = "set variable selected_score_types = ['fuzz']; select distinct score_type from run_metrics"
    assert answer("loader", "sql", query, "--format", "csv", cwd=place) == "score_type\nfuzz\n"


def test_a_file_joins(place: Path, tmp_path: Path) -> None:
    (tmp_path / "names.csv").write_text("model,size\nQwen3-4B,4\n")
    query = f"select size from '{tmp_path / 'names.csv'}' join runs using (model)"
    assert answer("loader", "sql", query, "--format", "csv", cwd=place) == "size\n4\n"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "delete from run_directories",
            "warehouse.duckdb is only read here, and that statement would change it",
        ),
        ("drop view runs", "warehouse.duckdb is only read here"),
        ("from run_metrix", 'Did you mean "run_metrics"?'),
        ("selec 1", "syntax error at or near"),
        ("select f2 from run_metrics", 'Referenced column "f2" not found'),
        ("select 1 as a, 2 as a", "found two columns named a; give one another name, with `as`"),
    ],
)
def test_what_cannot_be_asked_is_one_message(place: Path, query: str, message: str) -> None:
    before = (place / "warehouse.duckdb").read_bytes()
    assert message in refusal("loader", "sql", query, cwd=place)
    assert (place / "warehouse.duckdb").read_bytes() == before


def test_a_file_that_is_no_warehouse_is_said_to_be_missing(tmp_path: Path) -> None:
    assert "found no such file, wanted a warehouse" in refusal("loader", "sql", "select 1", cwd=tmp_path)
