"""The command `loader sql`."""

import sys

import click

from ..address import Address
from .options import examples, usage_errors, wait_option, warehouse_option

FORMATS = ("table", "csv", "json", "markdown")


@click.command(
    epilog=examples(
        'loader sql "select run_name, score_type, f1 from run_metrics order by f1 desc"',
        'loader sql "from model_ranking" --format csv > ranking.csv',
        "loader sql - < question.sql",
    )
)
@click.argument("query")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="table",
    show_default=True,
    help="How the rows are printed.",
)
@warehouse_option
@wait_option
def sql(query: str, form: str, warehouse: Address, wait_s: float) -> None:
    """Ask the warehouse, in SQL; QUERY is - to read it from standard input.

    Nothing in the warehouse can be changed so. `reports list` names its views.
    """
    from ..lakes import as_file
    from ..query import run_query
    from ..table_text import six_digits, table_as_csv, table_as_json, table_as_markdown, table_as_text

    with usage_errors():
        table = run_query(as_file(warehouse, wait_s), sys.stdin.read() if query == "-" else query, wait_s)
    match form:
        case "csv":
            click.echo(table_as_csv(*table))
        case "json":
            click.echo(table_as_json(*table))
        case "markdown":
            click.echo(table_as_markdown(*table))
        case _:
            click.echo(table_as_text(*table, number=six_digits))
