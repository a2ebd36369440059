"""The command `loader verify`."""

import sys

import click

from ..address import Address
from .options import examples, json_option, show, usage_errors, wait_option, warehouse_option

# The exit code if something differs; 2 is usage, also that of a file that is no warehouse.
DIFFERS = 1


@click.command(epilog=examples("loader verify", "loader verify -w comparison.duckdb --json"))
@warehouse_option
@wait_option
@json_option
def verify(warehouse: Address, wait_s: float, as_json: bool) -> None:
    """Compare what the warehouse holds of each file with what its load wrote: rows, and a hash of values.

    Files that differ are listed, and the exit code is 1. To mend them, forget their runs with `loader drop`
    and load them again.
    """
    from ..verify import verify

    with usage_errors():
        verified = verify(warehouse, wait_s)
    show(verified.different, as_json, f"as written: {verified.n_files:,} files, {verified.n_rows:,} rows")
    if verified.n_counted:
        click.echo(
            f"Rows of {verified.n_counted:,} files were counted and not compared: the DuckDB that wrote them"
            " hashes otherwise than this one",
            err=True,
        )
    if verified.different.rows:
        sys.exit(DIFFERS)
