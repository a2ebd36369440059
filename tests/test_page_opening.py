"""The page while it opens: there to read at once, near figures first, and nothing moves or loses a click."""

from pathlib import Path

import pytest
from opened_page import LATENTS_READY, NEVER_IDLE, READY, open_page
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

# Far down, and of the scorer that is not shown first.
FAR = "#exhibit-recall_by_quantile-2-fuzz"

WATCH = """
window.seen = { moved: [], papers: [], drawn: [], plotly: null };
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    seen.moved.push([value, ...sources.map(({ node }) => node?.id || node?.nodeName)]);
  }
}).observe({ type: "layout-shift", buffered: true });
new MutationObserver((records) => {
  for (const { target } of records) {
    const isDrawn = target.matches(".plot.js-plotly-plot") && !seen.drawn.includes(target.id);
    if (isDrawn) seen.drawn.push(target.id);
  }
}).observe(document, { subtree: true, attributeFilter: ["class"] });
Object.defineProperty(window, "Plotly", { configurable: true, set(value) {
  seen.plotly = performance.now();
  Object.defineProperty(window, "Plotly", { value });
} });
(function look() {
  const paper = document.body && getComputedStyle(document.body).backgroundColor;
  if (paper && !seen.papers.includes(paper)) seen.papers.push(paper);
  requestAnimationFrame(look);
})();
"""


def watched(context: BrowserContext, path: Path, fragment: str = "") -> Page:
    """Open a page that notes what happens while it opens, and wait until all of it is there."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(path.as_uri() + fragment)
    page.wait_for_selector(READY, state="attached")
    return page


@pytest.mark.parametrize(("width", "fragment"), [(390, "#compare"), (1440, "#latents"), (1440, FAR)])
def test_nothing_moves_and_an_address_leads_to_its_place(
    browser: Browser, demo_page: Path, width: int, fragment: str
) -> None:
    context = browser.new_context(offline=True, viewport={"width": width, "height": 900})
    page = watched(context, demo_page, fragment)
    assert page.evaluate("seen.moved") == []
    top = page.locator(fragment or "body").evaluate("place => place.getBoundingClientRect().top")
    assert -1 <= top <= 40
    context.close()


def test_figures_have_their_height_before_they_are_drawn(browser: Browser, demo_page: Path) -> None:
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(demo_page.as_uri())
    boxes = "plots => plots.map(plot => [plot.id, plot.offsetHeight])"
    before = dict(page.locator(".plot").evaluate_all(boxes))
    drawn = open_page(browser, demo_page, width=1280).page
    after = dict(drawn.locator(".plot:visible").evaluate_all(boxes))
    assert after == {plot: before[plot] for plot in after}
    heights = drawn.locator(".plot:visible").evaluate_all(
        "plots => plots.map(plot => [plot.id, plot.layout.height])"
    )
    assert dict(heights) == after


def test_the_page_is_read_in_its_theme_before_plotly_js_starts_and_nothing_moves(
    browser: Browser, demo_page: Path
) -> None:
    narrow = ViewportSize(width=390, height=900)
    page = watched(browser.new_context(offline=True, color_scheme="dark", viewport=narrow), demo_page)
    assert page.evaluate("seen.moved") == []
    assert page.evaluate("seen.papers") == ["rgb(20, 24, 29)"]
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    assert painted < page.evaluate("seen.plotly")


def test_what_is_near_is_drawn_first_and_all_is_drawn(browser: Browser, demo_page: Path) -> None:
    page = watched(browser.new_context(offline=True), demo_page, FAR)
    drawn = page.evaluate("seen.drawn")
    assert drawn.index(f"{FAR[1:]}-plot") < len(drawn) / 3
    assert len(drawn) == len(set(drawn)) == page.locator(".plot:visible").count() > 10


def test_rows_that_come_into_view_stay_so_that_a_click_that_has_begun_is_kept(
    browser: Browser, demo_page: Path
) -> None:
    page = open_page(browser, demo_page, ready=LATENTS_READY, script=NEVER_IDLE).page
    page.evaluate(
        """() => {
          window.removed = 0;
          const rows = document.querySelector("#latent-table .tabulator-table");
          new MutationObserver((records) => {
            for (const { removedNodes } of records) removed += removedNodes.length;
          }).observe(rows, { childList: true });
        }"""
    )
    link = page.locator("a.latent-link").first
    link.evaluate("link => link.scrollIntoView({ block: 'center', behavior: 'instant' })")
    link.hover()
    page.mouse.down()
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    page.mouse.up()
    page.wait_for_selector("dialog[open]")
    assert page.evaluate("removed") == 0


def test_a_table_of_another_width_is_laid_out_again(browser: Browser, demo_page: Path) -> None:
    page = open_page(browser, demo_page, ready=LATENTS_READY, script=NEVER_IDLE).page
    for width in (1440, 700):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_function(
            """() => {
              const { right } = document.querySelector("#latent-table").getBoundingClientRect();
              const columns = [...document.querySelectorAll("#latent-table .tabulator-col")];
              return innerWidth < 900 || Math.abs(columns.at(-1).getBoundingClientRect().right - right) < 20;
            }"""
        )
