"""The page's state in its address: a copy of it opens the same page, Back and Forward lead through it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from opened_page import LATENTS_READY, READY, Opened, open_page, wait_until
from playwright.sync_api import Browser, Page

# All that a reader can set, as it stands on the page, and what it makes of the latents and the two runs.
STATE = """() => {
  const places = "#scorers input, #latent-filters [name], #compare-menus [name], [data-part=which]";
  const controls = [...document.querySelectorAll(places)];
  const view = document.getElementById("latent-view");
  const shown = ({ type, checked, value, selectedOptions }) =>
    ["radio", "checkbox"].includes(type) ? checked : selectedOptions ? selectedOptions[0].textContent : value;
  return {
    controls: controls.map((control) => [control.name || control.dataset.part, shown(control)]),
    theme: document.documentElement.dataset.theme,
    scorer: [...document.querySelectorAll("article[data-scorer]:not([hidden])")].map(({ id }) => id),
    sorted: [...document.querySelectorAll(".tabulator-col")].map((one) => [one.innerText, one.ariaSort]),
    count: document.getElementById("latent-count").textContent,
    first: document.querySelector("#latent-table a.latent-link")?.textContent ?? "",
    pair: document.getElementById("compare-summary").textContent,
    latent: view.open && view.querySelector("h2").textContent,
  };
}"""

FILTERS = "#latent-filters"
PAIR = "#compare-menus"


def choose_another(page: Page, name: str) -> None:
    """Choose a run that neither menu of the pair has."""
    chosen = [page.locator(f"{PAIR} [name={menu}]").input_value() for menu in ("first", "second")]
    index = next(index for index in range(3) if str(index) not in chosen)
    page.locator(f"{PAIR} [name={name}]").select_option(value=str(index))


# Each changes what the page shows, given what those before it have set.
FIRING = "#latent-table button:text('Firing count')"
STEPS: list[tuple[str, Callable[[Page], Any]]] = [
    ("scorer", lambda page: page.get_by_label("fuzz", exact=True).check()),
    ("theme", lambda page: page.get_by_role("button", name="Switch between light and dark theme").click()),
    ("sort", lambda page: page.locator(FIRING).click()),
    ("other way", lambda page: page.locator(FIRING).click()),
    ("score type", lambda page: page.locator(f"{FILTERS} [name=scoreType]").select_option(label="fuzz")),
    ("measure", lambda page: page.locator(f"{FILTERS} [name=measure]").select_option(label="F1")),
    ("run", lambda page: page.locator(f"{FILTERS} [name=run]").select_option(index=2)),
    ("sort by scores", lambda page: page.locator("#latent-table").get_by_role("button", name="fuzz").click()),
    ("hookpoint", lambda page: page.locator(f"{FILTERS} [name=hookpoint]").select_option(index=2)),
    ("at least", lambda page: page.locator(f"{FILTERS} [name=from]").fill("0.3")),
    ("at most", lambda page: page.locator(f"{FILTERS} [name=to]").fill("0.9")),
    ("failures", lambda page: page.locator(f"{FILTERS} [name=failed]").check()),
    ("words", lambda page: page.locator(f"{FILTERS} [name=search]").press_sequentially("words")),
    ("first run", lambda page: choose_another(page, "first")),
    ("second run", lambda page: choose_another(page, "second")),
    ("swap", lambda page: page.get_by_role("button", name="Swap the two runs").click()),
    ("score type of two", lambda page: page.locator(f"{PAIR} [name=scoreType]").select_option(label="fuzz")),
    ("measure of two", lambda page: page.locator(f"{PAIR} [name=measure]").select_option(label="Recall")),
    ("contents", lambda page: page.locator("nav a[href='#latents']").click()),
    ("latent", lambda page: page.locator("#latent-table a.latent-link").first.click()),
    ("examples", lambda page: page.locator("[data-part=which]").select_option("wrong")),
]  # fmt: skip


def settled(page: Page) -> dict[str, Any]:
    """Read the state once the page has stopped changing it."""
    states = [page.evaluate(STATE)]

    def is_same() -> bool:
        page.wait_for_selector(READY, state="attached")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        states.append(page.evaluate(STATE))
        return states[-1] == states[-2]

    assert wait_until(page, is_same)
    return states[-1]


def becomes(page: Page, state: dict[str, Any]) -> bool:
    """Wait for a state."""
    return wait_until(page, lambda: page.evaluate(STATE) == state)


@pytest.fixture(scope="module")
def walked(browser: Browser, demo_page: Path) -> tuple[Opened, list[dict[str, Any]], list[str]]:
    """Set one control after the other; give the page, and its state and address at first and after each."""
    opened = open_page(browser, demo_page)
    page = opened.page
    states, addresses = [settled(page)], [page.url]
    for name, step in STEPS:
        step(page)
        assert wait_until(page, lambda before=addresses[-1]: page.url != before), name  # type: ignore[misc]
        states.append(settled(page))
        if name != "contents":
            assert states[-1] != states[-2], name
        addresses.append(page.url)
    return opened, states, addresses


def test_an_address_opens_the_page_as_it_was(
    browser: Browser, walked: tuple[Opened, list[dict[str, Any]], list[str]], demo_page: Path
) -> None:
    _, states, addresses = walked
    for at in (len(STEPS), 8):
        copied = addresses[at].removeprefix(demo_page.as_uri())
        assert becomes(open_page(browser, demo_page, fragment=copied).page, states[at]), copied


def test_back_and_forward_lead_through_what_was_set(
    walked: tuple[Opened, list[dict[str, Any]], list[str]],
) -> None:
    opened, states, addresses = walked
    page = opened.page
    for at in [*range(len(STEPS) - 1, -1, -1), *range(1, len(STEPS) + 1)]:
        forward = page.url == addresses[at - 1]
        page.go_forward() if forward else page.go_back()
        assert becomes(page, states[at]), addresses[at]
        assert page.url == addresses[at]
    assert opened.complaints == []


def test_clearing_the_filters_leaves_nothing_of_them_in_the_address(
    browser: Browser, demo_page: Path
) -> None:
    page = open_page(browser, demo_page, fragment="?latents.run=gone&latents.search=words").page
    page.locator("#address-missing").wait_for()
    assert page.locator(f"{FILTERS} [name=search]").input_value() == "words"
    page.get_by_role("button", name="Clear").click()
    assert wait_until(page, lambda: page.url == demo_page.as_uri())


def test_every_heading_has_a_link_to_itself(browser: Browser, demo_page: Path) -> None:
    page = open_page(browser, demo_page, ready=LATENTS_READY).page
    targets = page.locator(".permalink").evaluate_all(
        "links => links.map((link) => [link.hash.slice(1), link.ariaLabel,"
        " document.getElementById(link.hash.slice(1)).querySelector('h2, h3').textContent])"
    )
    headed = page.locator("main :is(section, article):has(h2, h3)").evaluate_all(
        "all => all.map(({ id }) => id)"
    )
    assert [target for target, _, _ in targets] == headed
    assert all(label == f"Link to {heading}" for _, label, heading in targets)
    link = page.locator(".permalink:visible").nth(3)
    link.focus()
    assert wait_until(page, lambda: link.evaluate("link => getComputedStyle(link).opacity") == "1")
    link.press("Enter")
    assert wait_until(page, lambda: page.url.endswith(link.get_attribute("href") or "nowhere"))


def test_a_scorer_is_not_undone_by_the_place_of_another(browser: Browser, demo_page: Path) -> None:
    page = open_page(browser, demo_page, fragment="#exhibit-recall_by_quantile-2-fuzz").page
    assert "scorer=fuzz" in page.url
    page.get_by_label("detection", exact=True).check()
    state = settled(page)
    copied = page.url.removeprefix(demo_page.as_uri())
    assert becomes(open_page(browser, demo_page, fragment=copied).page, state)
