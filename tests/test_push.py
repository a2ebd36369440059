"""`loader push`: measures logged to real runs of MLflow and of Weights & Biases, offline."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import refusal
from conftest import Load, Query
from run_files import examples, write_run

# Of what MLflow and W&B are given: run_metrics, which other tests read with every DuckDB.
pytestmark = pytest.mark.once

STORE = Path(__file__).parent / "mlflow_store.py"
SCORES = {f"layers.1_latent{i}": examples(tp=3, tn=i, fn=1, failed=1) for i in (1, 2, 3)}
COMMAND = [sys.executable, "-m", "loader.cli", "push"]
# What is read back of a store, in a process of its own, since importing MLflow warns.
ASK = """
import json, sys, mlflow
mlflow.set_tracking_uri(sys.argv[1])
runs = mlflow.search_runs(search_all_experiments=True, output_format="list", order_by=["start_time"])
print(json.dumps([[run.info.run_name, run.data.metrics] for run in runs]))
"""


@pytest.fixture(autouse=True)
def loaded(tmp_path: Path, load_into: Load) -> None:
    """Load the runs `first`, `second` and `third`."""
    for name in ("first", "second", "third"):
        write_run(tmp_path / "results" / name, {"fuzz": SCORES, "odd:type": SCORES})
    load_into(tmp_path / "results")


def push(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root, "WANDB_MODE": "offline"}
    done = subprocess.run(
        [*COMMAND, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done


def wanted(query: Query, run_name: str) -> dict[str, float]:
    """Return what run_metrics says of a run."""
    columns = [
        name for name, kind, *_ in query("describe run_metrics") if kind in ("DOUBLE", "BIGINT", "HUGEINT")
    ]
    logged = [c for c in columns if not c.endswith(("_se", "_n_latents")) and c not in COUNTS]
    rows = query(f"select score_type, {', '.join(logged)} from run_metrics where run_name = ?", run_name)
    return {
        f"{row[0]}/{column}": float(value)
        for row in rows
        for column, value in zip(logged, row[1:], strict=True)
        if value is not None
    }


# Counts that are not logged.
COUNTS = {"tp", "fp", "tn", "fn", "n_failed_activating", "n_valid", "n_activating"}


def test_mlflow_gets_what_run_metrics_says_in_the_newest_run_of_the_name(
    tmp_path: Path, query: Query
) -> None:
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    subprocess.run([sys.executable, STORE, uri], check=True, capture_output=True, cwd=tmp_path)
    done = push(tmp_path, "mlflow", "--to", uri)
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["first", "second"]
    assert "No run of the name, so not logged: third\n" in done.stderr
    push(tmp_path, "mlflow", "--to", uri, "--experiment", "explain: it", "--create")
    asked = subprocess.run([sys.executable, "-c", ASK, uri], capture_output=True, text=True, check=True)
    found = json.loads(asked.stdout.splitlines()[-1])
    assert [name for name, _ in found] == ["first", "second", "second", "third"]
    for place, name in ((0, "first"), (2, "second"), (3, "third")):
        logged = {key: value for key, value in found[place][1].items() if key != "loss"}
        expected = {key.replace(":", "_"): value for key, value in wanted(query, name).items()}
        assert logged == pytest.approx(expected)
        assert {"fuzz/f1", "fuzz/accuracy_macro_low", "odd_type/coverage"} <= logged.keys()
    # The older run of the name is as it was.
    assert "fuzz/f1" not in found[1][1]


def test_wandb_gets_them_offline_and_a_second_push_goes_to_the_same_run(tmp_path: Path, query: Query) -> None:
    done = push(tmp_path, "wandb", "--project", "p")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["first", "second", "third"]
    push(tmp_path, "wandb", "--project", "p")
    ids = {run_id for (run_id,) in query("select run_id from runs")}
    files = sorted((tmp_path / "wandb").glob("offline-run-*/run-*.wandb"))
    assert {path.stem.removeprefix("run-") for path in files} == ids
    names: dict[str, str] = dict(query("select run_id, run_name from runs"))
    for path in files:
        summary = summary_of(path)
        assert summary == pytest.approx(wanted(query, names[path.stem.removeprefix("run-")]))


def summary_of(path: Path) -> dict[str, float]:
    """Read a file of W&B's: LevelDB's log format, of its own records."""
    from wandb.proto import wandb_internal_pb2

    summary: dict[str, float] = {}
    for data in log_records(path.read_bytes()):
        record = wandb_internal_pb2.Record()  # type: ignore[attr-defined]
        record.ParseFromString(data)
        for item in record.summary.update:
            key = item.key or "/".join(item.nested_key)
            summary[key] = json.loads(item.value_json)
    return {key: value for key, value in summary.items() if not key.startswith("_")}


def log_records(data: bytes) -> Iterator[bytes]:
    """Join the parts of each record; a block is 32 KiB, a part has 7 bytes of header."""
    block, place, whole = 32_768, 7, b""
    while place + 7 <= len(data):
        left = block - place % block
        if left < 7:
            place += left
            continue
        length, kind = int.from_bytes(data[place + 4 : place + 6], "little"), data[place + 6]
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):
            yield whole
            whole = b""


def test_what_cannot_be_logged_is_said(tmp_path: Path) -> None:
    assert "say which with --experiment" in refusal("loader", "push", "mlflow", "--create", cwd=tmp_path)
    assert "Missing option '--project'" in refusal("loader", "push", "wandb", cwd=tmp_path)
