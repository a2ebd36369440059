"""Measures of latents and runs: worked by hand, against scikit-learn, and against the original analysis."""

import json
import math
from fractions import Fraction
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from small_warehouse import SmallWarehouse

SEED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "seed"
MEASURES = [
    "accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "balanced_accuracy",
    "mcc",
    "accuracy_strict",
    "recall_strict",
    "f1_strict",
]


def latent_measures(counts: tuple[int, ...]) -> dict[str, Any]:
    warehouse = SmallWarehouse()
    warehouse.counts(warehouse.run("a"), "fuzz", 1, counts)
    (record,) = warehouse.records("from latent_metrics")
    return record


def test_measures_by_hand() -> None:
    found = latent_measures((3, 1, 4, 2, 5, 2))
    assert {name: found[name] for name in MEASURES} == {
        "accuracy": 7 / 10,
        "precision": 3 / 4,
        "recall": 3 / 5,
        "specificity": 4 / 5,
        "f1": 6 / 9,
        "balanced_accuracy": 0.7,
        "mcc": pytest.approx((3 * 4 - 1 * 2) / math.sqrt(4 * 5 * 5 * 6), abs=1e-15),
        "accuracy_strict": 7 / 15,
        "recall_strict": 3 / 7,
        "f1_strict": 6 / 11,
    }
    assert (found["n_examples"], found["n_valid"], found["n_activating"]) == (15, 10, 7)
    assert found["coverage"] == 10 / 15


@pytest.mark.parametrize(
    ("counts", "undefined"),
    [
        ((0, 0, 0, 0, 4, 0), set(MEASURES) - {"accuracy_strict"}),
        ((0, 0, 0, 0, 4, 4), set(MEASURES) - {"accuracy_strict", "recall_strict", "f1_strict"}),
        ((0, 0, 5, 5, 0, 0), {"precision", "mcc"}),
        ((0, 3, 4, 0, 0, 0), {"recall", "balanced_accuracy", "mcc", "recall_strict"}),
        ((4, 0, 0, 3, 0, 0), {"specificity", "balanced_accuracy", "mcc"}),
        (
            (0, 0, 7, 0, 0, 0),
            {"precision", "recall", "f1", "balanced_accuracy", "mcc"} | {"recall_strict", "f1_strict"},
        ),
        ((4, 3, 0, 0, 0, 0), {"mcc"}),
        ((1, 1, 1, 1, 0, 0), set()),
    ],
)
def test_a_ratio_over_nothing_is_null(counts: tuple[int, ...], undefined: set[str]) -> None:
    found = latent_measures(counts)
    assert {name for name in MEASURES if found[name] is None} == undefined


def test_an_empty_run_has_no_row() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    assert warehouse.rows("from run_metrics") == []


@pytest.fixture(scope="module")
def many() -> SmallWarehouse:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    return warehouse


LATENTS = count(1)


@settings(max_examples=60)
@given(st.tuples(*[st.integers(1, 200)] * 4))
def test_measures_equal_scikit_learn(many: SmallWarehouse, counts: tuple[int, ...]) -> None:
    latent = next(LATENTS)
    many.counts("a", "fuzz", latent, counts)
    (found,) = many.records("from latent_metrics where latent_idx = ?", latent)
    tp, fp, tn, fn = counts
    truth = [1] * tp + [0] * fp + [0] * tn + [1] * fn
    answers = [1] * tp + [1] * fp + [0] * tn + [0] * fn
    for name, wanted in {
        "accuracy": metrics.accuracy_score(truth, answers),
        "precision": metrics.precision_score(truth, answers),
        "recall": metrics.recall_score(truth, answers),
        "specificity": metrics.recall_score(truth, answers, pos_label=0),
        "f1": metrics.f1_score(truth, answers),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, answers),
        "mcc": metrics.matthews_corrcoef(truth, answers),
    }.items():
        assert found[name] == pytest.approx(wanted, abs=1e-12), name


def test_mcc_is_one_where_nothing_is_wrong() -> None:
    # the root of each marginal, multiplied, gives 1 - 3e-16 and 1 + 2e-16
    for counts in ((5, 0, 9, 0), (6, 0, 10, 0), (2, 0, 9, 0)):
        assert latent_measures(counts)["mcc"] == 1


def test_mcc_of_counts_whose_product_outgrows_64_bits() -> None:
    found = latent_measures((10**8, 10**7, 10**8, 10**7))
    assert found["mcc"] == pytest.approx(9 / 11, abs=1e-12)


def averages_warehouse(reverse: bool = False) -> SmallWarehouse:
    """Two hookpoints; latent 3 has no precision, latent 4 never fired, hookpoint layers.9 has no weight."""
    latents = [
        ("layers.1", 1, (2, 1, 3, 0), 10),
        ("layers.1", 2, (1, 1, 1, 3), 30),
        ("layers.1", 3, (0, 0, 4, 4), 60),
        ("layers.10", 1, (3, 0, 3, 1), 7),
        ("layers.10", 4, (1, 2, 1, 0), 0),
        ("layers.9", 5, (5, 5, 0, 0), 0),
    ]
    warehouse = SmallWarehouse()
    warehouse.run("a")
    for hookpoint, latent, counts, _ in reversed(latents) if reverse else latents:
        warehouse.counts("a", "fuzz", latent, counts, hookpoint)
    warehouse.firing(["a"], {(hookpoint, latent): n for hookpoint, latent, _, n in latents})
    return warehouse


def test_the_three_averages_by_hand() -> None:
    (found,) = averages_warehouse().records("from run_metrics")
    f1 = [Fraction(4, 5), Fraction(1, 3), Fraction(0), Fraction(6, 7), Fraction(1, 2), Fraction(2, 3)]
    assert found["f1"] == 24 / (24 + 9 + 8)
    assert found["f1_macro"] == pytest.approx(float(sum(f1) / 6), abs=1e-15)
    assert found["f1_macro_n_latents"] == 6
    layers_1 = (10 * f1[0] + 30 * f1[1] + 60 * f1[2]) / 100
    assert found["f1_weighted"] == pytest.approx(float((layers_1 + f1[3]) / 2), abs=1e-15)
    assert found["f1_weighted_n_latents"] == 4
    # precision is undefined for latent 3, which then leaves numerator and weight
    precision_1 = (10 * Fraction(2, 3) + 30 * Fraction(1, 2)) / 40
    assert found["precision_weighted"] == pytest.approx(float((precision_1 + 1) / 2), abs=1e-15)
    assert found["precision_macro_n_latents"] == 5


def test_layers_1_is_not_layers_10() -> None:
    warehouse = averages_warehouse()
    assert warehouse.rows(
        "select hookpoint, latent_idx from latent_metrics where latent_idx = 1 order by all"
    ) == [
        ("layers.1", 1),
        ("layers.10", 1),
    ]
    assert warehouse.row("select n_hookpoints, n_latents from run_confusion") == (3, 6)


def test_weighted_is_null_with_a_finding_where_a_count_is_missing() -> None:
    warehouse = averages_warehouse()
    warehouse.counts("a", "fuzz", 99, (1, 1, 1, 1))
    (found,) = warehouse.records("from run_metrics")
    assert found["f1_weighted"] is None
    assert found["f1_weighted_reason"] == "a firing count is missing"
    assert found["f1_macro_n_latents"] == 7
    assert warehouse.rows("select path, kind, severity from load_problems") == [
        ("/r/a", "firing count missing", "finding")
    ]


def test_weighted_is_null_without_firing_counts_and_that_is_no_finding() -> None:
    warehouse = SmallWarehouse()
    warehouse.counts(warehouse.run("a"), "fuzz", 1, (1, 1, 1, 1))
    assert warehouse.row("select f1_weighted, f1_macro from run_metrics") == (None, 0.5)
    assert warehouse.rows("from load_problems") == []


def test_the_order_of_rows_changes_no_bit() -> None:
    query = "select columns(* exclude loaded_at) from (from run_metrics, runs) order by all"
    assert averages_warehouse().rows(query) == averages_warehouse(reverse=True).rows(query)


def test_pooled_values_agree_with_the_measures_of_one_big_latent() -> None:
    warehouse = averages_warehouse()
    (pooled,) = warehouse.records("from run_metrics")
    big = latent_measures(tuple(pooled[name] for name in ("tp", "fp", "tn", "fn")))
    for name in MEASURES:
        assert pooled[name] == pytest.approx(big[name], abs=1e-15), name


def seed() -> tuple[dict[str, Any], dict[str, Any]]:
    if not SEED.is_dir():
        pytest.skip(f"the seed's numbers are not on this machine: no {SEED}")
    counts, expected = (
        json.loads((SEED / name).read_text(encoding="utf-8"))
        for name in ("confusion_counts.json", "expected.json")
    )
    return counts["models"], expected


@pytest.fixture(scope="module")
def original() -> tuple[SmallWarehouse, dict[str, Any]]:
    models, expected = seed()
    warehouse = SmallWarehouse()
    for directory, model in expected["directory_names"].items():
        warehouse.run(directory)
        warehouse.insert("model_names", [[directory, model]])
        for score_type, c in models[model].items():
            whole = [c[name] for name in ("tp", "fp", "tn", "fn", "failed", "failed_activating")]
            first = [n // 3 for n in whole]
            warehouse.counts(directory, score_type, 1, first)
            warehouse.counts(
                directory, score_type, 2, [n - part for n, part in zip(whole, first, strict=True)]
            )
    return warehouse, expected


def test_every_figure_of_the_original_analysis(original: tuple[SmallWarehouse, dict[str, Any]]) -> None:
    warehouse, expected = original
    found = {
        (record["score_type"], record["model"]): record for record in warehouse.records("from run_metrics")
    }
    for score_type, models in expected["by_score_type"].items():
        for model, figures in models.items():
            for name, figure in figures.items():
                measure, _, digits = name.partition("_6")
                places = 6 if name.endswith("_6") else 3
                assert round(found[score_type, model][measure], places) == figure, (
                    score_type,
                    model,
                    name,
                    digits,
                )


def test_summary_and_best_of_the_original_analysis(original: tuple[SmallWarehouse, dict[str, Any]]) -> None:
    warehouse, expected = original
    for record in warehouse.records("from model_summary"):
        figures = expected["summary_mean_over_score_types"][record["model"]]
        assert {name: round(record[name], 3) for name in figures} == figures
        assert record["score_types"] == ["detection", "fuzz"]
    best = warehouse.rows("select measure, model, round(value, 3) from best_models")
    assert {measure: [model, value] for measure, model, value in best} == expected["best"]
    assert len(best) == 4


def test_rankings_and_distribution_of_the_original_analysis(
    original: tuple[SmallWarehouse, dict[str, Any]],
) -> None:
    warehouse, expected = original
    for score_type, models in expected["ranking_by_accuracy"].items():
        found = warehouse.rows(
            "select rank, model from model_ranking where score_type = ? order by rank", score_type
        )
        assert found == list(enumerate(models, start=1))
    names = {"n": "count", "mean": "mean", "std": "std", "min": "min", "q25": "25%", "median": "50%"}
    names |= {"q75": "75%", "max": "max"}
    for record in warehouse.records("from accuracy_distribution"):
        figures = expected["accuracy_describe"][record["score_type"]]
        assert {other: round(record[name], 3) for name, other in names.items()} == figures


@pytest.mark.parametrize("unit", [10**11, 2**53, (2**63 - 1) // 6])
def test_weighted_means_do_not_depend_on_the_unit_of_the_counts(unit: int) -> None:
    def estimates(unit: int) -> list[dict[str, Any]]:
        warehouse = SmallWarehouse()
        warehouse.run("a")
        weights = {("layers.1", latent): latent % 7 * unit for latent in range(1, 61)}
        for latent in range(1, 61):
            warehouse.counts("a", "fuzz", latent, (latent % 5 + 1, latent % 3, latent % 4 + 1, 1))
        warehouse.firing(["a"], weights)
        query = "from behind_the_views.average_estimates where average = 'weighted' order by measure"
        return warehouse.records(query)

    plain, found = estimates(1), estimates(unit)
    assert [row["df"] for row in found] == [row["df"] for row in plain]
    for name in ("value", "squares", "variance", "effective_n_latents"):
        assert [row[name] for row in found] == pytest.approx([row[name] for row in plain], rel=1e-9), name
