"""The head says who is ahead in words, and never more than the tests of the differences allow."""

from typing import Any

import pandas as pd
import pytest

from reports.assemble.headline import headline

NAMES = ("A", "B", "C")


def ranking(values: list[float | None], tied: list[bool | None], n: int = 3) -> pd.DataFrame:
    """Return a ranking of the runs A, B, C by accuracy; intervals 0.1 wide."""
    ranks = [1 + sum(other > value for other in values[:n] if other) if value else n for value in values[:n]]
    return pd.DataFrame(
        {
            "run_id": NAMES[:n],
            "run_label": NAMES[:n],
            "rank": ranks,
            "value": pd.Series(values[:n], dtype=float),
            "low": pd.Series(values[:n], dtype=float) - 0.05,
            "high": pd.Series(values[:n], dtype=float) + 0.05,
            "n_latents": 20,
            "tied_with_best": tied[:n],
        }
    )


def chance(against: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({"run_label": NAMES[: len(against)], "against_always_positive": against})


def said(about: str, **given: Any) -> str:
    """Return what is said about something."""
    frames: dict[tuple[str, str | None], pd.DataFrame] = {
        ("accuracy_bar", "fuzz"): given.get("ranking", ranking([0.7, 0.6, 0.5], [True, False, False])),
        ("f1_bar", "fuzz"): given.get("chance", chance([None])),
        ("total_tokens_usage", None): given.get(
            "usage", pd.DataFrame(columns=["stage", "run_label", "tokens_per_latent"])
        ),
        ("coverage", None): pd.DataFrame({"n_examples": [100], "n_failed": [given.get("failed", 0)]}),
        ("data_quality", None): given.get("quality", pd.DataFrame()),
        ("problems", None): pd.DataFrame({"severity": given.get("severities", [])}),
    }
    texts = dict(headline(frames, ["fuzz"]))
    return texts.get(about, "")


def test_one_is_ahead_of_all() -> None:
    assert said("Under fuzz") == (
        "A has the highest accuracy, 0.700 (95 % interval 0.650 to 0.750) over 20 latents, 0.100 above B."
        " Significantly behind it: B and C."
    )


def test_a_tie_is_said() -> None:
    text = said("Under fuzz", ranking=ranking([0.7, 0.6, 0.5], [True, True, False]))
    assert "do not tell it apart from B (" in text
    assert "Significantly behind it: C." in text


def test_no_test_is_no_claim() -> None:
    text = said("Under fuzz", ranking=ranking([0.7, 0.6, 0.5], [True, None, None]))
    assert "There is no test of it against B and C" in text
    assert "ignificant" not in text
    assert "apart" not in text


def test_equal_values_share_the_first_place() -> None:
    text = said("Under fuzz", ranking=ranking([0.7, 0.7, 0.5], [True, True, False]))
    assert text.startswith("A and B share the highest accuracy, 0.700")
    assert "Significantly behind them: C." in text


def test_a_run_without_a_value_is_not_behind() -> None:
    text = said("Under fuzz", ranking=ranking([0.7, None, None], [True, None, None]))
    assert text.startswith("A is the only run with an accuracy, 0.700")
    assert "B" not in text


def test_no_answer_at_all() -> None:
    assert said("Under fuzz", ranking=ranking([None, None, None], [None] * 3)).startswith(
        "No run has an accu"
    )


def test_a_lead_too_small_to_print_is_not_zero() -> None:
    text = said("Under fuzz", ranking=ranking([0.6365, 0.6362, 0.5], [True, True, False]))
    assert "less than 0.001 above B" in text


def test_an_interval_that_is_not_known_is_not_printed() -> None:
    frame = ranking([0.7, 0.6, 0.5], [True, None, None])
    frame["low"] = None
    assert "interval" not in said("Under fuzz", ranking=frame)


@pytest.mark.parametrize(
    ("against", "text"),
    [
        (["below", "below", "above"], "of 3 runs, 2 are below a scorer that always says yes, 1 is above it."),
        (
            ["not distinguishable"] * 2,
            "of 2 runs, none is below a scorer that always says yes, none is above",
        ),
        (["above", "above"], "every run is above a scorer that always says yes."),
    ],
)
def test_chance_is_said(against: list[str | None], text: str) -> None:
    assert text in said("Under fuzz", chance=chance(against))


def test_chance_that_is_not_known_is_not_said() -> None:
    assert "says yes" not in said("Under fuzz", chance=chance([None, None]))


def test_cost_coverage_and_problems() -> None:
    usage = pd.DataFrame(
        {
            "stage": ["explainer", "explainer", "fuzz"],
            "run_label": ["A", "B", "A"],
            "tokens_per_latent": [2000.0, 1500.0, 1.0],
        }
    )
    assert said("Cost", usage=usage) == (
        "B's explainer used the fewest tokens, 1,500 a latent; A's the most, 2,000."
    )
    assert said("Coverage") == "Every one of 100 examples was answered."
    assert said("Coverage", failed=25) == "25 of 100 examples (25.0 %) were not answered."
    assert said("Problems", severities=["failed", "failed", "unsupported", "finding"]) == (
        "2 files could not be used; 1 of a kind not yet loaded; 1 finding about the rest."
    )


def test_the_worst_finding_is_said_first() -> None:
    quality = pd.DataFrame(
        {
            "kind": ["failed predictions", "failed predictions", "copies"],
            "run_id": ["a", "b", "a"],
            "run_label": ["A", "B", "A"],
            "finding": ["9 of 10 failed.", "1 of 10 failed.", "All are copies."],
            "meaning": ["The truth lies between.", "The truth lies between.", "No evidence."],
        }
    )
    assert said("Worst in the data", quality=quality) == (
        "A: 9 of 10 failed. The truth lies between. The same kind of finding: B."
        " 1 other finding under Data quality."
    )
