"""Numbers that nobody expects: a report stands them, and what cannot be made of them says so in its place."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import Load
from opened_page import open_page
from playwright.sync_api import Browser
from run_files import examples, write_run

from loader.files.firing_counts import write_firing_counts
from reports.assemble import report
from reports.cli import cli

TEXTS = "html,csv,md,latex"
WHY = "Conversion Error: Type INT128 with value 9223372036854775808 can"


def build(warehouse: Path, out: Path, *options: str) -> Result:
    arguments = ["build", "-w", str(warehouse), "-o", str(out), "--format", TEXTS, *options]
    return CliRunner(catch_exceptions=False).invoke(cli, arguments)


def write_odd_run(run: Path, count: int = 0, **files: Any) -> None:
    latents = {f"layers.1_latent{i}": examples(tp=i % 3 + 1, fp=i % 2, tn=2, fn=1) for i in range(12)}
    config = {"model": "m", "sparse_model": "s", "explainer_model": f"org/{run.name}"}
    write_run(run, {"fuzz": latents, "detection": latents}, config=config, **files)
    (run / "log").mkdir(exist_ok=True)
    write_firing_counts(run / "log" / "hookpoint_firing_counts.pt", {"layers.1": [count] * 12})


@pytest.fixture
def too_many_tokens(tmp_path: Path, load_into: Load) -> Path:
    """Load a run whose tokens are more than 64 bits hold, of as many explainers as that takes."""
    totals = {"total_time": 1.5, "prompt_tokens": 2**53, "completion_tokens": 1, "count": 1}
    write_odd_run(
        tmp_path / "results" / "run", 5, explainer_stats={f"Explainer{i}": totals for i in range(1024)}
    )
    load_into(tmp_path / "results")
    return tmp_path / "warehouse.duckdb"


@pytest.mark.parametrize(
    ("count", "totals"),
    [
        (0, {}),
        (10**12, {}),
        (2**63 - 1, {}),
        (1, {"prompt_tokens": 2**63 - 1, "completion_tokens": 2**63 - 1}),
        (1, {"total_time": 1.7e308}),
        (1, {"count": 0}),
    ],
)
@pytest.mark.parametrize("policy", ["valid", "strict"])
def test_odd_numbers_are_reported(
    tmp_path: Path, load_into: Load, warehouse: Path, count: int, totals: dict[str, float], policy: str
) -> None:
    totals = {"total_time": 1.5, "prompt_tokens": 3, "completion_tokens": 1, "count": 1} | totals
    for name in ("a", "b"):
        write_odd_run(
            tmp_path / "results" / name,
            count,
            explainer_stats={"Default": totals},
            fuzz_stats={"fuzz": totals},
            detection_stats={"detection": totals},
        )
    assert load_into(tmp_path / "results").n_failed == 0
    done = build(warehouse, tmp_path / "out", "--policy", policy)
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 4


def test_what_cannot_be_made_says_so_in_its_place(too_many_tokens: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = build(too_many_tokens, out)
    scorecards = "scorecard_detection, scorecard_fuzz"
    costs = "total_tokens_usage, avg_tokens_per_call, avg_time_per_call, pareto_frontier_detection"
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 4)
    assert done.stderr == (
        f"Error: not all could be made, as it says in its place: {scorecards}, {costs},"
        " pareto_frontier_fuzz\n"
    )
    page = (out / "report.html").read_text()
    article = page[page.index('id="exhibit-total_tokens_usage"') :].split("</article>")[0]
    assert f'<p class="notice" role="alert">total_tokens_usage could not be made: {WHY}' in article
    assert "select" in article
    assert page.count('<p class="notice" role="alert">') == 7
    assert "<dt>Cost</dt><dd>Not known, since total_tokens_usage could not be made.</dd>" in page
    assert 'id="exhibit-accuracy_bar-2-fuzz-plot"' in page
    for name in ("report.md", "report.tex"):
        text = (out / name).read_text()
        assert "could not be made: Conversion Error" in text
        assert "Accuracy under fuzz" in text
    assert len((out / "model_accuracy_summary.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    "command", [["table", "total_tokens_usage"], ["figure", "total_tokens_usage", "-o", "x.pdf"]]
)
def test_what_cannot_be_made_alone_is_one_line(
    too_many_tokens: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, [*command, "-w", str(too_many_tokens)])
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: total_tokens_usage could not be made: {WHY}")
    assert len(done.stderr.splitlines()) == 1


def test_latents_that_cannot_be_read_leave_the_page_whole(
    tiny_run: Path,
    load_into: Load,
    warehouse: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    browser: Browser,
) -> None:
    def fail(*given: Any) -> None:
        raise OverflowError("a number too far")

    load_into(tiny_run)
    monkeypatch.setattr(report, "read_browser", fail)
    done = build(warehouse, tmp_path / "out")
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 4)
    assert done.stderr == "Error: not all could be made, as it says in its place: latents\n"
    opened = open_page(browser, tmp_path / "out" / "report.html")
    assert opened.page.get_by_text("The latents could not be read: a number too far.").is_visible()
    assert opened.complaints == []
