"""Write results of many explainer models, made from the demo's five: python -m benchmarks.many_models DIR 20.

For looking at figures and timing loads with more runs than the demo has.
"""

from pathlib import Path
from random import Random

import click

from loader.demo.counts import bell
from loader.demo.models import MODELS, Counts, Model
from loader.demo.runs import cache_file, make_latents, run_files, write_files


def vary(counts: Counts, rng: Random) -> Counts:
    """Return counts of the same examples and failures, with about 5 % of the answers changed."""
    n_activating, n_other = counts.tp + counts.fn, counts.fp + counts.tn
    tp = min(max(counts.tp + int(0.05 * n_activating * bell(rng)), 0), n_activating)
    fp = min(max(counts.fp + int(0.05 * n_other * bell(rng)), 0), n_other)
    return counts._replace(tp=tp, fn=n_activating - tp, fp=fp, tn=n_other - fp)


def make_models(n: int) -> list[Model]:
    """Return `n` models: the demo's own first, then variants of them with names of their own."""
    models = list(MODELS[:n])
    for i in range(len(models), n):
        rng = Random(f"variant {i}")
        base = MODELS[i % len(MODELS)]
        models.append(
            base._replace(
                key=f"{base.key}_v{i // len(MODELS)}",
                explainer_model=f"{base.explainer_model}-v{i // len(MODELS)}",
                n_thinking_tokens=int(base.n_thinking_tokens * (0.7 + 0.6 * rng.random())),
                tokens_per_second=base.tokens_per_second * (0.7 + 0.6 * rng.random()),
                totals={score_type: vary(counts, rng) for score_type, counts in base.totals.items()},
            )
        )
    return models


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.argument("n", type=click.IntRange(min=1))
def main(directory: Path, n: int) -> None:
    """Write results of N models into DIRECTORY."""
    latents = make_latents()
    write_files(directory, [cache_file(latents)])
    for model in make_models(n):
        write_files(directory, run_files(model, latents))


if __name__ == "__main__":
    main()
