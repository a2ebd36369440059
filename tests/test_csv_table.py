"""Every CSV that is written: cells come back as they were, and none is a formula."""

import csv
import io
from pathlib import Path

from commands import answer, run
from hypothesis import given
from hypothesis import strategies as st
from run_files import examples, write_run

from explainer_warehouse.csv_table import csv_table

NAMES = ["=1+2", "+1+1", "-1-1", "@sum(a1)", "\t=1", "\r=cmd", "\n=cmd", "a\r=1+2,x", 'a"\n=1', "\uff1d1"]


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2)))
def test_cells_come_back_and_none_is_a_formula(rows: list[list[str]]) -> None:
    header, *found = read(csv_table(["a", "b"], rows))
    assert header == ["a", "b"]
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    for cell in (cell for row in found for cell in row if cell[:1] in "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"):
        assert cell == "" or float(cell) == float(cell)


def test_what_is_no_text() -> None:
    rows = [(-1.5, None, True, 3), (0.30000000000000004, "-2e-3", False, 2**63)]
    assert csv_table(["a", "=b", "c", "d"], rows) == (
        "a,'=b,c,d\n-1.5,,true,3\n0.30000000000000004,-2e-3,false,9223372036854775808\n"
    )
    assert csv_table(["a"], [(None,), ("",)]) == 'a\n""\n""\n'


def test_no_way_to_csv_takes_a_name_for_more_than_text(tmp_path: Path) -> None:
    scores = {"fuzz": {"layers.1_latent1": examples(tp=3, tn=2, fn=1)}}
    for number, name in enumerate(NAMES):
        run_directory = tmp_path / "results" / f"run{number}"
        write_run(run_directory, scores, {"layers.1_latent1": name}, {"explainer_model": name})
    assert run("loader", "load", "results", cwd=tmp_path).exit_code == 0
    asked = answer("loader", "sql", "select run_label from runs", "--format", "csv", cwd=tmp_path)
    answer("loader", "export", "tables", "--format", "csv", cwd=tmp_path)
    answer("reports", "build", "--format", "csv", cwd=tmp_path)
    tables = [
        asked,
        answer("reports", "table", "summary", "--format", "csv", cwd=tmp_path),
        (tmp_path / "report" / "model_accuracy_summary.csv").read_bytes().decode(),
        (tmp_path / "tables" / "runs.csv").read_bytes().decode(),
        (tmp_path / "tables" / "explanations.csv").read_bytes().decode(),
    ]
    for text in tables:
        header, *rows = read(text)
        assert [len(row) for row in rows] == [len(header)] * len(NAMES)
        cells = {cell for row in rows for cell in row}
        assert cells >= {name if name.startswith("a") else f"'{name}" for name in NAMES}
