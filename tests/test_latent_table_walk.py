"""The table of latents after any sequence of its controls: every cell that is shown is what SQL gives."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import duckdb
import pytest
from opened_page import LATENTS_READY, NEVER_IDLE, open_page, wait_until
from playwright.sync_api import Browser, Page, expect

MEASURES = {"Accuracy": "accuracy", "F1": "f1", "Recall": "recall", "Balanced accuracy": "balanced_accuracy"}
# What each ready order sorts by.
ORDERS = {
    "By a column": None,
    "Where runs disagree most": "Spread",
    "Often firing, badly explained": "Firings missed",
}
HOOKPOINTS = ["All hookpoints", "layers.1.mlp", "layers.4.mlp", "layers.7.mlp", "layers.10.mlp"]
SEARCHES = ["", "weather", "layers.7", "words related", "4", "nowheretobefound"]
DASH = "\N{EN DASH}"
# The runs' menu twice, since what is under a heading depends on it.
CONTROLS = [
    "run", "run", "score type", "measure", "hookpoint", "search", "least", "failed", "order", "sort", "reset",
]  # fmt: skip
N_STEPS = 5

COLUMNS = "#latent-table .tabulator-col"
# What the table shows, read at one moment.
READ_TABLE = """() => ({
    headings: [...document.querySelectorAll(".tabulator-col")].map((heading) => heading.innerText.trim()),
    cut: [...document.querySelectorAll(".tabulator-col-content")]
        .filter((content) => content.offsetHeight > content.parentElement.offsetHeight)
        .map((content) => content.innerText),
    sorted: [...document.querySelectorAll(".tabulator-col")].map((heading) => heading.ariaSort),
    rows: [...document.querySelectorAll("#latent-table .tabulator-row")].map((row) =>
        [...row.querySelectorAll(".tabulator-cell")].map((cell) => cell.innerText.trim())),
})"""


class Latent(NamedTuple):
    """Hold what SQL says of a latent: values by (run, score type, measure), explanations and failures."""

    hookpoint: str
    idx: int
    values: dict[tuple[str, str, str], float | None]
    n_failed: dict[tuple[str, str], int]
    explanations: dict[str, str]
    firing: int

    @property
    def name(self) -> str:
        return f"{self.hookpoint} {self.idx}"


def half_up(value: float, step: str) -> str:
    """Write a number as a browser rounds it: up from the middle."""
    return f"{Decimal(value).quantize(Decimal(step), ROUND_HALF_UP):,}"


class Controls:
    """The state that the table's controls should be in, and what it should then show."""

    def __init__(self, latents: list[Latent], runs: list[str], score_types: list[str]) -> None:
        self.latents = latents
        self.runs = runs
        self.score_types = score_types
        self.reset()

    def reset(self) -> None:
        self.run, self.score_type, self.measure = "All runs", self.score_types[0], "Accuracy"
        self.hookpoint, self.search, self.least, self.failed = "All hookpoints", "", "", False
        self.order = "By a column"

    def columns(self) -> list[tuple[str, str]]:
        """Return the run and score type of each score column."""
        if self.run == "All runs":
            return [(run, self.score_type) for run in self.runs]
        return [(self.run, score_type) for score_type in self.score_types]

    def headings(self) -> list[str]:
        every = self.run == "All runs"
        scores = self.runs if every else self.score_types
        explained = "Best explanation" if every else "Explanation"
        ready = [ORDERS[self.order]] if ORDERS[self.order] else []
        return ["Latent", explained, *filter(None, ready), *scores, "Firing count", "Failed"]

    def cells(self, latent: Latent) -> list[str]:
        """Return the row that a latent should have."""
        scores = [
            latent.values[run, score_type, MEASURES[self.measure]] for run, score_type in self.columns()
        ]
        n_failed = sum(latent.n_failed[column] for column in self.columns())
        return [
            latent.name,
            self._explanation(latent),
            *self._ready(latent, [value for value in scores if value is not None]),
            *(DASH if value is None else half_up(value, "0.001") for value in scores),
            f"{latent.firing:,}",
            f"{n_failed:,}",
        ]

    def matching(self) -> list[Latent]:
        return [latent for latent in self.latents if self._matches(latent)]

    def _explanation(self, latent: Latent) -> str:
        if self.run != "All runs":
            return latent.explanations[self.run]
        values = [latent.values[run, self.score_type, MEASURES[self.measure]] for run in self.runs]
        worth = [-1.0 if value is None else value for value in values]
        # index finds the first of equals, which the page takes too.
        return latent.explanations[self.runs[worth.index(max(worth))]]

    def _ready(self, latent: Latent, values: list[float]) -> list[str]:
        """Return the cell of the ready order, of values as the page has them: in millionths."""
        values = [round(value * 1e6) / 1e6 for value in values]
        match ORDERS[self.order]:
            case "Spread":
                return [half_up(max(values) - min(values), "0.001") if len(values) > 1 else DASH]
            case "Firings missed":
                return [half_up(latent.firing * min(1 - value for value in values), "1") if values else DASH]
        return []

    def _matches(self, latent: Latent) -> bool:
        runs = self.runs if self.run == "All runs" else [self.run]
        values = [latent.values[run, kind, MEASURES[self.measure]] for run, kind in self.columns()]
        words = self.search.lower().split()
        texts = [
            f"{latent.name} {text}".lower() for text in ["", *(latent.explanations[run] for run in runs)]
        ]
        return (
            self.hookpoint in ("All hookpoints", latent.hookpoint)
            and (not self.failed or sum(latent.n_failed[column] for column in self.columns()) > 0)
            and (not self.least or any(value is not None and value >= float(self.least) for value in values))
            and any(all(word in text for word in words) for text in texts)
        )


@pytest.fixture
def page(browser: Browser, demo_page: Path) -> Iterator[Page]:
    """Open the page; in the end it must have complained of nothing."""
    opened = open_page(browser, demo_page, ready=LATENTS_READY, script=NEVER_IDLE)
    yield opened.page
    opened.page.context.close()
    assert opened.complaints == []


@pytest.fixture
def controls(demo: duckdb.DuckDBPyConnection) -> Controls:
    """Ask SQL for every value that the table may show."""
    found: dict[tuple[str, int], Latent] = {}
    rows = demo.execute(
        f"""
        select
            m.hookpoint,
            m.latent_idx,
            m.run_label,
            m.score_type,
            e.explanation,
            f.firing_count,
            m.n_failed,
            {", ".join(f"m.{column}" for column in MEASURES.values())}
        from latent_metrics m
        join explanations e using (run_id, hookpoint, latent_idx)
        join firing_counts f using (run_id, hookpoint, latent_idx)
        """
    ).fetchall()
    for hookpoint, idx, run, score_type, explanation, firing, n_failed, *values in rows:
        latent = found.setdefault((hookpoint, idx), Latent(hookpoint, idx, {}, {}, {}, firing))
        latent.explanations[run] = explanation
        latent.n_failed[run, score_type] = n_failed
        for measure, value in zip(MEASURES.values(), values, strict=True):
            latent.values[run, score_type, measure] = value
    runs = sorted({row[2] for row in rows})
    return Controls(list(found.values()), runs, sorted({row[3] for row in rows}))


def step(random: Random, page: Page, controls: Controls) -> str:
    """Use one control; return what was done."""
    form = page.locator("#latent-filters")
    match random.choice(CONTROLS):
        case "run":
            controls.run = random.choice(["All runs", *controls.runs])
            form.get_by_label("Run").select_option(label=controls.run)
        case "score type" if controls.run == "All runs":
            controls.score_type = random.choice(controls.score_types)
            form.get_by_label("Score type").select_option(label=controls.score_type)
        case "measure":
            controls.measure = random.choice(list(MEASURES))
            form.get_by_label("Measure").select_option(label=controls.measure)
        case "hookpoint":
            controls.hookpoint = random.choice(HOOKPOINTS)
            form.get_by_label("Hookpoint").select_option(label=controls.hookpoint)
        case "search":
            controls.search = random.choice(SEARCHES)
            form.get_by_label("Search").fill(controls.search)
        case "least":
            controls.least = random.choice(["", "0.5", "0.7", "0.9"])
            form.get_by_label("At least").fill(controls.least)
        case "failed":
            controls.failed = random.random() < 0.5
            form.get_by_label("With failures").set_checked(controls.failed)
        case "order":
            controls.order = random.choice(list(ORDERS))
            form.get_by_label("Order").select_option(label=controls.order)
        case "reset":
            controls.reset()
            form.get_by_role("button", name="Clear").click()
        case _:
            headings = page.locator(f"{COLUMNS} button")
            headings.nth(random.randrange(len(controls.headings()))).click()
    return repr({name: value for name, value in vars(controls).items() if isinstance(value, str | bool)})


def check(page: Page, controls: Controls, done: list[str]) -> None:
    """Compare what the table shows with what SQL says that it should."""
    matching = {latent.name: latent for latent in controls.matching()}
    # What was chosen last is on the page once its headings and its number of latents are.
    expect(page.locator("#latent-count")).to_contain_text(
        f"{len(matching):,} of {len(controls.latents)} latents"
    )
    expect(page.locator("#latent-count")).to_contain_text(controls.measure)
    expect(page.locator(COLUMNS)).to_have_text(controls.headings())
    wanted: dict[str, list[str]] = {name: controls.cells(latent) for name, latent in matching.items()}
    shown: Any = None

    def is_drawn() -> bool:
        nonlocal shown
        shown = page.evaluate(READ_TABLE)
        are_right = all(row == wanted.get(row[0]) for row in shown["rows"])
        return shown["cut"] == [] and (not matching or bool(shown["rows"] and are_right))

    # Rows are on their way from the choice before.
    wait_until(page, is_drawn)
    assert shown["headings"] == controls.headings(), done
    assert bool(shown["rows"]) == bool(matching), done
    assert shown["cut"] == [], done
    for row in shown["rows"]:
        assert row == wanted.get(row[0]), done
    for at, direction in enumerate(shown["sorted"]):
        if at >= 2 and direction in ("ascending", "descending"):
            numbers = [float(row[at].replace(",", "")) for row in shown["rows"] if row[at] != DASH]
            assert numbers == sorted(numbers, reverse=direction == "descending"), done


def walk(page: Page, controls: Controls, seed: int) -> None:
    random = Random(seed)
    done: list[str] = []
    for _ in range(N_STEPS):
        done.append(step(random, page, controls))
        # Now and then the next choice comes before the table has followed the last.
        if random.random() < 0.8:
            check(page, controls, done)
    check(page, controls, done)


def test_any_sequence_of_choices_shows_what_sql_gives(page: Page, controls: Controls) -> None:
    for seed in range(12):
        walk(page, controls, seed)


@pytest.mark.soak
def test_two_hundred_sequences_of_choices_show_what_sql_gives(page: Page, controls: Controls) -> None:
    for seed in range(200):
        walk(page, controls, 1000 + seed)


@pytest.mark.parametrize("order", [order for order, heading in ORDERS.items() if heading])
def test_a_ready_order_begins_with_the_latent_that_it_is_about(
    page: Page, controls: Controls, order: str
) -> None:
    controls.order = order
    page.locator("#latent-filters").get_by_label("Order").select_option(label=order)
    check(page, controls, [order])
    shown = page.evaluate(READ_TABLE)
    at = controls.headings().index(ORDERS[order] or "")
    assert shown["sorted"][at] == "descending"
    most = max(float(controls.cells(latent)[at].replace(",", "")) for latent in controls.latents)
    assert float(shown["rows"][0][at].replace(",", "")) == most


def test_all_runs_after_one_run_shows_each_run_under_its_own_name(page: Page, controls: Controls) -> None:
    for run in ("Gemma-3-4B-IT", "All runs"):
        controls.run = run
        page.locator("#latent-filters").get_by_label("Run").select_option(label=run)
        check(page, controls, [run])
