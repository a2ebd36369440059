"""Chance, curves, failures, firing rates, agreement and the frontier: by hand and against SciPy."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Load, Query
from scipy import stats
from small_warehouse import SmallWarehouse
from test_uncertainty import error, estimate, linearised, made


@pytest.mark.both
def test_chance_by_hand_under_both_policies() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    # 24 activating of 40 valid; 36 of 60 in all
    warehouse.many_counts(
        "a", "fuzz", [(5, 2, 2, 1, 5, 3), (6, 1, 3, 0, 5, 3), (5, 2, 2, 1, 5, 3), (6, 3, 1, 0, 5, 3)]
    )
    columns = "policy, activating_share, always_positive_f1, fair_coin_f1, f1"
    strict, valid = warehouse.rows(f"select {columns} from chance order by policy")
    assert valid == ("valid", 0.6, pytest.approx(1.2 / 1.6), pytest.approx(0.6 / 1.1), 44 / (44 + 8 + 2))
    assert strict == (
        "strict",
        0.6,
        pytest.approx(1.2 / 1.6),
        pytest.approx(0.6 / 1.1),
        44 / (44 + 8 + 2 + 12),
    )


def test_a_run_lies_above_below_or_too_near_to_chance() -> None:
    warehouse = SmallWarehouse()
    latents = {
        "above": [(9, 1, 9, 1), (8, 1, 9, 2), (10, 2, 8, 0)],
        "below": [(2, 7, 3, 8), (3, 7, 3, 7), (2, 8, 2, 8)],
        "near": [(10, 9, 1, 0), (6, 3, 7, 4), (9, 9, 1, 1)],
        "one class": [(9, 0, 0, 1), (8, 0, 0, 2), (7, 0, 0, 3)],
    }
    for run, counts in latents.items():
        warehouse.many_counts(warehouse.run(run), "fuzz", 3 * counts)
    columns = "run_name, always_positive_f1, against_always_positive"
    half = pytest.approx(2 / 3)
    assert warehouse.rows(f"select {columns} from chance where policy = 'valid' order by 1") == [
        ("above", half, "above"),
        ("below", half, "below"),
        ("near", half, "not distinguishable"),
        ("one class", None, None),
    ]


def test_balanced_accuracy_is_held_against_a_half() -> None:
    warehouse = SmallWarehouse()
    latents = {
        # right by what is common: 9 of 10 activate, and it says yes to all but few
        "says yes": [(85, 9, 1, 5), (86, 10, 0, 4), (84, 9, 1, 6), (86, 8, 2, 4)],
        "above": [(60, 3, 7, 30), (65, 2, 8, 25), (62, 2, 8, 28), (61, 3, 7, 29)],
        "below": [(30, 7, 3, 60), (25, 8, 2, 65), (28, 8, 2, 62), (29, 7, 3, 61)],
        "one class": [(85, 0, 0, 5), (86, 0, 0, 4), (84, 0, 0, 6), (86, 0, 0, 4)],
    }
    for run, counts in latents.items():
        warehouse.many_counts(warehouse.run(run), "fuzz", counts)
    query = "select run_name, against_chance, balanced_accuracy from chance where policy = ? order by 1"
    assert [row[:2] for row in warehouse.rows(query, "valid")] == [
        ("above", "above"),
        ("below", "below"),
        ("one class", None),
        ("says yes", "not told apart"),
    ]
    # 341 of 360, 4 of 40; and no strict form
    assert warehouse.rows(query, "valid")[3][2] == pytest.approx((341 / 360 + 4 / 40) / 2)
    assert {row[1:] for row in warehouse.rows(query, "strict")} == {(None, None)}


@pytest.mark.both
def test_roc_points_are_exact_at_every_hundredth() -> None:
    yes, no = [0.29, 0.57, 0.57, 1.0, 0.0], [0.28999, 0.57, 0.1]
    warehouse = SmallWarehouse()
    warehouse.run("a")
    rows = [(True, True, p) for p in yes] + [(False, False, p) for p in no] + [(True, None, None)]
    warehouse.examples("a", "fuzz", 1, rows)
    found = warehouse.rows(
        "select threshold, true_positive_rate, false_positive_rate from roc_curve order by 1"
    )
    assert len(found) == 102
    for place, (threshold, true_positive, false_positive) in enumerate(found):
        assert threshold == place / 100
        assert true_positive == sum(p >= threshold for p in yes) / len(yes)
        assert false_positive == sum(p >= threshold for p in no) / len(no)


def test_roc_has_no_points_for_one_class() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    warehouse.examples("a", "fuzz", 1, [(True, True, 0.5)])
    assert warehouse.rows("from roc_curve") == []


@pytest.mark.both
def test_reliability_by_hand() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    warehouse.examples(
        "a",
        "fuzz",
        1,
        [(True, True, 0.3), (False, True, 0.34), (False, True, 0.35), (True, True, 1.0), (True, None, None)],
    )
    columns = "bin_from, bin_to, n, mean_probability, activating_share"
    assert warehouse.rows(f"select {columns} from reliability_curve order by 1") == [
        (0.3, 0.4, 3, pytest.approx(0.33, abs=1e-15), 1 / 3),
        (0.9, 1.0, 1, 1.0, 1.0),
    ]


@pytest.mark.both
def test_recall_by_quantile_and_its_error() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    answers = {1: "++-", 2: "+--", 3: "+?-", 4: "???"}
    for latent, text in answers.items():
        rows = [(True, {"+": True, "-": False, "?": None}[mark], None) for mark in text]
        # Between two quantiles is none.
        warehouse.examples(
            "a",
            "fuzz",
            latent,
            [*rows, (True, True, None), (False, True, None)],
            distances=[0, 0, 1, 0.5, -1],
        )
    columns = "quantile, n_examples, n_valid, tp, recall, recall_strict, n_latents, recall_se, recall_low"
    strong, weak = warehouse.rows(f"select {columns} from recall_by_quantile order by 1")
    recall, influences = linearised(np.array([2.0, 1, 1]), np.array([2.0, 2, 1]))
    assert strong[:7] == (0, 8, 5, 4, recall, 0.5, 3)
    assert strong[7] == pytest.approx(error(influences, 3), abs=1e-12)
    wanted = estimate(recall, influences, np.array([0.4, 0.4, 0.2]))
    assert strong[8] == pytest.approx(wanted.interval()[0], abs=1e-12)
    assert weak == (1, 4, 3, 0, 0, 0, 3, 0, None)


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("random", [("random", None, None, 2, 1)]),
        (None, [(None, None, None, 2, 1)]),
        (
            "neighbours",
            [("neighbours", 0.2, 0.3, 2, 2), ("neighbours", 0.9, 1.0, 1, 0), ("neighbours", 1.0, None, 2, 1)],
        ),
    ],
)
def test_false_alarms_by_source_and_distance(source: str | None, wanted: list[tuple[object, ...]]) -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a", {"constructor_cfg": {"non_activating_source": source}} if source else None)
    rows = [
        (False, True, None),
        (False, False, None),
        (False, True, None),
        (False, True, None),
        (False, False, None),
    ]
    distances = [-1, -1.0, -0.25, -0.2, -0.95]
    if source != "neighbours":
        rows, distances = rows[:2], distances[:2]
    warehouse.examples("a", "fuzz", 1, [*rows, (True, True, None)], distances=[*distances, 0])
    columns = "negative_source, distance_from, distance_to, n_valid, fp"
    assert warehouse.rows(f"select {columns} from false_alarm_rate order by distance_from") == wanted


def test_ragged_tails_are_told_from_other_failures() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a", {"num_examples_per_scorer_prompt": 3})
    marks = {1: "+++???+", 2: "++++++?", 3: "+?++++"}
    for latent, text in marks.items():
        warehouse.examples(
            "a", "fuzz", latent, [(True, None if mark == "?" else True, None) for mark in text]
        )
    columns = "prompt_idx, is_ragged_tail, n_prompts, n_failed_prompts, n_partly_failed_prompts"
    columns += ", n_examples, n_failed"
    assert warehouse.rows(f"select {columns} from failures_by_prompt order by 1, 2") == [
        (0, False, 3, 0, 1, 9, 1),
        (1, False, 3, 1, 0, 9, 3),
        (2, True, 2, 1, 0, 2, 1),
    ]
    columns = (
        "n_examples, n_failed, n_failed_in_ragged_tails, n_failed_elsewhere, n_prompts, n_failed_prompts"
    )
    columns += ", n_partly_failed_prompts, n_ragged_tails, n_failed_ragged_tails"
    assert warehouse.row(f"select {columns} from failure_summary") == (20, 5, 1, 4, 8, 2, 1, 2, 1)


@pytest.mark.parametrize(
    "config", [None, *({"num_examples_per_scorer_prompt": size} for size in (0, -3, "x"))]
)
def test_prompts_are_unknown_where_no_config_says_how_large_they_are(config: dict[str, Any] | None) -> None:
    warehouse = SmallWarehouse()
    warehouse.examples(warehouse.run("a", config), "fuzz", 1, [(True, None, None)] * 4)
    assert warehouse.rows("from failures_by_prompt") == []
    assert warehouse.rows("select distinct prompt_idx from examples") == [(None,)]
    assert warehouse.row("select num_examples_per_scorer_prompt from runs") == (None,)


def test_real_failures_lie_in_ragged_tails_and_elsewhere(
    load_into: Load, query: Query, shared_data: Path
) -> None:
    load_into(shared_data / "real-results" / "nemotron_finance_news_run")
    columns = "n_ragged_tails, n_failed_ragged_tails, n_failed_in_ragged_tails, n_failed_elsewhere"
    # 100 files of 50 examples, 15 a prompt: 45 to 49 are null in each; 3,215 are null in all
    assert query(f"select {columns} from failure_summary") == [(100, 100, 500, 2715)]
    assert query("select sum(n_partly_failed_prompts) from failures_by_prompt") == [(0,)]


def test_coverage_has_rows_for_what_a_run_lacks() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    warehouse.run("b")
    warehouse.counts("a", "fuzz", 1, (1, 0, 0, 0))
    warehouse.counts("a", "fuzz", 2, (1, 0, 0, 0, 3, 1))
    warehouse.counts("b", "fuzz", 2, (0, 0, 0, 0, 4, 1))
    warehouse.counts("b", "fuzz", 7, (1, 0, 0, 0), "layers.10")
    columns = "run_name, hookpoint, latent_idx, status, coverage"
    assert warehouse.rows(f"select {columns} from coverage_matrix order by 1, 2, 3") == [
        ("a", "layers.1", 1, "scored", 1),
        ("a", "layers.1", 2, "partly failed", 0.25),
        ("b", "layers.1", 1, "not scored", None),
        ("b", "layers.1", 2, "all failed", 0),
        ("b", "layers.10", 7, "scored", 1),
    ]


@pytest.mark.both
def test_firing_rates_deciles_and_rank_correlation() -> None:
    warehouse = SmallWarehouse()
    counts = made(11, 200)
    firing = np.random.default_rng(3).integers(0, 90, 200)
    warehouse.run("a", {"cache_cfg": {"n_tokens": 1000}})
    warehouse.many_counts("a", "fuzz", counts.T.tolist())
    warehouse.firing(["a"], {("layers.1", latent): int(n) for latent, n in enumerate(firing)})
    found = warehouse.records("from firing_rate order by latent_idx")
    assert [row["firing_rate"] for row in found] == [n / 1000 for n in firing.tolist()]
    defined = [(row["firing_count"], row["f1"]) for row in found if row["f1"] is not None]
    wanted = stats.spearmanr(*zip(*defined, strict=True)).statistic
    n, correlation = warehouse.row("select n_latents, rank_correlation from firing_correlation")
    assert (n, correlation) == (len(defined), pytest.approx(wanted, abs=1e-12))
    deciles = warehouse.records("from firing_deciles order by decile")
    assert [row["n_latents"] for row in deciles] == [20] * 10
    ordered = sorted(firing.tolist())
    assert [row["firing_count_max"] for row in deciles] == ordered[19::20]
    for row in deciles:
        f1 = [r["f1"] for r in found if r["decile"] == row["decile"] and r["f1"] is not None]
        assert row["f1_macro"] == pytest.approx(np.mean(f1), abs=1e-12)
        assert row["f1_macro_n_latents"] == len(f1)


def test_correlation_of_something_constant_is_null() -> None:
    warehouse = SmallWarehouse()
    warehouse.many_counts(warehouse.run("a"), "fuzz", [(1, 1, 1, 1), (2, 2, 2, 2)])
    warehouse.firing(["a"], {("layers.1", 0): 3, ("layers.1", 1): 4})
    assert warehouse.row("select rank_correlation from firing_correlation") == (None,)


def test_score_types_agree_as_spearman_says() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    counts = {"detection": made(21, 80), "fuzz": made(22, 90)}
    for score_type, columns in counts.items():
        warehouse.many_counts("a", score_type, columns.T.tolist())
    assert warehouse.row(
        "select count(*), min(score_type_a), max(score_type_b) from score_type_agreement"
    ) == (
        80,
        "detection",
        "fuzz",
    )
    for measure in ("accuracy", "f1"):
        pairs = warehouse.rows(f"select {measure}_a, {measure}_b from score_type_agreement")
        defined = [pair for pair in pairs if None not in pair]
        wanted = stats.spearmanr(*zip(*defined, strict=True)).statistic
        query = "select n_latents, rank_correlation from score_type_correlation where measure = ?"
        assert warehouse.row(query, measure) == (len(defined), pytest.approx(wanted, abs=1e-12))


def frontier_warehouse() -> SmallWarehouse:
    """Make runs: cheap and poor, dear and good, beaten by dear, a tie of two, and two that the tie beats."""
    warehouse = SmallWarehouse()
    runs = {"cheap": (10, 5), "dear": (40, 9), "beaten": (50, 8), "tie 1": (20, 7), "tie 2": (20, 7)}
    runs |= {"as good for more": (30, 7), "worse for as much": (20, 6)}
    for run, (tokens, right) in runs.items():
        warehouse.run(run, {"explainer_model": f"org/{run}", "scorer_model": "judge"})
        warehouse.counts(run, "fuzz", 1, (right, 10 - right, 0, 0))
        for score_type, total in ((None, tokens), ("fuzz", 100)):
            file_id = warehouse.file(run, f"/r/{run}/{score_type}_stats.json", "stats", score_type)
            warehouse.insert("stats_facts", [[file_id, "key", 1.0, total * 1_000_000, total * 500_000, 1]])
    return warehouse


def test_the_frontier_keeps_ties_and_leaves_out_the_beaten() -> None:
    query = (
        "select run_name, on_frontier from pareto_frontier"
        " where measure = 'accuracy' and stage = 'explainer' and cost_kind = 'tokens' order by run_name"
    )
    assert frontier_warehouse().rows(query) == [
        ("as good for more", False),
        ("beaten", False),
        ("cheap", True),
        ("dear", True),
        ("tie 1", True),
        ("tie 2", True),
        ("worse for as much", False),
    ]


def test_the_cost_of_all_is_known_only_where_both_halves_are() -> None:
    warehouse = SmallWarehouse()
    stages: dict[str, dict[str | None, int | None]] = {
        "both": {None: 5, "fuzz": 7, "detection": 11},
        "explainer alone": {None: 5},
        "scorers alone": {"fuzz": 7, "detection": 11},
        "scorer unknown": {None: 5, "fuzz": None},
    }
    for run, tokens in stages.items():
        warehouse.run(run, {"explainer_model": "e", "scorer_model": "s"})
        for score_type, total in tokens.items():
            completion = None if total is None else total - 1
            file_id = warehouse.file(run, f"/r/{run}/{score_type}_stats.json", "stats", score_type)
            warehouse.insert("stats_facts", [[file_id, "key", 1.0, 1, completion, 1]])
    one_a_token = "'prompt_per_million': 1e6, 'completion_per_million': 1e6"
    warehouse.connection.execute(
        f"set variable prices = [{{'model': 'e', {one_a_token}}}, {{'model': 's', {one_a_token}}}]"
    )
    for kind in ("tokens", "money"):
        query = "select run_id, stage, cost from run_costs where cost_kind = ? order by all"
        assert warehouse.rows(query, kind) == [
            ("both", "all", 5 + 7 + 11),
            ("both", "explainer", 5),
            ("explainer alone", "explainer", 5),
            ("scorer unknown", "explainer", 5),
        ]


def test_money_needs_prices_and_knows_a_model_by_three_names() -> None:
    warehouse = frontier_warehouse()
    query = "select run_id, stage, cost from run_costs where cost_kind = 'money' order by all"
    assert warehouse.rows(query) == []
    prices = {"org/cheap": (1, 2), "dear": (2, 4), "judge": (0.5, 1)}
    structs = [
        f"{{'model': '{model}', 'prompt_per_million': {prompt}, 'completion_per_million': {completion}}}"
        for model, (prompt, completion) in prices.items()
    ]
    warehouse.connection.execute(f"set variable prices = [{', '.join(structs)}]")
    assert warehouse.rows(query) == [
        ("cheap", "all", 20 + 100),
        ("cheap", "explainer", 20),
        ("dear", "all", 160 + 100),
        ("dear", "explainer", 160),
    ]


def test_a_scorer_without_stats_makes_no_run_cheaper() -> None:
    warehouse = frontier_warehouse()
    warehouse.counts("cheap", "detection", 1, (5, 5, 5, 5))
    query = "select run_id, cost from run_costs where stage = 'all' and cost_kind = 'tokens' order by all"
    known = dict(warehouse.rows(query))
    assert known["dear"] == 210e6
    assert "cheap" not in known
    # of fuzz alone, all is known
    warehouse.connection.execute("set variable selected_score_types = ['fuzz']")
    assert dict(warehouse.rows(query)) == known | {"cheap": 165e6}


def test_wall_time_of_all_is_the_total_or_the_sum() -> None:
    warehouse = SmallWarehouse()
    for run, stages in {
        "a": {"explainer": 2.0, "scoring": 3.0},
        "b": {"explainer": 2.0, "total": 9.0},
        "c": {"scoring": 1.0},
    }.items():
        warehouse.run(run)
        file_id = warehouse.file(run, f"/r/{run}/timing.json", "timing")
        warehouse.insert("timing_facts", [[file_id, stage, seconds] for stage, seconds in stages.items()])
    query = "select run_id, stage, cost from run_costs where cost_kind = 'wall_time_s' order by all"
    assert warehouse.rows(query) == [
        ("a", "all", 5.0),
        ("a", "explainer", 2.0),
        ("b", "all", 9.0),
        ("b", "explainer", 2.0),
    ]
