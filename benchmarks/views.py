"""Time every view of a warehouse, warm: python -m benchmarks.views WAREHOUSE.

A view is asked for all its rows, which stay in the database, so that no client is timed. `examples` holds
every text and is asked for its number of rows only.
"""

import time
from pathlib import Path

import click
import duckdb

from loader.schema import relations


def query(view: str) -> str:
    """Return what a view is asked."""
    asked = "select count(*) from examples" if view == "examples" else f"from {view}"
    return f"create or replace temp table answer as {asked}"


def best_of(connection: duckdb.DuckDBPyConnection, view: str, repeats: int) -> float:
    """Return the shortest of several times, milliseconds."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        connection.execute(query(view))
        times.append(time.perf_counter() - began)
    return 1000 * min(times)


@click.command()
@click.argument("warehouse", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(min=1))
def main(warehouse: Path, repeats: int) -> None:
    """Print the milliseconds of each view of WAREHOUSE, the slowest first, and their sum."""
    views = [relation.name for relation in relations() if relation.kind == "view"]
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        times = {view: best_of(connection, view, repeats) for view in views}
    for view, milliseconds in sorted(times.items(), key=lambda item: -item[1]):
        print(f"{milliseconds:8.1f} ms  {view}")
    print(f"{sum(times.values()):8.1f} ms  all {len(times)} views")


if __name__ == "__main__":
    main()
