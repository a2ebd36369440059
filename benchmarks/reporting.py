"""Time a report without and with images beside bare kaleido: python -m benchmarks.reporting WAREHOUSE.

`reports build` is the whole command, from its start to its end: it reads the warehouse, makes the figures,
writes the page and the CSV and, with pdf, every figure and report.pdf. A bare session of kaleido is less than
that: it is given figures that are made already, draws each as a PDF of the same size, and prints no page;
starting Python, reading and making them is not counted. It draws in one tab, as kaleido does if it is told
nothing, and in two, which suits two processors: there is a ratio to either. Each is a process of its own, in
turn. CPU is that of all processes, Chrome's too, which only Linux tells.
"""

import asyncio
import ctypes
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

BUILD = [sys.executable, "-c", "from reports.cli import cli; cli()", "build"]
FORMATS = ("html,csv", "html,pdf,csv")
TABS = (1, 2)
# As a user's Python does it, children keep what they compile.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
PR_SET_CHILD_SUBREAPER = 36


class Spent:
    """Hold what something took, in seconds, once it is over."""

    clock: float
    cpu: float


@click.command()
@click.argument("warehouse", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--bare", "tabs", type=int, metavar="TABS", help="Only a bare session, once: print its seconds."
)
def main(warehouse: Path, rounds: int, tabs: int | None) -> None:
    """Print the median seconds of each, clock and CPU, the least and the most, and the ratios."""
    adopt_orphans()
    if tabs is not None:
        spent = draw_bare(warehouse, tabs)
        click.echo(f"{spent.clock} {spent.cpu}")
        return
    found: dict[str, list[tuple[float, float]]] = {}
    with TemporaryDirectory() as out:
        for _ in range(rounds):
            for formats in FORMATS:
                with spending() as spent:
                    run([*BUILD, "-w", warehouse, "-o", out, "--format", formats])
                found.setdefault(formats, []).append((spent.clock, spent.cpu))
            for n in TABS:
                bare = run([sys.executable, "-m", "benchmarks.reporting", warehouse, "--bare", n])
                clock, cpu = map(float, bare.split())
                found.setdefault(bare_name(n), []).append((clock, cpu))
    for name, times in found.items():
        clocks, cpus = zip(*times, strict=True)
        print(
            f"{statistics.median(clocks):6.2f} s ({min(clocks):.2f} to {max(clocks):.2f}),"
            f" CPU {statistics.median(cpus):6.2f} s  {name}"
        )
    for n in TABS:
        with_images, bare_times = found["html,pdf,csv"], found[bare_name(n)]
        clock, cpu = (
            statistics.median(times[at] for times in with_images)
            / statistics.median(times[at] for times in bare_times)
            for at in (0, 1)
        )
        print(f"html,pdf,csv takes {clock:.2f} times the clock, {cpu:.2f} times the CPU of {bare_name(n)}")


def bare_name(tabs: int) -> str:
    """Name a bare session of so many tabs."""
    return f"bare kaleido, {tabs} tab{'s' * (tabs != 1)}"


def run(command: list[Any]) -> str:
    """Run a command and return what it printed."""
    return subprocess.run(
        list(map(str, command)), stdout=subprocess.PIPE, text=True, check=True, env=ENVIRONMENT
    ).stdout


def adopt_orphans() -> None:
    """Become the parent of processes that lose theirs, such as Chrome's, to know what they took."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@contextmanager
def spending() -> Iterator[Spent]:
    """Measure what this process and those that it starts take, each to its end."""
    spent = Spent()
    began, used = time.perf_counter(), _cpu()
    yield spent
    spent.clock = time.perf_counter() - began
    with suppress(ChildProcessError):
        while True:
            os.wait()
    spent.cpu = _cpu() - used


def _cpu() -> float:
    used = (resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def draw_bare(warehouse: Path, tabs: int) -> Spent:
    """Draw the figures of a report in one session of kaleido; return what that took."""
    from kaleido import Kaleido

    figures = figures_of(warehouse)

    async def session() -> None:
        async with Kaleido(n=tabs, mathjax=False) as kaleido:
            await kaleido.write_fig_from_object(figures, cancel_on_error=True)

    with TemporaryDirectory() as directory:
        for number, figure in enumerate(figures):
            figure["path"] = Path(directory) / f"{number}.pdf"
        with spending() as spent:
            asyncio.run(session())
        return spent


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
