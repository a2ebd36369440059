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
