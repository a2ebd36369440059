"""The latent browser where it is hard: ten thousand latents, attacks, runs of different latents."""

import gzip
import json
import re
import shutil
from base64 import b64decode
from pathlib import Path
from time import sleep
from typing import Any

import plotly
import pytest
from accessible import serious
from many_latents import fill
from opened_page import LATENTS_READY, READY, build_page, open_page
from playwright.sync_api import Browser, Route, expect
from run_files import example, write_run

from loader.load import Settings, load
from reports.assemble.filled import Report
from reports.latents.browser import read_browser
from reports.render.page import write_page
from reports.style import looks_of
from reports.warehouse import open_warehouse

# A model's name has no slash.
NAMED_ATTACK = "<img src=x onerror='window.hacked = 1'>"
ATTACK = "<img src=x onerror='window.hacked = 1'></script><script>window.hacked = 1</script>"
N_MANY = 10_000


@pytest.fixture(scope="module")
def many_page(new_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("many")
    warehouse = Path(shutil.copy(new_warehouse, directory / "w.duckdb"))
    fill(warehouse, N_MANY)
    with open_warehouse(warehouse) as opened:
        looks = looks_of(opened.all_runs)
        # Without the other sections, whose figures are not what is tested here.
        report = Report("Many", "", [], [], looks, read_browser(opened, looks, n_carried=N_MANY))
    page = directory / "report.html"
    page.write_text(write_page(report), encoding="utf-8")
    return page


@pytest.fixture(scope="module")
def apart_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a report of two runs whose configs name different sparse models; every text is an attack."""
    root = tmp_path_factory.mktemp("apart")
    answers = [example(place % 2 == 0, place % 3 == 0, tokens=[ATTACK, "b"]) for place in range(12)]
    for name in ("one", "two"):
        write_run(
            root / "results" / name,
            {"fuzz": {"layers.1_latent3": answers}},
            {"layers.1_latent3": f"{name} {ATTACK}"},
            {"model": "subject", "sparse_model": name, "explainer_model": f"{name} {NAMED_ATTACK}"},
        )
    load(root / "w.duckdb", [root / "results"], Settings())
    return build_page(root / "w.duckdb", root / "out")


def packed(page: Path, name: str) -> Any:
    """Read a packed part of the page without a browser."""
    found = re.search(rf'<script type="text/plain" id="{name}">([^<]*)</script>', page.read_text())
    assert found is not None
    return json.loads(gzip.decompress(b64decode(found[1])))


def test_ten_thousand_latents_are_drawn_on_demand(browser: Browser, many_page: Path) -> None:
    opened = open_page(browser, many_page, ready=LATENTS_READY)
    page = opened.page
    expect(page.locator("#latent-count")).to_contain_text("10,000 of 10,000 latents")
    assert 5 < page.locator(".tabulator-row").count() < 60
    holder = page.locator(".tabulator-tableholder")
    for share in (0.25, 0.5, 0.75, 1):
        holder.evaluate(f"holder => {{ holder.scrollTop = {share} * holder.scrollHeight; }}")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        assert 5 < page.locator(".tabulator-row").count() < 60
    # By hookpoint, then index: the last hookpoint is layers.6.mlp, its last latent the largest 6 (mod 7).
    last = max(latent for latent in range(N_MANY) if latent % 7 == 6)
    expect(page.locator("a.latent-link").last).to_have_text(f"layers.6.mlp {last}")
    page.get_by_label("Search").fill("kind 9876 ")
    expect(page.locator("#latent-count")).to_contain_text(re.compile("^1 of 10,000"))
    page.locator("a.latent-link").click()
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog .example").count() == 4
    assert opened.complaints == []


def test_attacks_show_as_text_everywhere(browser: Browser, apart_page: Path) -> None:
    opened = open_page(browser, apart_page)
    page = opened.page
    table = page.locator("#latent-table")
    for name in ("one", "two"):
        assert f"{name} {ATTACK}" in table.inner_text()
        assert f"{name} {NAMED_ATTACK}" in page.locator("#compare-menus").inner_text()
    page.locator("a.latent-link").first.click()
    page.wait_for_selector("dialog[open]")
    assert f"one {ATTACK}" in page.locator("dialog .card").inner_text()
    assert page.locator("dialog .example mark").first.text_content() == ATTACK
    for menu in ("run", "scoreType"):
        page.locator(f"#latent-filters [name={menu}]").evaluate(
            "menu => { menu.selectedIndex = menu.length - 1; menu.dispatchEvent(new Event('change')); }"
        )
    page.evaluate("() => new Promise((done) => setTimeout(done, 100))")
    assert page.locator("main img, main script, dialog img, dialog script").count() == 0
    assert page.evaluate("window.hacked") is None
    assert opened.complaints == []


def test_runs_of_different_latents_are_kept_apart(browser: Browser, apart_page: Path) -> None:
    page = open_page(browser, apart_page, ready=LATENTS_READY).page
    assert page.locator("a.latent-link").all_inner_texts() == ["layers.1 3", "layers.1 3"]
    links = page.locator("a.latent-link").evaluate_all("links => links.map(link => link.hash)")
    assert links == ["#latent/layers.1/3/one", "#latent/layers.1/3/two"]
    page.locator("a.latent-link").last.click()
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog .card").count() == 1
    assert "two" in page.locator("dialog .card h4").inner_text()
    assert "different, or not known to be the same" in page.locator("#compare-summary").inner_text()
    assert not page.locator("#compare-plot").is_visible()


# The themes differ in their colours alone, and all tables and figures have the same.
@pytest.mark.parametrize(
    ("scheme", "only", "parts"),
    [
        ("light", None, ["body"]),
        (
            "dark",
            ["color-contrast"],
            ["header", "nav", "#headline", "#accuracy", "#quality", "#latents", "#compare"],
        ),
    ],
)
def test_axe_finds_nothing_serious(
    browser: Browser, demo_page: Path, scheme: str, only: list[str] | None, parts: list[str]
) -> None:
    page = open_page(browser, demo_page, color_scheme=scheme).page
    assert serious(page, *parts, only=only) == []
    page.get_by_label("Search").fill("nowheretobefound")
    page.locator("#compare-menus").get_by_label("Second run").select_option(index=0)
    assert serious(page, "#latents", "#compare", only=only) == []
    page.evaluate("location.hash = '#latent/layers.10.mlp/34'")
    page.wait_for_selector("dialog[open]")
    assert serious(page, "dialog", only=only) == []


def test_plotly_js_may_come_from_one_place_with_a_hash(
    browser: Browser, demo_warehouse: Path, tmp_path: Path
) -> None:
    path = build_page(demo_warehouse, tmp_path, "--plotlyjs", "cdn", "--examples", "3")
    text = path.read_text()
    version = plotly.offline.get_plotlyjs_version()
    source = f"https://cdn.plot.ly/plotly-{version}.min.js"
    assert re.findall(r"https?://[^\s'\"]+", text[: text.index("</head>")]) == [source]
    context = browser.new_context()

    def answer(route: Route) -> None:
        # Late: the latents are there by then, and the comparison waits to be drawn.
        sleep(1)
        file = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
        assert route.request.url == source
        route.fulfill(path=file, headers={"Access-Control-Allow-Origin": "*"}, content_type="text/javascript")

    context.route(re.compile("^https:"), answer)
    page = context.new_page()
    page.goto(path.as_uri())
    page.wait_for_selector(READY, state="attached")
    assert page.locator(".plot .main-svg").count() > 0
    assert page.locator("#compare-plot .main-svg").count() > 0
    offline = open_page(browser, path)
    assert offline.page.locator("#plotly-source").count() == 0
    assert "plotly.js could not be fetched" in (offline.page.locator(".plot").first.text_content() or "")
    assert offline.page.locator("a.latent-link").count() > 0
    assert [said for said in offline.complaints if "ERR_" not in said] == []
    examples = [latent["examples"] for latent in packed(path, "latent-examples-0")]
    assert {len(listed) for listed in examples} == {3}


def test_the_demos_page_is_small_and_the_same_again(
    demo_page: Path, demo_warehouse: Path, tmp_path: Path
) -> None:
    content = demo_page.read_bytes()
    assert len(content) < 12e6
    assert build_page(demo_warehouse, tmp_path).read_bytes() == content
