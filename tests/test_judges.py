"""Who judged whom: how far scorers agree on the same explanations, and how lenient each is."""

from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from sklearn.metrics import cohen_kappa_score
from small_warehouse import SmallWarehouse

from reports.assemble.fill import fill
from reports.sections.contents import exhibit_named
from reports.style import looks_of
from reports.warehouse import Selection, open_warehouse

CONFIG = {"model": "subject", "sparse_model": "sae", "explainer_model": "org/E"}
STRICT, LENIENT = "org/A strict", "org/B lenient"
BIAS = 0.15
N_LATENTS = 15
N_EXAMPLES = 20

Answers = npt.NDArray[np.bool_]


def judges(n_replicates: int) -> tuple[SmallWarehouse, dict[str, Answers]]:
    """Let a scorer and a more lenient one judge the same explanations, again and again as other score types.

    Returns the answers too, by score type: scorer x latent x example.
    """
    rng = Random(3)
    warehouse = SmallWarehouse()
    for scorer in (STRICT, LENIENT):
        warehouse.run(scorer, {**CONFIG, "scorer_model": scorer})
        for latent in range(N_LATENTS):
            warehouse.explanation(scorer, latent, f"about {latent}")
    answers = {}
    for replicate in range(n_replicates):
        said = np.zeros((2, N_LATENTS, N_EXAMPLES), dtype=bool)
        for latent in range(N_LATENTS):
            yes = rng.uniform(0.2, 0.6)
            for place in range(N_EXAMPLES):
                # How hard the example is, the same for both.
                level = rng.random()
                said[:, latent, place] = level < yes, level < yes + BIAS
                # Of either now and then a slip, in one direction as often as in the other.
                said[:, latent, place] ^= rng.random() < 0.1, rng.random() < 0.1
            for number, run in enumerate((STRICT, LENIENT)):
                given = said[number, latent].tolist()
                rows = [(place % 2 == 0, answer, None) for place, answer in enumerate(given)]
                warehouse.examples(run, f"fuzz {replicate}", latent, rows)
        answers[f"fuzz {replicate}"] = said
    return warehouse, answers


def clustered(influence: Any) -> float:
    """Return the half width of a 95 % interval, given each latent's influence on an estimate."""
    n = len(influence)
    return float(stats.t.ppf(0.975, n - 1) * np.sqrt(n / (n - 1) * np.sum(np.square(influence))))


def test_a_lenient_judge_is_found_out_within_its_interval() -> None:
    warehouse, answers = judges(20)
    rows = warehouse.records("from judge_agreement order by score_type")
    assert len(rows) == 20
    # A slip of one in ten leaves four fifths of a difference.
    planted = 0.8 * BIAS
    held = sum(row["yes_difference_low"] <= planted <= row["yes_difference_high"] for row in rows)
    assert held >= 17
    assert all(row["yes_difference_low"] > 0 for row in rows)
    for row in rows:
        said = answers[row["score_type"]]
        strict, lenient = said.reshape(2, -1)
        assert (row["scorer_a"], row["scorer_b"]) == (STRICT, LENIENT)
        assert (row["n_explanations"], row["n_latents"]) == (N_LATENTS, N_LATENTS)
        assert row["n_examples"] == N_LATENTS * N_EXAMPLES
        assert row["agreement"] == pytest.approx((strict == lenient).mean(), abs=1e-12)
        assert row["kappa"] == pytest.approx(cohen_kappa_score(strict, lenient), abs=1e-12)
        assert row["yes_rate_a"] == pytest.approx(strict.mean(), abs=1e-12)
        assert row["yes_rate_b"] == pytest.approx(lenient.mean(), abs=1e-12)
        # of each latent, how far its share is from the whole's, by the latents' number
        shares = {
            "agreement": (said[0] == said[1]).mean(axis=1),
            "yes_rate_a": said[0].mean(axis=1),
            "yes_rate_b": said[1].mean(axis=1),
            "yes_difference": said[1].mean(axis=1) - said[0].mean(axis=1),
        }
        for name, share in shares.items():
            half = clustered((share - share.mean()) / N_LATENTS)
            assert row[f"{name}_low"] == pytest.approx(share.mean() - half, abs=1e-9), name
            assert row[f"{name}_high"] == pytest.approx(share.mean() + half, abs=1e-9), name
        # kappa's influences by a small change of each latent's weight
        step, whole = 1e-6, np.ones(N_LATENTS)
        changed = [
            (kappa(said, whole + step * np.eye(N_LATENTS)[i]) - kappa(said, whole)) / step
            for i in range(N_LATENTS)
        ]
        half = clustered(changed)
        assert row["kappa_low"] == pytest.approx(row["kappa"] - half, abs=1e-5)


def kappa(said: Answers, weights: Any) -> float:
    """Work kappa out with the latents weighted."""
    strict, lenient, same = (
        float(np.average(share, weights=weights))
        for share in (said[0].mean(axis=1), said[1].mean(axis=1), (said[0] == said[1]).mean(axis=1))
    )
    by_chance = strict * lenient + (1 - strict) * (1 - lenient)
    return (same - by_chance) / (1 - by_chance)


def judged(*runs: tuple[str, str | None, str, dict[str, Any]]) -> SmallWarehouse:
    """Make runs of equal answers on 12 latents, each (name, scorer, explanation, further settings)."""
    warehouse = SmallWarehouse()
    for name, scorer, explanation, more in runs:
        warehouse.run(name, CONFIG | {"explainer_model": "org/" + name, "scorer_model": scorer} | more)
        for latent in range(12):
            warehouse.explanation(name, latent, explanation)
            warehouse.examples(name, "fuzz", latent, [(True, latent > 5, None), (False, False, None)] * 3)
    return warehouse


@pytest.mark.parametrize(
    ("second", "n_examples"),
    [
        (("b", "org/T", "same", {}), 72),
        # another explanation, the same scorer, no scorer known, or judged otherwise in more than the scorer
        (("b", "org/T", "other", {}), None),
        (("b", "org/S", "same", {}), None),
        (("b", None, "same", {"explainer_model": None}), None),
        (("b", "org/T", "same", {"num_examples_per_scorer_prompt": 9}), None),
    ],
)
def test_only_what_was_judged_alike_in_all_but_the_scorer_is_compared(
    second: tuple[str, str | None, str, dict[str, Any]], n_examples: int | None
) -> None:
    warehouse = judged(("a", "org/S", "same", {}), second)
    rows = warehouse.rows("select n_examples, agreement, agreement_low, kappa from judge_agreement")
    # Where all agree there is no interval.
    assert rows == ([(n_examples, 1.0, None, 1.0)] if n_examples else [])


def test_failed_and_different_examples_are_not_in_common() -> None:
    warehouse = SmallWarehouse()
    for name, failed, text in (("a", 0, "mine"), ("b", 1, "yours")):
        warehouse.run(name, CONFIG | {"scorer_model": f"org/{name}"})
        warehouse.explanation(name, 1, "same")
        answers = [(True, True, None), (False, None if failed else True, None), (True, False, None)]
        texts = ["shared", "failed in one", text]
        warehouse.examples(name, "fuzz", 1, answers, texts=texts)
    assert warehouse.rows("select n_examples, agreement, kappa from judge_agreement") == [(1, 1.0, None)]


def test_who_judged_is_told_by_the_config() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("self", {"explainer_model": "org/E", "scorer_model": "org/E"})
    warehouse.run("upstream", {"explainer_model": "org/E"})
    warehouse.run("other", {"explainer_model": "org/E", "scorer_model": "org/S"})
    warehouse.run("no explainer", {"scorer_model": "org/S"})
    warehouse.run("no config")
    assert dict(warehouse.rows("select run_name, judged_by from runs")) == {
        "self": "self",
        "upstream": "self",
        "other": "other",
        "no explainer": "unknown",
        "no config": "unknown",
    }


@pytest.fixture(scope="module")
def crossed(new_warehouse: Path) -> Path:
    """Fill a warehouse with explainers that were judged by one scorer, by another or by themselves."""
    warehouse = SmallWarehouse(new_warehouse)
    runs = {
        "E by S": ("org/E", "org/S", 8),
        "E by S again": ("org/E", "org/S", 6),
        "E by T": ("org/E", "org/T", 9),
        "F by itself": ("org/F", None, 7),
        "unknown": (None, None, 5),
    }
    for name, (explainer, scorer, right) in runs.items():
        warehouse.run(name, {"explainer_model": explainer, "scorer_model": scorer})
        warehouse.many_counts(name, "fuzz", [(right, 10 - right, right, 10 - right)] * 3)
    warehouse.connection.close()
    return warehouse.path


def test_the_matrix_has_a_cell_for_each_explainer_and_scorer(crossed: Path) -> None:
    with open_warehouse(crossed) as warehouse:
        (shown,) = fill(exhibit_named("judge_matrix"), warehouse, looks_of(warehouse.all_runs))
    columns = ["explainer", "scorer", "n_runs", "lowest", "highest", "n_self"]
    assert shown.frame[columns].to_numpy().tolist() == [
        ["E", "org/S", 2, 0.6, 0.8, 0],
        ["E", "org/T", 1, 0.9, 0.9, 0],
        ["F", "org/F", 1, 0.7, 0.7, 1],
    ]
    assert "Accuracy of 2 explainers, a row each, under 3 scorers" in shown.caption
    assert shown.caption.endswith("1 run judged by the explainer itself (*).")
    assert shown.figure is not None
    (cells,) = shown.figure.data
    assert cells["text"] == [["", "0.600\N{EN DASH}0.800", "0.900"], ["0.700*", "", ""]]
    assert cells["z"] == [[None, pytest.approx(0.7), 0.9], [0.7, None, None]]


def test_without_a_second_scorer_there_is_no_matrix(crossed: Path) -> None:
    with open_warehouse(crossed, Selection(runs=("E by S*", "unknown"))) as warehouse:
        (shown,) = fill(exhibit_named("judge_matrix"), warehouse)
    assert shown.frame.empty
    assert shown.exhibit.optional
