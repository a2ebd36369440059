"""The command `loader merge`."""

from pathlib import Path

import click

from ..address import Address, with_data
from .options import PATH, address_of, data_path_option, examples, usage_errors, wait_option


@click.command(epilog=examples("loader merge warehouse.duckdb jobs/*.duckdb"))
@click.argument("into", callback=address_of)
@click.argument("warehouses", nargs=-1, required=True, type=PATH, metavar="FROM...")
@data_path_option
@wait_option
def merge(into: Address, warehouses: tuple[Path, ...], data_path: str | None, wait_s: float) -> None:
    """Bring what the warehouses FROM hold into INTO, a file or a lake, made if there is none.

    Of a file that several hold, the version loaded last counts; what only one holds stays. Merging again
    changes nothing. FROM stay as they are.
    """
    from ..merge import merge

    with usage_errors():
        merged = merge(with_data(into, data_path), warehouses, wait_s)
    click.echo(
        f"{into}: merged {merged.n_warehouses:,} warehouses of {merged.n_runs:,} runs; files:"
        f" {merged.n_new:,} new, {merged.n_newer:,} newer"
    )
