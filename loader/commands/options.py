"""What the commands have in common: options, examples in their help, and how errors and tables are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from explainer_warehouse.terminal import printable_lines

from ..address import Address, AddressError, read_address
from ..errors import LoaderError

PATH = click.Path(path_type=Path)


def address_of(context: click.Context, option: click.Parameter, value: str) -> Address:
    """Take what `-w` may name: a file, or a lake."""
    try:
        return read_address(value)
    except AddressError as error:
        raise click.BadParameter(printable_lines(str(error))) from error


warehouse_option = click.option(
    "-w",
    "--warehouse",
    callback=address_of,
    metavar="PATH",
    default="warehouse.duckdb",
    envvar="EXPLAINER_WAREHOUSE",
    show_default=True,
    show_envvar=True,
    help="The DuckDB file, or a lake: ducklake:FILE, ducklake:postgres:dbname=... host=...",
)
wait_option = click.option(
    "--wait",
    "wait_s",
    type=click.FloatRange(min=0),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait while another process holds the file.",
)
data_path_option = click.option(
    "--data-path",
    metavar="DIRECTORY",
    help="Where a new lake's data go, also s3://...; one with its catalogue in a file has them beside it.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def examples(*lines: str) -> str:
    """Return the end of a command's help: lines that can be typed as they stand."""
    # click wraps no paragraph that begins so.
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def show(table: Any, as_json: bool, none: str) -> None:
    """Print a table as text or JSON; `none` says that it has no rows."""
    from ..table_text import table_as_json, table_as_text

    if as_json:
        click.echo(table_as_json(*table))
    elif table.rows:
        click.echo(table_as_text(*table))
    else:
        click.echo(none)


@contextmanager
def usage_errors() -> Iterator[None]:
    """Turn our errors, which say all that the user needs, into click's."""
    try:
        yield
    except LoaderError as error:
        raise click.UsageError(printable_lines(str(error))) from error
