"""Time a report without and with images beside bare kaleido: python -m benchmarks.reporting WAREHOUSE.

Each in a process of its own, in turn. The bare session draws the same figures as PDFs, and nothing else: what
reads the warehouse and makes the figures is not counted.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

BUILD = [sys.executable, "-c", "from reports.cli import cli; cli()", "build"]


@click.command()
@click.argument("warehouse", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1))
@click.option("--bare", "is_bare", is_flag=True, help="Only the bare session, once: print its seconds.")
def main(warehouse: Path, rounds: int, is_bare: bool) -> None:
    """Print the median seconds of each, and the least and the most."""
    if is_bare:
        click.echo(draw_bare(warehouse))
        return
    found: dict[str, list[float]] = {"html,csv": [], "html,pdf,csv": [], "bare kaleido": []}
    with TemporaryDirectory() as out:
        for _ in range(rounds):
            for formats in ("html,csv", "html,pdf,csv"):
                began = time.perf_counter()
                run([*BUILD, "-w", warehouse, "-o", out, "--format", formats])
                found[formats].append(time.perf_counter() - began)
            bare = run([sys.executable, "-m", "benchmarks.reporting", warehouse, "--bare"])
            found["bare kaleido"].append(float(bare))
    for name, seconds in found.items():
        print(f"{statistics.median(seconds):6.2f} s  {name} ({min(seconds):.2f} to {max(seconds):.2f})")


def run(command: list[Any]) -> str:
    """Run a command and return what it printed."""
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def draw_bare(warehouse: Path) -> float:
    """Draw the figures of a report in one session of kaleido; return its seconds."""
    from kaleido import Kaleido

    figures = figures_of(warehouse)

    async def session() -> None:
        async with Kaleido(mathjax=False) as kaleido:
            await kaleido.write_fig_from_object(figures, cancel_on_error=True)

    with TemporaryDirectory() as directory:
        for number, figure in enumerate(figures):
            figure["path"] = Path(directory) / f"{number}.pdf"
        began = time.perf_counter()
        asyncio.run(session())
        return time.perf_counter() - began


class _TakenError(Exception):
    pass


def figures_of(warehouse: Path) -> list[dict[str, Any]]:
    """Return the figures of a report as kaleido takes them, with the sizes that the report gives them."""
    from reports.assemble.report import assemble
    from reports.render.chrome import Drawing
    from reports.render.files import write_images
    from reports.warehouse import open_warehouse

    orders: list[Any] = []

    def take(given: Any, progress: Any) -> None:
        orders.extend(given)
        raise _TakenError

    with open_warehouse(warehouse) as opened:
        report = assemble(opened, "")
    with TemporaryDirectory() as directory, suppress(_TakenError):
        write_images(report, Path(directory), ["pdf"], draw=take)
    return [{"fig": order.figure, "opts": order.options} for order in orders if isinstance(order, Drawing)]


if __name__ == "__main__":
    main()
