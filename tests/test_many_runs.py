"""A page of twenty runs: short enough to read, small enough to send, every run told from the others."""

from pathlib import Path

import pytest
from many_runs import write_twenty
from opened_page import build_page, open_page
from playwright.sync_api import Browser

from loader.load import Settings, load

SCREEN = 900
# Of each figure: its id, the labels of its axes that it cuts off, and those that name runs.
LABELS = """[...document.querySelectorAll(".plot.js-plotly-plot")]
    .filter((plot) => plot.offsetHeight)
    .map((plot) => {
      const box = plot.getBoundingClientRect();
      const isInside = ({ left, right }) => left >= box.left - 1 && right <= box.right + 1;
      const labels = [...plot.querySelectorAll(".ytick text, .xtick text")];
      const texts = (some) => some.map((label) => label.textContent);
      return [
        plot.id,
        texts(labels.filter((label) => !isInside(label.getBoundingClientRect()))),
        texts(labels).filter((text) => /gemma|qwen/i.test(text)),
      ];
    })"""

# Of each figure: its id, and the pairs of lines of its titles and remarks that cover each other.
COVERED = """[...document.querySelectorAll(".plot.js-plotly-plot")]
    .filter((plot) => plot.offsetHeight)
    .flatMap((plot) => {
      const lines = [...plot.querySelectorAll("text.annotation-text")]
        .flatMap((text) => {
          const parts = [...text.querySelectorAll("tspan.line")];
          return parts.length ? parts : [text];
        })
        .map((line) => [line.textContent, line.getBoundingClientRect()]);
      return lines.flatMap(([text, box], at) => lines.slice(at + 1)
        .filter(([, other]) => box.left + 1 < other.right && other.left + 1 < box.right
          && box.top + 3 < other.bottom && other.top + 3 < box.bottom)
        .map(([other]) => [plot.id, text, other]));
    })"""


@pytest.fixture(scope="module")
def page(demo_results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page of twenty runs, once; it is only to be read."""
    directory = tmp_path_factory.mktemp("twenty")
    write_twenty(demo_results, directory / "results")
    load(directory / "warehouse.duckdb", [directory / "results"], Settings())
    return build_page(directory / "warehouse.duckdb", directory / "out")


def test_it_is_short_and_small(browser: Browser, page: Path) -> None:
    opened = open_page(browser, page)
    assert opened.page.evaluate("document.documentElement.scrollHeight") <= 20 * SCREEN
    assert page.stat().st_size <= 15_000_000
    assert opened.complaints == []


def test_no_two_runs_have_one_swatch(browser: Browser, page: Path) -> None:
    swatches = open_page(browser, page).page.evaluate(
        """[...document.querySelectorAll("#exhibit-scorecard-1-detection .run .swatch")]
            .map((swatch) => `${swatch.className} ${swatch.style.background}`)"""
    )
    assert len(swatches) == len(set(swatches)) == 20


@pytest.mark.parametrize("width", [390, 1440])
def test_no_name_of_a_run_is_cut_off_or_the_same_as_another(browser: Browser, page: Path, width: int) -> None:
    figures = open_page(browser, page, width).page.evaluate(LABELS)
    assert len(figures) > 10
    assert [(name, outside) for name, outside, _ in figures if outside] == []
    rows = [names for name, _, names in figures if "scorecard" in name]
    assert [len(set(names)) for names in rows] == [20]


@pytest.mark.parametrize("width", [390, 1440])
def test_no_title_of_a_panel_runs_into_another(browser: Browser, page: Path, width: int) -> None:
    opened = open_page(browser, page, width).page
    assert opened.evaluate("document.querySelectorAll('text.annotation-text').length") > 50
    assert opened.evaluate(COVERED) == []
