"""The command `loader export`."""

from pathlib import Path

import click

from ..address import Address
from .options import PATH, examples, usage_errors, wait_option, warehouse_option

FORMATS = ("parquet", "csv", "json")


@click.command(
    epilog=examples(
        "loader export tables/",
        "loader export csv/ --format csv",
        "loader export data/ --public",
        "loader export big/ --spark",
    )
)
@click.argument("directory", type=PATH)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="parquet",
    show_default=True,
    help="What the files are; json is a line per row.",
)
@click.option("--public", is_flag=True, help="Leave out local paths, secrets and what `loader metadata` has.")
@click.option(
    "--spark", "for_spark", is_flag=True, help="Add the tables, and spark.sql: the views for Spark."
)
@warehouse_option
@wait_option
def export(
    directory: Path, form: str, public: bool, for_spark: bool, warehouse: Address, wait_s: float
) -> None:
    """Write every view to a file in DIRECTORY, with a card that describes them.

    Hugging Face's datasets loads the directory as it is. Prints the files and their rows.
    """
    from ..export import export
    from ..lakes import as_file

    with usage_errors():
        written = export(as_file(warehouse, wait_s), directory, form, public, wait_s, for_spark=for_spark)
    for path, n_rows in written:
        click.echo(f"{path}: {n_rows:,} rows")
