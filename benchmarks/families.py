"""Load a directory of each score family beside one of classifiers': python -m benchmarks.families DIR.

Each has as many examples, in files as delphi writes them today: texts of 32 tokens, activations and losses as
bf16 holds them. All are loaded in turns, each into a new warehouse; the shortest time counts, less what one
file alone takes.
"""

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

from benchmarks.corpus import TOKENS, VOCABULARY
from loader.load import Settings, load

Json = dict[str, Any]
EXAMPLES_A_FILE = 50


class Maker:
    """Make what examples hold."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.words = [f" w{i}" for i in range(VOCABULARY)]

    def tokens(self) -> list[str]:
        return [self.words[i] for i in self.rng.integers(0, VOCABULARY, TOKENS)]

    def text(self) -> str:
        return "".join(self.tokens())

    def numbers(self) -> list[float]:
        wide = self.rng.normal(0, 2, TOKENS).astype(np.float32)
        narrow: list[float] = (wide.view(np.uint32) & 0xFFFF0000).view(np.float32).tolist()
        return narrow

    def number(self) -> float:
        return float(self.rng.random())


def classifier(make: Maker, n: int) -> list[Json]:
    """Return the examples of a file of `fuzz`."""
    return [
        {
            "str_tokens": make.tokens(),
            "activations": make.numbers(),
            "distance": i % 10 if i % 2 else -1,
            "activating": bool(i % 2),
            "prediction": bool(i % 3),
            "probability": make.number(),
            "correct": bool(i % 2) == bool(i % 3),
        }
        for i in range(n)
    ]


def simulation(make: Maker, n: int) -> list[Json]:
    """Return groups by quantile and in all, which hold each sequence twice."""
    sequences = [
        {
            "distance": i % 10 if i % 5 else -1,
            "simulation": {
                "tokens": make.tokens(),
                "expected_activations": make.numbers(),
                "activation_scale": "simulated_normalized_activations",
                "distribution_values": [],
                "distribution_probabilities": [],
                "uncalibrated_simulation": None,
            },
            "true_activations": make.numbers(),
            "ev_correlation_score": make.number(),
            "rsquared_score": 0,
            "absolute_dev_explained_score": 0,
        }
        for i in range(n)
    ]
    groups = [(q + 1, [s for s in sequences if s["distance"] == q]) for q in range(10)]
    return [
        {
            "distance": distance,
            "scored_sequence_simulations": held,
            "ev_correlation_score": make.number(),
            "rsquared_score": 0,
            "absolute_dev_explained_score": 0,
        }
        for distance, held in [*groups, (0, sequences)]
        if held
    ]


def intruder(make: Maker, n: int) -> list[Json]:
    """Return sets of five texts, with their tokens."""
    sets = []
    for i in range(n):
        tokens = [make.tokens() for _ in range(5)]
        sample = {
            "examples": ["".join(text) for text in tokens],
            "intruder_index": i % 5,
            "chosen_quantile": i % 10,
            "activations": [make.numbers() for _ in tokens],
            "tokens": tokens,
            "intruder_distance": -1.0,
        }
        found = {"interpretation": make.text(), "sample": sample, "prediction": i % 3, "correct_index": i % 5}
        sets.append(found | {"correct": i % 3 == i % 5})
    return sets


def embedding(make: Maker, n: int) -> list[Json]:
    """Return texts with their similarity."""
    return [
        {"text": make.text(), "distance": i % 10 if i % 2 else -1, "similarity": make.number()}
        for i in range(n)
    ]


def example_embedding(make: Maker, n: int) -> list[Json]:
    """Return pairs of texts, each with the twenty that they are compared with."""
    pairs = []
    for i in range(n):
        batch = {
            "negative_examples": [make.text() for _ in range(10)],
            "positive_examples": [make.text() for _ in range(10)],
            "positive_query": make.text(),
            "negative_query": make.text(),
            "quantile_positive_query": i % 10,
            "distance_negative_query": -1.0,
        }
        pairs.append({"batch": batch, "delta_plus": make.number(), "delta_minus": make.number()})
    return pairs


def surprisal(make: Maker, n: int) -> list[Json]:
    """Return texts with their losses."""
    return [
        {
            "text": make.text(),
            "distance": i % 10 if i % 2 else -1,
            "no_explanation": make.numbers(),
            "explanation": make.numbers(),
            "activations": make.numbers(),
        }
        for i in range(n)
    ]


def surprisal_intervention(make: Maker, n: int) -> list[Json]:
    """Return prompts with what steering does."""
    return [
        {
            "str_tokens": make.tokens(),
            "truncated_prompt": make.text(),
            "final_score": 0.25,
            "avg_kl_divergence": 1.0,
            "tuned_strength": 5.0,
            "target_kl": 1.0,
            **dict.fromkeys(
                ("distance", "activating", "prediction", "correct", "probability", "activations")
            ),
        }
        for i in range(n)
    ]


MAKERS: tuple[Callable[[Maker, int], list[Json]], ...] = (
    classifier,
    simulation,
    intruder,
    embedding,
    example_embedding,
    surprisal,
    surprisal_intervention,
)


class Timed(NamedTuple):
    """Hold the seconds of a load: on the wall, and of the processor."""

    wall: float
    processor: float


def write(directory: Path, maker: Callable[[Maker, int], list[Json]], n_examples: int) -> int:
    """Write a run whose scores have `n_examples` in all; return its bytes."""
    scores = directory / "run" / "scores" / maker.__name__
    scores.mkdir(parents=True, exist_ok=True)
    make = Maker(1)
    size = 0
    for latent in range(n_examples // EXAMPLES_A_FILE):
        examples = maker(make, EXAMPLES_A_FILE)
        data = json.dumps(examples, ensure_ascii=False, separators=(",", ":")).encode()
        (scores / f"layers.1_latent{latent}.txt").write_bytes(data)
        size += len(data)
    return size


def time_load(results: Path, warehouse: Path) -> Timed:
    """Load into a new warehouse."""
    warehouse.unlink(missing_ok=True)
    wall, processor = time.perf_counter(), time.process_time()
    summary = load(warehouse, [results], Settings())
    assert summary.n_failed + summary.n_unsupported == 0
    return Timed(time.perf_counter() - wall, time.process_time() - processor)


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--examples", default=100_000, show_default=True, help="Of each family.")
@click.option("--rounds", default=3, show_default=True, help="Loads of each, in turns; the shortest counts.")
def main(directory: Path, examples: int, rounds: int) -> None:
    """Time loading each family, with files in DIRECTORY, which is emptied before and afterwards."""
    warehouse = directory / "warehouse.duckdb"
    shutil.rmtree(directory, ignore_errors=True)
    write(directory / "one file", classifier, EXAMPLES_A_FILE)
    megabytes = {maker.__name__: write(directory / maker.__name__, maker, examples) / 1e6 for maker in MAKERS}
    # Written out, so that the disk does not take time from the loads.
    os.sync()
    times: dict[str, list[Timed]] = {}
    for _ in range(rounds):
        for name in ("one file", *megabytes):
            times.setdefault(name, []).append(time_load(directory / name, warehouse))
    shutil.rmtree(directory)
    shortest = {name: Timed(*map(min, zip(*taken, strict=True))) for name, taken in times.items()}
    base = shortest.pop("one file")
    click.echo(
        "| family | MB | wall s | CPU s | MB per CPU s | of the classifiers' |\n|---|---|---|---|---|---|"
    )
    speeds: dict[str, float] = {}
    for name, took in shortest.items():
        speeds[name] = megabytes[name] / (took.processor - base.processor)
        click.echo(
            f"| {name} | {megabytes[name]:.0f} | {took.wall - base.wall:.1f} |"
            f" {took.processor - base.processor:.1f} | {speeds[name]:.0f} |"
            f" {speeds[name] / speeds['classifier']:.2f} |"
        )


if __name__ == "__main__":
    main()
