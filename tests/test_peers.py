"""The published package eai-delphi over the same files: what it computes equals ours, where it is defined."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from generated_run import HOOKPOINTS, write_generated_run

from loader.load import Settings, load

pytestmark = [
    pytest.mark.peers,
    # delphi leaves these to its users.
    pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]


def delphi_metrics(run: Path, hookpoints: list[str]) -> dict[str, dict[str, Any]]:
    """Return delphi's row of each score type."""
    from delphi.log.result_analysis import get_agg_metrics, load_data

    frame, _ = load_data(run / "scores", hookpoints)
    return {row["score_type"]: row for row in get_agg_metrics(frame, None).to_dict("records")}


def delphi_weighted_f1(run: Path, hookpoints: list[str], score_type: str) -> float:
    """Return delphi's weighted F1, by hookpoint, since it fails on a second one with present pandas."""
    from delphi.log.result_analysis import frequency_weighted_f1, load_data

    frame, counts = load_data(run / "scores", hookpoints)
    frame = frame[frame["score_type"] == score_type]
    return float(np.mean([frequency_weighted_f1(frame[frame["module"] == h], counts) for h in hookpoints]))


def our_metrics(warehouse: Path) -> list[dict[str, Any]]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        result = connection.execute(
            "select run_metrics.*, run_path from run_metrics join runs using (run_id)"
        )
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def hookpoints_of(run: Path) -> list[str]:
    return sorted({file.stem.rsplit("_latent", 1)[0] for file in run.glob("scores/*/*.txt")})


def test_the_measures_of_real_runs_are_delphis(shared_data: Path, tmp_path: Path) -> None:
    warehouse = tmp_path / "w.duckdb"
    load(warehouse, [shared_data / "real-results"], Settings())
    runs = our_metrics(warehouse)
    assert len(runs) == 12
    for run in runs:
        path = Path(run["run_path"])
        theirs = delphi_metrics(path, hookpoints_of(path))[run["score_type"]]
        for name, counts in {
            "true_positives": "tp", "false_positives": "fp", "true_negatives": "tn", "false_negatives": "fn",
        }.items():  # fmt: skip
            assert theirs[name] == run[counts]
        for name, measure in {
            "f1_score": "f1", "precision": "precision", "recall": "recall",
            "accuracy": "balanced_accuracy", "true_negative_rate": "specificity",
        }.items():  # fmt: skip
            # delphi says 0 of a ratio over nothing.
            if run[measure] is not None:
                assert run[measure] == pytest.approx(theirs[name], abs=1e-12, rel=0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_measures_of_generated_runs_are_delphis(tmp_path: Path, seed: int) -> None:
    write_generated_run(tmp_path / "run", seed)
    warehouse = tmp_path / "w.duckdb"
    load(warehouse, [tmp_path / "run"], Settings())
    theirs = delphi_metrics(tmp_path / "run", list(HOOKPOINTS))
    for run in our_metrics(warehouse):
        row = theirs[run["score_type"]]
        assert run["auc"] == pytest.approx(row["auc"], abs=1e-12, rel=0)
        assert run["f1"] == pytest.approx(row["f1_score"], abs=1e-12, rel=0)
        # delphi weights in 32 bits.
        weighted = delphi_weighted_f1(tmp_path / "run", list(HOOKPOINTS), run["score_type"])
        assert run["f1_weighted"] == pytest.approx(weighted, abs=1e-6, rel=0)
