"""The latent browser and the comparison of two runs, driven in a real browser with the network off."""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import pytest
from opened_page import LATENTS_READY, NEVER_IDLE, READY, open_page
from playwright.sync_api import Browser, Page, TimeoutError, expect

N_EXAMPLES = 10
VERDICTS = {(True, True): "TP", (True, False): "FN", (False, True): "FP", (False, False): "TN"}


@pytest.fixture
def page(browser: Browser, demo_page: Path) -> Iterator[Page]:
    """Open the page; in the end it must have complained of nothing and asked for nothing."""
    opened = open_page(browser, demo_page, ready=LATENTS_READY, script=NEVER_IDLE)
    yield opened.page
    opened.page.context.close()
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(("file:", "data:", "blob:"))] == []


def expect_count(page: Page, count: int) -> None:
    expect(page.locator("#latent-count")).to_contain_text(re.compile(rf"^{count:,} of "))


def cells(page: Page, field: str) -> list[str]:
    """Read a column of the rows that are drawn, from the top; field: of the table, or a run's label."""
    heading = page.locator("#latent-table .tabulator-col").filter(has_text=field)
    if heading.count() == 1:
        field = heading.get_attribute("tabulator-field") or field
    return page.locator(f".tabulator-row [tabulator-field='{field}']").all_inner_texts()


def test_the_table_prints_what_the_view_holds(page: Page, demo: duckdb.DuckDBPyConnection) -> None:
    headings = page.locator("#latent-table .tabulator-col").all_inner_texts()
    runs = demo.execute("select run_label from runs order by run_label").fetchall()
    assert [heading.strip() for heading in headings] == [
        "Latent",
        "Best explanation",
        *(label for (label,) in runs),
        "Firing count",
        "Failed",
    ]
    rows = demo.execute(
        """
        select
            hookpoint || ' ' || latent_idx,
            list(format('{:.3f}', m.accuracy) order by run_label),
            arg_max(e.explanation, m.accuracy),
            format('{:,}', any_value(f.firing_count)),
            sum(m.n_failed)::varchar
        from latent_metrics m
        join explanations e using (run_id, hookpoint, latent_idx)
        join firing_counts f using (run_id, hookpoint, latent_idx)
        where m.score_type = 'detection' and hookpoint = 'layers.1.mlp'
        group by hookpoint, latent_idx
        order by latent_idx
        limit 5
        """
    ).fetchall()
    assert cells(page, "place")[:5] == [row[0] for row in rows]
    for at, (run,) in enumerate(runs):
        assert cells(page, run)[:5] == [row[1][at] for row in rows]
    assert cells(page, "explanation")[:5] == [row[2] for row in rows]
    assert cells(page, "firing")[:5] == [row[3] for row in rows]
    assert cells(page, "failed")[:5] == [row[4] for row in rows]


def test_search_looks_at_every_runs_explanation(page: Page, demo: duckdb.DuckDBPyConnection) -> None:
    page.get_by_label("Search").fill("Weather LAYERS.7")
    [(found,)] = demo.execute(
        "select count(distinct latent_idx) from explanations"
        " where hookpoint = 'layers.7.mlp' and contains(lower(explanation), 'weather')"
    ).fetchall()
    assert 0 < found < 156
    expect_count(page, found)
    page.get_by_label("Search").fill("nowheretobefound")
    expect_count(page, 0)
    assert "No latent matches." in page.locator("#latent-table").inner_text()


def test_a_heading_sorts_with_the_keyboard_too(page: Page, demo: duckdb.DuckDBPyConnection) -> None:
    values = demo.execute(
        "select format('{:.3f}', accuracy) from latent_metrics"
        " where run_label = 'Qwen3-14B' and score_type = 'detection' order by accuracy desc"
    ).fetchall()
    heading = page.locator("#latent-table").get_by_role("button", name="Qwen3-14B")
    heading.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#latent-table [aria-sort=descending]")
    assert cells(page, "Qwen3-14B")[:8] == [value for (value,) in values[:8]]
    page.locator("#latent-table").get_by_role("button", name="Qwen3-14B").click()
    page.wait_for_selector("#latent-table [aria-sort=ascending]:has-text('Qwen3-14B')")
    assert cells(page, "Qwen3-14B")[:8] == [value for (value,) in values[::-1][:8]]


def test_filters_narrow_the_table(page: Page, demo: duckdb.DuckDBPyConnection) -> None:
    filters = page.locator("#latent-filters")
    filters.get_by_label("Run").select_option(label="Gemma-3-4B-IT")
    filters.get_by_label("Measure").select_option(label="F1")
    filters.get_by_label("Hookpoint").select_option(label="layers.10.mlp")
    filters.get_by_label("At least").fill("0.65")
    filters.get_by_label("At most").fill("0.7")
    [(found,)] = demo.execute(
        "select count(distinct latent_idx) from latent_metrics where run_label = 'Gemma-3-4B-IT'"
        " and hookpoint = 'layers.10.mlp' and f1 between 0.65 and 0.7"
    ).fetchall()
    assert 0 < found < 39
    expect_count(page, found)
    headings = page.locator("#latent-table .tabulator-col").all_inner_texts()
    assert [heading.strip() for heading in headings[2:4]] == ["detection", "fuzz"]
    filters.get_by_label("At least").fill("")
    filters.get_by_label("At most").fill("")
    filters.get_by_label("With failures").check()
    [(failed,)] = demo.execute(
        "select count(distinct latent_idx) from latent_metrics"
        " where run_label = 'Gemma-3-4B-IT' and hookpoint = 'layers.10.mlp' and n_failed > 0"
    ).fetchall()
    assert 0 < failed < 39
    expect_count(page, failed)


def test_enter_opens_a_latent_and_escape_comes_back(page: Page) -> None:
    page.wait_for_selector(LATENTS_READY)
    page.locator("a.latent-link").first.press("ArrowDown")
    expect(page.locator("a.latent-link:focus")).to_have_text("layers.1.mlp 1")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert page.url.endswith("#latent/layers.1.mlp/1")
    assert page.get_by_role("dialog", name="layers.1.mlp 1").count() == 1
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("dialog h2:has-text('layers.1.mlp 2')")
    assert page.url.endswith("#latent/layers.1.mlp/2")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="hidden")
    assert page.url.endswith("#latents")
    expect(page.locator("a.latent-link:focus")).to_have_text("layers.1.mlp 1")


def test_an_address_opens_its_latent(browser: Browser, demo_page: Path) -> None:
    opened = open_page(browser, demo_page, fragment="#latent/layers.4.mlp/15", ready=LATENTS_READY)
    opened.page.wait_for_selector("dialog[open] h2:has-text('layers.4.mlp 15')")
    opened.page.evaluate("location.hash = '#latent/layers.4.mlp/999'")
    opened.page.wait_for_selector("#latent-missing:not([hidden])")
    assert opened.page.locator("dialog[open]").count() == 0
    assert opened.complaints == []


def test_a_latent_shows_every_runs_explanation_and_counts(
    page: Page, demo: duckdb.DuckDBPyConnection
) -> None:
    page.evaluate("location.hash = '#latent/layers.7.mlp/34'")
    page.wait_for_selector("dialog[open] h2:has-text('layers.7.mlp 34')")
    rows = demo.execute(
        """
        select
            m.run_label,
            any_value(e.explanation),
            list(
                [
                    m.score_type,
                    format('{:.3f}', m.accuracy),
                    format('{:.3f}', m.f1),
                    m.tp::varchar,
                    m.fp::varchar,
                    m.tn::varchar,
                    m.fn::varchar,
                    m.n_failed::varchar
                ]
                order by m.score_type
            )
        from latent_metrics m
        join explanations e using (run_id, hookpoint, latent_idx)
        where hookpoint = 'layers.7.mlp' and latent_idx = 34
        group by m.run_label
        order by m.run_label
        """
    ).fetchall()
    cards = page.locator("dialog .card")
    assert cards.count() == len(rows) == 5
    for place, (label, explanation, scores) in enumerate(rows):
        card = cards.nth(place)
        assert card.locator("h4").inner_text() == label
        assert card.locator(".explained").inner_text() == explanation
        table = card.locator("tbody tr").evaluate_all(
            "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        assert table == scores


def test_examples_show_each_runs_verdict_and_probability(page: Page, demo: duckdb.DuckDBPyConnection) -> None:
    page.evaluate("location.hash = '#latent/layers.10.mlp/34'")
    page.wait_for_selector("dialog[open] h2:has-text('layers.10.mlp 34')")
    items = page.locator("dialog .example")
    assert items.count() == N_EXAMPLES
    assert "10 of 100 examples" in page.locator("dialog").inner_text()
    texts = items.locator(".example-text").all_text_contents()
    # In this latent no text comes twice, so a text names its example.
    judged = demo.execute(
        """
        select
            text,
            r.run_label,
            score_type,
            activating,
            prediction,
            coalesce(format('{:.2f}', probability), '')
        from examples e
        join runs r using (run_id)
        where hookpoint = 'layers.10.mlp' and latent_idx = 34
        order by r.run_label, score_type
        """
    ).fetchall()
    expected: dict[str, dict[str, list[str]]] = {}
    for text, run, _, activating, prediction, probability in judged:
        verdict = "failed" if prediction is None else VERDICTS[activating, prediction]
        expected.setdefault(text, {}).setdefault(run, []).append(verdict + probability)
    assert len(set(texts)) == N_EXAMPLES
    for place, text in enumerate(texts):
        rows = (
            items.nth(place)
            .locator("tbody tr")
            .evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.textContent))")
        )
        assert {run: verdicts for run, *verdicts in rows} == expected[text]
    # The matrix above them has the same verdicts: a body per scorer, a row per run, a column per example.
    bodies = page.locator("dialog .matrix tbody").evaluate_all(
        "all => all.map(body => [...body.rows].map(row => [...row.cells].map(cell => cell.textContent)))"
    )
    assert [[scorer] for [scorer], *_ in bodies] == [["detection"], ["fuzz"]]
    for at, (_, *of_runs) in enumerate(bodies):
        for run, *verdicts in of_runs:
            wanted = [expected[text][run][at].rstrip("0123456789.") for text in texts]
            assert verdicts == ["\N{MULTIPLICATION SIGN}" if name == "failed" else name for name in wanted]
    page.locator("dialog .matrix").first.get_by_role("button", name="10").click()
    expect(items.nth(9)).to_be_focused()


def test_a_histogram_says_how_strongly_the_examples_activate(
    page: Page, demo: duckdb.DuckDBPyConnection
) -> None:
    page.evaluate("location.hash = '#latent/layers.10.mlp/34'")
    page.wait_for_selector("dialog[open] .bars i", state="attached")
    # A text that several runs judged is one example.
    strengths = [
        strength
        for (strength,) in demo.execute(
            "select distinct on (text, activations) list_max(activations) from examples"
            " where hookpoint = 'layers.10.mlp' and latent_idx = 34 and activating"
        ).fetchall()
    ]
    tenths = [min(9, int(10 * strength / max(strengths))) for strength in strengths]
    shares = page.locator("dialog .bars i").evaluate_all(
        "bars => bars.map((bar) => Number(bar.style.getPropertyValue('--share')))"
    )
    most = max(map(tenths.count, range(10)))
    assert shares == pytest.approx([tenths.count(tenth) / most for tenth in range(10)])
    assert f"of {len(strengths)} activating" in str(page.locator("dialog .bars").get_attribute("aria-label"))


def test_two_runs_opens_on_the_best_two_that_may_be_compared(
    page: Page, demo: duckdb.DuckDBPyConnection
) -> None:
    best = demo.execute(
        "select run_label from model_ranking where score_type = 'detection' and is_ranked"
        " order by rank limit 2"
    ).fetchall()
    menus = page.locator("#compare-menus")
    chosen = [menus.get_by_label(name).locator("option:checked").inner_text() for name in ("First", "Second")]
    assert [(name,) for name in chosen] == best


def test_active_tokens_are_marked_by_their_strength(page: Page, demo: duckdb.DuckDBPyConnection) -> None:
    page.evaluate("location.hash = '#latent/layers.10.mlp/34'")
    page.wait_for_selector("dialog[open] h2:has-text('layers.10.mlp 34')")
    page.locator("dialog").get_by_label("Show").select_option(label="Activating")
    [(tokens, activations, peak)] = demo.execute(
        "select tokens, activations, list_max(activations) from examples"
        " where hookpoint = 'layers.10.mlp' and latent_idx = 34 and activating order by 3 desc, 2 limit 1"
    ).fetchall()
    item = page.locator("dialog .example", has_text="".join(tokens).strip())
    marks = item.locator("mark").evaluate_all(
        "marks => marks.map(mark => [mark.textContent, Number(mark.style.getPropertyValue('--strength'))])"
    )
    active = [(token, value) for token, value in zip(tokens, activations, strict=True) if value > 0]
    assert [token for token, _ in marks] == [token for token, _ in active]
    for (_, strength), (_, value) in zip(marks, active, strict=True):
        assert strength == pytest.approx(max(0.12, value / peak), abs=1e-4)
    page.locator("dialog").get_by_label("Show").select_option(label="Not activating")
    assert page.locator("dialog .example").count() > 0
    assert page.locator("dialog mark").count() == 0
    page.locator("dialog").get_by_label("Show").select_option(label="All examples")


def test_two_runs_are_compared_latent_by_latent(page: Page, demo: duckdb.DuckDBPyConnection) -> None:
    menus = page.locator("#compare-menus")
    menus.get_by_label("First run").select_option(label="Qwen3-4B")
    menus.get_by_label("Second run").select_option(label="Gemma-3-12B-IT")
    menus.get_by_label("Score type").select_option(label="fuzz")
    menus.get_by_label("Measure").select_option(label="F1")
    pairs = demo.execute(
        """
        select a.hookpoint || ' ' || a.latent_idx, b.f1 - a.f1
        from latent_metrics a
        join latent_metrics b using (score_type, hookpoint, latent_idx)
        where
            a.run_label = 'Qwen3-4B'
            and b.run_label = 'Gemma-3-12B-IT'
            and score_type = 'fuzz'
            and a.f1 is not null
            and b.f1 is not null
        """
    ).fetchall()
    ahead = sorted((lead for _, lead in pairs if lead > 0), reverse=True)
    behind = sorted(lead for _, lead in pairs if lead < 0)
    said = page.locator("#compare-summary").inner_text()
    assert said.startswith(f"{len(pairs)} latents")
    assert f"Qwen3-4B is ahead on {len(behind)}, Gemma-3-12B-IT on {len(ahead)}" in said
    columns = page.locator("#compare-lists > div")
    assert columns.locator("h3").all_inner_texts() == ["Qwen3-4B ahead", "Gemma-3-12B-IT ahead"]
    for place, leads in enumerate((behind, ahead)):
        shown = columns.nth(place).locator(".lead-by").all_inner_texts()
        assert shown == [f"by {abs(lead):.3f}" for lead in leads[:5]]
    first = columns.nth(1).locator("a").first
    assert dict(pairs)[first.inner_text()] == pytest.approx(ahead[0])
    n_points = page.locator("#compare-plot .point").count()
    assert 0 < n_points <= len(pairs)
    first.click()
    page.wait_for_selector("dialog[open]")
    assert page.locator("dialog h2").inner_text() == first.inner_text()


def test_a_click_on_a_point_opens_its_latent_or_lists_several(page: Page) -> None:
    page.locator("#compare-menus").get_by_label("Measure").select_option(label="Accuracy")
    sizes = page.evaluate("document.getElementById('compare-plot').data[0].marker.size")
    points = page.locator("#compare-plot .point")
    hover = page.locator("#compare-plot .hoverlayer")
    # Neighbours may lie closer to the pointer than a large point's centre does: take the first that answers.
    for place in [place for place, size in enumerate(sizes) if size > min(sizes)]:
        points.nth(place).scroll_into_view_if_needed()
        box = points.nth(place).bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        with suppress(TimeoutError):
            hover.get_by_text("click to list them").wait_for(timeout=3000)
            break
    page.mouse.down()
    page.mouse.up()
    page.wait_for_selector("#compare-picked h3")
    links = page.locator("#compare-picked a")
    assert links.count() >= 2
    links.first.click()
    page.wait_for_selector("dialog[open]")


def test_a_run_is_not_compared_with_itself(page: Page) -> None:
    menus = page.locator("#compare-menus")
    menus.get_by_label("First run").select_option(label="Qwen3-4B")
    menus.get_by_label("Second run").select_option(label="Qwen3-4B")
    assert page.locator("#compare-summary").inner_text() == "Choose two different runs."
    assert not page.locator("#compare-plot").is_visible()
    menus.get_by_label("First run").select_option(label="Qwen3-14B")
    menus.get_by_role("button", name="Swap").click()
    assert page.locator("#compare-lists h3").all_inner_texts() == ["Qwen3-4B ahead", "Qwen3-14B ahead"]


def test_the_comparison_follows_the_theme(browser: Browser, demo_page: Path) -> None:
    opened = open_page(browser, demo_page, color_scheme="dark")
    paper = "document.querySelector('#compare-plot .main-svg').style.background"
    assert opened.page.evaluate(paper) == "rgb(20, 24, 29)"
    opened.page.get_by_role("button", name="Switch between light and dark theme").click()
    opened.page.wait_for_selector(READY, state="attached")
    assert opened.page.evaluate(paper) == "rgb(255, 255, 255)"
    assert opened.complaints == []
