"""Make score files of each family as delphi writes them today, small and with values worked out by hand."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Json = dict[str, Any]


def sequence(
    true: Sequence[float], expected: Sequence[float], quantile: float = 0, tokens: Sequence[str] | None = None
) -> Json:
    """Return a simulated sequence; a quantile of -1 does not activate."""
    return {
        "distance": quantile,
        "simulation": {
            "tokens": [f"t{i}" for i in range(len(true))] if tokens is None else list(tokens),
            "expected_activations": list(expected),
            "activation_scale": "simulated_normalized_activations",
            "distribution_values": [],
            "distribution_probabilities": [],
            "uncalibrated_simulation": None,
        },
        "true_activations": list(true),
        "ev_correlation_score": "nan",
        "rsquared_score": 0,
        "absolute_dev_explained_score": 0,
    }


def group(distance: int, sequences: Sequence[Json | None], score: float | str = "nan") -> Json:
    """Return a group of simulated sequences: of quantile q as q + 1, of all as 0."""
    return {
        "distance": distance,
        "scored_sequence_simulations": list(sequences),
        "ev_correlation_score": score,
        "rsquared_score": 0,
        "absolute_dev_explained_score": 0,
    }


def intruder_set(prediction: int | None, intruder: int = 0, n: int = 4, quantile: int = 0) -> Json:
    """Return what an intruder scorer said of `n` texts; null where it failed."""
    if prediction is None:
        return {
            "interpretation": "", "sample": None, "prediction": 0, "correct_index": -1, "correct": False,
        }  # fmt: skip
    sample = {
        "examples": [f"<<text>> {i}" for i in range(n)],
        "intruder_index": intruder,
        "chosen_quantile": quantile,
        "activations": [[0.5, 0.0]] * n,
        "tokens": [["text", " 1"]] * n,
        "intruder_distance": -1.0,
    }
    return {
        "interpretation": "so",
        "sample": sample,
        "prediction": prediction,
        "correct_index": intruder,
        "correct": prediction == intruder,
    }


def embedded(distance: float, similarity: float, text: str = "a") -> Json:
    """Return a text with its similarity to the explanation."""
    return {"text": text, "distance": distance, "similarity": similarity}


def embedded_pair(plus: float, minus: float, quantile: int = 0) -> Json:
    """Return an activating text and another, each with how much more it is like activating ones."""
    batch = {
        "negative_examples": ["n1", "n2"],
        "positive_examples": ["p1"],
        "positive_query": "<<p>>",
        "negative_query": "n",
        "quantile_positive_query": quantile,
        "distance_negative_query": -1.0,
    }
    return {"batch": batch, "delta_plus": plus, "delta_minus": minus}


def surprised(distance: float, without: Sequence[float], given: Sequence[float]) -> Json:
    """Return a text with its losses, without the explanation and given it."""
    return {
        "text": "a",
        "distance": distance,
        "no_explanation": list(without),
        "explanation": list(given),
        "activations": [0.0] * len(given),
    }


def steered(score: float, divergence: float) -> Json:
    """Return a prompt with what steering does, on average over all prompts."""
    return {
        "str_tokens": ["a", " b"],
        "truncated_prompt": "a",
        "final_score": score,
        "avg_kl_divergence": divergence,
        "tuned_strength": 3.0,
        "target_kl": 1.0,
        "distance": None,
        "activating": None,
        "prediction": None,
        "correct": None,
        "probability": None,
        "activations": None,
    }


# A file of each family, by its name.
FILES: dict[str, list[Json]] = {
    "simulation": [
        group(1, [sequence([1, 2, 3], [1.0, 2.5, 2.0])]),
        group(2, [sequence([0, 4], [1.0, 0.5], 1)]),
        group(
            0,
            [sequence([1, 2, 3], [1.0, 2.5, 2.0]), sequence([0, 4], [1.0, 0.5], 1), sequence([0], [0.5], -1)],
        ),
    ],
    "intruder": [intruder_set(2, 2, quantile=1), intruder_set(1, 2, quantile=1), intruder_set(None)],
    "embedding": [embedded(0, 0.9), embedded(1, 0.4), embedded(-1, 0.4), embedded(-0.5, 0.1)],
    "example_embedding": [embedded_pair(0.3, -0.1), embedded_pair(0.1, 0.2, 3)],
    "surprisal": [surprised(0, [3.0, 1.0], [1.0, 1.0]), surprised(-1, [1.0], [1.5])],
    "surprisal_intervention": [steered(0.12, 0.2)],
    "value": [{"value": 0.2}, {"value": 3}],
}


def random_simulation(rng: Random) -> list[Json]:
    """Return sequences of two quantiles and some that do not activate; better than chance."""
    groups = []
    for quantile in (0, 1, -1):
        true = [[rng.randint(0, 9) * (quantile >= 0) for _ in range(4)] for _ in range(2)]
        groups.append([sequence(t, [x + rng.gauss(0, 4) for x in t], quantile) for t in true])
    return [group(1, groups[0]), group(2, groups[1]), group(0, [*groups[0], *groups[1], *groups[2]])]


# Makes a file of each family, by its name.
RANDOM_FILES: dict[str, Callable[[Random], list[Json]]] = {
    "simulation": random_simulation,
    "intruder": lambda rng: [
        intruder_set(rng.choice([0, 0, 1, 2, 3, None]), quantile=i % 3) for i in range(8)
    ],
    "embedding": lambda rng: [
        embedded(distance, distance / 9 + rng.random()) for distance in (0, 1, 2, 3, -1, -1, -0.5)
    ],
    "example_embedding": lambda rng: [embedded_pair(0.2 + rng.random(), rng.random()) for _ in range(5)],
    "surprisal": lambda rng: [
        surprised(distance, [2 + rng.random()], [1.8 + 0.2 * (distance < 0) + rng.random()])
        for distance in (0, 1, 2, -1, -1, -0.5)
    ],
    "surprisal_intervention": lambda rng: [steered(rng.gauss(0.3, 0.5), rng.random())] * 3,
    "value": lambda rng: [{"value": rng.randint(1, 5)} for _ in range(3)],
}
