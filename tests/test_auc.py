"""AUC, ROC and reliability: against scikit-learn and plain NumPy, with ties, failures and one class."""

import numpy as np
import pytest
from sklearn import metrics
from small_warehouse import SmallWarehouse

Examples = list[tuple[bool, bool | None, float | None]]


def made(seed: int, n_latents: int, levels: int) -> list[Examples]:
    """Draw examples of n latents with probabilities on a grid, for ties; every seventh failed."""
    rng = np.random.default_rng(seed)
    latents: list[Examples] = []
    for _ in range(n_latents):
        skill = rng.normal()
        activating = rng.random(12) < 0.5
        activating[:2] = [True, False]
        raw = 1 / (1 + np.exp(-(skill * np.where(activating, 1, -1) + rng.normal(size=12))))
        probability = np.round(raw * levels) / levels
        latents.append(
            [
                (bool(a), None, None) if place % 7 == 6 else (bool(a), bool(p > 0.5), float(p))
                for place, (a, p) in enumerate(zip(activating, probability, strict=True))
            ]
        )
    return latents


def filled(latents: list[Examples]) -> SmallWarehouse:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    for latent, rows in enumerate(latents):
        warehouse.examples("a", "fuzz", latent, rows)
    return warehouse


def obuchowski(latents: list[Examples]) -> tuple[float, float]:
    """Return the AUC and its standard error as Obuchowski (1997) has them."""
    yes = [np.array([p for a, _, p in rows if p is not None and a]) for rows in latents]
    no = [np.array([p for a, _, p in rows if p is not None and not a]) for rows in latents]
    all_yes, all_no = np.concatenate(yes), np.concatenate(no)

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])

    auc = kernel(all_yes, all_no).mean()
    v10 = np.array([kernel(x, all_no).mean(axis=1).sum() - len(x) * auc for x in yes])
    v01 = np.array([kernel(all_yes, y).mean(axis=0).sum() - len(y) * auc for y in no])
    m, n, g = len(all_yes), len(all_no), len(latents)
    s10, s01, s11 = (v10**2).sum(), (v01**2).sum(), (v10 * v01).sum()
    return float(auc), float(np.sqrt(g / (g - 1) * (s10 / m**2 + s01 / n**2 + 2 * s11 / (m * n))))


@pytest.mark.parametrize(("seed", "n_latents", "levels"), [(1, 2, 4), (2, 40, 5), (3, 60, 10**6), (4, 30, 1)])
def test_auc_and_brier_equal_scikit_learn_and_the_error_equals_obuchowskis(
    seed: int, n_latents: int, levels: int
) -> None:
    latents = made(seed, n_latents, levels)
    (found,) = filled(latents).records("from run_metrics")
    known = [(a, p) for rows in latents for a, _, p in rows if p is not None]
    truth, scores = ([pair[place] for pair in known] for place in (0, 1))
    auc, se = obuchowski(latents)
    assert found["auc"] == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-12)
    assert found["auc"] == pytest.approx(auc, abs=1e-12)
    assert found["auc_se"] == pytest.approx(se, abs=1e-9)
    assert found["auc_n_latents"] == n_latents
    assert found["auc_low"] <= found["auc"] <= found["auc_high"]
    assert found["brier"] == pytest.approx(metrics.brier_score_loss(truth, scores), abs=1e-12)


def test_auc_of_one_latent_equals_scikit_learn() -> None:
    latents = made(5, 8, 4)
    for latent, auc, brier in filled(latents).rows("select latent_idx, auc, brier from latent_metrics"):
        known = [(a, p) for a, _, p in latents[latent] if p is not None]
        truth, scores = ([pair[place] for pair in known] for place in (0, 1))
        assert auc == pytest.approx(metrics.roc_auc_score(truth, scores), abs=1e-12)
        assert brier == pytest.approx(metrics.brier_score_loss(truth, scores), abs=1e-12)


def test_auc_by_hand_with_a_tie() -> None:
    warehouse = filled([[(True, True, 0.9), (True, True, 0.5), (False, True, 0.5), (False, False, 0.1)]])
    assert warehouse.row("select auc, auc_low, auc_reason from run_metrics") == (
        3.5 / 4,
        None,
        "one latent only",
    )


def test_auc_is_undefined_for_one_class_or_without_probability() -> None:
    assert filled([[(True, True, 0.9), (True, False, 0.2)]]).row(
        "select auc, auc_macro from run_metrics"
    ) == (
        None,
        None,
    )
    assert filled([[(True, True, None), (False, False, None)]]).row("select auc, brier from run_metrics") == (
        None,
        None,
    )


def test_perfect_separation_is_no_certainty() -> None:
    warehouse = filled([[(True, True, 0.9), (False, False, 0.2)], [(True, True, 0.8), (False, False, 0.1)]])
    query = "select auc, auc_se, auc_low, auc_high, auc_reason from run_metrics"
    assert warehouse.row(query) == (1.0, 0.0, None, None, "every latent agrees")
