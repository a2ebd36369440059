"""Measure loading beside eai-delphi, DuckDB and the floor, and print a table.

python -m benchmarks.speed compare DIR: side by side, several rounds, ratios of medians.
python -m benchmarks.speed commands DIR: whole commands, start-up and all, for ten files and for 4,000.
python -m benchmarks.speed schemas DIR: files as delphi wrote them before.
python -m benchmarks.speed odd DIR: runs and pages of sizes that are seldom, with the time of a report.
python -m benchmarks.speed scale DIR: a quarter, once and four times the corpus; fails beyond 1 GiB of memory.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import click

from .contenders import CONTENDERS, Outcome, change
from .corpus import EXAMPLES, FILES_A_RUN, LATENTS, Shape, write_corpus
from .schemas import SCHEMAS, rewrite

MAX_MB = 1024
# When the corpora's files say that they were written: 2026-01-01.
WRITTEN = 1_767_225_600
RUNS = 20
# Runs, and latents a hookpoint, of what people load every day, and of what `compare` loads.
SIZES = {"ten": (1, 2), "everyday": (42, 24), str(RUNS): (RUNS, LATENTS)}
# Runs, and their shape, of what people load once.
ODD_SIZES = {
    **{f"{n:,} latents": (1, Shape(n // 2, 1 << 17, 10, 8)) for n in (12_500, 25_000, 50_000)},
    "60 models": (60, Shape(100, n_examples=10, n_activating=8)),
}
_LOAD: list[str | Path] = [sys.executable, "-m", "loader.cli", "load"]
_REPORT: list[str | Path] = [sys.executable, "-c", "from reports.cli import cli; cli()"]
_directory = click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
_runs = click.option(
    "--runs", default=RUNS, show_default=True, help=f"Runs of {FILES_A_RUN:,} score files each."
)
_rounds = click.option("--rounds", default=5, show_default=True)


@click.group()
def main() -> None:
    """Measure how fast results are loaded."""


@main.command()
@_directory
@_runs
@_rounds
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
    cold = _median(found["cold load"])
    click.echo(f"{runs * FILES_A_RUN:,} score files, {n_bytes / 1e6:,.0f} MB, {rounds} rounds\n")
    _head("", "median s", "least to most", "MB/s", "times the cold load", "CPU s", "peak MB", "on disk MB")
    for name, outcomes in found.items():
        seconds = [outcome.seconds for outcome in outcomes]
        cpu = statistics.median(outcome.cpu_seconds for outcome in outcomes)
        disk = outcomes[-1].disk_mb if name in ("cold load", "1 % changed", "DuckDB read_json") else 0
        _row(
            name,
            f"{_median(outcomes):.2f}",
            f"{min(seconds):.2f} to {max(seconds):.2f}",
            f"{n_bytes / 1e6 / _median(outcomes):,.0f}",
            f"{_median(outcomes) / cold:.2f}",
            f"{cpu:.2f}",
            f"{max(outcome.peak_mb for outcome in outcomes):,.0f}",
            f"{disk:,.0f}" if disk else "",
        )


@main.command()
@_directory
@_rounds
@click.option("--size", "sizes", type=click.Choice(list(SIZES)), multiple=True, default=list(SIZES))
def commands(directory: Path, rounds: int, sizes: Sequence[str]) -> None:
    """Time `loader load` as a user runs it, beside a program that calls eai-delphi's load_data."""
    _head("", "files", "MB", "first load s", "again s", "1 % changed s", "eai-delphi s", "times as fast")
    for size in sizes:
        n_runs, n_latents = SIZES[size]
        corpus = _made(
            directory / f"corpus-{size}", partial(write_corpus, n_runs=n_runs, shape=Shape(n_latents))
        )
        scratch = directory / f"{size}.duckdb"
        load = [*_LOAD, corpus, "-w", scratch]
        times: list[list[float]] = [[], [], [], []]
        for _ in range(rounds):
            scratch.unlink(missing_ok=True)
            times[0].append(_time(load))
            times[1].append(_time(load))
            change(corpus)
            times[2].append(_time(load))
            times[3].append(_time(_command("eai-delphi load_data", corpus, scratch)))
        first, again, changed, delphi = map(statistics.median, times)
        n_files = len(list(corpus.glob("*/scores/*/*.txt")))
        megabytes = _score_bytes(corpus) / 1e6
        seconds = [f"{s:.2f}" for s in (first, again, changed, delphi)]
        _row(size, f"{n_files:,}", f"{megabytes:,.1f}", *seconds, f"{delphi / first:.1f}")


@main.command()
@_directory
def odd(directory: Path) -> None:
    """Load and report what is seldom, once: the seconds of all processors, and the page's size."""
    _head("", "files", "MB", "load CPU s", "report CPU s", "page MB")
    for number, (size, (n_runs, shape)) in enumerate(ODD_SIZES.items()):
        corpus = _made(directory / f"odd-{number}", partial(write_corpus, n_runs=n_runs, shape=shape))
        scratch, out = directory / "odd.duckdb", directory / "odd-report"
        scratch.unlink(missing_ok=True)
        reported = [*_REPORT, "build", "-w", scratch, "-o", out, "--format", "html,csv"]
        seconds = [_cpu(command) for command in ([*_LOAD, corpus, "-w", scratch], reported)]
        n_files = len(list(corpus.glob("*/scores/*/*.txt")))
        page = (out / "report.html").stat().st_size / 1e6
        times = [f"{s:.1f}" for s in seconds]
        _row(size, f"{n_files:,}", f"{_score_bytes(corpus) / 1e6:,.0f}", *times, f"{page:.1f}")


@main.command()
@_directory
@_rounds
@click.option("--runs", default=10, show_default=True, help=f"Runs of {FILES_A_RUN:,} score files each.")
def schemas(directory: Path, rounds: int, runs: int) -> None:
    """Load the corpus as delphi wrote it at several times, each into a new warehouse."""
    corpus = _corpus(directory, runs)
    places = {
        schema: _made(directory / f"schema-{number}-{runs}", partial(rewrite, corpus, schema))
        for number, schema in enumerate(SCHEMAS)
    }
    found: dict[str, list[Outcome]] = {schema: [] for schema in SCHEMAS}
    for _ in range(rounds):
        for schema, place in places.items():
            found[schema].append(_run("cold load", place, directory / "schema.duckdb"))
    _head("schema", "MB", "median s", "CPU s", "MB/s", "examples/s")
    for schema, outcomes in found.items():
        megabytes, median = _score_bytes(places[schema]) / 1e6, _median(outcomes)
        cpu = statistics.median(outcome.cpu_seconds for outcome in outcomes)
        n_examples = runs * FILES_A_RUN * EXAMPLES
        speeds = (f"{megabytes / median:,.0f}", f"{n_examples / median:,.0f}")
        _row(schema, f"{megabytes:,.0f}", f"{median:.2f}", f"{cpu:.2f}", *speeds)


@main.command()
@_directory
@click.option("--runs", default=RUNS, show_default=True, help="Runs of the corpus at size 1.")
def scale(directory: Path, runs: int) -> None:
    """Load a quarter of the corpus, all of it, and four times as much, each into a new warehouse."""
    _head("score files", "MB", "s", "MB/s", "CPU s", "peak MB", "on disk MB")
    too_much = False
    for size in (max(runs // 4, 1), runs, 4 * runs):
        corpus = _corpus(directory, size)
        outcome = _run("cold load", corpus, directory / "scale.duckdb")
        too_much |= outcome.peak_mb > MAX_MB
        megabytes = _score_bytes(corpus) / 1e6
        speed = f"{megabytes / outcome.seconds:,.0f}"
        rest = (f"{outcome.cpu_seconds:.1f}", f"{outcome.peak_mb:,.0f}", f"{outcome.disk_mb:,.0f}")
        _row(f"{size * FILES_A_RUN:,}", f"{megabytes:,.0f}", f"{outcome.seconds:.1f}", speed, *rest)
    if too_much:
        raise click.ClickException(f"more than {MAX_MB:,} MB of memory")


def _corpus(directory: Path, runs: int) -> Path:
    return _made(directory / f"corpus-{runs}", lambda place: write_corpus(place, runs))


def _made(place: Path, make: Callable[[Path], object]) -> Path:
    """Return a place, which is made unless it is there: whole, since it is renamed last."""
    if not place.is_dir():
        click.echo(f"Writing {place} ...", err=True)
        unfinished = place.with_suffix(".unfinished")
        make(unfinished)
        # What is younger than two seconds when it is loaded is in doubt, and read again by the next load.
        for file in filter(Path.is_file, unfinished.rglob("*")):
            os.utime(file, (WRITTEN, WRITTEN))
        unfinished.rename(place)
    return place


def _score_bytes(corpus: Path) -> int:
    return sum(file.stat().st_size for file in corpus.glob("*/scores/*/*.txt"))


def _command(name: str, corpus: Path, scratch: Path) -> list[str | Path]:
    return [sys.executable, "-m", "benchmarks.contenders", name, corpus, scratch]


def _run(name: str, corpus: Path, scratch: Path) -> Outcome:
    done = subprocess.run(_command(name, corpus, scratch), stdout=subprocess.PIPE, text=True, check=True)
    return Outcome(*json.loads(done.stdout.splitlines()[-1]))


def _time(command: Sequence[str | Path]) -> float:
    began = time.perf_counter()
    _do(command)
    return time.perf_counter() - began


def _cpu(command: Sequence[str | Path]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _do(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _do(command: Sequence[str | Path]) -> None:
    """Run a command as users do, whose Python keeps what it has compiled."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, env=environment)


def _median(outcomes: Sequence[Outcome]) -> float:
    return statistics.median(outcome.seconds for outcome in outcomes)


def _head(*names: str) -> None:
    _row(*names)
    click.echo("|" + "---|" * len(names))


def _row(*values: str) -> None:
    click.echo(f"| {' | '.join(values)} |")


if __name__ == "__main__":
    main()
