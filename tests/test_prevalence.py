"""Measures at the rate at which latents fire: the demo's order, drawn texts, NumPy, when nothing is said."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from scipy import optimize, stats
from small_warehouse import SmallWarehouse
from test_uncertainty import freedom_of_both, made

RANDOM = {
    "constructor_cfg": {"non_activating_source": "random", "example_ctx_len": 32},
    "cache_cfg": {"n_tokens": 10_000},
}
RATES = ("0.5", "0.1", "0.01", "0.001", "firing lowest", "firing highest")


def filled(
    counts: np.ndarray, firing: np.ndarray | None, config: dict[str, Any] | None = RANDOM
) -> SmallWarehouse:
    warehouse = SmallWarehouse()
    warehouse.many_counts(warehouse.run("a", config), "fuzz", counts.T.tolist())
    if firing is not None:
        warehouse.firing(["a"], {("layers.1", latent): int(n) for latent, n in enumerate(firing)})
    return warehouse


def found(warehouse: SmallWarehouse) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the rows by prevalence, with its bound, and measure."""
    rows = warehouse.records("from metrics_at_prevalence")
    return {(" ".join(filter(None, (row["prevalence"], row["bound"]))), row["measure"]): row for row in rows}


def rates(rate: str, firing: np.ndarray) -> np.ndarray:
    """Return how often texts activate each latent."""
    if rate == "firing lowest":
        return firing / 10_000
    return (
        np.minimum(1, firing / 10_000 * 32) if rate == "firing highest" else np.full(len(firing), float(rate))
    )


def logarithms(counts: np.ndarray, q: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the logarithms of the odds of precision and of IoU, each latent counted `weights` times."""
    tp, fp, tn, fn = counts[:4].astype(float)
    yes, no = weights @ (tp + fn), weights @ (fp + tn)
    right, false, activating = (
        weights @ (q * tp) / yes,
        weights @ ((1 - q) * fp) / no,
        weights @ (q * (tp + fn)) / yes,
    )
    return np.log([right / false, right / (activating + false)])


def data(seed: int, n: int) -> tuple[np.ndarray, np.ndarray]:
    return made(seed, n), np.exp(np.random.default_rng(seed).normal(4, 0.5, n)).astype(int)


def test_the_demo_turns_its_order_round(demo: duckdb.DuckDBPyConnection) -> None:
    query = """
        select model, value
        from metrics_at_prevalence
        where score_type = 'fuzz' and measure = 'f1' and q = ?
        order by rank
    """
    even = [model for model, _ in demo.execute(query, [0.5]).fetchall()]
    rare = demo.execute(query, [0.01]).fetchall()
    assert even[0] == "Gemma-3-27B-IT"
    assert even[-1] == rare[0][0] == "Qwen3-14B"
    assert [(model, round(value, 4)) for model, value in rare] == [
        ("Qwen3-14B", 0.0638),
        ("Gemma-3-12B-IT", 0.0384),
        ("Gemma-3-27B-IT", 0.0285),
        ("Qwen3-4B", 0.0235),
        ("Gemma-3-4B-IT", 0.0198),
    ]


def test_values_are_those_of_examples_drawn_at_that_rate() -> None:
    counts, firing = data(3, 60)
    rows = found(filled(counts, firing))
    rng = np.random.default_rng(4)
    # every example: its latent, whether it activates, and whether the scorer says so
    kinds = np.array([(True, True), (False, True), (False, False), (True, False)])
    latent, kind = (np.repeat(index.ravel(), counts[:4].T.ravel()) for index in np.indices((60, 4)))
    activating, predicted = kinds[kind].T
    for rate in RATES:
        q = rates(rate, firing)[latent]
        chance = np.where(activating, q / activating.sum(), (1 - q) / (~activating).sum())
        drawn = rng.multinomial(10**10, chance / chance.sum())
        right, false, missed = (
            drawn[where].sum()
            for where in (activating & predicted, ~activating & predicted, activating & ~predicted)
        )
        wanted = {
            "precision": right / (right + false),
            "f1": 2 * right / (2 * right + false + missed),
            "iou": right / (right + false + missed),
        }
        for measure, value in wanted.items():
            # four standard errors of as many draws
            near = pytest.approx(value, rel=4 / np.sqrt(right))
            assert rows[rate, measure]["value"] == near, (rate, measure)


def f1_at(q: float, counts: np.ndarray) -> float:
    """Work F1 out from precision, by its own formula, and recall."""
    tp, fp, tn, fn = counts.sum(axis=1)[:4]
    recall, specificity = tp / (tp + fn), tn / (tn + fp)
    precision = q * recall / (q * recall + (1 - q) * (1 - specificity))
    return float(2 * precision * recall / (precision + recall))


READY = np.array([[9, 8, 9], [5, 4, 6], [5, 6, 4], [1, 2, 1]])
WARY = np.array([[5, 4, 6], [1, 0, 1], [9, 10, 9], [5, 6, 4]])
# worse than WARY at every rate
POOR = np.array([[5, 4, 5], [2, 1, 2], [8, 9, 8], [5, 6, 5]])


def several(**runs: np.ndarray) -> SmallWarehouse:
    warehouse = SmallWarehouse()
    for name, counts in runs.items():
        source = "neighbours" if name == "near" else "random"
        warehouse.run(name, {"constructor_cfg": {"non_activating_source": source}})
        warehouse.many_counts(name, "fuzz", counts.T.tolist())
    return warehouse


def test_runs_change_places_where_their_f1_is_equal() -> None:
    warehouse = several(poor=POOR, ready=READY, wary=WARY, near=WARY)
    rows = warehouse.rows("select run_id_a, run_id_b, q, f1 from prevalence_reversals order by q")
    wanted = []
    for other, counts in (("poor", POOR), ("wary", WARY)):
        q = optimize.brentq(lambda q, c=counts: f1_at(q, READY) - f1_at(q, c), 0.001, 0.5, xtol=1e-14)
        wanted.append(("ready", other, pytest.approx(q, rel=1e-9), pytest.approx(f1_at(q, counts), rel=1e-9)))
    assert rows == wanted


def test_the_curve_is_that_of_precision_and_recall() -> None:
    warehouse = several(ready=READY, near=WARY)
    rows = warehouse.rows("select run_id, q, f1 from prevalence_curve order by q")
    assert {run_id for run_id, _, _ in rows} == {"ready"}
    assert [q for _, q, _ in rows] == pytest.approx(np.geomspace(0.001, 0.5, 28))
    assert [f1 for _, _, f1 in rows] == pytest.approx([f1_at(q, READY) for _, q, _ in rows])


@pytest.mark.parametrize("n", [20, 150])
def test_intervals_equal_those_of_numpys_derivatives(n: int) -> None:
    counts, firing = data(n, n)
    rows = found(filled(counts, firing))
    tp, fp, tn, fn = counts[:4].astype(float)
    for rate in RATES:
        q = rates(rate, firing)
        step = 1e-5
        more = [logarithms(counts, q, 1 + step * np.eye(n)[g]) for g in range(n)]
        less = [logarithms(counts, q, 1 - step * np.eye(n)[g]) for g in range(n)]
        squares = (((np.array(more) - np.array(less)) / (2 * step)) ** 2).sum(axis=0)
        shares = q * (tp + fn) / (q * (tp + fn)).sum()
        others = (1 - q) * (fp + tn) / ((1 - q) * (fp + tn)).sum()
        both = (shares + others) / 2
        expected = both**2 @ ((np.eye(n) - both) ** 2).sum(axis=1)
        t = stats.t.ppf(0.975, freedom_of_both(shares, others))
        half = t * np.sqrt(squares * (both**2).sum() / expected)
        for side, sign in (("low", -1), ("high", 1)):
            log_odds, log_iou = logarithms(counts, q, np.ones(n)) + sign * half
            iou = min(1, np.exp(log_iou))
            wanted = {"precision": 1 / (1 + np.exp(-log_odds)), "f1": 2 * iou / (1 + iou), "iou": iou}
            for measure, value in wanted.items():
                if rows[rate, measure]["reason"] is None:
                    assert rows[rate, measure][side] == pytest.approx(value, rel=1e-6), (rate, measure, side)
    assert all(row["low"] is not None for (rate, _), row in rows.items() if "firing" not in rate)
    assert (rows["firing lowest", "f1"]["reason"] is None) == (n == 150)


def test_firing_lies_between_two_bounds() -> None:
    counts = np.array([[3, 4, 2], [1, 2, 1], [4, 3, 4], [2, 1, 3]])
    rows = found(filled(counts, np.array([100, 200, 5_000])))
    assert rows["firing lowest", "f1"]["q"] == pytest.approx((0.01 + 0.02 + 0.5) / 3)
    # 5,000 of 10,000 tokens may lie in every text of 32 tokens
    assert rows["firing highest", "f1"]["q"] == pytest.approx((0.32 + 0.64 + 1) / 3)


def with_source(source: str | None, length: int | None = 32) -> dict[str, Any]:
    return RANDOM | {"constructor_cfg": {"non_activating_source": source, "example_ctx_len": length}}


@pytest.mark.parametrize(
    ("config", "firing", "rate", "reason"),
    [
        (with_source("neighbours"), [1, 2, 3], "0.01", "negatives are neighbours"),
        (with_source("FAISS"), [1, 2, 3], "0.5", "negatives are FAISS"),
        (with_source(None), [1, 2, 3], "0.01", "source of negatives unknown"),
        (None, None, "0.01", "source of negatives unknown"),
        (RANDOM, None, "firing lowest", "a firing rate is unknown"),
        (RANDOM, [1, 2], "firing highest", "a firing rate is unknown"),
        (RANDOM | {"cache_cfg": {}}, [1, 2, 3], "firing lowest", "a firing rate is unknown"),
        (with_source("random", None), [1, 2, 3], "firing highest", "a firing rate is unknown"),
        (RANDOM, [0, 0, 0], "firing lowest", "every firing count is 0"),
    ],
)
def test_without_random_texts_or_a_rate_nothing_is_said(
    config: dict[str, Any] | None, firing: list[int] | None, rate: str, reason: str
) -> None:
    counts = np.array([[3, 4, 2], [1, 2, 1], [4, 3, 4], [2, 1, 3]])
    row = found(filled(counts, None if firing is None else np.array(firing), config))[rate, "f1"]
    assert (row["value"], row["low"], row["high"], row["rank"], row["reason"]) == (
        None,
        None,
        None,
        None,
        reason,
    )


@pytest.mark.parametrize(
    ("counts", "value", "reason"),
    [
        ([(3, 0, 0, 2), (4, 0, 0, 1)], None, "one class only"),
        ([(3, 1, 4, 2)], 2 * 0.6 / (0.6 + 0.2 + 1), "one latent only"),
        ([(3, 0, 0, 2), (3, 1, 4, 2)], 2 * 0.6 / (0.6 + 0.2 + 1), "a class has one latent only"),
        ([(0, 1, 4, 5), (0, 2, 3, 5)], 0, "no activating example recognised"),
        ([(3, 0, 5, 2), (4, 0, 5, 1)], 1.4 / 1.7, "no false alarm seen"),
        ([(3, 1, 4, 2), (3, 1, 4, 2)], 2 * 0.6 / (0.6 + 0.2 + 1), "every latent agrees"),
    ],
)
def test_no_false_certainty(counts: list[tuple[int, ...]], value: float | None, reason: str) -> None:
    row = found(filled(np.array(counts).T, None))["0.5", "f1"]
    assert row["value"] == (None if value is None else pytest.approx(value))
    assert (row["low"], row["high"], row["reason"]) == (None, None, reason)


def test_what_rounding_leaves_of_one_latents_weight_is_no_estimate(new_warehouse: Path) -> None:
    """One latent has all the weight, whose square and cube are rounded: DuckDB 1.5 took a root below zero."""
    with duckdb.connect(new_warehouse, read_only=True) as connection:
        query = "select correction_of({'squares': $squares, 'cubes': $cubes})"
        for squares, cubes in ((1.0, 1.0), (1.0, 1 + 4e-16), (1.0, 1 - 4e-16)):
            assert connection.execute(query, {"squares": squares, "cubes": cubes}).fetchall() == [(None,)]
        # Ten latents that weigh alike: n / (n - 1).
        [(ten,)] = connection.execute(query, {"squares": 0.1, "cubes": 0.01}).fetchall()
        assert ten == pytest.approx(10 / 9, rel=1e-14)
