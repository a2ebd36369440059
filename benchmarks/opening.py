"""Time how a report's page opens: python -m benchmarks.opening PAGE, in an environment with playwright.

Headless Chromium, 1440 x 900, no network, a new context each time; milliseconds since it was asked for.
"""

import shutil
import statistics
from pathlib import Path

import click
from playwright.sync_api import Browser, sync_playwright

# What is there, as a condition of JavaScript.
CONDITIONS = {
    "the screen's figures drawn": """[...document.querySelectorAll(".plot")].every((plot) =>
        plot.getBoundingClientRect().top > innerHeight || plot.matches(".js-plotly-plot"))""",
    "latents listed": "document.documentElement.matches('[data-latents]')",
    "all figures drawn": "document.documentElement.matches('[data-drawn]')",
}
TIMES = """({
  "first paint": performance.getEntriesByName("first-contentful-paint")[0].startTime,
  "page read": performance.getEntriesByType("navigation")[0].loadEventEnd,
})"""


def open_once(browser: Browser, page_file: Path) -> dict[str, float]:
    """Open the page and return the times, by what was there."""
    context = browser.new_context(offline=True, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(page_file.absolute().as_uri())
    times = {}
    for name, condition in CONDITIONS.items():
        times[name] = page.wait_for_function(f"() => {condition} && performance.now()").json_value()
    times = page.evaluate(TIMES) | times
    context.close()
    return times


@click.command()
@click.argument("page", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rounds", default=7, show_default=True, type=click.IntRange(min=1))
def main(page: Path, rounds: int) -> None:
    """Print the median of each time, and the least and the most."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        open_once(browser, page)
        found = [open_once(browser, page) for _ in range(rounds)]
        browser.close()
    for name in found[0]:
        times = [times[name] for times in found]
        print(f"{statistics.median(times):6.0f} ms  {name} ({min(times):.0f} to {max(times):.0f})")


if __name__ == "__main__":
    main()
