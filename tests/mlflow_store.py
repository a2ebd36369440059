"""Make a store with MLflow itself: `python mlflow_store.py URI`, in a process of its own."""

import sys
from typing import Any

import mlflow

# Name, parameters, metrics by step, tags.
RUNS: list[tuple[str, dict[str, Any], list[float], dict[str, str]]] = [
    (
        "first",
        {"temperature": 0.7, "prompt": "a: b", "note": "hf_abcdefghijklmnop"},
        [0.5, 0.25],
        {"team": "x"},
    ),
    ("second", {"temperature": 1, "layers/depth": 3}, [float("nan")], {}),
    ("second", {"temperature": 2}, [0.125], {"team": "y's"}),
    ("gone", {}, [], {}),
]

if __name__ == "__main__":
    mlflow.set_tracking_uri(sys.argv[1])
    mlflow.set_experiment("explain: it")
    for name, params, losses, tags in RUNS:
        with mlflow.start_run(run_name=name) as run:
            mlflow.log_params(params)
            for step, loss in enumerate(losses):
                mlflow.log_metric("loss", loss, step=step)
            mlflow.set_tags(tags)
        if name == "gone":
            mlflow.delete_run(run.info.run_id)
