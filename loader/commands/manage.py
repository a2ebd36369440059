"""The commands that change a warehouse other than by loading: `loader drop`, `move`, `rename`, `upgrade`;
and `loader history`."""

from pathlib import Path

import click

from explainer_warehouse.terminal import printable

from ..address import Address
from .options import PATH, examples, json_option, show, usage_errors, wait_option, warehouse_option


@click.command(
    epilog=examples("loader drop first_try", "loader drop results/a results/b -w comparison.duckdb")
)
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@warehouse_option
@wait_option
def drop(runs: tuple[str, ...], warehouse: Address, wait_s: float) -> None:
    """Forget runs and all that was read from them.

    RUN is a run's name, its directory, or its label in reports. The directory stays as it is, and a load of
    it brings the run back.
    """
    from ..manage import drop_runs

    with usage_errors():
        dropped = drop_runs(warehouse, [_real(run) for run in runs], wait_s)
    click.echo(printable(f"dropped {', '.join(dropped.run_names)}: {dropped.n_files:,} files"))


@click.command(
    epilog=examples(
        "loader move results/ /data/results",
        "loader move results/first_try results/base -w comparison.duckdb",
    )
)
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@warehouse_option
@wait_option
def move(old: Path, new: Path, warehouse: Address, wait_s: float) -> None:
    """Say that what was loaded from the directory OLD lies in NEW now.

    The runs keep their names, the display names of their models, metadata and history, and the next load of
    NEW reads only what has changed. The files are moved before, by other means; if NEW has been loaded since,
    what was read there is taken for the same runs.
    """
    from ..move import move

    with usage_errors():
        names = move(warehouse, old, new, wait_s)
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
    click.echo(printable(f"moved {shown}; next: loader load {new}"))


@click.command(
    epilog=examples(
        'loader rename org/Qwen3-14B-w4a16 "Qwen3-14B"', 'loader rename run_7 "Qwen3-14B, temperature 0"'
    )
)
@click.argument("key")
@click.argument("name")
@warehouse_option
@wait_option
def rename(key: str, name: str, warehouse: Address, wait_s: float) -> None:
    """Show NAME in place of a model, here and in reports.

    KEY is the name of a run's directory, or the explainer model as its config has it, with or without what is
    before the last slash. No load takes the name back.
    """
    from ..manage import rename_model

    with usage_errors():
        labels = rename_model(warehouse, key, name, wait_s)
    click.echo("\n".join(map(printable, labels)))


@click.command(epilog=examples("loader upgrade -w comparison.duckdb"))
@warehouse_option
@wait_option
def upgrade(warehouse: Address, wait_s: float) -> None:
    """Bring a warehouse that an older version made forward to this one.

    A file is copied beside itself first. No result is read again.
    """
    from ..views.upgrade import upgrade

    with usage_errors():
        done = upgrade(warehouse, wait_s)
    if not done.was_due:
        click.echo(f"{warehouse}: is of this version, {done.after}")
    else:
        kept = done.backup or "its earlier snapshots"
        click.echo(f"{warehouse}: from {done.before} to {done.after}; as it was: {kept}")


@click.command(epilog=examples("loader history", "loader history --json"))
@warehouse_option
@wait_option
@json_option
def history(warehouse: Address, wait_s: float, as_json: bool) -> None:
    """List what loads changed: when, by this machine's clock; which runs; how many files came, changed, went.

    `reports diff --since` says what that did to the measures.
    """
    from ..lakes import as_file
    from ..status import read_history

    with usage_errors():
        show(read_history(as_file(warehouse, wait_s), wait_s), as_json, "no loads")


def _real(run: str) -> str:
    """Return the real path of a directory that is there; any other name as it is."""
    return str(Path(run).resolve()) if "/" in run and Path(run).is_dir() else run
