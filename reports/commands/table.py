"""The commands that print tables: `reports show` and `reports table`."""

import shutil
import sys
from pathlib import Path
from typing import Any

import click

from explainer_warehouse.nearest import did_you_mean

from .options import examples, opened, selection_options, warehouse_option

# Short names of exhibits.
TABLES = {
    "best": "best_models",
    "coverage": "coverage",
    "ranking": "accuracy_bar",
    "summary": "model_accuracy_summary",
}
FORMATS = ("text", "csv", "json", "md", "latex")


@click.command(
    epilog=examples("reports show", "reports show ranking --score-type fuzz", "reports show --json")
)
@warehouse_option
@click.argument("table", type=click.Choice(sorted(TABLES)), default="summary")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@selection_options
def show(path: Path, table: str, is_json: bool, policy: str, **selection: Any) -> None:
    """Print a table: summary, ranking, best or coverage.

    In a terminal that is too narrow, intervals and then columns are left out, and the last line says which.
    """
    _print(path, table, "json" if is_json else "text", policy, selection)


@click.command(
    epilog=examples(
        "reports table ranking --format md",
        "reports table model_comparison_fuzz --format csv > pairs.csv",
        "reports table summary --format latex --policy strict",
    )
)
@warehouse_option
@click.argument("name")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="How it is printed; csv and json have every column of its query, numbers in full.",
)
@selection_options
def table(path: Path, name: str, form: str, policy: str, **selection: Any) -> None:
    """Print the table of an exhibit.

    NAME is as `reports list` has it, with or without a score type, or a short name of `reports show`.
    """
    _print(path, name, form, policy, selection)


def _print(path: Path, name: str, form: str, policy: str, selection: dict[str, Any]) -> None:
    from ..assemble.catalogue import table_placements
    from ..assemble.report import fill_once
    from ..render.tables import tables_as

    exhibit = TABLES.get(name, name)
    with opened(path, **selection) as warehouse:
        every = list(table_placements(warehouse))
        found = [p for p in every if exhibit in (p.name, p.exhibit.name)]
        if not found:
            names = [*TABLES, *(p.name for p in every)]
            hint = did_you_mean(name, names) or f"; there are {', '.join(names)}"
            raise click.BadParameter(f"{name!r} is no table here{hint}")
        shown = [fill_once(p, warehouse, None, policy) for p in found]
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(tables_as(form, shown, width), nl=False)
