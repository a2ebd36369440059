"""Time how a report's page opens: python -m benchmarks.opening PAGE ..., in an environment with playwright.

Headless Chromium, 1440 x 900, no network, a new context each time; milliseconds since it was asked for.
"""

import shutil
import statistics
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from playwright.sync_api import Browser, sync_playwright

from reports.render.page import PLOTLY

PATIENCE_MS = 120_000
# What is there, as a condition of JavaScript.
CONDITIONS = {
    "the screen's figures drawn": """[...document.querySelectorAll(".plot")].every((plot) =>
        plot.getClientRects().length === 0 || plot.getBoundingClientRect().top > innerHeight
        || plot.matches(".js-plotly-plot"))""",
    "latents listed": "document.documentElement.matches('[data-latents]')",
    "all figures drawn": "document.documentElement.matches('[data-drawn]')",
}
TIMES = """({
  "first paint": performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0,
  "page read": performance.getEntriesByType("navigation")[0].loadEventEnd,
})"""


def open_once(browser: Browser, page_file: Path) -> dict[str, float]:
    """Open the page and return the times, by what was there."""
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(page_file.absolute().as_uri())
    times = {}
    for name, condition in CONDITIONS.items():
        times[name] = page.wait_for_function(f"() => {condition} && performance.now()").json_value()
    times = page.evaluate(TIMES) | times
    context.close()
    return times


def write_empty(directory: Path) -> Path:
    """Write a page that holds plotly.js and nothing else."""
    source = (files("reports") / "static" / PLOTLY).read_text(encoding="utf-8")
    path = directory / "empty.html"
    path.write_text(f"<!doctype html><meta charset=utf-8><script>{source}</script>", encoding="utf-8")
    return path


def open_empty(browser: Browser, page_file: Path) -> float:
    """Open a page and return when it was read, in milliseconds."""
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(page_file.as_uri())
    read: float = page.evaluate(TIMES)["page read"]
    context.close()
    return read


@click.command()
@click.argument(
    "pages", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(min=1))
def main(pages: tuple[Path, ...], rounds: int) -> None:
    """Print the median of each time and its ratio to an empty page with plotly.js, the least and the most.

    Several pages are opened in turn, so that they share whatever else the machine does.
    """
    empties: list[float] = []
    found: dict[Path, list[dict[str, float]]] = {page: [] for page in pages}
    with sync_playwright() as playwright, TemporaryDirectory() as directory:
        empty = write_empty(Path(directory))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for number in range(rounds + 1):
            empty_ms = open_empty(browser, empty)
            times = {page: open_once(browser, page) for page in pages}
            # The first round warms up.
            if number:
                empties.append(empty_ms)
                for page in pages:
                    found[page].append(times[page])
        browser.close()
    base = statistics.median(empties)
    print(f"{base:6.0f} ms         an empty page with plotly.js ({min(empties):.0f} to {max(empties):.0f})")
    for page in pages:
        print(page)
        for name in found[page][0]:
            each = [times[name] for times in found[page]]
            middle = statistics.median(each)
            print(f"{middle:6.0f} ms  {middle / base:5.2f}  {name} ({min(each):.0f} to {max(each):.0f})")


if __name__ == "__main__":
    main()
