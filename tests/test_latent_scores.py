"""Scorers that are no classifiers: measured by latent and run, ranked and compared like the others."""

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from scipy import stats
from score_files import RANDOM_FILES, embedded, intruder_set, steered, surprised
from small_warehouse import SmallWarehouse

CONFIG = {"model": "subject", "sparse_model": "sae", "scorer_model": "org/Judge"}
# What each family's runs are ranked by.
RANKED_BY = {
    "simulation": ["correlation"],
    "intruder": ["accuracy", "accuracy_strict"],
    "embedding": ["auc"],
    "example_embedding": ["auc"],
    "surprisal": ["auc", "gain", "gain_activating"],
    "surprisal_intervention": ["final_score"],
    "value": ["score"],
}


def scored(score_type: str, runs: dict[str, Sequence[Any]]) -> SmallWarehouse:
    """Make runs of one score type; what their latents' files hold."""
    warehouse = SmallWarehouse()
    for name, files in runs.items():
        warehouse.run(name, {**CONFIG, "explainer_model": f"org/{name}"})
        for latent, examples in enumerate(files):
            warehouse.scores(name, score_type, latent, examples)
    return warehouse


def gained(gain: float) -> list[Any]:
    """Give a latent whose explanation takes so much off the surprisal of its one text."""
    return [surprised(0, [3.0 + gain], [3.0])]


@pytest.mark.parametrize("name", RANDOM_FILES)
def test_every_family_is_ranked_and_compared_by_what_is_better_if_higher(name: str) -> None:
    rng = Random(1)
    files = [[RANDOM_FILES[name](rng) for _ in range(12)] for _ in range(2)]
    warehouse = scored("mine", {"a": files[0], "b": files[1]})
    warehouse.read_once("measure_ranking", "model_comparison")
    ranked = warehouse.records("from measure_ranking order by name, rank, run_name")
    assert sorted({row["name"] for row in ranked}) == RANKED_BY[name]
    for measure in RANKED_BY[name]:
        first, second = (row for row in ranked if row["name"] == measure)
        assert first["value"] > second["value"]
        assert (first["rank"], second["rank"]) == (1, 2)
        assert first["is_ranked"]
        assert second["is_ranked"]
        assert first["low"] < first["value"] < first["high"]
        (pair,) = warehouse.records("from model_comparison where measure = ?", measure)
        assert pair["reason"] is None
        assert pair["n_latents_shared"] == 12
        assert (second["against_best"] == "tied") == (pair["p_adjusted"] >= 0.05)
    compared = warehouse.rows(
        "select measure from model_comparison where measure in ('chance', 'avg_kl_divergence')"
    )
    assert compared == []


def test_a_gain_has_students_interval_and_pairs_are_scipys() -> None:
    rng = np.random.default_rng(2)
    gains = [rng.normal(mean, 1, 14).round(3) for mean in (0.5, 0.1)]
    warehouse = scored("surprisal", {"a": [*map(gained, gains[0])], "b": [*map(gained, gains[1])]})
    for name, found in zip("ab", gains, strict=True):
        row = warehouse.row(
            "select value, se, low, high, n_latents, average from run_measures"
            " where run_name = ? and measure = 'gain'",
            name,
        )
        interval = stats.t.interval(0.95, 13, found.mean(), stats.sem(found))
        assert row[:4] == pytest.approx((found.mean(), stats.sem(found), *interval), abs=1e-9)
        assert row[4:] == (14, "pooled")
    pair = warehouse.row("select difference, p_value, low, high from model_comparison where measure = 'gain'")
    test = stats.ttest_rel(*gains)
    interval = test.confidence_interval()
    expected = (gains[0].mean() - gains[1].mean(), test.pvalue, interval.low, interval.high)
    assert pair == pytest.approx(expected, abs=1e-9)


def test_intruders_are_pooled_over_all_sets() -> None:
    # 2 of 3 and 1 of 5 answered rightly, one of each failed
    files = [
        [intruder_set(0), intruder_set(0), intruder_set(1), intruder_set(None)],
        [intruder_set(0), *[intruder_set(2)] * 4, intruder_set(None)],
    ]
    warehouse = scored("intruder", {"a": files})
    found = {
        (measure, average): value
        for measure, average, value in warehouse.rows("select measure, average, value from run_measures")
    }
    assert found == pytest.approx(
        {
            ("accuracy", "pooled"): 3 / 8,
            ("accuracy", "macro"): (2 / 3 + 1 / 5) / 2,
            ("accuracy_strict", "pooled"): 3 / 10,
            ("accuracy_strict", "macro"): (2 / 4 + 1 / 6) / 2,
            ("chance", "pooled"): 1 / 4,
            ("chance", "macro"): 1 / 4,
        }
    )
    (reason,) = warehouse.row("select reason from measure_ranking where name = 'accuracy'")
    assert reason == "fewer than 10 latents answered"
    assert warehouse.row("select rank, accuracy, coverage, n_latents from model_ranking") == (
        1,
        3 / 8,
        8 / 10,
        2,
    )


def test_a_scorer_that_mostly_failed_is_not_ranked() -> None:
    files = [[intruder_set(0), intruder_set(i % 3), *[intruder_set(None)] * 3] for i in range(12)]
    (reason,) = scored("intruder", {"a": files}).row(
        "select reason from measure_ranking where name = 'accuracy'"
    )
    assert reason == "fewer than half of the examples answered"


def test_averages_by_firing_count_are_of_measures_with_bounds() -> None:
    areas = [[embedded(0, 0.9), embedded(-1, 0.1)], [embedded(0, 0.1), embedded(-1, 0.9)]]
    warehouse = scored("embedding", {"a": areas})
    for latent in (0, 1):
        warehouse.scores("a", "steering", latent, [steered(100.0 * latent, 0.5)])
    warehouse.firing(["a"], {("layers.1", 0): 3, ("layers.1", 1): 1})
    found = warehouse.rows(
        "select name, value from run_measures where measure <> 'avg_kl_divergence' order by name"
    )
    assert found == [("auc", 0.5), ("auc_macro", 0.5), ("auc_weighted", 0.75), ("final_score", 50.0)]


def test_classifiers_files_alone_count_where_a_directory_holds_both() -> None:
    warehouse = scored("fuzz", {"a": [[embedded(0, 0.9), embedded(-1, 0.1)]]})
    assert warehouse.row("select count(*) from latent_scores") == (1,)
    warehouse.counts("a", "fuzz", 7, (1, 2, 3, 4))
    assert warehouse.row("select count(*) from latent_scores") == (0,)
    assert warehouse.row("select n_latents, is_classifier from behind_the_views.scored_runs") == (1, True)


def test_latents_show_quantiles_and_runs_do_not() -> None:
    warehouse = scored("surprisal", {"a": [gained(0.5)]})
    found = warehouse.rows(
        "select measure, quantile, value from latent_scores where measure = 'gain'"
        " order by quantile nulls first"
    )
    assert found == [("gain", None, 0.5), ("gain", 0, 0.5)]
    assert warehouse.row("select count(*) from run_measures where name = 'gain'") == (1,)
