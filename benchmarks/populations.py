"""Populations of latents to simulate: what a scorer knows of each, and of how many examples it is asked."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

EXAMPLES = 50  # of each class a latent
FAILED = 0.05
AUC_EXAMPLES = 10  # of each class a latent
TRUTH = 2_000_000  # latents that stand for the whole population

SEED = 20261124

Shape = tuple[int, ...]


class Latents(NamedTuple):
    """Hold the chances to be right about an example of either class, and how many examples there are."""

    recall: np.ndarray
    specificity: np.ndarray
    n_activating: np.ndarray | int = EXAMPLES
    n_other: np.ndarray | int = EXAMPLES


Draw = Callable[[np.random.Generator, Shape], Latents]


def moderate(rng: np.random.Generator, shape: Shape) -> Latents:
    """Draw latents of strongly differing quality: whole latents are explained well or not at all."""
    quality = rng.beta(0.6, 0.6, shape)
    recall = np.clip(0.15 + 0.75 * quality + rng.normal(0, 0.05, shape), 0.01, 0.99)
    specificity = np.clip(0.55 + 0.35 * quality + rng.normal(0, 0.1, shape), 0.01, 0.99)
    return Latents(recall, specificity)


def sizes(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    return np.maximum(1, np.exp(rng.normal(np.log(20), 1.2, shape)).round()).astype(int)


def unequal(rng: np.random.Generator, shape: Shape) -> Latents:
    """Draw the same with unequal numbers of examples, the standard deviation of log n being 1.2."""
    n = sizes(rng, shape)
    return moderate(rng, shape)._replace(n_activating=n, n_other=n)


def unequal_by_quality(rng: np.random.Generator, shape: Shape) -> Latents:
    """Draw latents that have more examples the better they are explained."""
    log_n = rng.normal(np.log(20), 1.2, shape)
    n = np.maximum(1, np.exp(log_n).round()).astype(int)
    chance = 1 / (1 + np.exp(-1 - (log_n - np.log(20)) / 1.2 - rng.normal(0, 1, shape)))
    return Latents(chance, chance, n, n)


def weak(rng: np.random.Generator, shape: Shape) -> Latents:
    """Draw latents that are hardly ever recognised, a few of them often: F1 0.05."""
    return Latents(rng.beta(0.25, 9, shape), np.full(shape, 0.95))


def tenth_poor(rng: np.random.Generator, shape: Shape) -> Latents:
    """Draw latents with an accuracy of 0.995, a tenth of them anywhere from 0.49 to 1: 0.97 in all."""
    chance = np.where(rng.random(shape) < 0.1, 1 - 0.51 * rng.random(shape), 0.995)
    return Latents(chance, chance)


def quarter_with_negatives(rng: np.random.Generator, shape: Shape) -> Latents:
    """Draw latents of which a quarter have examples that do not activate; both classes differ as much."""
    recall, specificity = 0.15 + 0.75 * rng.beta(0.6, 0.6, (2, *shape))
    return Latents(recall, specificity, EXAMPLES, EXAMPLES * (rng.random(shape) < 0.25))


def draw_counts(rng: np.random.Generator, latents: Latents) -> pd.DataFrame:
    """Draw confusion counts, a row a latent, a few examples failed."""
    shape = latents.recall.shape
    n_yes, n_no = (np.broadcast_to(n, shape) for n in (latents.n_activating, latents.n_other))
    failed_yes, failed_no = rng.binomial(n_yes, FAILED), rng.binomial(n_no, FAILED)
    tp = rng.binomial(n_yes - failed_yes, latents.recall)
    tn = rng.binomial(n_no - failed_no, latents.specificity)
    columns = {
        "tp": tp,
        "fp": n_no - failed_no - tn,
        "tn": tn,
        "fn": n_yes - failed_yes - tp,
        "n_failed": failed_yes + failed_no,
        "n_failed_activating": failed_yes,
        "firing_count": np.exp(rng.normal(8, 0.7, shape)).astype(int),
    }
    return pd.DataFrame({name: column.ravel() for name, column in columns.items()})


@cache
def truths(draw: Draw) -> dict[str, float]:
    """Work out what the measures are over a whole population."""
    rng = np.random.default_rng(SEED)
    c = draw_counts(rng, draw(rng, (TRUTH,))).astype(float)
    f1 = 2 * c.tp / (2 * c.tp + c.fp + c.fn)
    total = c.sum()
    recall, specificity = total.tp / (total.tp + total.fn), total.tn / (total.tn + total.fp)
    return {
        "accuracy": (total.tp + total.tn) / (total.tp + total.tn + total.fp + total.fn),
        "balanced_accuracy": (recall + specificity) / 2,
        "precision": total.tp / (total.tp + total.fp),
        "recall": recall,
        "specificity": specificity,
        "f1": 2 * total.tp / (2 * total.tp + total.fp + total.fn),
        "f1_strict": 2 * total.tp / (2 * total.tp + total.fp + total.fn + total.n_failed_activating),
        "f1_macro": f1.mean(),
        "f1_weighted": (f1 * c.firing_count).sum() / c.firing_count[f1.notna()].sum(),
    }


def draw_scores(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Draw how sure a scorer is: the axes are those of shape, the class (activating first) and the example.

    Classes are some 3.5 standard deviations apart, in a tenth of the latents about 1: the AUC is 0.97.
    """
    apart = np.where(rng.random(shape) < 0.1, rng.normal(1, 0.5, shape), 3.5)
    scores = rng.normal(0, 1, (*shape, 2, AUC_EXAMPLES))
    scores[..., 0, :] += apart[..., None]
    return scores


@cache
def true_auc() -> float:
    rng = np.random.default_rng(SEED)
    scores = draw_scores(rng, (TRUTH // 10,))
    activating, other = scores[:, 0].ravel(), np.sort(scores[:, 1].ravel())
    return float(np.searchsorted(other, activating).mean() / len(other))
