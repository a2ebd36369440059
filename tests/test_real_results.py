"""Real results, and generated ones with all that those lack, against scikit-learn, failures left out."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from generated_run import HOOKPOINTS, write_generated_run
from sklearn import metrics

from loader.load import Settings, Summary, load

TOLERANCE = 1e-12


@pytest.fixture(scope="session")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    """Load the real results, once a session."""
    warehouse = tmp_path_factory.mktemp("real") / "warehouse.duckdb"
    return warehouse, load(warehouse, [shared_data / "real-results"], Settings())


def records(warehouse: Path, query: str) -> list[dict[str, Any]]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def labels(files: Iterator[Path]) -> tuple[list[bool], list[bool]]:
    """Return the labels and predictions of all examples that have one, read with json alone."""
    answered = [
        (example["activating"], example["prediction"])
        for file in files
        for example in json.loads(file.read_text(encoding="utf-8"))
        if example["prediction"] is not None
    ]
    return [label for label, _ in answered], [prediction for _, prediction in answered]


def near(value: float) -> Any:
    return pytest.approx(value, abs=TOLERANCE, rel=0)


def test_every_real_file_loads(real: tuple[Path, Summary]) -> None:
    warehouse, summary = real
    assert (summary.n_runs, summary.n_failed, summary.n_unsupported) == (13, 0, 0)
    assert len(records(warehouse, "from latent_metrics")) == 210
    assert len(records(warehouse, "select distinct run_id from latent_metrics")) == 12
    assert records(warehouse, "select count(*) as n from load_problems where severity <> 'finding'") == [
        {"n": 0}
    ]


def test_the_measures_of_real_runs_are_scikit_learns(real: tuple[Path, Summary]) -> None:
    for run in records(real[0], "select run_metrics.*, run_path from run_metrics join runs using (run_id)"):
        directory = Path(run["run_path"]) / "scores" / run["score_type"]
        truth, said = labels(directory.glob("*.txt"))
        assert run["n_valid"] == len(truth)
        for measure in ("precision", "recall", "f1"):
            assert run[measure] == near(getattr(metrics, f"{measure}_score")(truth, said))
        assert run["accuracy"] == near(metrics.accuracy_score(truth, said))
        if len(set(truth)) == 1:
            assert (run["balanced_accuracy"], run["specificity"], run["auc"]) == (None, None, None)
        else:
            assert run["balanced_accuracy"] == near(metrics.balanced_accuracy_score(truth, said))
            assert run["specificity"] == near(metrics.recall_score(truth, said, pos_label=False))
        mcc = metrics.matthews_corrcoef(truth, said)
        assert (run["mcc"] or 0.0) == near(mcc)


def test_a_hookpoint_is_what_the_files_say(real: tuple[Path, Summary]) -> None:
    query = "select distinct hookpoint from latent_metrics where run_name = 'nemotron_finance_news_run'"
    assert records(real[0], query) == [{"hookpoint": "backbone.layers.28"}]


def test_failed_explanations_are_placeholders(real: tuple[Path, Summary]) -> None:
    query = """
        select run_name, count(*) as n from explanations where is_placeholder group by run_name
    """
    assert records(real[0], query) == [{"run_name": "llama31_8b_top10_finance_features", "n": 6}]


def test_generated_runs_are_scikit_learns(tmp_path: Path) -> None:
    examples = write_generated_run(tmp_path / "run")
    warehouse = tmp_path / "w.duckdb"
    load(warehouse, [tmp_path / "run"], Settings())
    for row in records(warehouse, "from latent_metrics"):
        compare(row, examples[row["score_type"], row["hookpoint"], row["latent_idx"]])
    for row in records(warehouse, "from run_metrics"):
        pooled = [
            e
            for (score_type, *_), latent in examples.items()
            if score_type == row["score_type"]
            for e in latent
        ]
        compare(row, pooled)


def compare(row: dict[str, Any], examples: Sequence[dict[str, Any]]) -> None:
    answered = [e for e in examples if e["prediction"] is not None]
    truth = np.array([e["activating"] for e in answered])
    said = np.array([e["prediction"] for e in answered])
    probability = np.array([e["probability"] for e in answered])
    assert (row["n_examples"], row["n_valid"]) == (len(examples), len(answered))
    expected = {
        "accuracy": metrics.accuracy_score(truth, said),
        "precision": metrics.precision_score(truth, said, zero_division=np.nan),
        "recall": metrics.recall_score(truth, said, zero_division=np.nan),
        "f1": metrics.f1_score(truth, said),
        "brier": metrics.brier_score_loss(truth, probability),
    }
    if len(set(truth)) == 2:
        expected["auc"] = metrics.roc_auc_score(truth, probability)
        expected["balanced_accuracy"] = metrics.balanced_accuracy_score(truth, said)
        if len(set(said)) == 2:
            expected["mcc"] = metrics.matthews_corrcoef(truth, said)
    # A failure is an answer of the wrong kind to each example.
    strict = np.array([not e["activating"] if e["prediction"] is None else e["prediction"] for e in examples])
    labels = np.array([e["activating"] for e in examples])
    expected["accuracy_strict"] = metrics.accuracy_score(labels, strict)
    expected["recall_strict"] = metrics.recall_score(labels, strict)
    # In F1 it predicts nothing.
    silent = np.array([e["prediction"] is True for e in examples])
    expected["f1_strict"] = metrics.f1_score(labels, silent)
    for measure, value in expected.items():
        assert row[measure] == (None if np.isnan(value) else near(value)), measure


def test_weighted_and_macro_measures_are_numpys(tmp_path: Path) -> None:
    write_generated_run(tmp_path / "run", seed=2)
    warehouse = tmp_path / "w.duckdb"
    load(warehouse, [tmp_path / "run"], Settings())
    latents = records(
        warehouse,
        "select latent_metrics.*, firing_count "
        "from latent_metrics join firing_counts using (run_id, hookpoint, latent_idx)",
    )
    for run in records(warehouse, "from run_metrics"):
        mine = [latent for latent in latents if latent["score_type"] == run["score_type"]]
        for measure in ("f1", "accuracy", "precision", "recall", "auc"):
            defined = [latent for latent in mine if latent[measure] is not None]
            assert run[f"{measure}_macro"] == near(np.mean([latent[measure] for latent in defined]))
            assert run[f"{measure}_macro_n_latents"] == len(defined)
            by_hookpoint = [
                np.average(
                    [latent[measure] for latent in defined if latent["hookpoint"] == hookpoint],
                    weights=[
                        latent["firing_count"] for latent in defined if latent["hookpoint"] == hookpoint
                    ],
                )
                for hookpoint in HOOKPOINTS
            ]
            assert run[f"{measure}_weighted"] == near(np.mean(by_hookpoint))
