"""`reports build` and `reports show`: files, their names, their numbers, and what happens without Chrome."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from click.testing import CliRunner, Result
from conftest import Load
from run_files import examples, write_run

from loader.load import Settings, load
from reports.cli import cli

ORIGINAL_FIGURES = {
    "accuracy_density_fuzz.pdf",
    "accuracy_density_detection.pdf",
    "accuracy_bar_fuzz.pdf",
    "accuracy_bar_detection.pdf",
    "total_tokens_usage.pdf",
    "avg_tokens_per_call.pdf",
    "avg_time_per_call.pdf",
}
NO_CHROME = {"BROWSER_PATH": "/nowhere/chrome"}


def run(*arguments: Any, **environment: str) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], env=environment)


def paths(result: Result) -> list[Path]:
    assert result.exit_code == 0, result.output
    return [Path(line) for line in result.stdout.splitlines()]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def expected(shared_data: Path) -> dict[str, Any]:
    return json.loads((shared_data / "seed" / "expected.json").read_text())


@pytest.fixture(scope="module")
def built(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Build the demo's page and CSV, once; give the paths that were printed."""
    out = tmp_path_factory.mktemp("built") / "out"
    return paths(run("build", "-w", demo_warehouse, "-o", out, "--format", "html,csv"))


def table(text: str, title: str) -> dict[str, list[str]]:
    """Read a printed table: a run's name to the numbers in its row."""
    part = text.split(title + "\n")[1].split("\n\n")[0]
    rows = [re.split(r"\s{2,}", line.strip()) for line in part.splitlines()[2:]]
    return {row[1] if row[0].isdigit() else row[0]: row for row in rows if len(row) > 2}


def test_the_page_and_the_summary_are_written_and_their_paths_printed(built: list[Path]) -> None:
    assert [path.name for path in built] == ["report.html", "model_accuracy_summary.csv"]
    assert sorted(built[0].parent.iterdir()) == sorted(built)


def test_figures_have_the_names_of_the_original_and_the_same_bytes_each_time(
    demo_warehouse: Path, tmp_path: Path
) -> None:
    chromium()
    one_run = ("-w", demo_warehouse, "--model", "Qwen3-14B")
    written = {path.name: path for path in paths(run("build", *one_run, "-o", tmp_path, "--format", "pdf"))}
    assert written.keys() >= ORIGINAL_FIGURES
    assert {path.read_bytes()[:5] for path in written.values()} == {b"%PDF-"}
    # Its points are jittered.
    name = "accuracy_density_fuzz"
    (again,) = paths(run("figure", name, *one_run, "-o", tmp_path / "again.pdf"))
    assert again.read_bytes() == written[f"{name}.pdf"].read_bytes()


@pytest.mark.once  # The same rows as in PDFs, drawn by the same browser.
def test_figures_come_as_png_and_svg(
    tiny_run: Path, load_into: Load, warehouse: Path, tmp_path: Path
) -> None:
    chromium()
    load_into(tiny_run)
    written = paths(run("build", "-w", warehouse, "-o", tmp_path / "out", "--format", "png,svg"))
    assert sorted((tmp_path / "out").iterdir()) == sorted(written)
    starts = {".png": b"\x89PNG", ".svg": b"<svg"}
    assert {path.suffix for path in written} == set(starts)
    assert all(path.read_bytes().startswith(starts[path.suffix]) for path in written)
    assert {path.stem for path in written if path.suffix == ".png"} == {
        path.stem for path in written if path.suffix == ".svg"
    }


def test_without_chrome_the_rest_is_written_the_same_and_one_line_says_why(
    demo_warehouse: Path, built: list[Path], tmp_path: Path
) -> None:
    result = run("build", "-w", demo_warehouse, "-o", tmp_path, **NO_CHROME)
    assert [path.name for path in paths(result)] == ["report.html", "model_accuracy_summary.csv"]
    assert len(result.stderr.splitlines()) == 1
    assert "there is no Chrome" in result.stderr
    assert "apt-get install chromium" in result.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model_accuracy_summary.csv", "report.html"]
    for path in built:
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_without_chrome_images_alone_are_an_error(demo_warehouse: Path, tmp_path: Path) -> None:
    result = run("build", "-w", demo_warehouse, "-o", tmp_path / "out", "--format", "pdf", **NO_CHROME)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "there is no Chrome" in result.stderr


def test_every_number_of_the_original_summary(
    demo_warehouse: Path, built: list[Path], expected: dict[str, Any]
) -> None:
    rows = {row["model"]: row for row in read_csv(built[1])}
    for model, numbers in expected["summary_mean_over_score_types"].items():
        for measure, value in numbers.items():
            assert f"{float(rows[model][measure]):.3f}" == f"{value:.3f}", (model, measure)
    printed = table(run("show", "summary", "-w", demo_warehouse).stdout, "Mean over score types")
    for model, numbers in expected["summary_mean_over_score_types"].items():
        assert printed[model][2:6] == [f"{numbers[m]:.3f}" for m in ("accuracy", "precision", "recall", "f1")]


@pytest.mark.parametrize("score_type", ["fuzz", "detection"])
def test_every_number_of_the_original_ranking(
    demo_warehouse: Path, expected: dict[str, Any], score_type: str
) -> None:
    result = run("show", "ranking", "-w", demo_warehouse, "--score-type", score_type)
    printed = table(result.stdout, f"Accuracy under {score_type}")
    assert list(printed) == expected["ranking_by_accuracy"][score_type]
    for rank, (model, row) in enumerate(printed.items(), start=1):
        numbers = expected["by_score_type"][score_type][model]
        assert row[0] == str(rank)
        assert [row[place].split(" ")[0] for place in (2, 4)] == [
            f"{numbers['accuracy']:.3f}",
            f"{numbers['f1']:.3f}",
        ]


@pytest.mark.parametrize(
    ("measure", "first"),
    [
        ("accuracy", "Qwen3-14B"),
        ("f1", "Gemma-3-27B-IT"),
        ("f1_macro", "Gemma-3-27B-IT"),
        ("mcc", "Qwen3-14B"),
    ],
)
def test_the_ranking_follows_another_measure(demo_warehouse: Path, measure: str, first: str) -> None:
    of_fuzz = ("-w", demo_warehouse, "--score-type", "fuzz", "--measure", measure)
    lines = run("show", "ranking", *of_fuzz).stdout.splitlines()
    assert re.match(rf"\s+1\s+{first}\s", lines[3])


def test_what_has_no_ranking_says_so(tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "run", explanations={"layers.1_latent3": "years"})
    load(tmp_path / "w.duckdb", [tmp_path / "results"], Settings())
    assert run("show", "ranking", "-w", tmp_path / "w.duckdb").stdout == (
        "No run has scores that say which examples activate.\n"
    )


def test_the_best_by_measure(demo_warehouse: Path, expected: dict[str, Any]) -> None:
    lines = run("show", "best", "-w", demo_warehouse).stdout.splitlines()
    for measure, (model, value) in expected["best"].items():
        assert any(re.fullmatch(rf"{measure}\s+{model}\s+{value:.3f}", line) for line in lines), measure


def test_the_distribution_over_runs(built: list[Path], expected: dict[str, Any]) -> None:
    text = built[0].read_text()
    table_text = text[text.index('id="exhibit-accuracy_distribution"') :].split("</table>")[0]
    rows = {
        cells[0]: cells[1:]
        for cells in (re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in table_text.split("<tr>"))
        if cells
    }
    for score_type, numbers in expected["accuracy_describe"].items():
        assert rows[score_type] == [f"{numbers['count']}"] + [
            f"{numbers[name]:.3f}" for name in ("mean", "std", "min", "25%", "50%", "75%", "max")
        ]


def test_coverage_is_shown(demo_warehouse: Path) -> None:
    result = run("show", "coverage", "-w", demo_warehouse)
    assert re.search(r"Gemma-3-4B-IT\s+detection\s+156\s+15,600\s+400\s+97.4 %", result.stdout)


def test_filters_keep_the_colours_and_are_named_at_the_head(
    demo_warehouse: Path, built: list[Path], tmp_path: Path
) -> None:
    filters = ("--model", "Qwen3-14B", "--score-type", "fuzz")
    page, _ = paths(run("build", "-w", demo_warehouse, "-o", tmp_path, "--format", "html,csv", *filters))
    text = page.read_text()
    assert "accuracy_density_fuzz" in text
    assert "accuracy_density_detection" not in text
    assert "1 of 5 runs" in text
    assert "set variable selected_runs" in text
    assert "Gemma" not in text.split('id="figures"')[0].split("<main")[1]
    swatch = re.compile(r'background:(#\w+)"></i>Qwen3-14B<')
    assert set(swatch.findall(text)) == set(swatch.findall(built[0].read_text()))
    assert len(set(swatch.findall(text))) == 1


def test_a_hostile_run_is_text_in_the_page_and_the_csv(tmp_path: Path) -> None:
    name = "=1+2<script>alert(1)"
    write_run(
        tmp_path / "results" / "run",
        {"<b>fuzz": {"layers.1_latent3": examples(tp=3, fp=1, tn=2)}},
        config={"explainer_model": name},
    )
    load(tmp_path / "w.duckdb", [tmp_path / "results"], Settings())
    page, summary = paths(run("build", "-w", tmp_path / "w.duckdb", "-o", tmp_path, "--format", "html,csv"))
    text = page.read_text()
    assert "<script>alert" not in text
    assert "<b>" not in text
    assert "=1+2&lt;script&gt;alert(1)" in text
    assert "'" + name in [row["model"] for row in read_csv(summary)]


def test_a_warehouse_without_scores_still_gives_a_report(tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "run", explanations={"layers.1_latent3": "years"}, config={"model": "m"})
    load(tmp_path / "w.duckdb", [tmp_path / "results"], Settings())
    page, _ = paths(run("build", "-w", tmp_path / "w.duckdb", "-o", tmp_path, "--format", "html,csv"))
    assert "No scores are loaded." in page.read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["build", "-w", "none.duckdb"], 1, "none.duckdb does not exist"),
        (["show", "-w", "none.duckdb"], 1, "none.duckdb does not exist"),
        (["build", "--format", "docx"], 2, "'docx': give some of html, csv, md, latex, pdf, png, svg"),
        (["build", "--format", ","], 2, "give some of html"),
        (["show", "everything"], 2, "'everything' is not one of"),
        (["show", "best", "--measure", "f1"], 2, "reports show ranking --measure f1"),
        (["show", "ranking", "--measure", "mcc", "--policy", "strict"], 2, "mcc has no strict form"),
    ],
)
def test_an_error_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_place_that_cannot_be_written(demo_warehouse: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    result = run("build", "-w", demo_warehouse, "-o", tmp_path / "file" / "out", "--format", "html")
    assert result.exit_code == 1
    assert "cannot be made" in result.stderr


def test_the_warehouse_may_come_from_the_environment(demo_warehouse: Path) -> None:
    shown: Callable[..., str] = lambda *a, **e: run("show", "best", *a, **e).stdout  # noqa: E731
    assert shown(EXPLAINER_WAREHOUSE=str(demo_warehouse)) == shown("-w", demo_warehouse) != ""
