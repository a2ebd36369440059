"""Write a corpus of realistic results, of any size: python -m benchmarks.corpus DIR --runs 20.

The shape is that of real score files: 60 examples of 32 tokens, bf16 activations, dense in three runs of
five and mostly zero in the others, failures by whole prompts of five. Every text is another. Same seed, same
bytes.
"""

import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np

from loader.files.firing_counts import write_firing_counts

SCORE_TYPES = ("detection", "fuzz")
# Neither is part of the other: eai-delphi looks for files by a part of their names.
HOOKPOINTS = ("layers.12.mlp", "layers.24.mlp")
LATENTS = 255
WIDTH = 16_384
EXAMPLES = 60
ACTIVATING = 50
TOKENS = 32
PROMPT = 5
VOCABULARY = 30_000
FILES_A_RUN = len(SCORE_TYPES) * len(HOOKPOINTS) * LATENTS

_ODD = [
    "",
    ".",
    ",",
    "\n",
    "\t",
    ' "',
    "\\",
    "'",
    "é",
    " été",
    "\ufffd",
    "…",
    "日本",
    "🙂",
    "</s>",
    "0",
    "1",
    "NaN",
]
_SYLLABLES = [a + b for a in "bcdfghjklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "ion")]


class Shape(NamedTuple):
    """Hold how large the runs are: latents a hookpoint, those of the sparse model, and examples a latent."""

    n_latents: int = LATENTS
    width: int = WIDTH
    n_examples: int = EXAMPLES
    n_activating: int = ACTIVATING


class Texts(NamedTuple):
    """Hold what score files are made of, as JSON: tokens with their odds, and each bf16 number."""

    tokens: np.ndarray
    odds: np.ndarray
    numbers: np.ndarray


def write_corpus(directory: Path, n_runs: int, shape: Shape = Shape(), seed: int = 1) -> int:  # noqa: B008
    """Write runs of a shape below a directory; return the score files' bytes."""
    given = ((directory, run, shape, seed) for run in range(n_runs))
    with ProcessPoolExecutor() as pool:
        return sum(pool.map(_write_run, *zip(*given, strict=True)))


def _write_run(directory: Path, run: int, shape: Shape, seed: int) -> int:
    rng = np.random.default_rng([seed, run])
    texts = _make_texts(seed)
    place = directory / f"run_{run:03}"
    for folder in ("explanations", "log", *(f"scores/{score_type}" for score_type in SCORE_TYPES)):
        (place / folder).mkdir(parents=True, exist_ok=True)
    config = {
        "model": "example/subject-2b",
        "explainer_model": f"example/explainer-{run}",
        "hookpoints": HOOKPOINTS,
        "num_examples_per_scorer_prompt": PROMPT,
    }
    (place / "run_config.json").write_text(json.dumps(config, indent=4))
    counts = {hookpoint: rng.integers(0, 10_000, shape.width).tolist() for hookpoint in HOOKPOINTS}
    write_firing_counts(place / "log" / "hookpoint_firing_counts.pt", counts)
    size = 0
    for hookpoint in HOOKPOINTS:
        for latent in np.sort(rng.choice(shape.width, shape.n_latents, replace=False)):
            name = f"{hookpoint}_latent{latent}.txt"
            words = json.loads(f"[{','.join(_sample(texts, rng, (60,)))}]")
            explanation = json.dumps("".join(words), ensure_ascii=False)
            (place / "explanations" / name).write_text(explanation, encoding="utf-8")
            for score_type in SCORE_TYPES:
                text = _score_file(texts, rng, shape, is_dense=run % 5 < 3, has_probability=run % 2 == 0)
                data = text.encode()
                (place / "scores" / score_type / name).write_bytes(data)
                size += len(data)
    return size


def _make_texts(seed: int) -> Texts:
    """Return a vocabulary with a natural one's lengths and odds, and the JSON of all bf16 numbers."""
    rng = np.random.default_rng(seed)
    words = dict.fromkeys(_ODD)
    while len(words) < VOCABULARY:
        syllables = rng.choice(_SYLLABLES, rng.choice([1, 2, 3], p=[0.25, 0.5, 0.25]))
        words[(" " if rng.random() < 0.7 else "") + "".join(syllables)] = None
    # Short ones are frequent, more or less.
    ranked = sorted(words, key=lambda word: len(word) + 6 * rng.random())
    tokens = [json.dumps(word, ensure_ascii=False) for word in ranked]
    odds = 1 / (np.arange(len(tokens)) + 10)
    every = np.arange(1 << 16, dtype=np.uint32) << 16
    numbers = [json.dumps(number) for number in every.view(np.float32).tolist()]
    return Texts(np.array(tokens, object), np.cumsum(odds / odds.sum()), np.array(numbers, object))


def _sample(texts: Texts, rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Draw tokens, in lists as deep as the shape."""
    return texts.tokens[np.searchsorted(texts.odds, rng.random(shape) * texts.odds[-1])].tolist()


def _score_file(
    texts: Texts, rng: np.random.Generator, shape: Shape, *, is_dense: bool, has_probability: bool
) -> str:
    tokens = _sample(texts, rng, (shape.n_examples, TOKENS))
    values = rng.normal(0, 2, (shape.n_activating, TOKENS)).astype(np.float32)
    if not is_dense:
        values[rng.random(values.shape) < 0.9] = 0
        values = np.abs(values)
    activations = texts.numbers[values.view(np.uint32) >> 16].tolist()
    activations += [["0"] * TOKENS] * (shape.n_examples - shape.n_activating)
    order = rng.permutation(shape.n_examples)
    failed = rng.random(shape.n_examples // PROMPT) < 0.1
    skill = 0.5 + 0.5 * rng.random()
    examples = []
    for place, source in enumerate(order.tolist()):
        activating = source < shape.n_activating
        prediction = None if failed[place // PROMPT] else activating == (rng.random() < skill)
        probability = rng.random() if has_probability and prediction is not None else None
        examples.append(
            f'{{"str_tokens":[{",".join(tokens[source])}],"activations":[{",".join(activations[source])}],'
            f'"distance":{source // 5 if activating else -1.0},"activating":{json.dumps(activating)},'
            f'"prediction":{json.dumps(prediction)},"probability":{json.dumps(probability)},'
            f'"correct":{json.dumps(None if prediction is None else prediction == activating)}}}'
        )
    return f"[{','.join(examples)}]"


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--runs", default=20, show_default=True, help=f"Runs of {FILES_A_RUN:,} score files each.")
@click.option("--seed", default=1, show_default=True)
def main(directory: Path, runs: int, seed: int) -> None:
    """Write results of RUNS runs into DIRECTORY."""
    size = write_corpus(directory, runs, seed=seed)
    click.echo(f"{directory}: {runs} runs, {runs * FILES_A_RUN:,} score files, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
