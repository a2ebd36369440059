"""Findings about the data: each kind made once, and the real results."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Load, Query
from small_warehouse import SmallWarehouse

MINUTE = 60_000_000_000


def findings(warehouse: SmallWarehouse) -> dict[tuple[str, str, str | None], tuple[int, int, str]]:
    rows = warehouse.rows("select kind, run_name, score_type, n, of_n, severity from data_quality")
    return {row[:3]: row[3:] for row in rows}


def sound() -> SmallWarehouse:
    """Make two runs in which nothing is odd."""
    warehouse = SmallWarehouse()
    config = {"model": "m", "sparse_model": "s", "hookpoints": ["layers.1"]}
    for run in ("a", "b"):
        warehouse.run(run, config | {"constructor_cfg": {"n_non_activating": 4}}, mtime_ns=5 * MINUTE)
        for latent in range(4):
            warehouse.examples(
                run,
                "fuzz",
                latent,
                [(True, True, None)] * 4 + [(False, False, None)] * 4,
                mtime_ns=5 * MINUTE,
            )
            warehouse.explanation(run, latent, "years")
    return warehouse


def test_sound_runs_have_no_finding() -> None:
    assert findings(sound()) == {}


def test_failures_above_a_twentieth_and_a_fifth() -> None:
    warehouse = SmallWarehouse()
    for run, failed in {"few": 5, "some": 6, "many": 20}.items():
        warehouse.run(run)
        warehouse.counts(run, "fuzz", 1, (50 - failed, 0, 50, 0, failed, failed))
        warehouse.explanation(run, 1, "years")
    assert findings(warehouse) == {
        ("failed predictions", "some", "fuzz"): (6, 100, "medium"),
        ("failed predictions", "many", "fuzz"): (20, 100, "high"),
    }


def test_single_classes_and_missing_negatives() -> None:
    warehouse = sound()
    for latent, activating in ((10, True), (11, True), (12, False)):
        for run in ("a", "b"):
            warehouse.examples(
                run, "fuzz", latent, [(activating, True, None)] * (2 + (run == "b")), mtime_ns=5 * MINUTE
            )
            warehouse.explanation(run, latent, "years")
    found = findings(warehouse)
    assert found["only activating examples", "a", "fuzz"] == (2, 7, "medium")
    assert found["no activating example", "a", "fuzz"] == (1, 7, "medium")
    assert found["fewer negatives than configured", "a", "fuzz"] == (3, 7, "medium")
    (sentence,) = warehouse.row(
        "select finding from data_quality where kind = 'fewer negatives than configured' and run_name = 'b'"
    )
    assert "(configured 4, found from 0 to 4)" in sentence


def test_copies_placeholders_and_orphans() -> None:
    warehouse = sound()
    for run in ("a", "b"):
        warehouse.examples(
            run,
            "fuzz",
            20,
            [(True, True, None), (False, False, None)] * 4,
            content_hash="same",
            mtime_ns=5 * MINUTE,
        )
    warehouse.explanation("a", 30, "No explanation found")
    found = findings(warehouse)
    assert found["copies of another run", "a", "fuzz"] == (1, 5, "high")
    assert found["placeholder explanations", "a", None] == (1, 5, "high")
    assert found["explanations without scores", "a", None] == (1, 5, "medium")
    assert found["scores without explanations", "b", None] == (1, 5, "medium")
    assert ("placeholder explanations", "b", None) not in found


def test_hookpoints_and_latents_that_differ() -> None:
    warehouse = sound()
    for run, latents in {"a": [40], "b": [40, 41]}.items():
        for latent in latents:
            rows = [(True, True, None), (False, False, None)] * 4
            warehouse.examples(run, "fuzz", latent, rows, hookpoint="layers.10", mtime_ns=5 * MINUTE)
            warehouse.explanation(run, latent, "years", "layers.10")
    found = findings(warehouse)
    assert found["hookpoints differ from config", "a", None] == (1, 2, "medium")
    assert found["latents of other runs missing", "a", "fuzz"] == (1, 6, "medium")
    assert ("latents of other runs missing", "b", "fuzz") not in found


def test_latents_of_another_sparse_model_are_not_missing() -> None:
    warehouse = sound()
    warehouse.run("c", {"model": "m", "sparse_model": "another"})
    for latent in (0, 99):
        warehouse.examples("c", "fuzz", latent, [(True, True, None), (False, False, None)])
        warehouse.explanation("c", latent, "years")
    assert findings(warehouse) == {}


@pytest.mark.parametrize(("age", "n"), [(MINUTE, 0), (MINUTE + 1, 1)])
def test_a_config_written_after_the_scores(age: int, n: int) -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a", {"model": "m"}, mtime_ns=5 * MINUTE)
    warehouse.examples("a", "fuzz", 1, [(True, True, None), (False, False, None)], mtime_ns=5 * MINUTE - age)
    warehouse.explanation("a", 1, "years")
    assert [row[2] for row in findings(warehouse).values()] == ["medium"] * n


def test_runs_that_were_judged_otherwise_or_by_themselves() -> None:
    warehouse = SmallWarehouse()
    configs: dict[str, dict[str, Any]] = {
        "a": {"scorer_model": "org/S", "num_examples_per_scorer_prompt": 5},
        "b": {"scorer_model": "org/S", "num_examples_per_scorer_prompt": 10},
        "c": {"scorer_model": "org/T", "num_examples_per_scorer_prompt": 10},
        # Who judged is not known, and so not known to differ.
        "d": {},
        "own 1": {"explainer_model": "org/One"},
        "own 2": {"explainer_model": "org/Two"},
    }
    for run, config in configs.items():
        warehouse.run(run, {"model": "m", "sparse_model": "s"} | config)
        warehouse.examples(
            run, "own" if "own" in run else "fuzz", 1, [(True, True, None), (False, False, None)]
        )
        warehouse.explanation(run, 1, "years")
    # A run of no other score type has nobody to differ from.
    warehouse.examples("a", "alone", 1, [(True, True, None), (False, False, None)])
    assert findings(warehouse) == {
        ("judged otherwise", "a", "fuzz"): (2, 3, "medium"),
        ("judged otherwise", "b", "fuzz"): (2, 3, "medium"),
        ("judged otherwise", "c", "fuzz"): (2, 3, "medium"),
        ("judged otherwise", "own 1", "own"): (1, 1, "medium"),
        ("judged otherwise", "own 2", "own"): (1, 1, "medium"),
        ("judged by themselves", "own 1", "own"): (2, 2, "medium"),
        ("judged by themselves", "own 2", "own"): (2, 2, "medium"),
    }
    asked = "select finding from data_quality where kind = 'judged otherwise' and run_name = 'a'"
    assert warehouse.rows(asked) == [
        ("2 of 3 other runs of the score type were judged otherwise (in examples per prompt, scorer).",)
    ]


def test_files_not_used_and_stored_values_that_disagree() -> None:
    warehouse = sound()
    warehouse.score_file("a", "fuzz", 77, status="failed")
    odd = warehouse.score_file("b", "fuzz", 0, mtime_ns=5 * MINUTE)
    warehouse.insert("count_facts", [[odd, 4, 0, 4, 0, 0, 0, 3, 0, 0, 0, 0]])
    found = findings(warehouse)
    assert found["files not used", "a", "fuzz"] == (1, 5, "high")
    assert found["stored correct disagrees", "b", "fuzz"] == (3, 32, "medium")


def test_the_worst_of_the_real_results_come_first(load_into: Load, query: Query, shared_data: Path) -> None:
    load_into(shared_data / "real-results")
    # times of modification are those of the copy
    chosen = "kind <> 'config newer than scores'"
    found = query(f"select severity, run_name, finding from data_quality where {chosen} order by worst")
    assert found[:2] == [
        ("high", "llama31_8b_top10_finance_features", "405 of 500 examples have no prediction."),
        ("high", "nemotron_finance_news_run", "3215 of 5000 examples have no prediction."),
    ]
    sentences = {sentence for _, _, sentence in found}
    assert "6 of 10 explanations are placeholders." in sentences
    differ = "2 of 2 hookpoints stand in the config or in file names only"
    assert f"{differ} (config layers.28; files backbone.layers.28)." in sentences
    assert "96 of 100 scored latents have no explanation on file." in sentences
    assert "1 of 10 score files hold no activating example." in sentences
