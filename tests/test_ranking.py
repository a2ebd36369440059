"""Who may be ranked, among whom, and what the order says: by hand, and on the cases that went wrong."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from conftest import Load, Query
from small_warehouse import SmallWarehouse

CONFIG = {"model": "subject", "sparse_model": "sae", "scorer_model": "org/Judge"}
PROMPT_SIZE = "num_examples_per_scorer_prompt"
Counts = tuple[int, ...]


def examples(source: str, length: int, kind: str | None = None) -> dict[str, Any]:
    settings = {"non_activating_source": source, "example_ctx_len": length, "neighbours_type": kind}
    return {"constructor_cfg": settings}


def prompts(file: str) -> dict[str, Any]:
    return {"prompt_override": True, "prompt_config_file": file}


def ranked(
    runs: Mapping[str, Sequence[Counts]], configs: Mapping[str, dict[str, Any]] | None = None
) -> SmallWarehouse:
    """Make runs of these counts per latent; their configs differ in what is given."""
    warehouse = SmallWarehouse()
    for name, counts in runs.items():
        more = (configs or {}).get(name, {})
        warehouse.run(name, {**CONFIG, "explainer_model": f"org/{name}", **more})
        warehouse.many_counts(name, "fuzz", counts)
    return warehouse


def latents(right: int, n: int = 12, failed: int = 0) -> list[Counts]:
    """Give latents of 20 answered examples, `right` of them right and in some one more, and failed ones."""
    half = right // 2
    more = [int(i % (right % 5 + 2) == 0) for i in range(n)]
    return [(half + one, 10 - half, half, 10 - half - one, failed, failed // 2) for one in more]


def ranking(
    warehouse: SmallWarehouse, columns: str, where: str = "measure = 'accuracy' and policy = 'valid'"
) -> dict[str, Any]:
    """Ask measure_ranking; the values by the run's name."""
    rows = warehouse.rows(f"select run_name, {columns} from measure_ranking where {where}")
    return {name: values[0] if len(values) == 1 else values for name, *values in rows}


def test_what_cannot_be_compared_is_listed_and_not_ranked() -> None:
    one_class = [(5 + i % 2, 0, 0, 5 - i % 2, 0, 0) for i in range(12)]
    warehouse = ranked(
        {
            "good": latents(14),
            "few latents": latents(18, n=9),
            "one class": one_class,
            # 20 answered, 20 failed: half; one more and it is less
            "half": latents(12, failed=20),
            "less than half": latents(12, failed=21),
            "both": latents(18, n=9, failed=30),
            "silent": [(0, 0, 0, 0, 20, 10)] * 12,
        }
    )
    warehouse.read_once("measure_ranking")
    assert ranking(warehouse, "is_ranked, reason") == {
        "good": [True, None],
        "few latents": [False, "fewer than 10 latents answered"],
        "one class": [False, "one class only"],
        "half": [True, None],
        "less than half": [False, "fewer than half of the examples answered"],
        "both": [False, "fewer than half of the examples answered; fewer than 10 latents answered"],
        "silent": [False, "no example answered"],
    }
    # The rank is over all runs, and those that are ranked have one of their own.
    query = "select run_name, rank, rank_in_judging from model_ranking order by rank, run_name"
    assert warehouse.rows(query) == [
        ("both", 1, None),
        ("few latents", 1, None),
        ("good", 3, 1),
        ("half", 4, 2),
        ("less than half", 4, None),
        ("one class", 6, None),
        ("silent", 7, None),
    ]
    # The best is the best of those that are ranked.
    verdicts = ranking(warehouse, "tied_with_best, against_best")
    assert verdicts["good"] == [True, "best"]
    assert verdicts["half"] == [False, "behind"]
    assert {tuple(verdicts[name]) for name in verdicts.keys() - {"good", "half"}} == {(None, "not ranked")}


def test_a_latent_without_an_answer_does_not_count() -> None:
    answered = [*latents(14, n=9), (0, 0, 0, 0, 20, 10)]
    assert ranking(ranked({"a": answered}), "is_ranked, n_latents")["a"] == [False, 9]
    answered.append((5, 5, 5, 5, 0, 0))
    assert ranking(ranked({"a": answered}), "is_ranked, n_latents")["a"] == [True, 10]


def test_each_measure_has_an_order_of_its_own() -> None:
    # Of the first most is not activating: right by saying no. 10 + 80 of 100; 60 + 20 of 100.
    no = [(1 + i % 2, 0, 80, 19 - i % 2, 0, 0) for i in range(12)]
    yes = [(18 + i % 2, 30, 50, 2 - i % 2, 0, 0) for i in range(12)]
    warehouse = ranked({"says no": no, "says yes": yes})
    warehouse.read_once("measure_ranking")
    order = {
        (measure, policy): name
        for measure, policy, name in warehouse.rows(
            "select measure, policy, run_name from measure_ranking where rank = 1 and value is not null"
        )
    }
    assert order == {
        ("accuracy", "valid"): "says no",
        ("accuracy", "strict"): "says no",
        ("balanced_accuracy", "valid"): "says yes",
        ("f1", "valid"): "says yes",
        ("f1", "strict"): "says yes",
        ("f1_macro", "valid"): "says yes",
        ("f1_macro", "strict"): "says yes",
        ("mcc", "valid"): "says yes",
    }
    # Without probabilities nobody is ranked by AUC, and no test compares macro means.
    by_auc = ranking(warehouse, "is_ranked, reason", "measure = 'auc'")
    assert by_auc == {"says no": [False, "undefined"], "says yes": [False, "undefined"]}
    by_mean = ranking(warehouse, "tied_with_best, reason", "measure = 'f1_macro' and policy = 'valid'")
    assert by_mean == {"says no": [None, "no test of this measure"], "says yes": [True, None]}


def test_who_was_judged_otherwise_is_ranked_apart() -> None:
    runs = {"a": latents(16), "b": latents(14), "c": latents(12), "d": latents(18)}
    more = {"num_examples_per_scorer_prompt": 10}
    warehouse = ranked(runs, {"d": {"scorer_model": "org/Lenient", **more}})
    warehouse.read_once("measure_ranking")
    found = ranking(warehouse, "rank, judging, rank_in_judging, n_in_judging")
    assert found == {
        "a": [2, "scorer org/Judge", 1, 3],
        "b": [3, "scorer org/Judge", 2, 3],
        "c": [4, "scorer org/Judge", 3, 3],
        "d": [1, "scorer org/Lenient, examples per prompt 10", 1, 1],
    }
    verdicts = ranking(warehouse, "against_best, against_best_in_judging")
    assert verdicts["a"] == ["behind, explainer and scorer together", "best"]
    assert verdicts["b"] == ["behind, explainer and scorer together", "behind"]
    assert verdicts["d"] == ["best", "best"]
    differs = (
        "select run_name_a, run_name_b, differs from model_comparison where measure = 'accuracy' order by all"
    )
    # What only one of two configs says is not known to differ.
    assert warehouse.rows(differs)[:3] == [("a", "b", []), ("a", "c", []), ("a", "d", ["scorer"])]


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ({}, {}, []),
        ({"scorer_model": "org/S"}, {"scorer_model": "org/T"}, ["scorer"]),
        ({PROMPT_SIZE: 5}, {PROMPT_SIZE: 10}, ["examples per prompt"]),
        ({PROMPT_SIZE: 5}, {}, []),
        (examples("FAISS", 32), examples("random", 64), ["negatives", "example length"]),
        (examples("neighbours", 32, "co-occurrence"), examples("neighbours", 32, "decoder"), ["negatives"]),
        ({"fuzz_type": "active"}, {"fuzz_type": "default"}, ["fuzz_type"]),
        (prompts("a.yaml"), prompts("b.yaml"), ["prompts"]),
        # The scorer is the explainer where the config names none; without an explainer nobody knows.
        ({"scorer_model": None}, {"scorer_model": None}, ["scorer"]),
        ({"scorer_model": None, "explainer_model": None}, {}, None),
    ],
)
def test_what_two_runs_were_judged_with_is_compared_setting_by_setting(
    one: dict[str, Any], other: dict[str, Any], differs: list[str] | None
) -> None:
    warehouse = ranked({"a": latents(16), "b": latents(14)}, {"a": one, "b": other})
    assert warehouse.rows("select distinct differs from model_comparison") == [(differs,)]


def test_explainers_that_judged_only_themselves_are_ranked_together() -> None:
    runs = {"a": latents(16), "b": latents(14), "c": latents(12), "judged by c": latents(18)}
    own = {name: {"scorer_model": None} for name in ("a", "b", "c")}
    warehouse = ranked(runs, own | {"judged by c": {"scorer_model": "org/c"}})
    warehouse.read_once("measure_ranking")
    assert ranking(warehouse, "judging, rank_in_judging") == {
        "a": ["each explainer itself", 1],
        "b": ["each explainer itself", 2],
        # one judge, two explainers
        "c": ["scorer org/c", 2],
        "judged by c": ["scorer org/c", 1],
    }
    assert ranking(warehouse, "against_best_in_judging")["b"] == "behind"
    assert ranking(warehouse, "against_best")["b"] == "behind, explainer and scorer together"


def test_of_several_best_the_nearest_is_the_one_that_counts() -> None:
    one = latents(14)
    two = one[::-1]
    near = [*one[:-1], (6, 4, 7, 3, 0, 0)]
    warehouse = ranked({"one": one, "two": two, "near": near})
    assert ranking(warehouse, "rank, tied_with_best, best_in_judging")["near"] == [3, True, "one"]


def test_a_copy_of_the_best_is_as_good_and_has_no_test() -> None:
    warehouse = SmallWarehouse()
    for run in ("a", "b"):
        warehouse.run(run, CONFIG | {"explainer_model": run})
        for latent in range(12):
            answers = [(True, latent % 3 > 0, None), (False, False, None)] * 4
            warehouse.examples(run, "fuzz", latent, answers, content_hash=f"copy {latent}")
    assert ranking(warehouse, "rank, tied_with_best") == {"a": [1, True], "b": [1, True]}


def test_bounds_hold_whatever_the_missing_answers_would_have_been() -> None:
    # tp, fp, tn, fn, failed, failed activating
    counts = (6, 2, 5, 3, 7, 4)
    warehouse = ranked({"a": [counts], "whole": [(*counts[:4], 0, 0)], "silent": [(0, 0, 0, 0, 7, 4)]})
    columns = "accuracy_lowest, accuracy_highest, f1_lowest, f1_highest"
    found = {row[0]: row[1:] for row in warehouse.rows(f"select run_name, {columns} from run_metrics")}
    assert found["a"] == (11 / 23, 18 / 23, 12 / (12 + 5 + 7), 20 / (20 + 5))
    assert found["whole"] == (11 / 16, 11 / 16, 12 / 17, 12 / 17)
    assert found["silent"] == (0, 1, 0, 1)
    # Every way to fill the gaps: of 4 activating so many rightly, and of 3 others.
    filled = [
        ((6 + p + 5 + q) / 23, 2 * (6 + p) / (2 * (6 + p) + 2 + 3 - q + 3 + 4 - p))
        for p in range(5)
        for q in range(4)
    ]
    for ends, of_all in ((found["a"][:2], [f[0] for f in filled]), (found["a"][2:], [f[1] for f in filled])):
        assert (min(of_all), max(of_all)) == ends


def test_orders_that_failures_turn_round() -> None:
    runs = {"fails": latents(16, failed=8), "answers": latents(14), "is worse": latents(10, failed=20)}
    columns = "run_label_a, run_label_b, both_are_ranked, value_a, value_b, strict_a, strict_b"
    (found,) = ranked(runs).rows(f"select {columns} from policy_reversals where measure = 'accuracy'")
    # of 12 latents 4 have one more right, of 12 latents 2
    fails, answers = 12 * 16 + 4, 12 * 14 + 2
    assert found[:3] == ("fails", "answers", True)
    assert found[3:] == (fails / 240, answers / 240, fails / 336, answers / 240)
    assert ranked({"a": latents(16), "b": latents(14)}).rows("from policy_reversals") == []


def test_the_order_of_latents_is_no_order_of_explainers(
    load_into: Load, query: Query, shared_data: Path
) -> None:
    load_into(shared_data / "cases" / "rank-vs-shared")
    columns = "run_name, rank, tied_with_best, is_ranked, reason, rank_in_judging"
    assert query(f"select {columns} from model_ranking order by rank") == [
        ("easy12", 1, True, True, None, 1),
        ("all40", 2, None, True, "better on shared latents", 2),
    ]
    ((difference, p_value),) = query(
        "select difference, p_value from model_comparison where measure = 'accuracy'"
    )
    assert difference == pytest.approx(0.092, abs=5e-4)
    assert p_value == pytest.approx(1e-5, rel=0.1)


@pytest.mark.parametrize(
    ("case", "differs"),
    [
        ("each-own-scorer", ["scorer"]),
        ("other-negatives", ["negatives", "fuzz_type"]),
        ("scorer-differs", ["scorer", "examples per prompt"]),
    ],
)
def test_runs_that_were_judged_differently_say_in_what(
    load_into: Load, query: Query, shared_data: Path, case: str, differs: list[str]
) -> None:
    load_into(shared_data / "cases" / case)
    assert query("select distinct differs, reason from model_comparison where measure = 'accuracy'") == [
        (differs, None)
    ]
    (verdict,) = query("select against_best from measure_ranking where name = 'accuracy' and rank = 2")
    assert verdict == ("behind, explainer and scorer together",)
