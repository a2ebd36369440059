"""The command that plans a run: `reports plan`."""

from typing import Any

import click

from .options import examples, opened, selection_options, warehouse_option
from .table import echo_tables

MEASURES = ("accuracy", "balanced_accuracy", "f1", "precision", "recall", "specificity")
HAVE_STRICT_FORM = ("accuracy", "f1", "recall")


@click.command(epilog=examples("reports plan", "reports plan --difference 0.05 --power 0.9 --measure f1"))
@warehouse_option
@click.option(
    "--difference",
    type=click.FloatRange(min=0.0001, max=1),
    default=0.02,
    show_default=True,
    metavar="D",
    help="The smallest difference to find.",
)
@click.option(
    "--power",
    type=click.FloatRange(min=0.5, max=0.999),
    default=0.8,
    show_default=True,
    metavar="P",
    help="How likely it is to be found.",
)
@click.option("--measure", type=click.Choice(MEASURES), default="accuracy", show_default=True)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@selection_options
def plan(
    path: str, difference: float, power: float, measure: str, is_json: bool, policy: str, **selection: Any
) -> None:
    """Say how many latents and examples a new run needs.

    So many that a difference from another run is found, by how much latents vary in the runs selected here.
    """
    if policy == "strict":
        if measure not in HAVE_STRICT_FORM:
            raise click.UsageError(f"{measure} has no strict form; {', '.join(HAVE_STRICT_FORM)} have one")
        measure += "_strict"
    from ..assemble.fill import fill
    from ..sections.plan import plan

    exhibit = plan(difference, power, measure)
    with opened(path, **selection) as warehouse:
        echo_tables("json" if is_json else "text", list(fill(exhibit, warehouse, policy=policy)), exhibit)
