"""The command `loader merge`."""

from pathlib import Path

import click

from .options import PATH, examples, usage_errors, wait_option


@click.command(epilog=examples("loader merge warehouse.duckdb jobs/*.duckdb"))
@click.argument("into", type=PATH)
@click.argument("warehouses", nargs=-1, required=True, type=PATH, metavar="FROM...")
@wait_option
def merge(into: Path, warehouses: tuple[Path, ...], wait_s: float) -> None:
    """Bring what the warehouses FROM hold into the warehouse INTO, made if there is none.

    Of a file that several hold, the version loaded last counts; what only one holds stays. Merging again
    changes nothing. FROM stay as they are.
    """
    from ..merge import merge

    with usage_errors():
        merged = merge(into, warehouses, wait_s)
    click.echo(
        f"{into}: merged {merged.n_warehouses:,} warehouses of {merged.n_runs:,} runs; files:"
        f" {merged.n_new:,} new, {merged.n_newer:,} newer"
    )
