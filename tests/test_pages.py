"""The page in a real browser, from a file, the network off: drawn, quiet, sortable, in two themes, safe."""

from io import BytesIO
from pathlib import Path

import pytest
from opened_page import LATENTS_READY, NEVER_IDLE, READY, Opened, build_page, open_page, wait_until
from playwright.sync_api import Browser, Locator, Page
from pypdf import PdfReader
from run_files import example, write_run

from loader.load import Settings, load

PAYLOADS = [
    "<script>window.hacked = 1</script>",
    "<img src=x onerror='window.hacked = 1'>",
    "</script><script>window.hacked = 1</script>",
    "<a href='javascript:window.hacked = 1'>link</a>",
    "{{ 7 * 7 }} ${window.hacked = 1} %{customdata}",
]
FUZZ_BARS = "#exhibit-accuracy_bar-2-fuzz"
STATS = {"total_time": 3.5, "prompt_tokens": 9, "completion_tokens": 1, "count": 3}


def as_name(payload: str) -> str:
    """Make an attack that can be a file's name."""
    return payload.replace("/", "\N{DIVISION SLASH}")


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a report in which every name that a results directory can give is an attack."""
    root = tmp_path_factory.mktemp("hostile")
    answers = [example(place % 2 == 0, place % 3 == 0) for place in range(12)]
    for place, payload in enumerate(PAYLOADS):
        name = as_name(payload)
        write_run(
            root / "results" / f"{place} {name}",
            {
                name: {f"{name}_latent{latent}": answers for latent in range(3)},
                "fuzz": {f"{name}_latent9": "{"},
            },
            {f"{name}_latent0": payload},
            {"explainer_model": name, "model": payload},
            explainer_stats={payload: STATS},
        )
    load(root / "w.duckdb", [root / "results"], Settings())
    return build_page(root / "w.duckdb", root / "out")


@pytest.fixture(scope="module")
def demo_opened(browser: Browser, demo_page: Path) -> Opened:
    return open_page(browser, demo_page)


def test_every_figure_is_drawn_and_nothing_complains(demo_opened: Opened) -> None:
    plots = demo_opened.page.locator(".plot:visible")
    assert plots.count() >= 10
    for place in range(plots.count()):
        assert plots.nth(place).locator("svg.main-svg").count() > 0
    assert demo_opened.complaints == []


def test_the_page_asks_for_nothing_but_itself(demo_opened: Opened, demo_page: Path) -> None:
    assert [url for url in demo_opened.requests if not url.startswith(("data:", "blob:"))] == [
        demo_page.as_uri()[:60]
    ]


def test_bars_print_the_original_accuracies(browser: Browser, demo_page: Path) -> None:
    article = open_page(browser, demo_page, fragment=FUZZ_BARS).page.locator(FUZZ_BARS)
    printed = article.locator(".scatterlayer .textpoint").all_text_contents()
    assert printed == ["0.637", "0.636", "0.620", "0.561", "0.501"]


def numbers(table: Locator, column: int) -> list[float]:
    """Give a column's values, without the intervals below them."""
    return [
        float(text.split()[0]) for text in table.locator(f"tbody td:nth-child({column})").all_inner_texts()
    ]


def test_a_table_sorts_by_number_with_the_keyboard_too(browser: Browser, demo_page: Path) -> None:
    page = open_page(browser, demo_page, ready=LATENTS_READY, script=NEVER_IDLE).page
    table = page.locator("table", has=page.get_by_role("button", name="Precision")).first
    heading = table.get_by_role("button", name="Precision")
    heading.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("th[aria-sort='descending']")
    column = sorted(numbers(table, 6), reverse=True)
    assert wait_until(page, lambda: numbers(table, 6) == column)
    heading.click()
    page.wait_for_selector("th[aria-sort='ascending']")
    assert wait_until(page, lambda: numbers(table, 6) == column[::-1])


def paper(page: Page) -> list[str]:
    """Give the colours of the page and of its first figure, once no figure waits to be drawn."""
    page.wait_for_selector(READY, state="attached")
    return page.evaluate(
        "[getComputedStyle(document.body).backgroundColor,"
        " document.querySelector('.plot .main-svg').style.background]"
    )


def test_plots_follow_the_theme_and_the_choice_is_kept(browser: Browser, demo_page: Path) -> None:
    opened = open_page(browser, demo_page, color_scheme="dark")
    page = opened.page
    dark = paper(page)
    assert dark[0] == dark[1] == "rgb(20, 24, 29)"
    page.get_by_role("button", name="Switch between light and dark theme").click()
    light = paper(page)
    assert light[0] == light[1] == "rgb(255, 255, 255)"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert opened.complaints == []


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_screen(browser: Browser, demo_page: Path, width: int) -> None:
    page = open_page(browser, demo_page, width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_contents_lead_to_every_section(demo_opened: Opened) -> None:
    page = demo_opened.page
    targets = page.locator("nav a").evaluate_all("links => links.map(link => link.hash)")
    assert len(targets) == page.locator("main section").count()
    assert all(page.locator(target).count() == 1 for target in targets)
    ids = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(ids) == len(set(ids))


def test_every_exhibit_names_its_view_and_its_query(demo_opened: Opened) -> None:
    articles = demo_opened.page.locator("article")
    for place in range(articles.count()):
        article = articles.nth(place)
        view = article.locator(".view code").text_content() or "no view"
        assert view in (article.locator("pre").text_content() or "")
        assert len(article.locator(".caption").text_content() or "") > 20


def shown_scorers(page: Page) -> set[str]:
    """Give the score types that the titles of the exhibits in sight name."""
    titles = page.locator("article[data-scorer]:visible h3").all_inner_texts()
    return {scorer for title in titles for scorer in ("detection", "fuzz") if title.endswith(scorer)}


def test_one_scorer_is_shown_at_a_time_and_every_figure_of_it(browser: Browser, demo_page: Path) -> None:
    opened = open_page(browser, demo_page)
    page = opened.page
    assert shown_scorers(page) == {"detection"}
    n_hidden = page.locator(".plot:not(:visible)").count()
    assert n_hidden == page.locator("article[data-scorer]:visible .plot").count() > 5
    page.get_by_role("radio", name="fuzz").check()
    assert shown_scorers(page) == {"fuzz"}
    page.wait_for_selector(READY, state="attached")
    sizes = page.locator(".plot:visible").evaluate_all(
        "plots => plots.map(plot => [plot.clientWidth, plot.querySelector('svg.main-svg')?.clientWidth])"
    )
    assert all(drawn == there > 0 for there, drawn in sizes)
    assert opened.complaints == []


def test_an_address_of_another_scorers_exhibit_shows_that_scorer(browser: Browser, demo_page: Path) -> None:
    page = open_page(browser, demo_page, fragment=FUZZ_BARS).page
    assert shown_scorers(page) == {"fuzz"}
    assert page.get_by_role("radio", name="fuzz").is_checked()
    page.evaluate("location.hash = 'exhibit-accuracy_bar-1-detection'")
    page.wait_for_selector("#exhibit-accuracy_bar-1-detection", state="visible")
    assert shown_scorers(page) == {"detection"}


def test_without_scripts_every_scorer_is_there(browser: Browser, demo_page: Path) -> None:
    page = browser.new_context(offline=True, java_script_enabled=False).new_page()
    page.goto(demo_page.as_uri())
    assert shown_scorers(page) == {"detection", "fuzz"}


def test_the_page_is_short_enough_to_read(browser: Browser, demo_page: Path) -> None:
    page = open_page(browser, demo_page).page
    assert page.evaluate("document.documentElement.scrollHeight") <= 15 * 900


def test_exhibits_stand_in_pairs_or_take_the_width(browser: Browser, demo_page: Path) -> None:
    page = open_page(browser, demo_page).page
    boxes = page.locator("article.half:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({ x, y }) => [x, y])"
    )
    assert len(boxes) >= 4
    for left, right in zip(boxes[::2], boxes[1::2], strict=True):
        assert left[0] < right[0]
        assert left[1] == right[1]


def test_attacks_show_as_text(browser: Browser, hostile_page: Path) -> None:
    opened = open_page(browser, hostile_page)
    page = opened.page
    page.wait_for_timeout(200)
    assert page.evaluate("window.hacked") is None
    assert opened.complaints == []
    assert page.locator("main img, main script").count() == 0
    links = page.locator("main a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    ids = page.locator("main [id]").evaluate_all("all => all.map(({ id }) => id)")
    assert all(link.startswith("#latent/") or link[1:] in ids for link in links)
    assert page.locator(".plot a").count() == page.locator(".plot .modebar a").count()
    shown = page.locator("main").inner_text()
    for payload in PAYLOADS:
        assert as_name(payload) in shown
    assert "<img src=x" in "".join(page.locator(".plot text").all_text_contents())


def test_nothing_is_wider_than_the_paper(browser: Browser, demo_page: Path) -> None:
    # A4 less its margins; where anything is wider, Chrome prints every page smaller.
    page = open_page(browser, demo_page, width=673).page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_function("() => document.querySelector('article[hidden]') === null")
    assert page.evaluate("document.documentElement.scrollWidth") <= 673


def test_tables_are_whole_on_paper(browser: Browser, demo_page: Path) -> None:
    """Also those that are folded on the screen, or scroll there."""
    page = open_page(browser, demo_page).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.wait_for_function("() => document.querySelector('article[hidden]') === null")
    n_rows, n_hidden, n_cut = page.evaluate(
        """() => {
            const rows = [...document.querySelectorAll("article tr")];
            const hidden = rows.filter((row) => row.getClientRects().length === 0);
            const tall = [...document.querySelectorAll(".tall")];
            const cut = tall.filter((box) => box.scrollHeight > box.clientHeight);
            return [rows.length, hidden.length, cut.length];
        }"""
    )
    assert n_rows > 200
    assert (n_hidden, n_cut) == (0, 0)


def test_it_prints_in_light_on_paper(browser: Browser, demo_page: Path) -> None:
    opened = open_page(browser, demo_page, color_scheme="dark")
    content = opened.page.pdf(format="A4", print_background=True)
    text = "".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages)
    assert "Accuracy under detection" in text
    assert "Accuracy under fuzz" in text
    # a table that is folded on the screen
    assert "Mean over score types" in text
    assert "Accuracy, strict" in text
    assert shown_scorers(opened.page) == {"detection"}
    assert opened.page.locator("details.rows[open]").count() == 0
    assert paper(opened.page)[1] == "rgb(20, 24, 29)"
    assert opened.complaints == []


def test_a_figure_is_as_wide_as_the_paper_whether_it_was_drawn_before(
    browser: Browser, demo_page: Path
) -> None:
    page = open_page(browser, demo_page).page
    # The first is drawn, that of another scorer is not.
    page.wait_for_function("() => document.querySelector('.plot .main-svg') !== null")
    n_drawn, n_all = page.evaluate(
        """async () => {
            const plots = [...document.querySelectorAll(".plot[id$=-plot]")];
            const nDrawn = plots.filter((plot) => plot.querySelector(".main-svg")).length;
            dispatchEvent(new Event("beforeprint"));
            await figures.printable;
            return [nDrawn, plots.length];
        }"""
    )
    assert 0 < n_drawn < n_all
    found = page.evaluate(
        """() => [...document.querySelectorAll(".plot[id$=-plot]")].map((plot) => {
            const { width, meta } = plot.layout;
            const drawn = Number(plot.querySelector(".main-svg").getAttribute("width"));
            return [width, drawn, Number(plot.style.zoom) * width, width >= meta.min_width];
        })"""
    )
    assert len(found) == n_all
    for width, drawn, on_paper, is_wide_enough in found:
        assert width == drawn
        assert abs(on_paper - 670) < 0.01
        assert is_wide_enough
