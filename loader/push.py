"""Log the runs' measures where their experiments are tracked: to the run of the same name."""

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from explainer_warehouse.nearest import did_you_mean

from .errors import LoaderError
from .store.connect import reading
from .views.build import check_version

if TYPE_CHECKING:
    from mlflow import MlflowClient

# What MLflow takes in one call, and in a metric's name.
_MOST_AT_ONCE = 1000
_NOT_IN_A_NAME = re.compile(r"[^\w\-. /]")
_RUNS = """
select
    r.run_id,
    r.run_name,
    list(k.key order by k.precedence) as called
from runs r
join behind_the_views.run_keys k on k.run_id = r.run_id and k.precedence in (1, 4, 5)
group by all
order by r.run_name
"""
_MEASURES = """
select
    score_type || '/' || name as name,
    value,
    low,
    high
from run_measures
where run_id = ?
order by all
"""
_COUNTS = """
unpivot (
    select
        score_type,
        n_examples,
        n_failed,
        n_latents,
        coverage,
        accuracy_lowest,
        accuracy_highest,
        f1_lowest,
        f1_highest
    from run_metrics
    where run_id = ?
) on cast(columns(* exclude (score_type)) as double)
"""


class PushError(LoaderError):
    """Say what is in the way of logging, and what to do."""


class Run(NamedTuple):
    """Hold a run: what it may be called, the surest first, and its metrics by name."""

    run_id: str
    name: str
    called: list[str]
    metrics: dict[str, float]


class Pushed(NamedTuple):
    """Hold where a run's metrics went, and how many; None if there is no run of its name."""

    name: str
    target: str | None
    n_metrics: int


def read_metrics(path: Path, wait_s: float) -> list[Run]:
    """Return the runs with their measures, the ends of their intervals, counts and coverage.

    A metric is called after the score type and the column of run_metrics, as in `fuzz/f1_low`. Raises
    WarehouseError.
    """
    with reading(path, wait_s) as connection:
        check_version(connection)
        found = []
        for run_id, name, called in connection.execute(_RUNS).fetchall():
            metrics: dict[str, float] = {}
            for measure, *values in connection.execute(_MEASURES, [run_id]).fetchall():
                ends = zip(("", "_low", "_high"), values, strict=True)
                metrics |= {f"{measure}{end}": value for end, value in ends if value is not None}
            counts = connection.execute(_COUNTS, [run_id]).fetchall()
            metrics |= {f"{score_type}/{count}": value for score_type, count, value in counts}
            found.append(Run(run_id, name, called, metrics))
        return found


def push_mlflow(
    runs: Sequence[Run], uri: str | None, experiment: str | None, create: bool
) -> Iterator[Pushed]:
    """Log to the newest run of each name in a store of MLflow's.

    uri: of the store; MLflow's own setting, if None
    experiment: its name; all of them, if None
    create: make a run where there is none of the name, in the experiment
    Raises PushError.
    """
    from mlflow import MlflowClient
    from mlflow.entities import Metric
    from mlflow.exceptions import MlflowException

    try:
        client = MlflowClient(tracking_uri=uri)
        experiments = {e.name: e.experiment_id for e in client.search_experiments()}
        if experiment is not None and experiment not in experiments:
            hint = did_you_mean(experiment, experiments) or f"; there are {', '.join(experiments)}"
            raise PushError(f"no experiment is called {experiment!r}{hint}")
        chosen = [experiments[experiment]] if experiment else list(experiments.values())
        there = _newest_by_name(client, chosen)
        for run in runs:
            target = next((there[name] for name in run.called if name in there), None)
            if target is None and create:
                made = client.create_run(chosen[0], run_name=run.name)
                client.set_terminated(made.info.run_id)
                target = made.info.run_id
            if target is not None:
                now = int(time.time() * 1000)
                metrics = [Metric(_NOT_IN_A_NAME.sub("_", k), v, now, 0) for k, v in run.metrics.items()]
                for start in range(0, len(metrics), _MOST_AT_ONCE):
                    client.log_batch(target, metrics=metrics[start : start + _MOST_AT_ONCE])
            yield Pushed(run.name, target, len(run.metrics))
    except MlflowException as error:
        raise PushError(f"MLflow: {str(error).splitlines()[0]}") from error


def push_wandb(runs: Sequence[Run], project: str, entity: str | None) -> Iterator[Pushed]:
    """Put the metrics into the summary of the run of each name in a project of Weights & Biases.

    Online, of several runs of a name the newest counts. A run that is not there is made, as is one offline,
    under the warehouse's own id, so that a second push goes to the same one. Raises PushError.
    """
    import wandb

    try:
        for run in runs:
            target = _wandb_id(run, project, entity)
            with wandb.init(
                project=project,
                entity=entity,
                name=run.name,
                id=target,
                resume="allow",
                settings=wandb.Settings(silent=True),
            ) as logged:
                logged.summary.update(run.metrics)
            yield Pushed(run.name, target, len(run.metrics))
    except wandb.Error as error:
        raise PushError(f"Weights & Biases: {str(error).splitlines()[0]}") from error


def _newest_by_name(client: "MlflowClient", experiments: Sequence[str]) -> dict[str, str]:
    """Return the id of the newest run of each name."""
    found: dict[str, str] = {}
    token = None
    while True:
        page = client.search_runs(list(experiments), order_by=["start_time asc"], page_token=token)
        found |= {run.info.run_name: run.info.run_id for run in page}
        token = page.token
        if not token:
            return found


def _wandb_id(run: Run, project: str, entity: str | None) -> str:
    import wandb

    if wandb.setup().settings.mode != "online":
        return run.run_id
    api = wandb.Api()
    path = f"{entity or api.default_entity}/{project}"
    found = api.runs(path, filters={"display_name": {"$in": run.called}}, order="-created_at")
    try:
        return next((each.id for each in found), run.run_id)
    except ValueError:
        # There is no such project yet.
        return run.run_id
