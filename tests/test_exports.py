"""Results of other programs: SAEBench's, Neuronpedia's and OpenAI's, with the keys that these write."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Load, Query
from run_files import dump, write, write_run
from score_files import sequence

pytestmark = pytest.mark.usefixtures("no_rows_kept")

Json = dict[str, Any]


def saebench(scores: dict[int, float], **more: Any) -> Json:
    """Return what `sae_bench.evals.autointerp.main` writes of a sparse autoencoder."""
    latents = {
        str(idx): {
            "latent": idx,
            "explanation": f"words about {idx}",
            "logs": "Generation phase",
            "predictions": [1, 3],
            "correct seqs": [1, 2],
            "score": score,
        }
        for idx, score in scores.items()
    }
    return {
        "eval_type_id": "autointerp",
        "eval_config": {"model_name": "pythia-70m-deduped", "n_latents": 3, "random_seed": 42},
        "eval_id": "0c057d5e",
        "datetime_epoch_millis": 1733000000000,
        "eval_result_metrics": {"autointerp": {"autointerp_score": 0.5, "autointerp_std_dev": 0.1}},
        "eval_result_details": [],
        "sae_bench_commit_hash": "abc",
        "sae_lens_id": "blocks.3.hook_resid_post__trainer_10",
        "sae_lens_release_id": "sae_bench_pythia70m",
        "sae_lens_version": "4.0.0",
        "sae_cfg_dict": {"hook_name": "blocks.3.hook_resid_post", "d_sae": 4096},
        "eval_result_unstructured": latents,
    } | more


def test_saebench_results_are_runs(tmp_path: Path, load_into: Load, query: Query) -> None:
    scores = {idx: 0.5 + (idx % 4) / 8 for idx in range(12)}
    write(tmp_path / "one_eval_results.json", json.dumps(saebench(scores), indent=2))
    details = [{"latent": idx, "explanation": "so", "score": 0.5 + (idx % 2) / 8} for idx in range(12)]
    other = saebench({}, eval_result_unstructured={}, eval_result_details=details)
    write(tmp_path / "two_custom_sae_eval_results.json", other)
    summary = load_into(tmp_path)
    assert (summary.n_runs, summary.n_loaded, summary.n_failed) == (2, 2 * 25, 0)
    found = query(
        "select run_name, score_type, hookpoint, latent_idx, value from latent_scores"
        " where run_name like 'one%' order by latent_idx"
    )
    assert found == [
        ("one_eval_results.json", "autointerp", "blocks.3.hook_resid_post", idx, score)
        for idx, score in scores.items()
    ]
    assert query("select name, value from run_measures where run_name like 'one%'") == [
        ("score", sum(scores.values()) / 12)
    ]
    assert query("select subject_model, sparse_model from runs order by run_name")[0] == (
        "pythia-70m-deduped",
        "sae_bench_pythia70m/blocks.3.hook_resid_post__trainer_10",
    )
    assert query("select explanation from explanations where run_name like 'one%' and latent_idx = 7") == [
        ("words about 7",)
    ]
    # The same latents, ranked and compared.
    assert query("select run_name, rank from measure_ranking order by rank") == [
        ("one_eval_results.json", 1),
        ("two_custom_sae_eval_results.json", 2),
    ]
    assert query("select n_latents_shared from model_comparison") == [(12,)]
    # Once more is the same; what is gone is gone; what changed is read.
    assert load_into(tmp_path).n_loaded == 0
    write(tmp_path / "one_eval_results.json", saebench({3: 0.25}))
    load_into(tmp_path)
    assert query("select latent_idx, value from latent_scores where run_name like 'one%'") == [(3, 0.25)]


def judged(activating: bool, right: bool, distance: int) -> Json:
    """Return an example of `eleuther_fuzz`, as Neuronpedia keeps it."""
    return {
        "text": " a b",
        "distance": distance,
        "ground_truth": activating,
        "prediction": int(activating == right),
        "highlighted": True,
        "correct": right,
        "probability": 0.75,
        "conditional_probability": 0.75,
        "activations": [0.5 * activating, 0],
        "str_tokens": [" a", " b"],
    }


def scored(name: str, value: float, details: Any = None) -> Json:
    """Return one of an explanation's `scores`."""
    return {
        "id": "cl1",
        "initiatedByUserId": "u",
        "value": value,
        "explanationId": "e1",
        "explanationScoreTypeName": name,
        "explanationScoreModelName": "claude-4-5-haiku",
        "jsonDetails": json.dumps(details),
        "createdAt": "2025-01-01T00:00:00.000Z",
    }


def explained(text: str, *scores: Json, model: str = "gpt-4o-mini") -> Json:
    """Return one of a latent's `explanations`."""
    return {
        "id": "e1",
        "modelId": "gpt2-small",
        "layer": "6-res-jb",
        "index": "7",
        "description": text,
        "typeName": "oai_token-act-pair",
        "explanationModelName": model,
        "scores": list(scores),
    }


def lines(*values: Any) -> str:
    return "".join(dump(value) + "\n" for value in values)


def test_neuronpedias_exports_have_explanations_scores_and_examples(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    details = [
        judged(True, True, 1),
        judged(True, False, 2),
        judged(False, True, -1),
        judged(False, True, -1),
    ]
    similar = [
        {"text": " a", "distance": 1, "similarity": 0.9, "activations": [1], "str_tokens": [" a"]},
        {"text": " b", "distance": -1, "similarity": 0.1, "activations": [], "str_tokens": []},
    ]
    recall = {
        "top": [{"id": "1", "tokens": ["a"], "values": [1], "match": True, "reason": ""}],
        "zero": [],
        "decoy": [],
    }
    first = explained(
        "colours",
        scored("eleuther_fuzz", 0.75, details),
        scored("eleuther_embedding", 1.0, similar),
        scored("recall_alt", 0.6, recall),
    )
    other = explained("birds", scored("recall_alt", 0.4, recall), model="o4-mini")
    plain = explained("hues", model="o4-mini") | {"index": "8"}
    batch = lines(
        {"modelId": "gpt2-small", "layer": "6-res-jb", "index": "7", "explanations": [first, other]},
        {"modelId": "gpt2-small", "layer": "6-res-jb", "index": "8", "explanations": [plain]},
    )
    write(tmp_path / "6-res-jb" / "explanation-scores" / "batch-0.jsonl.gz", gzip.compress(batch.encode()))
    # Of later versions a line is an explanation alone.
    alone = {key: value for key, value in explained("alone").items() if key != "scores"} | {"index": "9"}
    write(tmp_path / "6-res-jb" / "explanations" / "batch-0.jsonl", lines(alone))
    summary = load_into(tmp_path)
    assert (summary.n_failed, summary.n_unsupported, summary.n_runs) == (0, 0, 4)
    assert query("select run_name, explainer_model, scorer_model, sparse_model from runs order by all") == [
        ("6-res-jb#gpt-4o-mini oai_token-act-pair", "gpt-4o-mini", "unknown", "6-res-jb"),
        ("6-res-jb#gpt-4o-mini oai_token-act-pair scored by claude-4-5-haiku",
         "gpt-4o-mini", "claude-4-5-haiku", "6-res-jb"),
        ("6-res-jb#o4-mini oai_token-act-pair", "o4-mini", "unknown", "6-res-jb"),
        ("6-res-jb#o4-mini oai_token-act-pair scored by claude-4-5-haiku",
         "o4-mini", "claude-4-5-haiku", "6-res-jb"),
    ]  # fmt: skip
    assert query("select latent_idx, explanation from explanations order by all") == [
        (7, "birds"),
        (7, "colours"),
        (8, "hues"),
        (9, "alone"),
    ]
    assert query("select score_type, hookpoint, tp, fn, tn, fp from latent_metrics") == [
        ("eleuther_fuzz", "6-res-jb", 1, 1, 2, 0)
    ]
    assert query("select tokens, activations from examples where example_idx = 0") == [
        ([" a", " b"], [0.5, 0])
    ]
    assert query("select model, score_type, measure, value from latent_scores order by all") == [
        ("gpt-4o-mini", "eleuther_embedding", "auc", 1.0),
        ("gpt-4o-mini", "recall_alt", "score", 0.6),
        ("o4-mini", "recall_alt", "score", 0.4),
    ]
    assert load_into(tmp_path).n_loaded == 0


def test_values_without_examples_stand_apart_from_scores_with_them(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    details = [judged(True, True, 1), judged(False, True, -1)]
    text = lines(
        explained("a", scored("eleuther_fuzz", 1.0, details)),
        explained("b", scored("eleuther_fuzz", 0.5)) | {"index": 8},
    )
    write(tmp_path / "np" / "some.jsonl", text)
    load_into(tmp_path)
    assert query("select latent_idx, accuracy from latent_metrics") == [(7, 1.0)]
    assert query("select score_type, latent_idx, value from latent_scores") == [
        ("eleuther_fuzz_value", 8, 0.5)
    ]


def simulated(*sequences: Json) -> Json:
    """Return OpenAI's ScoredSimulation."""
    plain = [{key: value for key, value in one.items() if key != "distance"} for one in sequences]
    return {
        "scored_sequence_simulations": plain,
        "ev_correlation_score": 0.5,
        "rsquared_score": 0.1,
        "absolute_dev_explained_score": 0.1,
    }


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_openais_results_are_simulation_scores(
    tmp_path: Path, load_into: Load, query: Query, ending: str
) -> None:
    explanations = [
        {"explanation": "years", "scored_simulation": simulated(sequence([1, 2, 4], [1.0, 2.0, 4.0]))},
        {"explanation": "months", "scored_simulation": simulated(sequence([1, 2], [2.0, 1.0]))},
    ]
    results = {"neuron_id": {"layer_index": 5, "neuron_index": 131}, "scored_explanations": explanations}
    write(tmp_path / "gpt2-xl" / "explanations" / "5" / f"131.{ending}", results)
    summary = load_into(tmp_path)
    assert (summary.n_loaded, summary.n_failed, summary.n_unsupported) == (4, 0, 0)
    assert query("select run_name, hookpoint, latent_idx, measure, value from latent_scores") == [
        ("explanations", "layers.5", 131, "correlation", 1.0)
    ]
    assert query("select candidate_idx, value from candidate_metrics order by all") == [(0, 1.0), (1, -1.0)]
    assert query("select candidate_idx, explanation, is_used from explanations order by all") == [
        (0, "years", True),
        (1, "months", False),
    ]


def test_a_simulation_in_a_score_file_may_stand_beside_its_explanation(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    scored_simulation = simulated(sequence([1, 2, 4], [1.0, 2.0, 4.0]))
    content = {"explanation": "years", "scored_simulation": scored_simulation}
    write_run(tmp_path / "run", {"simulation": {"layers.5_latent1": content}})
    assert load_into(tmp_path).n_failed == 0
    assert query("select measure, value from latent_scores") == [("correlation", 1.0)]


# Without the time, by which each process would call the test otherwise.
CUT_SHORT = gzip.compress(b'{"index": 1, "description": "a"}', mtime=0)[:-9]


@pytest.mark.parametrize(
    ("name", "content", "severity", "detail"),
    [
        ("x_eval_results.json", {"eval_type_id": "core"}, "unsupported", "no export of SAEBench"),
        ("x_eval_results.json", "{", "failed", "found a file cut short"),
        ("x_eval_results.json", {"eval_type_id": "autointerp"}, "failed", "found no latent"),
        ("events.jsonl", '{"step": 1}\n', "unsupported", "no export of SAEBench"),
        ("np.jsonl", '{"index": "7", "description": "a"}\n{', "failed", "line 2: found"),
        ("np.jsonl", '{"index": "x", "description": "a"}\n', "failed", "line 1: found 'x'"),
        ("np.jsonl.gz", b"no gzip", "failed", "found no gzip"),
        ("np.jsonl.gz", CUT_SHORT, "failed", "cut short"),
    ],
)  # fmt: skip
def test_what_is_no_export_is_said(
    tmp_path: Path, load_into: Load, query: Query, name: str, content: Any, severity: str, detail: str
) -> None:
    write(tmp_path / name, content)
    write(tmp_path / "good_eval_results.json", saebench({1: 1.0}))
    load_into(tmp_path)
    ((found_severity, found_detail),) = query(
        f"select severity, detail from load_problems where path like '%{name}'"
    )
    assert found_severity == severity
    assert detail in found_detail


def test_pruning_forgets_no_run_of_an_export_that_cannot_be_read(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    export = write(tmp_path / "np" / "a.jsonl", lines(explained("a")))
    load_into(tmp_path)
    export.write_text("{")
    load_into(tmp_path, prune=True)
    assert query("select count(*) from runs") == [(1,)]
    export.unlink()
    export.parent.rmdir()
    load_into(tmp_path, prune=True)
    assert query("select count(*) from runs") == [(0,)]
