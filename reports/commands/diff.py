"""The command `reports diff`."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import examples, warehouse_option

if TYPE_CHECKING:
    from explainer_warehouse.api.diff import Change

# The exit code of --fail-if-worse.
WORSE = 3
_FILE = click.Path(path_type=Path)
_TIMES = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.%f")


@click.command(
    epilog=examples(
        "reports diff before.duckdb after.duckdb",
        'reports diff --since "2026-11-26 18:00" --fail-if-worse',
        "reports diff --since 2026-11-26 --json",
    )
)
@click.argument("old", required=False, type=_FILE)
@click.argument("new", required=False, type=_FILE)
@click.option(
    "--since",
    type=click.DateTime(_TIMES),
    metavar="TIME",
    help="Compare the warehouse with what it was then, by this machine's clock as `loader history` has it, in"
    " place of OLD and NEW.",
)
@click.option("--fail-if-worse", is_flag=True, help=f"Exit with {WORSE} if a measure is significantly worse.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@warehouse_option
def diff(
    old: Path | None, new: Path | None, since: datetime | None, fail_if_worse: bool, is_json: bool, path: str
) -> None:
    """Say what changed between two warehouses, or since a time: every measure of every run that changed.

    A difference is that of the latents that both states scored, with its paired 95 % interval. A change is
    better or worse where it is significant at 5 % among all of them, by Holm's method. Compared are what
    model_comparison pairs, AUC as its mean over latents, the Brier score, and the measures of scorers that
    are no classifiers; not MCC, nor other averages.
    """
    from explainer_warehouse.api.diff import diff_files, diff_since
    from explainer_warehouse.api.lakes import local_file
    from explainer_warehouse.api.states import DiffError

    from ..warehouse import WarehouseError

    try:
        if since and not old:
            changes = diff_since(local_file(path), since.astimezone(UTC).replace(tzinfo=None))
        elif old and new and not since:
            changes = diff_files(old, new)
        else:
            raise click.UsageError("give two warehouses, OLD and NEW, or --since TIME")
    except (DiffError, WarehouseError) as error:
        raise click.ClickException(str(error)) from error
    if is_json:
        click.echo(json.dumps([change._asdict() for change in changes], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(changes)))
    if fail_if_worse and any(change.verdict == "worse" for change in changes):
        sys.exit(WORSE)


def _lines(changes: "Sequence[Change]") -> list[str]:
    from ..labels import in_terminal

    if not changes:
        return ["No score of any run has changed."]
    lines = []
    for run, of_run in groupby(changes, key=attrgetter("run_name")):
        lines.append(in_terminal(run))
        lines += [f"  {_line(change)}" for change in of_run]
    n_compared = sum(change.measure is not None for change in changes)
    n_worse, n_better = (sum(c.verdict == word for c in changes) for word in ("worse", "better"))
    lines.append(f"{n_worse} significantly worse, {n_better} better, of {n_compared} measures compared.")
    return lines


def _line(change: "Change") -> str:
    from ..labels import DASH, in_terminal, ratio

    if change.measure is None:
        return f"{in_terminal(change.score_type or 'all of it')} {change.verdict}"
    measure = f"{change.measure}{'_macro' * (change.average == 'macro')}"
    name = f"{in_terminal(change.score_type or '')} {measure}"
    both = f"{ratio(change.old)} to {ratio(change.new)}"
    difference = DASH if change.difference is None else f"{change.difference:+.3f}"
    sure = f"({change.low:+.3f} to {change.high:+.3f})" if change.low is not None else f"({change.reason})"
    return f"{name:<28}  {both:<14}  {difference} {sure}  {change.verdict or ''}".rstrip()
