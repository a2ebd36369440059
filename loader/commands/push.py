"""The commands `loader push mlflow` and `loader push wandb`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..address import Address
from .options import examples, usage_errors, wait_option, warehouse_option

if TYPE_CHECKING:
    from ..push import Pushed


@click.group(
    epilog=examples("loader push mlflow --to sqlite:///mlflow.db", "loader push wandb --project explanations")
)
def push() -> None:
    """Log the runs' measures to the runs of the same names in MLflow or Weights & Biases.

    A metric is called after the score type and the column of run_metrics, as in fuzz/f1_low.
    """


@push.command(
    epilog=examples(
        "loader push mlflow --to sqlite:///mlflow.db",
        "loader push mlflow --to http://localhost:5000 --experiment explanations --create",
    )
)
@click.option("--to", "uri", metavar="URI", help="The tracking store.  [default: MLflow's own setting]")
@click.option("--experiment", metavar="NAME", help="Only runs of this experiment.  [default: any]")
@click.option(
    "--create", is_flag=True, help="Make a run where there is none of the name; needs --experiment."
)
@warehouse_option
@wait_option
def mlflow(uri: str | None, experiment: str | None, create: bool, warehouse: Address, wait_s: float) -> None:
    """Log to MLflow; of several runs of a name, to the newest.

    Needs the extra mlflow: pip install 'explainer-warehouse[mlflow]'.
    """
    from ..lakes import as_file
    from ..push import push_mlflow, read_metrics

    if create and experiment is None:
        raise click.UsageError("--create makes runs in an experiment: say which with --experiment")
    with usage_errors(), _needing("mlflow"):
        _tell(push_mlflow(read_metrics(as_file(warehouse, wait_s), wait_s), uri, experiment, create))


@push.command(epilog=examples("WANDB_MODE=offline loader push wandb --project explanations"))
@click.option("--project", required=True, help="The project.")
@click.option("--entity", help="The user or team.  [default: yours]")
@warehouse_option
@wait_option
def wandb(project: str, entity: str | None, warehouse: Address, wait_s: float) -> None:
    """Put the measures into the summaries of runs of Weights & Biases.

    WANDB_MODE=offline writes them to the directory wandb, for `wandb sync`. Needs the extra wandb:
    pip install 'explainer-warehouse[wandb]'.
    """
    from ..lakes import as_file
    from ..push import push_wandb, read_metrics

    with usage_errors(), _needing("wandb"):
        _tell(push_wandb(read_metrics(as_file(warehouse, wait_s), wait_s), project, entity))


@contextmanager
def _needing(package: str) -> Iterator[None]:
    """Say which extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        hint = f"pip install 'explainer-warehouse[{package}]'"
        raise click.ClickException(f"{package} is not installed: {hint}") from error


def _tell(pushed: "Iterable[Pushed]") -> None:
    without = []
    for name, target, n_metrics in pushed:
        if target is None:
            without.append(name)
        else:
            click.echo(f"{name}: {n_metrics:,} metrics to {target}")
    if without:
        click.echo(f"No run of the name, so not logged: {', '.join(without)}", err=True)
