"""The command `loader mcp`."""

import click

from ..address import Address
from .options import examples, usage_errors, warehouse_option


@click.command(epilog=examples("loader mcp -w comparison.duckdb", "loader mcp --rows 50 --seconds 5"))
@warehouse_option
@click.option(
    "--rows", type=click.IntRange(min=1), default=200, show_default=True, help="Most rows of an answer."
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=20.0,
    show_default=True,
    help="Longest that a query may take.",
)
def mcp(warehouse: Address, rows: int, seconds: float) -> None:
    """Serve the warehouse to language models, over the Model Context Protocol on standard input and output.

    They can read its schema with meanings, ask in SQL and get the report's answer; they can change nothing
    and reach no other file. Needs the extra mcp: pip install 'explainer-warehouse[mcp]'.
    """
    try:
        from explainer_warehouse.api.server import Limits, server
    except ModuleNotFoundError as error:
        if error.name != "mcp":
            raise
        raise click.ClickException(
            "the package mcp is not installed: pip install 'explainer-warehouse[mcp]'"
        ) from error
    from ..lakes import as_file

    with usage_errors():
        file = as_file(warehouse, wait_s=0)
    if not file.exists():
        raise click.UsageError(f"{file}: found no such file, wanted a warehouse")
    server(file, Limits(rows, seconds)).run("stdio")
