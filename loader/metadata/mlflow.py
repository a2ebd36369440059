"""Read the runs of an MLflow store, its SQLite file or its directory `mlruns`, without MLflow.

https://mlflow.org/docs/latest/tracking/backend-stores: the tables runs, params, latest_metrics and tags; or,
per experiment and run, `meta.yaml` and the directories params, metrics and tags of a file per key.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import LoaderError
from .rows import numbers_of_texts

SQLITE = b"SQLite format 3\0"
# Tags of MLflow's own: who ran what, and where.
_OWN = "mlflow."
_NAME = "mlflow.runName"
_META = "meta.yaml"
_RUNS = """
select r.run_uuid, r.name, e.name, r.status, r.start_time, r.end_time
from runs r
join experiments e on e.experiment_id = r.experiment_id
where r.lifecycle_stage = 'active'
order by r.start_time, r.run_uuid
"""
_VALUES = {
    "params": "select run_uuid, key, value from params",
    "metrics": "select run_uuid, key, case when is_nan then null else value end from latest_metrics",
    "tags": "select run_uuid, key, value from tags",
}


class MlflowError(LoaderError):
    """Say what of a store is not as MLflow writes it."""


def is_store(path: Path) -> bool:
    """Tell whether a path is an SQLite file, or a directory that holds experiments of MLflow's."""
    if path.is_dir():
        return any(path.glob(f"*/{_META}"))
    with path.open("rb") as file:
        return file.read(len(SQLITE)) == SQLITE


def read_store(path: Path) -> list[dict[str, Any]]:
    """Return a row per run that is not deleted: its name, times, and params_, metrics_ and tags_ by key.

    Metrics are the last of each key. Raises MlflowError.
    """
    runs = list(_read_directory(path) if path.is_dir() else _read_database(path))
    if not runs:
        raise MlflowError(
            f"{path}: found an MLflow store without a run, wanted one with runs to match by name"
        )
    params = dict.fromkeys(name for run in runs for name in run if name.startswith(("params_", "tags_")))
    return numbers_of_texts(runs, params)


def _read_database(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute(_RUNS).fetchall()
            values: dict[str, dict[str, Any]] = {}
            for kind, query in _VALUES.items():
                for run_id, key, value in connection.execute(query):
                    if not key.startswith(_OWN):
                        values.setdefault(run_id, {})[f"{kind}_{key}"] = value
    except sqlite3.Error as error:
        raise MlflowError(
            f"{path}: found an SQLite file without MLflow's tables ({error}), wanted a store of MLflow's"
        ) from error
    for run_id, name, experiment, status, start, end in found:
        yield _row(run_id, name, experiment, status, start, end) | values.get(run_id, {})


def _read_directory(path: Path) -> Iterator[dict[str, Any]]:
    for experiment in sorted(path.glob(f"*/{_META}")):
        name = _read_meta(experiment).get("name", experiment.parent.name)
        for meta in sorted(experiment.parent.glob(f"*/{_META}")):
            found, run = _read_meta(meta), meta.parent
            if found.get("lifecycle_stage") == "deleted":
                continue
            tags = dict(_read_keys(run / "tags"))
            start, end = (found.get(time, "null") for time in ("start_time", "end_time"))
            yield (
                _row(run.name, tags.get(_NAME), name, _status(found), _whole(start), _whole(end))
                | {f"params_{key}": text for key, text in _read_keys(run / "params")}
                | {f"metrics_{key}": _last(text) for key, text in _read_keys(run / "metrics")}
                | {f"tags_{key}": text for key, text in tags.items() if not key.startswith(_OWN)}
            )


def _row(
    run_id: str, name: str | None, experiment: str, status: str, start: int | None, end: int | None
) -> dict[str, Any]:
    return {
        "run_name": name,
        "mlflow_run_id": run_id,
        "experiment": experiment,
        "status": status,
        "start_time": _time(start),
        "end_time": _time(end),
    }


def _read_meta(path: Path) -> dict[str, str]:
    """Read the one level of YAML that MLflow writes here: plain values, and texts in quotes."""
    pairs = (line.partition(": ") for line in path.read_text(encoding="utf-8").splitlines())
    return {key: _unquoted(value.strip()) for key, found, value in pairs if found}


def _unquoted(value: str) -> str:
    if value[:1] == "'" == value[-1:]:
        return value[1:-1].replace("''", "'")
    return value.strip('"')


def _read_keys(directory: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(directory.rglob("*")):
        if file.is_file():
            yield file.relative_to(directory).as_posix(), file.read_text(encoding="utf-8").rstrip("\n")


def _last(text: str) -> float | None:
    """Return the value of the last step; a line holds time, value and step."""
    points = [line.split() for line in text.splitlines() if line.strip()]
    if not points:
        return None
    number = float(max(points, key=lambda point: (int(point[2]) if len(point) > 2 else 0, int(point[0])))[1])
    return None if number != number else number


def _status(meta: dict[str, str]) -> str:
    names = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
    return names.get(meta.get("status", ""), meta.get("status", ""))


def _whole(text: str) -> int | None:
    return None if text in ("null", "") else int(text)


def _time(milliseconds: int | None) -> datetime | None:
    if milliseconds is None:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None)
