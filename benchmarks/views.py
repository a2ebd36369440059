"""Time every view of a warehouse, warm: python -m benchmarks.views [WAREHOUSE].

Without WAREHOUSE it makes one of 20 runs x 2 score types x 510 latents x 60 examples, 1,224,000 in all. A
view is asked for all its rows, which stay in the database, so that no client is timed; `examples`, which
holds every text, for their number. Filtered means by a variable that lets every run pass: the same rows, but
ranks, ties and p-values are worked out again. Beside the time on the clock stands the processors' own, which
other programs stretch less.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import duckdb

from loader.files.scores.classifier import FAMILY
from loader.schema.headers import relations
from loader.store.connect import connect
from loader.store.files import insert_sums
from loader.views.build import apply_sql
from loader.views.keep import keep_rows

FACTS = Path(__file__).with_name("views.sql")
FILTER = "set variable selected_runs = (select list(run_id) from run_directories)"


class Times(NamedTuple):
    """Hold the shortest of several times, in milliseconds."""

    wall: float
    processor: float


def make_warehouse(path: Path, n_runs: int, n_latents: int = 255) -> float:
    """Fill a new warehouse with facts, and keep what the loader keeps; return the seconds of keeping.

    n_latents: of each of two hookpoints
    """
    with closing(connect(path, wait_s=0)) as connection:
        apply_sql(connection)
        connection.execute(f"set variable n_runs = {n_runs}")
        connection.execute(f"set variable n_latents = {n_latents}")
        connection.execute(FACTS.read_text(encoding="utf-8"))
        scored = connection.execute("select distinct file_id from example_facts").fetchall()
        insert_sums(connection, *FAMILY.sums, [file_id for (file_id,) in scored])
        began = time.process_time()
        keep_rows(connection)
        return time.process_time() - began


@contextmanager
def the_warehouse(given: Path | None, n_runs: int) -> Iterator[Path]:
    """Yield the warehouse that was given, or one made for as long as it is measured."""
    if given is not None:
        yield given
        return
    with TemporaryDirectory(prefix="views-") as directory:
        made = Path(directory) / "warehouse.duckdb"
        make_warehouse(made, n_runs)
        yield made


def best_of(connection: duckdb.DuckDBPyConnection, view: str, repeats: int) -> Times:
    """Ask a view several times; return the shortest times."""
    asked = "select count(*) from examples" if view == "examples" else f"from {view}"
    times = []
    for _ in range(repeats):
        wall, processor = time.perf_counter(), time.process_time()
        connection.execute(f"create or replace temp table answer as {asked}")
        times.append(Times(time.perf_counter() - wall, time.process_time() - processor))
    return Times(*(1000 * min(column) for column in zip(*times, strict=True)))


def total(times: Sequence[Times]) -> Times:
    """Add up times."""
    return Times(*map(sum, zip(*times, strict=True)))


@click.command()
@click.argument("warehouse", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--runs", default=20, show_default=True, help="Runs of the warehouse that is made.")
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(min=1))
@click.option("--threads", default=2, show_default=True, type=click.IntRange(min=1))
def main(warehouse: Path | None, runs: int, repeats: int, threads: int) -> None:
    """Print the milliseconds of each view of WAREHOUSE, the slowest first, and their sums."""
    views = [relation.name for relation in relations() if relation.kind == "view"]
    with (
        the_warehouse(warehouse, runs) as path,
        duckdb.connect(path, read_only=True, config={"threads": threads}) as connection,
    ):
        [(n_examples,)] = connection.execute("select count(*) from example_facts").fetchall()
        kept = {view: best_of(connection, view, repeats) for view in views}
        connection.execute(FILTER)
        filtered = {view: best_of(connection, view, repeats) for view in views}
    click.echo(
        f"DuckDB {duckdb.__version__}, {n_examples:,} examples, {threads} threads, best of {repeats}, ms\n"
    )
    click.echo("| view | wall | processor | filtered: wall | processor |\n|---|--:|--:|--:|--:|")
    for view in sorted(views, key=lambda view: -kept[view].wall):
        click.echo(_row(f"`{view}`", kept[view], filtered[view]))
    click.echo(_row(f"all {len(views)}", total(list(kept.values())), total(list(filtered.values()))))


def _row(name: str, *times: Times) -> str:
    return " | ".join([f"| {name}", *(f"{ms:.1f}" for pair in times for ms in pair)]) + " |"


if __name__ == "__main__":
    main()
