"""Measure loading beside eai-delphi, DuckDB and the floor, and at several sizes, and print a table of each.

python -m benchmarks.speed compare DIR: side by side, several rounds, ratios of medians.
python -m benchmarks.speed scale DIR: a quarter, once and four times the corpus; fails beyond 1 GiB of memory.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

import click

from .contenders import CONTENDERS, Outcome, change
from .corpus import FILES_A_RUN, write_corpus

MAX_MB = 1024
RUNS = 20
_directory = click.argument("directory", type=click.Path(file_okay=False, path_type=Path))


@click.group()
def main() -> None:
    """Measure how fast results are loaded."""


@main.command()
@_directory
@click.option("--runs", default=RUNS, show_default=True, help=f"Runs of {FILES_A_RUN:,} score files each.")
@click.option("--rounds", default=5, show_default=True)
def compare(directory: Path, runs: int, rounds: int) -> None:
    """Measure every contender in turn, ROUNDS times over, with the corpus in DIRECTORY, made where absent."""
    corpus = _corpus(directory, runs)
    n_bytes = _score_bytes(corpus)
    found: dict[str, list[Outcome]] = {name: [] for name in CONTENDERS}
    for number in range(rounds):
        click.echo(f"Round {number + 1} of {rounds} ...", err=True)
        for name in CONTENDERS:
            if name == "1 % changed":
                change(corpus)
            scratch = directory / ("read_json.duckdb" if name == "DuckDB read_json" else "warehouse.duckdb")
            found[name].append(_run(name, corpus, scratch))
    cold = statistics.median(outcome.seconds for outcome in found["cold load"])
    click.echo(f"{runs * FILES_A_RUN:,} score files, {n_bytes / 1e6:,.0f} MB, {rounds} rounds\n")
    click.echo("| | median s | least to most | MB/s | times the cold load | CPU s | peak MB | on disk MB |")
    click.echo("|---|---|---|---|---|---|---|---|")
    for name, outcomes in found.items():
        seconds = [outcome.seconds for outcome in outcomes]
        median = statistics.median(seconds)
        cpu = statistics.median(outcome.cpu_seconds for outcome in outcomes)
        peak = max(outcome.peak_mb for outcome in outcomes)
        disk = outcomes[-1].disk_mb if name in ("cold load", "1 % changed", "DuckDB read_json") else 0
        spread = f"{min(seconds):.2f} to {max(seconds):.2f}"
        click.echo(
            f"| {name} | {median:.2f} | {spread} | {n_bytes / 1e6 / median:,.0f} "
            f"| {median / cold:.2f} | {cpu:.2f} | {peak:,.0f} | {f'{disk:,.0f}' if disk else ''} |"
        )


@main.command()
@_directory
@click.option("--runs", default=RUNS, show_default=True, help="Runs of the corpus at size 1.")
def scale(directory: Path, runs: int) -> None:
    """Load a quarter of the corpus, all of it, and four times as much, each into a new warehouse."""
    click.echo(
        "| score files | MB | s | MB/s | CPU s | peak MB | on disk MB |\n|---|---|---|---|---|---|---|"
    )
    too_much = False
    for size in (max(runs // 4, 1), runs, 4 * runs):
        corpus = _corpus(directory, size)
        n_bytes = _score_bytes(corpus)
        outcome = _run("cold load", corpus, directory / "scale.duckdb")
        too_much |= outcome.peak_mb > MAX_MB
        megabytes = n_bytes / 1e6
        click.echo(
            f"| {size * FILES_A_RUN:,} | {megabytes:,.0f} | {outcome.seconds:.1f} "
            f"| {megabytes / outcome.seconds:,.0f} | {outcome.cpu_seconds:.1f} "
            f"| {outcome.peak_mb:,.0f} | {outcome.disk_mb:,.0f} |"
        )
    if too_much:
        raise click.ClickException(f"more than {MAX_MB:,} MB of memory")


def _corpus(directory: Path, runs: int) -> Path:
    """Return the place of a corpus, which is written unless it is there: whole, since it is renamed last."""
    corpus = directory / f"corpus-{runs}"
    if not corpus.is_dir():
        click.echo(f"Writing {runs * FILES_A_RUN:,} score files ...", err=True)
        unfinished = corpus.with_suffix(".unfinished")
        write_corpus(unfinished, runs)
        unfinished.rename(corpus)
    return corpus


def _score_bytes(corpus: Path) -> int:
    return sum(file.stat().st_size for file in corpus.glob("*/scores/*/*.txt"))


def _run(name: str, corpus: Path, scratch: Path) -> Outcome:
    command = [sys.executable, "-m", "benchmarks.contenders", name, str(corpus), str(scratch)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Outcome(*json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    main()
