"""Make the demo's run directories and the cache that they share, in the layout of the original analysis."""

import io
import json
import math
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from ..files.firing_counts import write_firing_counts
from .counts import bell
from .models import Model
from .scores import make_scores
from .settings import (
    HOOKPOINTS,
    MAX_LATENTS,
    MIN_EXAMPLES,
    N_TOKENS,
    SUBJECT_MODEL,
    WIDTH,
    make_config,
    make_explainer_stats,
    make_scorer_stats,
    make_timing,
)
from .text import Example, explain, make_examples, narrow, shuffled
from .themes import Theme, read_themes

PLACEHOLDER = "Explanation could not be parsed."
# How many explanations each model fails to give, by its skill.
N_PLACEHOLDERS = (2, 1, 0, 0, 0)


class File(NamedTuple):
    """One file to write; the path is relative to the directory of results."""

    path: Path
    content: bytes


class Latent(NamedTuple):
    """One latent as every run sees it."""

    hookpoint: str
    latent_idx: int
    theme: Theme
    ease: float
    """How well anybody can explain it, beside the others: mean 0, variance 1."""
    examples: list[Example]

    @property
    def file_name(self) -> str:
        return f"{self.hookpoint}_latent{self.latent_idx}.txt"


def make_latents() -> list[Latent]:
    """Return the latents, one per hookpoint and theme: all runs explain these and see the same examples."""
    themes = read_themes()
    latents = []
    for hookpoint in HOOKPOINTS:
        rng = Random(f"latents of {hookpoint}")
        explained = sorted(shuffled(range(MAX_LATENTS), rng)[: len(themes)])
        for index, theme in zip(explained, shuffled(themes, rng), strict=True):
            others = [other for other in themes if other is not theme]
            own = narrow(theme, rng)
            latents.append(Latent(hookpoint, index, own, bell(rng), make_examples(own, others, rng)))
    return latents


def run_files(model: Model, latents: Sequence[Latent]) -> Iterator[File]:
    """Yield the files of one run."""
    rng = Random(f"run of {model.key}")
    run = Path(f"{model.key}_explanation_comparison")
    explanations = _explain_all(model, latents)
    for latent, explanation in zip(latents, explanations, strict=True):
        yield File(
            run / "explanations" / latent.file_name, json.dumps(explanation, ensure_ascii=False).encode()
        )
    explainer_stats = make_explainer_stats(model, explanations, rng)
    yield _json_file(run / "run_config.json", make_config(model))
    yield _json_file(run / "explainer_stats.json", explainer_stats)
    # A run explains some latents better or worse than others do, and all its scores show that.
    ease = [0.8 * latent.ease + 0.6 * bell(rng) for latent in latents]
    examples = [latent.examples for latent in latents]
    scorer_seconds = []
    for score_type, totals in model.totals.items():
        scores = make_scores(examples, ease, totals, model.confidence, rng)
        for latent, score in zip(latents, scores, strict=True):
            yield File(run / "scores" / score_type / latent.file_name, score.encode())
        stats = make_scorer_stats(score_type, totals, explanations, rng)
        yield _json_file(run / f"{score_type}_stats.json", stats)
        scorer_seconds.append(stats[score_type]["total_time"])
    timing = make_timing(explainer_stats["DefaultExplainer"]["total_time"], math.fsum(scorer_seconds))
    yield _json_file(run / "timing.json", timing)
    yield _json_file(run / "scoring_timing.json", {**timing, "scorers_used": list(model.totals)})


def cache_file(latents: Sequence[Latent]) -> File:
    """Return the firing counts of every latent of the sparse model; the explained ones fire often enough."""
    counts = {}
    for hookpoint in HOOKPOINTS:
        rng = Random(f"firing counts of {hookpoint}")
        # One in ten is dead.
        fired = [_heavy_tail(rng) if rng.random() > 0.1 else 0 for _ in range(WIDTH)]
        # delphi explains none of its first latents that fires too seldom.
        fired[:MAX_LATENTS] = [int(MIN_EXAMPLES * rng.random()) for _ in range(MAX_LATENTS)]
        for latent in latents:
            if latent.hookpoint == hookpoint:
                often = int(_heavy_tail(rng) * max(0.3, 1 + 0.3 * latent.ease))
                fired[latent.latent_idx] = max(often, MIN_EXAMPLES)
        counts[hookpoint] = array("q", fired)
    buffer = io.BytesIO()
    write_firing_counts(buffer, counts)
    cache = Path(f"cache_{SUBJECT_MODEL.rpartition('/')[2]}")
    return File(cache / "log" / "hookpoint_firing_counts.pt", buffer.getvalue())


def write_files(directory: Path, files: Iterable[File]) -> list[int]:
    """Write files under a directory, and return their sizes."""
    sizes = []
    for path, content in files:
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        sizes.append((directory / path).write_bytes(content))
    return sizes


def _explain_all(model: Model, latents: Sequence[Latent]) -> list[str]:
    """Return a model's explanation of every latent: vague words for the hard ones, none for the hardest."""
    hardest = sorted(latents, key=lambda latent: latent.ease)[: N_PLACEHOLDERS[model.skill]]
    return [
        PLACEHOLDER
        if latent in hardest
        else explain(latent.theme, model.skill if latent.ease > -1 else min(model.skill, 1))
        for latent in latents
    ]


def _heavy_tail(rng: Random) -> int:
    """Return a firing count: most near 2,000, a few a thousand times as many."""
    u = 1 - rng.random()
    return min(int(1500 / math.sqrt(u * math.sqrt(u))), N_TOKENS // 4)


def _json_file(path: Path, values: Mapping[str, Any]) -> File:
    return File(path, json.dumps(values, indent=4).encode())
