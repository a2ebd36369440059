"""The command `loader`: options, progress on stderr, exit codes; what it runs is imported when it is used."""

import sys
from pathlib import Path
from typing import Any

import click

from explainer_warehouse.terminal import InterruptibleGroup, printable, progress_bar

from .address import Address, Lake, with_data
from .commands.copy import copy
from .commands.export import export
from .commands.maintain import maintain
from .commands.manage import drop, history, move, rename, upgrade
from .commands.mcp import mcp
from .commands.merge import merge
from .commands.metadata import metadata
from .commands.options import (
    PATH,
    data_path_option,
    examples,
    json_option,
    show,
    usage_errors,
    wait_option,
    warehouse_option,
)
from .commands.push import push
from .commands.scores import scores
from .commands.sql import sql
from .commands.verify import verify

# Exit codes: 1 a file could not be loaded, 2 usage, 130 Ctrl-C.
NOT_ALL_LOADED = 1
_IN_PYTHON = (
    "Score files were read in Python, several times slower: their parser was not compiled, or has changed; "
    "have a C++ compiler (Debian: g++) and install this again"
)


@click.group(
    cls=InterruptibleGroup,
    interrupted="Interrupted: what was written is whole, and the next load goes on from there.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="explainer-warehouse")
def cli() -> None:
    """Load delphi's results into a DuckDB warehouse."""


@cli.command(
    epilog=examples(
        "loader load results/", "loader load results/ -w comparison.duckdb --model-names names.csv"
    )
)
@click.argument("results", nargs=-1, required=True, type=PATH)
@warehouse_option
@click.option(
    "--model-names",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Display names of models: CSV with the columns key and name, or JSON {key: name}.",
)
@click.option("--follow", is_flag=True, help="Follow links and paths in configs that lead out of RESULTS.")
@click.option("--prune", is_flag=True, help="Forget runs whose directory under RESULTS is gone.")
@click.option("--reread", is_flag=True, help="Read all files again, also those of the same size and time.")
@data_path_option
@wait_option
def load(
    results: tuple[Path, ...],
    warehouse: Address,
    model_names: Path | None,
    follow: bool,
    prune: bool,
    reread: bool,
    data_path: str | None,
    wait_s: float,
) -> None:
    """Load every run at and below the directories RESULTS.

    Files that have not changed since they were loaded are not read again. A file that cannot be loaded stands
    in `loader problems`; the exit code is then 1.
    """
    with usage_errors(), progress_bar("Loading") as progress:
        from .files.model_names import read_model_names
        from .files.scores.native import is_compiled
        from .load import Settings, load

        names = read_model_names(model_names) if model_names else {}
        settings = Settings(follow, prune, reread, names, wait_s)
        summary = load(with_data(warehouse, data_path), results, settings, progress)
    click.echo(_summarise(summary))
    if summary.n_loaded and not is_compiled():
        click.echo(_IN_PYTHON, err=True)
    if summary.n_failed or summary.n_unsupported or summary.n_findings:
        click.echo(f"See: loader problems -w {warehouse}", err=True)
    if summary.worst_finding:
        click.echo(printable(summary.worst_finding), err=True)
    if summary.n_failed:
        sys.exit(NOT_ALL_LOADED)


@cli.command(epilog=examples("loader status", "loader status --json"))
@warehouse_option
@wait_option
@json_option
def status(warehouse: Address, wait_s: float, as_json: bool) -> None:
    """Show the runs: score types, latents, examples, coverage, problems; last, what is worst in the data."""
    from .lakes import as_file
    from .status import read_status, read_worst_finding

    with usage_errors():
        file = as_file(warehouse, wait_s)
        show(read_status(file, wait_s), as_json, "no runs")
        if worst := read_worst_finding(file, wait_s):
            click.echo(printable(worst), err=True)


@cli.command(epilog=examples("loader problems", "loader problems --kind failed --json"))
@click.option("--kind", help="Only problems of this kind or severity (failed, unsupported, finding).")
@warehouse_option
@wait_option
@json_option
def problems(warehouse: Address, kind: str | None, wait_s: float, as_json: bool) -> None:
    """Show the files that could not be loaded, and what is odd about others."""
    from .lakes import as_file
    from .status import read_problems

    with usage_errors():
        show(read_problems(as_file(warehouse, wait_s), wait_s, kind), as_json, "no problems")


@cli.command(epilog=examples("loader new -w ducklake:postgres:dbname=delphi --data-path /shared/delphi"))
@warehouse_option
@data_path_option
@wait_option
def new(warehouse: Address, data_path: str | None, wait_s: float) -> None:
    """Make an empty lake, unless it is there.

    Before many loaders come, so that none has to do it in its turn.
    """
    from .load import make_lake

    with usage_errors():
        lake = with_data(warehouse, data_path)
        if not isinstance(lake, Lake):
            raise click.UsageError(f"{lake}: found a file, which the first load makes, wanted a lake")
        is_new = make_lake(lake, wait_s)
    click.echo(f"{warehouse}: {'made, and empty' if is_new else 'is there already'}")


@cli.command(epilog=examples("loader refresh -w comparison.duckdb"))
@warehouse_option
@wait_option
def refresh(warehouse: Address, wait_s: float) -> None:
    """Make the views again, those of this version; no result is read."""
    from .load import refresh

    with usage_errors():
        refresh(warehouse, wait_s)
    click.echo(f"{warehouse}: the views are those of this version")


@cli.command(epilog=examples("loader demo demo/results"))
@click.argument("directory", type=PATH)
def demo(directory: Path) -> None:
    """Write sample results of five explainer models to DIRECTORY."""
    from .demo.write import write_demo

    with usage_errors():
        demo = write_demo(directory)
    size = demo.n_bytes / 1e6
    click.echo(
        f"{directory}: {demo.n_runs} runs, {demo.n_latents} latents, {demo.n_files:,} files, {size:.0f} MB"
    )


for command in (
    history,
    verify,
    sql,
    export,
    copy,
    maintain,
    merge,
    metadata,
    drop,
    move,
    rename,
    upgrade,
    push,
    scores,
    mcp,
):
    cli.add_command(command)


def _summarise(summary: Any) -> str:
    counts = [
        (summary.n_loaded, "loaded"),
        (summary.n_unchanged, "unchanged"),
        (summary.n_failed, "failed"),
    ]
    rest = [
        (summary.n_unsupported, "not yet supported"),
        (summary.n_gone, "gone"),
        (summary.n_pruned_runs, "runs pruned"),
        (summary.n_findings, "findings"),
    ]
    files = ", ".join(f"{n:,} {what}" for n, what in counts + [(n, what) for n, what in rest if n])
    runs = "1 run" if summary.n_runs == 1 else f"{summary.n_runs:,} runs"
    return f"{runs}; files: {files}; {summary.n_examples:,} examples; {summary.seconds:.1f} s"


if __name__ == "__main__":
    cli()
