"""The `reports` command: options, messages and exit codes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

# The rest of the package brings pandas, plotly and kaleido; imported inside the commands, --help is instant.
if TYPE_CHECKING:
    from .tables import Warehouse

FORMATS = ("html", "csv", "pdf", "png", "svg")
TABLES = {
    "summary": ("model_accuracy_summary",),
    "ranking": ("accuracy_bar",),
    "best": ("best_models",),
    "coverage": ("coverage",),
}
HELP_NAMES = {"help_option_names": ["-h", "--help"]}

warehouse_option = click.option(
    "-w",
    "--warehouse",
    "path",
    type=click.Path(path_type=Path),
    default="warehouse.duckdb",
    envvar="EXPLAINER_WAREHOUSE",
    show_default=True,
    show_envvar=True,
    help="The warehouse that `loader load` wrote.",
)
score_type_option = click.option(
    "--score-type",
    "score_types",
    multiple=True,
    metavar="NAME",
    help="Only this score type; may be repeated.",
)
run_option = click.option(
    "--run", "runs", multiple=True, metavar="GLOB", help="Only runs of such a name; may be repeated."
)
model_option = click.option(
    "--model", "models", multiple=True, metavar="GLOB", help="Only runs of such a model; may be repeated."
)


@click.group(context_settings=HELP_NAMES)
@click.version_option(package_name="explainer-warehouse")
def cli() -> None:
    """Make reports from a warehouse of delphi results."""


@cli.command()
@warehouse_option
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="report",
    show_default=True,
    help="Directory to write to.",
)
@click.option(
    "--format",
    "formats",
    default="html,pdf,csv",
    show_default=True,
    metavar="LIST",
    callback=lambda context, parameter, value: _formats(value),
    help=f"What to write, separated by commas: {', '.join(FORMATS)}.",
)
@score_type_option
@run_option
@model_option
@click.option("--title", default="Explanations, scored", show_default=True, help="Title of the page.")
def build(
    path: Path,
    out: Path,
    formats: tuple[str, ...],
    score_types: tuple[str, ...],
    runs: tuple[str, ...],
    models: tuple[str, ...],
    title: str,
) -> None:
    """Write the report: a page, the figures as PDF and the summary as CSV.

    Prints the path of each file that it wrote.
    """
    from .render.files import IMAGE_FORMATS, BrowserError, OutputError, write_images, write_report
    from .sections.report import assemble

    with _opened(path, runs, models, score_types) as warehouse:
        report = assemble(warehouse, title)
    try:
        for written in write_report(report, out, formats):
            click.echo(written)
        for written in write_images(report, out, formats):
            click.echo(written)
    except OutputError as error:
        raise click.ClickException(str(error)) from error
    except BrowserError as error:
        if set(formats) <= set(IMAGE_FORMATS):
            raise click.ClickException(str(error)) from error
        click.echo(f"Warning: {error}", err=True)


@cli.command()
@warehouse_option
@click.argument("table", type=click.Choice(sorted(TABLES)), default="summary")
@score_type_option
@run_option
@model_option
def show(
    path: Path, table: str, score_types: tuple[str, ...], runs: tuple[str, ...], models: tuple[str, ...]
) -> None:
    """Print a table: summary, ranking, best or coverage."""
    from .render.terminal import table_text
    from .sections.contents import exhibit_named
    from .sections.report import fill

    with _opened(path, runs, models, score_types) as warehouse:
        texts = [
            table_text(shown) for name in TABLES[table] for shown in fill(exhibit_named(name), warehouse)
        ]
    click.echo("\n".join(texts), nl=False)


@contextmanager
def _opened(
    path: Path, runs: Sequence[str], models: Sequence[str], score_types: Sequence[str]
) -> Iterator["Warehouse"]:
    """Open the warehouse, limited to a selection; what is wrong with either becomes one line."""
    from .tables import Selection, WarehouseError, open_warehouse

    try:
        with open_warehouse(path, Selection(tuple(runs), tuple(models), tuple(score_types))) as warehouse:
            yield warehouse
    except WarehouseError as error:
        raise click.ClickException(str(error)) from error


def _formats(value: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise click.BadParameter(f"{value!r}: give some of {', '.join(FORMATS)}, separated by commas")
    return wanted
