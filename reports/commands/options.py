"""What the commands have in common: which warehouse, which rows, and how errors are told."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explainer_warehouse.terminal import printable, printable_lines

if TYPE_CHECKING:
    from ..warehouse import Warehouse

POLICIES = ("valid", "strict")

warehouse_option = click.option(
    "-w",
    "--warehouse",
    "path",
    metavar="PATH",
    default="warehouse.duckdb",
    envvar="EXPLAINER_WAREHOUSE",
    show_default=True,
    show_envvar=True,
    help="The warehouse that `loader load` wrote: a file, or a lake, ducklake:...",
)
SELECTION = (
    click.option("--score-type", "score_types", multiple=True, metavar="NAME", help="Only this score type."),
    click.option(
        "--run", "runs", multiple=True, metavar="GLOB", help="Only runs of such a name, directory or label."
    ),
    click.option(
        "--hookpoint", "hookpoints", multiple=True, metavar="GLOB", help="Only latents of such a hookpoint."
    ),
    click.option("--model", "models", multiple=True, metavar="GLOB", help="Only runs of such a model."),
    click.option(
        "--where",
        default="",
        metavar="SQL",
        help='Only runs that fulfil a condition on runs_enriched, as in "n_tokens > 1e6".',
    ),
    click.option(
        "--by",
        default="",
        metavar="COLUMN",
        help="Group and colour runs by a column of runs_enriched or a setting, as in temperature.",
    ),
    click.option(
        "--same-latents",
        multiple=True,
        metavar="GLOB",
        help="Runs of such a name explain the same latents, whatever their configs say.",
    ),
    click.option(
        "--control",
        "controls",
        multiple=True,
        metavar="GLOB",
        help="Runs of such a name are controls, of random or shuffled explanations.",
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
    """Add the options that say which rows, and under which policy; names and globs may be repeated."""
    for option in reversed(SELECTION):
        command = option(command)
    return command


def examples(*lines: str) -> str:
    """Return the end of a command's help: lines that can be typed as they stand."""
    # click wraps no paragraph that begins so.
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


@contextmanager
def opened(
    path: str,
    prices_path: Path | None = None,
    writes_to: Path | None = None,
    as_of: str | None = None,
    **selection: Any,
) -> Iterator["Warehouse"]:
    """Open the warehouse, limited to a selection; what is wrong with either becomes one line.

    as_of: which state of a lake, by its number or time
    """
    from explainer_warehouse.api.lakes import local_file

    from ..assemble.fill import UnfilledError
    from ..assemble.report import left_out
    from ..prices import PricesError, read_prices
    from ..warehouse import RefusedError, Selection, WarehouseError, open_warehouse

    try:
        prices = tuple(read_prices(prices_path)) if prices_path else ()
        with open_warehouse(
            local_file(path, as_of),
            Selection(**selection, prices=prices),
            writes_to=writes_to,
            leaders_only=True,
        ) as warehouse:
            if warehouse.n_left_out:
                click.echo(
                    f"Warning: shown are the {warehouse.n_runs} runs that lead by some measure; "
                    f"{left_out(warehouse)}",
                    err=True,
                )
            if unknown := warehouse.unknown_models([price.model for price in prices]):
                names = ", ".join(map(printable, unknown))
                click.echo(f"Warning: {prices_path} has prices of models that no run has: {names}", err=True)
            yield warehouse
    except (PricesError, RefusedError, UnfilledError, WarehouseError) as error:
        raise click.ClickException(printable_lines(str(error))) from error
