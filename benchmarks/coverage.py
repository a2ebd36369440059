"""Simulate how often the intervals hold the truth: python -m benchmarks.coverage [--datasets 2000].

Every dataset is a run in one warehouse, so the SQL under test does all the work. Prints the Markdown tables
that docs/uncertainty.md shows; same seed, same tables.
"""

from collections.abc import Callable, Iterator

import click
import duckdb
import numpy as np
import pandas as pd

from explainer_warehouse.sql_files import sql_files

from . import populations
from .populations import AUC_EXAMPLES, SEED, Draw, Latents, draw_counts

SIZES = (20, 30, 50, 100, 200)
PAIRS_A_QUERY = 20
COUNTS = ["tp", "fp", "tn", "fn", "n_failed", "n_failed_activating", "firing_count"]
SAME = """json_object('model', 'subject', 'sparse_model', 'sparse model ' || (run // 2))"""

Rates = dict[str, float]

# By the name that the tables give them, with the measures worth showing.
HARDER: dict[str, tuple[Draw, tuple[str, ...]]] = {
    "unequal numbers of examples": (populations.unequal, ("accuracy", "f1", "recall")),
    "F1 0.05": (populations.weak, ("f1", "f1_macro")),
    "accuracy 0.97, a tenth poor": (populations.tenth_poor, ("accuracy",)),
    "a quarter have negatives": (populations.quarter_with_negatives, ("balanced_accuracy",)),
    "more examples of better latents": (populations.unequal_by_quality, ("accuracy",)),
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


def coverage(connection: duckdb.DuckDBPyConnection, truth: Rates) -> Rates:
    """Count how often intervals hold the truth, in percent; NaN of a measure that has none."""
    found = connection.execute("select name, low, high from run_measures where low is not null").df()
    shares = {}
    for name, value in truth.items():
        rows = found[found["name"] == name]
        shares[name] = 100 * ((rows["low"] <= value) & (value <= rows["high"])).mean()
    return shares


def naive_coverage(connection: duckdb.DuckDBPyConnection, truth: float) -> float:
    """Count how often the binomial interval of accuracy does, which takes examples for independent."""
    accuracy, n = (
        connection.execute("select (tp + tn) / n_valid as accuracy, n_valid from run_confusion")
        .fetchnumpy()
        .values()
    )
    half = 1.96 * np.sqrt(accuracy * (1 - accuracy) / n)
    return 100 * float((np.abs(accuracy - truth) <= half).mean())


def moderate_coverage(n_datasets: int, n_latents: int) -> Rates:
    rng = np.random.default_rng([SEED, n_latents])
    truth = populations.truths(populations.moderate)
    with new_warehouse() as connection:
        counts = draw_counts(rng, populations.moderate(rng, (n_datasets, n_latents)))
        fill(connection, counts, n_latents, "'{}'")
        shares = coverage(connection, truth)
        return shares | {"naive accuracy": naive_coverage(connection, truth["accuracy"])}


def harder_coverage(n_datasets: int, n_latents: int) -> Rates:
    """Count the same for populations where intervals are hard to get right."""
    shares: Rates = {}
    for name, (draw, measures) in HARDER.items():
        rng = np.random.default_rng([SEED, n_latents])
        truth = populations.truths(draw)
        with new_warehouse() as connection:
            fill(connection, draw_counts(rng, draw(rng, (n_datasets, n_latents))), n_latents, "'{}'")
            found = coverage(connection, {measure: truth[measure] for measure in measures})
        shares |= {f"{name}: {measure}": share for measure, share in found.items()}
    return shares | {"AUC 0.97": auc_coverage(n_datasets, n_latents)}


def auc_coverage(n_datasets: int, n_latents: int) -> float:
    rng = np.random.default_rng([SEED, n_latents])
    truth = {"auc": populations.true_auc()}
    scores = populations.draw_scores(rng, (n_datasets, n_latents))
    with new_warehouse() as connection:
        fill(connection, pd.DataFrame(1, range(n_datasets * n_latents), COUNTS), n_latents, "'{}'")
        n = 2 * AUC_EXAMPLES
        examples = pd.DataFrame({"place": np.arange(scores.size), "score": scores.ravel()})
        connection.register("examples_drawn", examples)
        connection.execute(
            f"""
            insert into example_facts (file_id, example_idx, activating, probability)
            select place // {n}, place % {n}, place % {n} < {AUC_EXAMPLES}, 1 / (1 + exp(-score))
            from examples_drawn
            """
        )
        return coverage(connection, truth)["auc"]


def null_rates(draw: Draw, n_datasets: int, n_latents: int) -> Rates:
    """Count how often two runs differ at 5 % whose latents differ and whose means do not, in percent."""
    rng = np.random.default_rng([SEED, n_latents])
    latents = draw(rng, (n_datasets, 1, n_latents))
    own = draw(rng, (n_datasets, 2, n_latents))
    both = Latents(
        (latents.recall + own.recall) / 2,
        (latents.specificity + own.specificity) / 2,
        latents.n_activating,
        latents.n_other,
    )
    with new_warehouse() as connection:
        fill(connection, draw_counts(rng, both), n_latents, SAME)
        rejected: dict[str, list[bool]] = {}
        for first in range(0, 2 * n_datasets, 2 * PAIRS_A_QUERY):
            runs = range(first, min(first + 2 * PAIRS_A_QUERY, 2 * n_datasets))
            for measure, p_value in comparisons(connection, runs):
                rejected.setdefault(measure, []).append(p_value < 0.05)
    return {measure: 100 * float(np.mean(values)) for measure, values in rejected.items()}


def comparisons(connection: duckdb.DuckDBPyConnection, runs: range) -> Iterator[tuple[str, float]]:
    """Yield measure and p of the comparable pairs of some runs."""
    connection.execute(f"set variable selected_runs = {[str(run) for run in runs]}")
    yield from connection.execute(
        "select measure, p_value from model_comparison where p_value is not null order by all"
    ).fetchall()


def by_latents(rates: Callable[[int], Rates]) -> str:
    """Render percentages as Markdown, a row a number of latents."""
    rows = {n: rates(n) for n in SIZES}
    names = list(rows[SIZES[0]])
    head = ["| latents | " + " | ".join(name.replace("_", " ") for name in names) + " |"]
    head.append("|---" * (len(names) + 1) + "|")
    return "\n".join([*head, *(f"| {n} | {cells(row[name] for name in names)} |" for n, row in rows.items())])


def by_population(rates: Callable[[int], Rates]) -> str:
    """Render percentages as Markdown, a column a number of latents."""
    columns = [rates(n) for n in SIZES]
    head = ["| population | " + " | ".join(f"{n} latents" for n in SIZES) + " |"]
    head.append("|---" * (len(SIZES) + 1) + "|")
    return "\n".join(
        [*head, *(f"| {name.replace('_', ' ')} | {cells(c[name] for c in columns)} |" for name in columns[0])]
    )


def cells(rates: Iterator[float]) -> str:
    return " | ".join("-" if np.isnan(rate) else f"{rate:.1f}" for rate in rates)


TABLES: dict[str, Callable[[int], str]] = {
    "moderate": lambda n: by_latents(lambda size: moderate_coverage(n, size)),
    "harder": lambda n: by_population(lambda size: harder_coverage(n, size)),
    "moderate null": lambda n: by_latents(lambda size: null_rates(populations.moderate, n, size)),
    "unequal null": lambda n: by_latents(lambda size: null_rates(populations.unequal, n, size)),
    "quarter null": lambda n: by_latents(
        lambda size: null_rates(populations.quarter_with_negatives, n, size)
    ),
}


@click.command()
@click.option("--datasets", default=2000, show_default=True, type=click.IntRange(min=100))
@click.option("--table", "names", multiple=True, type=click.Choice(list(TABLES)), help="These alone.")
def main(datasets: int, names: tuple[str, ...]) -> None:
    """Print the coverage of intervals, and the rate of false differences, as tables."""
    for name in names or TABLES:
        print(f"{name}\n\n{TABLES[name](datasets)}\n", flush=True)


if __name__ == "__main__":
    main()
