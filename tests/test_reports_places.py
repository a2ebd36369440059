"""Where a report is written: places that refuse it, two builds in one, and names that are too long."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import Load
from ordinary_user import as_ordinary_user
from run_files import examples, write_run

from reports.assemble.filled import Report
from reports.assemble.report import assemble
from reports.render.chrome import Drawing, Order
from reports.render.files import OutputError, write_images, write_report
from reports.warehouse import open_warehouse


@pytest.fixture
def report(tiny_run: Path, load_into: Load, warehouse: Path) -> Report:
    """Assemble a report of a run of two latents."""
    load_into(tiny_run)
    with open_warehouse(warehouse) as opened:
        return assemble(opened, "Scored")


def draw_nothing(orders: Sequence[Order], progress: object) -> None:
    for order in orders:
        order.path.write_bytes(b"%PDF")


def test_a_place_that_may_not_be_written_is_one_line(report: Report, public_directory: Path) -> None:
    out = public_directory / "out"
    out.mkdir()
    out.chmod(0o555)
    with as_ordinary_user(), pytest.raises(OutputError) as refused:
        write_report(report, out, ["html"])
    said = [str(refused.value)]
    with as_ordinary_user(), pytest.raises(OutputError) as refused:
        write_images(report, out, ["pdf"], draw=draw_nothing)
    said.append(str(refused.value))
    for line in said:
        assert line.startswith(str(out))
        assert line.endswith(" cannot be written: Permission denied; give --out another place")


@pytest.mark.parametrize("form", ["html", "csv,md,latex"])
def test_a_full_place_is_one_line(
    tiny_run: Path, load_into: Load, warehouse: Path, tmp_path: Path, form: str
) -> None:
    load_into(tiny_run)
    out = tmp_path / "out"
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from reports.cli import cli; cli()", "build"),
            *("-w", warehouse, "-o", out, "--format", form),
        ],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)),
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"Error: {out} cannot be written: File too large; give --out another place\n"
    assert list(out.iterdir()) == []


def test_an_image_that_does_not_fit_is_one_line(report: Report, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def draw(orders: Sequence[Order], progress: object) -> None:
        raise OSError(28, os.strerror(28), orders[0].path)

    with pytest.raises(OutputError) as refused:
        write_images(report, out, ["png"], draw=draw)
    assert str(refused.value) == (
        f"{out}/scorecard_fuzz.png cannot be written: No space left on device; give --out another place"
    )
    assert list(out.iterdir()) == []


def test_builds_into_one_directory_do_not_trip_each_other(report: Report, tmp_path: Path) -> None:
    def build(number: int) -> None:
        write_report(report, tmp_path, ["html", "csv"])
        write_images(report, tmp_path, ["svg"], draw=draw_nothing)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(build, range(40)))
    assert (tmp_path / "report.html").read_text().rstrip().endswith("</html>")
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_longest_names_of_score_types_have_files_of_their_own(
    load_into: Load, warehouse: Path, tmp_path: Path
) -> None:
    names = ["ä" * 119 + end for end in ("ax", "bx")]
    write_run(
        tmp_path / "results" / "run",
        {name: {"layers.1_latent3": examples(tp=3, fp=1, tn=2)} for name in names},
    )
    load_into(tmp_path / "results")
    drawn: list[Order] = []

    def draw(orders: Sequence[Order], progress: object) -> None:
        drawn.extend(orders)
        draw_nothing(orders, progress)

    with open_warehouse(warehouse) as opened:
        written = write_images(assemble(opened, "Scored"), tmp_path / "out", ["png"], draw=draw)
    assert len(written) == len(drawn) == len(set(written)) == sum(isinstance(o, Drawing) for o in drawn)
    assert sorted((tmp_path / "out").iterdir()) == sorted(written)
    bars = [path.name for path in written if path.name.startswith("accuracy_bar_ä")]
    assert len(bars) == 2
