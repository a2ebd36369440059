"""The command `loader maintain`."""

import click

from ..address import Address, Lake
from .options import examples, usage_errors, wait_option, warehouse_option


@click.command(epilog=examples("loader maintain -w ducklake:lake.ducklake --keep 30"))
@click.option(
    "--keep",
    "keep_days",
    type=click.FloatRange(min=0),
    default=7.0,
    show_default=True,
    metavar="DAYS",
    help="How far back `reports build --as-of` can go.",
)
@warehouse_option
@wait_option
def maintain(warehouse: Address, keep_days: float, wait_s: float) -> None:
    """Merge a lake's small files, and delete what only older snapshots need.

    Readers go on meanwhile; writers wait.
    """
    from ..maintain import maintain

    if not isinstance(warehouse, Lake):
        raise click.UsageError(f"{warehouse}: found a file, which needs no maintenance, wanted a lake")
    with usage_errors():
        done = maintain(warehouse, keep_days, wait_s)
    click.echo(
        f"{warehouse}: {done.n_files_before:,} files of {done.n_bytes_before / 1e6:.1f} MB before,"
        f" {done.n_files:,} of {done.n_bytes / 1e6:.1f} MB now; {done.n_snapshots:,} snapshots forgotten"
    )
