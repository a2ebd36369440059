"""`reports table` and `reports show`: one table in every format, made to fit a terminal."""

import csv
import io
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from fcntl import ioctl
from pathlib import Path

import pytest
from commands import answer, refusal

ROOT = Path(__file__).parent.parent
SHOW = "from reports.cli import cli; cli()"


@pytest.fixture
def place(demo_warehouse: Path) -> Path:
    """Return the demo's directory, whose warehouse has the default name; it is only to be read."""
    return demo_warehouse.parent


def test_every_format_has_the_rows_of_both_score_types(place: Path) -> None:
    rows = json.loads(answer("reports", "table", "ranking", "--format", "json", cwd=place))
    assert [(row["score_type"], row["rank"]) for row in rows] == [
        (score_type, rank) for score_type in ("detection", "fuzz") for rank in range(1, 6)
    ]
    table = list(
        csv.DictReader(io.StringIO(answer("reports", "table", "ranking", "--format", "csv", cwd=place)))
    )
    assert [row["run_label"] for row in table] == [row["run_label"] for row in rows]
    assert [float(row["accuracy"]) for row in table] == [row["accuracy"] for row in rows]
    for form, begins in (
        ("text", "Accuracy under"),
        ("md", "### Accuracy under"),
        ("latex", r"\begin{table}"),
    ):
        text = answer("reports", "table", "ranking", "--format", form, cwd=place)
        assert text.startswith(begins)
        assert all(f"{row['accuracy']:.3f}" in text for row in rows)


def test_a_table_of_one_score_type_is_called_by_its_full_name(place: Path) -> None:
    rows = json.loads(answer("reports", "table", "accuracy_bar_fuzz", "--format", "json", cwd=place))
    assert {row["score_type"] for row in rows} == {"fuzz"}
    assert "did you mean ranking" in refusal("reports", "table", "rankin", cwd=place)


def test_show_prints_json(place: Path) -> None:
    rows = json.loads(answer("reports", "show", "--json", cwd=place))
    assert {row["model"] for row in rows} >= {"Qwen3-4B", "Gemma-3-27B-IT"}
    assert all(isinstance(row["score_types"], list) for row in rows)


def shown_in(width: int, place: Path) -> list[str]:
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    # Which would say the width in the terminal's place.
    unset = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    subprocess.run(
        [sys.executable, "-c", SHOW, "show", "ranking", "--score-type", "fuzz"],
        cwd=place, stdout=theirs, check=True, env={**unset, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    shown = os.read(ours, 20_000).decode().splitlines()
    os.close(theirs)
    os.close(ours)
    return shown


def test_a_table_fits_the_terminal_and_says_what_is_left_out(place: Path) -> None:
    wide, narrow, narrowest = (shown_in(width, place) for width in (240, 90, 40))
    assert len(wide) == 9
    assert "(0.621" in wide[3]
    # All but the caption, which the terminal breaks.
    assert max(map(len, narrow[:-1])) <= 90
    assert narrow[-2].startswith("Too narrow for: intervals, ")
    assert max(map(len, narrowest[1:-2])) <= 40
    assert narrowest[1].split()[:2] == ["Rank", "Run"]
