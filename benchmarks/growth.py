"""Time every view of warehouses that grow tenfold: python -m benchmarks.growth DIR.

20 runs x 2 score types x 60 examples of 52, 510 and 5,100 latents: 1.2e5, 1.2e6 and 1.2e7 examples. Beside
the time of each view stands the power of the number of examples with which it grows between the larger two: 0
does not grow, 1 doubles with them; and what it comes to at 1e9: with every example as much more as
between the larger two, or by that power, whichever is more: a power below 1 is mostly of a part that does not
grow. Times are the processors' own, which other programs stretch less.
"""

import math
from pathlib import Path

import click
import duckdb

from loader.schema.headers import relations

from .views import FILTER, best_of, make_warehouse, total

RUNS = 20
LATENTS = (26, 255, 2550)
FAR = 1e9


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option("--repeats", default=3, show_default=True, type=click.IntRange(min=1))
def main(directory: Path, repeats: int) -> None:
    """Make the warehouses in DIRECTORY, and print the milliseconds of views, those that grow most first."""
    directory.mkdir(parents=True, exist_ok=True)
    views = [relation.name for relation in relations() if relation.kind == "view"]
    sizes, bytes_used, kept_s, times = [], [], [], []
    for n_latents in LATENTS:
        path = directory / f"{n_latents}.duckdb"
        path.unlink(missing_ok=True)
        kept_s.append(make_warehouse(path, RUNS, n_latents))
        bytes_used.append(path.stat().st_size)
        with duckdb.connect(path, read_only=True) as connection:
            [(n_examples,)] = connection.execute("select count(*) from example_facts").fetchall()
            sizes.append(n_examples)
            kept = {view: best_of(connection, view, repeats) for view in views}
            connection.execute(FILTER)
            filtered = {view: best_of(connection, view, repeats) for view in views}
        times.append((kept, filtered))
    click.echo(f"DuckDB {duckdb.__version__}, {RUNS} runs, best of {repeats}, ms of the processors\n")
    click.echo(
        "| | " + " | ".join(f"{n:,} examples" for n in sizes) + " | power | 1e9 |\n|---|--:|--:|--:|--:|--:|"
    )
    click.echo(_row("file, MB", [size / 1e6 for size in bytes_used], sizes))
    click.echo(_row("rows kept at the end of a load", [1000 * s for s in kept_s], sizes))
    for place, name in enumerate(("all views", "all views, filtered")):
        click.echo(_row(name, [total(list(pair[place].values())).processor for pair in times], sizes))
    by_view = {view: [kept[view].processor for kept, _ in times] for view in views}
    for view in sorted(views, key=lambda view: -by_view[view][-1]):
        click.echo(_row(f"`{view}`", by_view[view], sizes))


def _row(name: str, measured: list[float], sizes: list[int]) -> str:
    power = math.log(measured[-1] / measured[-2]) / math.log(sizes[-1] / sizes[-2])
    per_example = (measured[-1] - measured[-2]) / (sizes[-1] - sizes[-2])
    straight = measured[-1] + per_example * (FAR - sizes[-1])
    far = max(straight, measured[-1] * (FAR / sizes[-1]) ** power)
    shown = [*(f"{value:,.0f}" for value in measured), f"{power:.2f}", f"{far:,.0f}"]
    return f"| {name} | {' | '.join(shown)} |"


if __name__ == "__main__":
    main()
