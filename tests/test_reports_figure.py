"""`reports figure` and `reports list`, the size of images, and Ctrl-C while the browser draws."""

import json
import os
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from chromium import chromium
from click.testing import CliRunner
from conftest import Load

from reports.cli import cli

ROOT = Path(__file__).parent.parent


def run(*arguments: str | Path | int) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


def size_of_png(path: Path) -> tuple[int, int]:
    """Read width and height, which stand first in every PNG: https://www.w3.org/TR/png-3/#11IHDR"""
    return struct.unpack(">II", path.read_bytes()[16:24])


def test_one_figure_is_written_at_the_scale_asked_for(demo_warehouse: Path, tmp_path: Path) -> None:
    chromium()
    for scale in (1, 3):
        out = tmp_path / "new" / f"{scale}.png"
        code, printed, _ = run(
            "figure", "accuracy_bar_fuzz", "-w", demo_warehouse, "-o", out, "--scale", scale
        )
        assert (code, printed) == (0, f"{out}\n")
    small, large = (size_of_png(tmp_path / "new" / f"{scale}.png") for scale in (1, 3))
    assert large == tuple(3 * length for length in small)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["1.png", "3.png"]


def test_every_name_that_is_listed_can_be_asked_for(demo_warehouse: Path) -> None:
    code, printed, _ = run("list", "-w", demo_warehouse, "--json")
    assert code == 0
    names = {title: [row["name"] for row in rows] for title, rows in json.loads(printed).items()}
    assert {"coverage", "accuracy", "problems"} <= set(names["sections"])
    assert {"accuracy_bar_fuzz", "accuracy_bar_detection", "total_tokens_usage"} <= set(names["figures"])
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        there = connection.execute(
            "select view_name from duckdb_views() where not internal and schema_name = 'main'"
        ).fetchall()
    assert sorted(names["views"]) == sorted(name for (name,) in there)
    code, text, _ = run("list", "-w", demo_warehouse)
    assert code == 0
    lines = {line.split()[0] for line in text.splitlines() if line}
    assert lines >= {name for listed in names.values() for name in listed} | {"Sections", "Figures", "Views"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["figure", "accuracy_bar"], 2, "'accuracy_bar' is no figure here; did you mean accuracy_bar_"),
        (["figure", "accuracy_bar_fuzz", "-o", "x.doc"], 2, "x.doc: give a file that ends with .pdf"),
        (["figure", "roc_curve_fuzz", "--run", "none"], 1, "no run has a run name like --run 'none'"),
        (["build", "--open", "--format", "csv"], 2, "--open opens the page: add html to --format"),
    ],
)
def test_what_cannot_be_written_is_said(
    demo_warehouse: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended, printed, errors = run(*arguments, "-w", demo_warehouse)
    assert (ended, printed) == (code, "")
    assert said in errors
    assert list(tmp_path.iterdir()) == []


def test_the_page_is_opened_when_it_is_there(
    tiny_run: Path, load_into: Load, warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_into(tiny_run)
    opened = []
    monkeypatch.setattr("click.launch", lambda path: opened.append(Path(path).exists()))
    code, _, _ = run("build", "-w", warehouse, "-o", tmp_path / "out", "--format", "html", "--open")
    assert (code, opened) == (0, [True])


def test_a_figure_of_nothing_is_not_written(
    tiny_run: Path, load_into: Load, warehouse: Path, tmp_path: Path
) -> None:
    load_into(tiny_run)
    code, printed, errors = run(
        "figure", "roc_curve_fuzz", "-w", warehouse, "-o", tmp_path / "out" / "roc.pdf"
    )
    assert (code, printed) == (1, "")
    assert "roc_curve_fuzz has nothing to draw" in errors
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("after_s", [0.2, 1.5])
def test_ctrl_c_while_figures_are_drawn_leaves_none(
    tiny_run: Path, load_into: Load, warehouse: Path, tmp_path: Path, after_s: float
) -> None:
    chromium()
    load_into(tiny_run)
    out = tmp_path / "out"
    command = [sys.executable, "-c", "from reports.cli import cli; cli()", "build", "-w", str(warehouse)]
    with subprocess.Popen(
        [*command, "-o", str(out), "--format", "png", "--scale", "10"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        until = time.monotonic() + 300
        while not list(out.glob(".building-*")):
            assert time.monotonic() < until
            time.sleep(0.02)
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        ended = process.communicate(timeout=300)
    assert ended == ("", "Interrupted: every file that was written is whole.\n")
    assert process.returncode == 130
    assert list(out.iterdir()) == []


def test_a_browser_that_has_nothing_to_draw_after_all_is_closed() -> None:
    chromium()
    code = "from reports.render.chrome import opened_browser\nwith opened_browser(): pass"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
