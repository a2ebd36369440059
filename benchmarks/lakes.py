"""Load into a lake with 1, 2 and 4 writers at once, and into a file: python -m benchmarks.lakes DIR ADDRESS.

The demo's five runs, 156,000 examples, a load a run; then the report of both. ADDRESS is that of a lake that
is not there yet, ducklake:postgres:..., in an environment with the extra `lake`.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from loader.demo.write import write_demo


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.argument("address")
def main(directory: Path, address: str) -> None:
    """Write the results to DIRECTORY, and print seconds of the clock and of the processors."""
    directory.mkdir(parents=True, exist_ok=True)
    results, file = directory / "results", directory / "warehouse.duckdb"
    file.unlink(missing_ok=True)
    write_demo(results)
    runs = sorted(path for path in results.iterdir() if (path / "run_config.json").exists())
    lake = ["-w", address, "--wait", "3600"]
    click.echo("| | s | s of the processors |\n|---|--:|--:|")
    first = _loader("load", str(runs[0]), *lake, "--data-path", str(directory / "data"))
    _tell("a new lake and its first run", [first])
    for n_writers in (1, 2, 4):
        _run(_loader("drop", *(run.name for run in runs if n_writers > 1 or run == runs[0]), *lake))
        loads = [_loader("load", str(run), *lake) for run in runs]
        _tell(f"{len(runs)} runs into the lake, {n_writers} at once", loads, n_writers)
    loads = [_loader("load", str(run), "-w", str(file)) for run in runs]
    _tell(f"{len(runs)} runs into a file, one by one", loads)
    for what, warehouse in (("the file", str(file)), ("the lake", address), ("the lake again", address)):
        # As it is installed, beside this Python.
        build = [str(Path(sys.executable).with_name("reports")), "build", "--format", "csv", "-w", warehouse]
        _tell(f"report (CSV) of {what}", [[*build, "-o", str(directory / "out")]])


def _loader(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "loader.cli", *arguments]


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _tell(what: str, commands: Sequence[Sequence[str]], n_at_once: int = 1) -> None:
    """Run commands, so many at once, and print how long all of them took."""
    began, before = time.monotonic(), os.times()
    with ThreadPoolExecutor(n_at_once) as pool:
        list(pool.map(_run, commands))
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    click.echo(f"| {what} | {time.monotonic() - began:.1f} | {used:.1f} |")


if __name__ == "__main__":
    main()
