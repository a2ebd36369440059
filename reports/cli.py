"""The `reports` command: options, messages and exit codes."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

# The rest of the package brings pandas, plotly and kaleido; imported inside the commands, --help is instant.
if TYPE_CHECKING:
    from .tables import Warehouse

POLICIES = ("valid", "strict")
PLOTLYJS = ("inline", "cdn")
FORMATS = ("html", "csv", "pdf", "png", "svg")
TABLES = {
    "summary": ("model_accuracy_summary",),
    "ranking": ("accuracy_bar",),
    "best": ("best_models",),
    "coverage": ("coverage",),
}
# The exit code after Ctrl-C: 128 and the number of its signal.
INTERRUPTED = 130
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
SELECTION = (
    click.option("--score-type", "score_types", multiple=True, metavar="NAME", help="Only this score type."),
    click.option("--run", "runs", multiple=True, metavar="GLOB", help="Only runs of such a name."),
    click.option("--model", "models", multiple=True, metavar="GLOB", help="Only runs of such a model."),
    click.option(
        "--same-latents",
        multiple=True,
        metavar="GLOB",
        help="Runs of such a name explain the same latents, whatever their configs say.",
    ),
    click.option(
        "--prices",
        "prices_path",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        help="CSV or JSON of model, prompt_per_million, completion_per_million.",
    ),
    click.option(
        "--policy",
        type=click.Choice(POLICIES),
        default="valid",
        show_default=True,
        help="Leave failed examples out (valid) or count them as wrong (strict).",
    ),
)


def selection_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which rows, and under which policy; all but the last two may be repeated."""
    for option in reversed(SELECTION):
        command = option(command)
    return command


class _Commands(click.Group):
    """End with one line and the usual exit code after Ctrl-C."""

    def invoke(self, context: click.Context) -> Any:
        interrupted = False

        def interrupt(number: int, frame: FrameType | None) -> None:
            nonlocal interrupted
            interrupted = True
            raise KeyboardInterrupt

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            return super().invoke(context)
        except BaseException:
            # DuckDB makes other errors of a Ctrl-C that reaches it inside a query.
            if not interrupted:
                raise
            click.echo("Interrupted: every file that was written is whole.", err=True)
            context.exit(INTERRUPTED)
        finally:
            signal.signal(signal.SIGINT, before)


@click.group(cls=_Commands, context_settings=HELP_NAMES)
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
@selection_options
@click.option("--title", default="Explanations, scored", show_default=True, help="Title of the page.")
@click.option(
    "--examples",
    "n_examples",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    metavar="N",
    help="Examples of each latent that the page carries.",
)
@click.option(
    "--plotlyjs",
    type=click.Choice(PLOTLYJS),
    default="inline",
    show_default=True,
    help="Carry plotly.js in the page, or have it fetched when the page is opened (5 MB less).",
)
def build(
    path: Path,
    out: Path,
    formats: tuple[str, ...],
    title: str,
    policy: str,
    n_examples: int,
    plotlyjs: str,
    **selection: Any,
) -> None:
    """Write the report: a page, the figures as PDF and the summary as CSV.

    Prints the path of each file that it wrote.
    """
    from .render.files import IMAGE_FORMATS, BrowserError, OutputError, write_images, write_report
    from .sections.report import assemble

    with _opened(path, **selection) as warehouse:
        report = assemble(warehouse, title, policy, n_examples)
    try:
        for written in write_report(report, out, formats, plotlyjs):
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
@selection_options
def show(path: Path, table: str, policy: str, **selection: Any) -> None:
    """Print a table: summary, ranking, best or coverage."""
    from .render.terminal import table_text
    from .sections.contents import exhibit_named
    from .sections.report import fill

    with _opened(path, **selection) as warehouse:
        texts = [
            table_text(shown)
            for name in TABLES[table]
            for shown in fill(exhibit_named(name), warehouse, policy=policy)
        ]
    click.echo("\n".join(texts), nl=False)


@contextmanager
def _opened(path: Path, prices_path: Path | None, **globs: tuple[str, ...]) -> Iterator["Warehouse"]:
    """Open the warehouse, limited to a selection; what is wrong with either becomes one line."""
    from .prices import PricesError, read_prices
    from .tables import Selection, WarehouseError, open_warehouse

    try:
        prices = tuple(read_prices(prices_path)) if prices_path else ()
        with open_warehouse(path, Selection(**globs, prices=prices)) as warehouse:
            yield warehouse
    except (PricesError, WarehouseError) as error:
        raise click.ClickException(str(error)) from error


def _formats(value: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise click.BadParameter(f"{value!r}: give some of {', '.join(FORMATS)}, separated by commas")
    return wanted
