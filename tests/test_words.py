"""The page's words: each explained in one place, and beside the text by mouse, keyboard and touch."""

import re
from pathlib import Path

import duckdb
import pytest
from opened_page import LATENTS_READY, NEVER_IDLE, open_page, wait_until
from playwright.sync_api import Browser, Page, expect

from reports.glossary import WORDS, parts, word_of

RAGGED = "The last prompt of a score file where it holds fewer examples than the others."


def test_a_term_is_found_once_in_a_text_and_the_longest_first() -> None:
    found = list(
        parts("Balanced accuracy of 3, then F1; f1 of runs. A false_alarm_rate, coin-like, F1.5: no coin.")
    )
    assert "".join(part.text for part in found) == (
        "Balanced accuracy of 3, then F1; f1 of runs. A false_alarm_rate, coin-like, F1.5: no coin."
    )
    assert [(part.text, part.word.name) for part in found if part.word] == [
        ("Balanced accuracy", "balanced accuracy"),
        ("F1", "F1"),
        ("coin", "coin"),
    ]


def test_no_two_words_have_a_form_or_a_key_in_common() -> None:
    forms = [form.lower() for word in WORDS for form in {word.name, *word.forms}]
    assert len(forms) == len(set(forms))
    assert len({word.key for word in WORDS}) == len(WORDS)
    assert all(re.fullmatch(r"[A-Z].*[.)]", word.meaning) for word in WORDS)


@pytest.mark.parametrize(
    ("name", "measure"),
    [
        ("accuracy", "accuracy"),
        ("balanced accuracy", "balanced_accuracy"),
        ("precision", "precision"),
        ("recall", "recall"),
        ("specificity", "specificity"),
        ("F1", "f1"),
        ("AUC", "auc"),
        ("Brier score", "brier"),
        ("MCC", "mcc"),
    ],
)
def test_a_measure_means_what_the_warehouse_says(
    demo: duckdb.DuckDBPyConnection, name: str, measure: str
) -> None:
    [(meaning,)] = demo.execute("select meaning from measure_docs where measure = ?", [measure]).fetchall()
    word = word_of(name)
    assert word is not None
    assert word.meaning.lower() == f"{meaning}.".lower()


def test_quantile_0_is_what_the_warehouse_says(demo: duckdb.DuckDBPyConnection) -> None:
    [(said,)] = demo.execute(
        "select description from column_docs"
        " where relation = 'recall_by_quantile' and column_name = 'quantile'"
    ).fetchall()
    word = word_of("quantile 0")
    assert said.startswith("0 holds the strongest")
    assert word is not None
    assert "quantile 0 holds the strongest" in word.meaning


@pytest.fixture(scope="module")
def page(browser: Browser, demo_page: Path) -> Page:
    return open_page(browser, demo_page, ready=LATENTS_READY, script=NEVER_IDLE, has_touch=True).page


def test_every_term_leads_to_its_meaning(page: Page) -> None:
    terms = page.locator("[data-word]").evaluate_all(
        "terms => terms.map((term) => [term.textContent, term.hash ?? '',"
        " term.getAttribute('aria-describedby'), document.getElementById(`word-${term.dataset.word}`)?.id])"
    )
    assert len(terms) > 50
    for text, to, described, there in terms:
        word = word_of(text)
        assert word is not None
        assert (described, there) == (f"meaning-{word.key}", f"word-{word.key}")
        assert to in ("", f"#word-{word.key}")
    said = {text.lower() for text, *_ in terms}
    assert {"ragged tails", "tosses a coin", "clustered by latent", "holm", "coverage"} <= said
    listed = page.locator("#words dt").all_text_contents()
    assert listed == sorted((word.name for word in WORDS), key=str.lower)


def test_the_meaning_shows_by_mouse_keyboard_and_touch(page: Page) -> None:
    term = page.locator("a.term", has_text="ragged tails").first
    meaning = page.locator("#meaning")
    term.evaluate("term => term.scrollIntoView({ block: 'center', behavior: 'instant' })")
    term.hover()
    expect(meaning).to_contain_text(RAGGED)
    page.keyboard.press("Escape")
    expect(meaning).to_be_hidden()
    page.mouse.move(0, 0)
    # As the keyboard does: from the element before it.
    term.evaluate("term => term.focus({ focusVisible: true, preventScroll: true })")
    expect(meaning).to_contain_text(RAGGED)
    page.keyboard.press("Tab")
    expect(meaning).to_be_hidden()
    term.evaluate("term => term.scrollIntoView({ block: 'center', behavior: 'instant' })")
    term.tap()
    expect(meaning).to_contain_text(RAGGED)
    assert not page.url.endswith("#word-ragged-tail")
    term.tap()
    assert wait_until(page, lambda: page.url.endswith("#word-ragged-tail"))
    word = page.locator("#word-ragged-tail")
    assert wait_until(page, lambda: word.evaluate("word => word.getBoundingClientRect().top") < 900)


def test_the_words_stand_on_paper(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator("#words dd:visible").count() == len(WORDS)
    assert page.locator("#meaning").is_hidden()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
