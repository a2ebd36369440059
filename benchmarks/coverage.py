"""Simulate how often the intervals hold the truth: python -m benchmarks.coverage [--datasets 2000].

Every dataset is a run in one warehouse, so the SQL under test does all the work. Prints the Markdown tables
that docs/uncertainty.md shows; same seed, same tables.
"""

from collections.abc import Iterator
from typing import NamedTuple

import click
import duckdb
import numpy as np
import pandas as pd

from explainer_warehouse.sql_files import sql_files

EXAMPLES = 50  # of each class a latent
SIZES = (20, 50, 100, 200, 500)
FAILED = 0.05
POPULATION = 2_000_000
PAIRS_A_QUERY = 20


class Latents(NamedTuple):
    """Hold what a scorer knows of latents: the chances to be right about an example of either class."""

    recall: np.ndarray
    specificity: np.ndarray


def draw_latents(rng: np.random.Generator, shape: tuple[int, ...]) -> Latents:
    """Draw latents of strongly differing quality: whole latents are explained well or not at all."""
    quality = rng.beta(0.6, 0.6, shape)
    recall = np.clip(0.15 + 0.75 * quality + rng.normal(0, 0.05, shape), 0.01, 0.99)
    specificity = np.clip(0.55 + 0.35 * quality + rng.normal(0, 0.1, shape), 0.01, 0.99)
    return Latents(recall, specificity)


def draw_counts(rng: np.random.Generator, latents: Latents) -> pd.DataFrame:
    """Draw confusion counts, a row a latent, a few examples failed."""
    shape = latents.recall.shape
    failed_yes, failed_no = rng.binomial(EXAMPLES, FAILED, (2, *shape))
    tp = rng.binomial(EXAMPLES - failed_yes, latents.recall)
    tn = rng.binomial(EXAMPLES - failed_no, latents.specificity)
    columns = {
        "tp": tp,
        "fp": EXAMPLES - failed_no - tn,
        "tn": tn,
        "fn": EXAMPLES - failed_yes - tp,
        "n_failed": failed_yes + failed_no,
        "n_failed_activating": failed_yes,
    }
    columns["firing_count"] = np.exp(rng.normal(8, 0.7, shape)).astype(int)
    return pd.DataFrame({name: column.ravel() for name, column in columns.items()})


def truths(rng: np.random.Generator) -> dict[str, float]:
    """Work out what the measures are over the whole population."""
    c = draw_counts(rng, draw_latents(rng, (POPULATION,))).astype(float)
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
        "f1_weighted": (f1 * c.firing_count).sum() / c.firing_count.sum(),
    }


def new_warehouse() -> duckdb.DuckDBPyConnection:
    """Make an empty warehouse in memory."""
    connection = duckdb.connect()
    for file in sql_files():
        connection.execute(file.read_text(encoding="utf-8"))
    return connection


def fill(connection: duckdb.DuckDBPyConnection, counts: pd.DataFrame, n_latents: int, config: str) -> None:
    """Put each `n_latents` rows of counts into a run of their own; config is SQL that may use `run`."""
    n_runs = len(counts) // n_latents
    rows = counts.assign(
        file_id=np.arange(len(counts)),
        run=np.repeat(np.arange(n_runs), n_latents),
        latent=np.tile(np.arange(n_latents), n_runs),
    )
    connection.register("rows", rows)
    connection.execute(
        f"""
        create or replace temp view run_numbers as
        select
            range as run,
            cast(range as varchar) as run_id
        from range({n_runs});

        insert into run_directories
        select run_id, run_id, run_id, run_id
        from run_numbers;

        insert into source_files (file_id, run_id, path, kind, status)
        select -1 - run, run_id, 'config of ' || run, 'config', 'loaded'
        from run_numbers;

        insert into config_facts
        select -1 - run, {config}
        from run_numbers;

        insert into source_files (file_id, path, kind, status)
        select -1 - {n_runs} - run, 'cache of ' || run, 'firing_counts', 'loaded'
        from run_numbers;

        insert into run_links
        select run_id, 'firing_counts', 'cache of ' || run
        from run_numbers;

        insert into firing_facts
        select -1 - {n_runs} - run, 'layers.1', latent, firing_count
        from rows;

        insert into source_files (file_id, run_id, path, kind, score_type, hookpoint, latent_idx, status)
        select file_id, cast(run as varchar), run || '/' || latent, 'score', 'fuzz', 'layers.1', latent,
            'loaded'
        from rows;

        insert into count_facts
        select file_id, tp, fp, tn, fn, n_failed, n_failed_activating, 0, 0, 0, 0, 0
        from rows
        """
    )
    connection.unregister("rows")


def coverage(
    rng: np.random.Generator, n_latents: int, n_datasets: int, truth: dict[str, float]
) -> dict[str, float]:
    """Count how often intervals hold the truth, in percent; `naive accuracy` has the binomial interval.

    A measure without intervals, as the weighted one of few latents, has NaN.
    """
    connection = new_warehouse()
    fill(connection, draw_counts(rng, draw_latents(rng, (n_datasets, n_latents))), n_latents, "'{}'")
    found = connection.execute("select name, value, low, high from run_measures").df()
    sizes = connection.execute("select n_valid from run_confusion").df()["n_valid"]
    shares = {}
    for name, value in truth.items():
        rows = found[(found["name"] == name) & found["low"].notna()]
        shares[name] = 100 * ((rows["low"] <= value) & (value <= rows["high"])).mean()
    accuracy = found[found["name"] == "accuracy"]["value"].to_numpy()
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / sizes.mean())
    shares["naive accuracy"] = 100 * (np.abs(accuracy - truth["accuracy"]) <= half).mean()
    connection.close()
    return shares


def null_rates(rng: np.random.Generator, n_latents: int, n_datasets: int) -> dict[str, float]:
    """Count how often two runs differ at 5 % whose latents differ and whose means do not, in percent."""
    shared = draw_latents(rng, (n_datasets, 1, n_latents))
    own = draw_latents(rng, (n_datasets, 2, n_latents))
    latents = Latents(*((part + other) / 2 for part, other in zip(shared, own, strict=True)))
    connection = new_warehouse()
    config = """json_object('model', 'subject', 'sparse_model', 'sparse model ' || (run // 2))"""
    fill(connection, draw_counts(rng, latents), n_latents, config)
    rejected: dict[str, list[bool]] = {}
    for first in range(0, 2 * n_datasets, 2 * PAIRS_A_QUERY):
        runs = range(first, min(first + 2 * PAIRS_A_QUERY, 2 * n_datasets))
        for measure, p_value in comparisons(connection, runs):
            rejected.setdefault(measure, []).append(p_value < 0.05)
    connection.close()
    return {measure: 100 * float(np.mean(values)) for measure, values in rejected.items()}


def comparisons(connection: duckdb.DuckDBPyConnection, runs: range) -> Iterator[tuple[str, float]]:
    """Yield measure and p of the comparable pairs of some runs."""
    connection.execute(f"set variable selected_runs = {[str(run) for run in runs]}")
    yield from connection.execute(
        "select measure, p_value from model_comparison where p_value is not null order by all"
    ).fetchall()


def table(title: str, rows: dict[int, dict[str, float]]) -> str:
    """Render percentages as Markdown, a row a number of latents."""
    names = list(next(iter(rows.values())))
    head = [f"| {title} | " + " | ".join(name.replace("_", " ") for name in names) + " |"]
    head.append("|---" * (len(names) + 1) + "|")
    body = [
        f"| {n} | " + " | ".join("-" if np.isnan(row[name]) else f"{row[name]:.1f}" for name in names) + " |"
        for n, row in rows.items()
    ]
    return "\n".join([*head, *body])


@click.command()
@click.option("--datasets", default=2000, show_default=True, type=click.IntRange(min=100))
def main(datasets: int) -> None:
    """Print the coverage of intervals, and the rate of false differences, as tables."""
    rng = np.random.default_rng(20261124)
    truth = truths(rng)
    print(table("latents", {n: coverage(rng, n, datasets, truth) for n in SIZES}))
    print()
    print(table("latents", {n: null_rates(rng, n, datasets) for n in SIZES[:4]}))


if __name__ == "__main__":
    main()
