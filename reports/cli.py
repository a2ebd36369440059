"""The `reports` command: options, messages and exit codes."""

import json
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from explainer_warehouse.nearest import did_you_mean
from explainer_warehouse.terminal import InterruptibleGroup, progress_bar

# The rest of the package brings pandas, plotly and kaleido; imported inside the commands, --help is instant.
from .commands.diff import diff
from .commands.options import examples, opened, selection_options, warehouse_option
from .commands.plan import plan
from .commands.table import show, table

PLOTLYJS = ("inline", "cdn")
FORMATS = ("html", "csv", "md", "latex", "pdf", "png", "svg")

scale_option = click.option(
    "--scale",
    type=click.FloatRange(min=0.1, max=10),
    default=2.0,
    show_default=True,
    metavar="N",
    help="Pixels of a PNG to a unit of its figure.",
)


@click.group(
    cls=InterruptibleGroup,
    interrupted="Interrupted: every file that was written is whole.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="explainer-warehouse")
def cli() -> None:
    """Make reports from a warehouse of delphi results."""


@cli.command(
    epilog=examples(
        "reports build",
        "reports build -o out --format html,pdf,latex --score-type fuzz",
        'reports build --by temperature --where "n_tokens > 1000000"',
    )
)
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
@click.option(
    "--as-of",
    metavar="TIME|SNAPSHOT",
    help="Report what a lake held at a time, by this machine's clock, or at a snapshot.",
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
    "--latents",
    "n_carried",
    type=click.IntRange(min=0),
    default=2000,
    show_default=True,
    metavar="N",
    help="Latents of which the page carries examples, the worst and most frequent first.",
)
@click.option(
    "--plotlyjs",
    type=click.Choice(PLOTLYJS),
    default="inline",
    show_default=True,
    help="Carry plotly.js in the page, or have it fetched when the page is opened (1.5 MB less).",
)
@click.option(
    "--sql",
    "answers",
    is_flag=True,
    help="Carry DuckDB and the views in the page, which then answers SQL (some 12 MB more).",
)
@scale_option
@click.option("--open", "is_opened", is_flag=True, help="Open the page when it is written.")
def build(
    path: str,
    out: Path,
    formats: tuple[str, ...],
    title: str,
    policy: str,
    n_examples: int,
    n_carried: int,
    plotlyjs: str,
    answers: bool,
    scale: float,
    is_opened: bool,
    as_of: str | None,
    **selection: Any,
) -> None:
    """Write the report: a page, page and figures as PDF, the summary as CSV; Markdown and LaTeX on demand.

    Prints the path of each file that it wrote. What cannot be made of these results says so in its place; the
    exit code is then 1.
    """
    from tempfile import TemporaryDirectory

    from .answers.copies import copy_views
    from .assemble.report import assemble
    from .render.chrome import BrowserError, opened_browser
    from .render.files import IMAGE_FORMATS, OutputError, write_images, write_report

    if is_opened and "html" not in formats:
        raise click.UsageError("--open opens the page: add html to --format")
    if answers and "html" not in formats:
        raise click.UsageError("--sql is about the page: add html to --format")
    with ExitStack() as until_drawn:
        beside = Path(until_drawn.enter_context(TemporaryDirectory())) if answers else None
        with (
            opened(path, writes_to=beside, as_of=as_of, **selection) as warehouse,
            progress_bar("Reading") as progress,
        ):
            # It takes seconds to open: time to read in.
            has_images = not set(formats).isdisjoint(IMAGE_FORMATS)
            draw = until_drawn.enter_context(opened_browser()) if has_images else None
            # Only the page shows them.
            n_examples = n_examples if "html" in formats else 0
            report = assemble(warehouse, title, policy, n_examples, progress, n_carried)
            copies = copy_views(warehouse, report.latents, beside) if beside else None
        if report.latents.left_out:
            click.echo(f"{report.latents.left_out} More with --latents.", err=True)
        try:
            for written in write_report(report, out, formats, plotlyjs, copies):
                click.echo(written)
            if draw:
                with progress_bar("Drawing") as progress:
                    images = write_images(report, out, formats, scale, progress, draw)
                for written in images:
                    click.echo(written)
        except OutputError as error:
            raise click.ClickException(str(error)) from error
        except BrowserError as error:
            if set(formats) <= set(IMAGE_FORMATS):
                raise click.ClickException(str(error)) from error
            click.echo(f"Warning: {error}", err=True)
    if is_opened:
        click.launch(str(out / "report.html"))
    if failed := report.failed():
        raise click.ClickException(f"not all could be made, as it says in its place: {', '.join(failed)}")


@cli.command(
    epilog=examples("reports figure accuracy_bar_fuzz", "reports figure pareto_frontier_fuzz -o cost.svg")
)
@warehouse_option
@click.argument("name")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, of format pdf, png or svg by its ending.  [default: NAME.pdf]",
)
@scale_option
@selection_options
def figure(path: str, name: str, out: Path | None, scale: float, policy: str, **selection: Any) -> None:
    """Write one figure; NAME as `reports list` gives it.

    Prints the path of the file.
    """
    from .assemble.catalogue import figure_placements
    from .assemble.fill import fill_once
    from .render.chrome import BrowserError
    from .render.files import IMAGE_FORMATS, OutputError, write_figure
    from .style import looks_of

    out = out or Path(f"{name}.pdf")
    if out.suffix[1:].lower() not in IMAGE_FORMATS:
        raise click.BadParameter(f"{out}: give a file that ends with .{', .'.join(IMAGE_FORMATS)}")
    with opened(path, **selection) as warehouse:
        figures = {figure.name: figure for figure in figure_placements(warehouse.families, warehouse.by)}
        if name not in figures:
            hint = did_you_mean(name, figures) or f"; there are {', '.join(figures)}"
            raise click.BadParameter(f"{name!r} is no figure here{hint}")
        shown = fill_once(figures[name], warehouse, looks_of(warehouse.all_runs), policy)
    if shown.figure is None:
        raise click.ClickException(f"{name} has nothing to draw: {shown.caption}")
    try:
        click.echo(write_figure(shown, out, scale))
    except (BrowserError, OutputError) as error:
        raise click.ClickException(str(error)) from error


@cli.command("list", epilog=examples("reports list", "reports list --json"))
@warehouse_option
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
def list_names(path: str, is_json: bool) -> None:
    """Name the sections and figures of the report, and the views of the warehouse."""
    from .assemble.catalogue import VIEWS_QUERY, listings
    from .render.terminal import listing_text

    with opened(path) as warehouse:
        lists = listings(warehouse.families, warehouse.read(VIEWS_QUERY))
    if is_json:
        rows = {name: listing.rows for name, listing in lists.items()}
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(map(listing_text, lists.values())), nl=False)


for command in (show, table, plan, diff):
    cli.add_command(command)


def _formats(value: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name.strip().lower() for name in value.split(",") if name.strip()))
    unknown = [name for name in wanted if name not in FORMATS]
    if unknown or not wanted:
        raise click.BadParameter(f"{value!r}: give some of {', '.join(FORMATS)}, separated by commas")
    return wanted
