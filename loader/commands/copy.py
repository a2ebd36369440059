"""The command `loader copy`."""

import click

from explainer_warehouse.terminal import printable

from ..address import Address, with_data
from .options import address_of, data_path_option, examples, usage_errors, wait_option


@click.command(
    epilog=examples(
        "loader copy warehouse.duckdb ducklake:lake.ducklake",
        "loader copy ducklake:lake.ducklake week_48.duckdb",
    )
)
@click.argument("origin", callback=address_of, metavar="FROM")
@click.argument("target", callback=address_of, metavar="TO")
@data_path_option
@wait_option
def copy(origin: Address, target: Address, data_path: str | None, wait_s: float) -> None:
    """Copy the warehouse FROM to TO, each of them a file or a lake; there must be none at TO.

    Runs, names, metadata and history are those of FROM, which stays as it is. The copy is compared with it
    before it can be seen.
    """
    from ..copy import copy

    with usage_errors():
        copied = copy(origin, with_data(target, data_path), wait_s)
    click.echo(
        f"{target}: copied and compared {copied.n_runs:,} runs; {copied.n_files:,} files,"
        f" {copied.n_rows:,} rows"
    )
    if copied.left:
        click.echo(
            printable(f"Left behind, being no part of a warehouse: {', '.join(copied.left)}"), err=True
        )
