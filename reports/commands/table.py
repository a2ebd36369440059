"""The commands that print tables: `reports show` and `reports table`."""

import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from explainer_warehouse.nearest import did_you_mean

from .options import examples, opened, selection_options, warehouse_option

if TYPE_CHECKING:
    from ..assemble.filled import Shown
    from ..exhibit import Exhibit

# Short names of exhibits.
TABLES = {
    "best": "best_models",
    "coverage": "coverage",
    "ranking": "accuracy_bar",
    "summary": "model_accuracy_summary",
}
# What else a short name stands for, of scorers that are no classifiers.
OTHER_TABLES = {"ranking": "other_scores"}
FORMATS = ("text", "csv", "json", "md", "latex")
MEASURES = ("accuracy", "balanced_accuracy", "f1", "f1_macro", "mcc", "auc")


@click.command(
    epilog=examples("reports show", "reports show ranking --score-type fuzz", "reports show --json")
)
@warehouse_option
@click.argument("table", type=click.Choice(sorted(TABLES)), default="summary")
@click.option("--measure", type=click.Choice(MEASURES), help="What the ranking is by.  [default: accuracy]")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@selection_options
def show(path: str, table: str, measure: str | None, is_json: bool, policy: str, **selection: Any) -> None:
    """Print a table: summary, ranking, best or coverage.

    In a terminal that is too narrow, intervals and then columns are left out, and the last line says which.
    """
    form = "json" if is_json else "text"
    if measure is None:
        _print(path, table, form, policy, selection)
        return
    from ..assemble.fill import fill
    from ..sections.ranking import HAVE_STRICT_FORM, ranking

    if table != "ranking":
        raise click.UsageError(f"--measure is of the ranking: reports show ranking --measure {measure}")
    if policy == "strict" and measure not in HAVE_STRICT_FORM:
        raise click.UsageError(f"{measure} has no strict form; {', '.join(HAVE_STRICT_FORM)} have one")
    exhibit = ranking(measure)
    with opened(path, **selection) as warehouse:
        echo_tables(form, list(fill(exhibit, warehouse, policy=policy)), exhibit)


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
def table(path: str, name: str, form: str, policy: str, **selection: Any) -> None:
    """Print the table of an exhibit.

    NAME is as `reports list` has it, with or without a score type, or a short name of `reports show`.
    """
    _print(path, name, form, policy, selection)


def _print(path: str, name: str, form: str, policy: str, selection: dict[str, Any]) -> None:
    from ..assemble.catalogue import table_placements
    from ..assemble.fill import fill_once
    from ..sections.contents import every_exhibit

    exhibit = TABLES.get(name, name)
    wanted = {exhibit, OTHER_TABLES.get(name, exhibit)}
    with opened(path, **selection) as warehouse:
        every = list(table_placements(warehouse))
        found = [p for p in every if wanted & {p.name, p.exhibit.name}]
        known = every_exhibit().get(exhibit)
        if not found and not (known and known.columns):
            names = [*TABLES, *(p.name for p in every)]
            hint = did_you_mean(name, names) or f"; there are {', '.join(names)}"
            raise click.BadParameter(f"{name!r} is no table here{hint}")
        echo_tables(form, [fill_once(p, warehouse, None, policy) for p in found], known)


def echo_tables(form: str, shown: "list[Shown]", exhibit: "Exhibit | None") -> None:
    """Print filled tables; if there is none, what the exhibit says then."""
    from ..render.tables import tables_as

    if not shown and exhibit:
        click.echo(exhibit.nothing, err=form != "text")
        return
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    click.echo(tables_as(form, shown, width), nl=False)
