"""Summary, ranking, distribution, stages and problems: worked by hand, ties and missing parts included."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_warehouse import SmallWarehouse


def ranked(*accuracies: tuple[str, int]) -> SmallWarehouse:
    """Make runs of 10 examples each, so many right; -1 stands for all failed."""
    warehouse = SmallWarehouse()
    for name, right in accuracies:
        counts = (right, 10 - right, 0, 0) if right >= 0 else (0, 0, 0, 0, 10, 5)
        warehouse.counts(warehouse.run(name), "fuzz", 1, counts)
    return warehouse


@pytest.mark.both
def test_ranks_are_shared_and_undefined_comes_last() -> None:
    warehouse = ranked(("d", -1), ("c", 7), ("a", 7), ("b", 9))
    query = "select rank, run_name, accuracy from model_ranking order by rank, run_name"
    assert warehouse.rows(query) == [(1, "b", 0.9), (2, "a", 0.7), (2, "c", 0.7), (4, "d", None)]


def test_ranks_count_the_selected_runs_only() -> None:
    warehouse = ranked(("a", 9), ("b", 8), ("c", 7))
    warehouse.connection.execute("set variable selected_runs = ['b', 'c']")
    assert warehouse.rows("select run_name, rank from model_ranking order by rank") == [("b", 1), ("c", 2)]
    assert warehouse.rows("select n from accuracy_distribution") == [(2,)]
    assert warehouse.row("select count(*) from run_metrics") == (2,)


def test_a_selected_score_type_is_the_only_one() -> None:
    warehouse = ranked(("a", 9))
    warehouse.counts("a", "detection", 1, (5, 5, 0, 0))
    warehouse.connection.execute("set variable selected_score_types = ['detection']")
    assert warehouse.rows("select score_types, accuracy from model_summary") == [(["detection"], 0.5)]


def test_several_are_best_where_equal() -> None:
    warehouse = ranked(("a", 9), ("b", 9), ("c", 8))
    query = "select run_name, value from best_models where measure = 'accuracy' order by all"
    assert warehouse.rows(query) == [("a", 0.9), ("b", 0.9)]


def test_a_run_that_lacks_a_score_type_is_summarised_but_never_best() -> None:
    warehouse = ranked(("a", 9), ("b", 5))
    warehouse.counts("b", "detection", 1, (6, 4, 0, 0))
    assert warehouse.rows(
        "select run_name, accuracy, has_all_score_types from model_summary order by all"
    ) == [
        ("a", 0.9, False),
        ("b", 0.55, True),
    ]
    assert {name for (name,) in warehouse.rows("select run_name from best_models")} == {"b"}


def test_a_mean_over_an_undefined_measure_is_undefined() -> None:
    warehouse = ranked(("a", 9))
    warehouse.counts("a", "detection", 1, (0, 0, 6, 4))
    assert warehouse.row("select precision, recall from model_summary") == (None, 0.5)


@settings(max_examples=15)
@given(st.lists(st.integers(0, 10), min_size=1, max_size=8))
def test_distributions_are_those_of_pandas(rights: list[int]) -> None:
    warehouse = ranked(*((f"run{i}", right) for i, right in enumerate(rights)))
    wanted = pd.Series([right / 10 for right in rights]).describe()
    found = warehouse.row("select columns(* exclude score_type) from accuracy_distribution")
    assert found[0] == len(rights)
    for value, other in zip(found[1:], wanted.iloc[1:], strict=True):
        assert (value is None and pd.isna(other)) or value == pytest.approx(other, abs=1e-12)


def test_the_distribution_over_latents() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    for latent, counts in enumerate([(2, 0, 2, 0), (1, 1, 1, 1), (0, 2, 0, 2), (0, 0, 4, 0)]):
        warehouse.counts("a", "fuzz", latent, counts)
    query = "select n, mean, min, q25, median, q75, max from latent_distribution where measure = ?"
    assert warehouse.row(query, "accuracy") == (4, 0.625, 0, 0.375, 0.75, 1, 1)
    assert warehouse.row(query, "f1") == (3, 0.5, 0, 0.25, 0.5, 0.75, 1)


def staged(prompt_size: int | None) -> SmallWarehouse:
    """Make one run of two latents of 7 and 10 examples, its stats and both timing files."""
    warehouse = SmallWarehouse()
    warehouse.run("a", {"num_examples_per_scorer_prompt": prompt_size} if prompt_size else {})
    warehouse.counts("a", "fuzz", 1, (4, 3, 0, 0))
    warehouse.counts("a", "fuzz", 2, (4, 3, 0, 0, 3, 1))
    explainer = warehouse.file("a", "/r/a/explainer_stats.json", "stats")
    scorer = warehouse.file("a", "/r/a/fuzz_stats.json", "stats", "fuzz")
    warehouse.insert(
        "stats_facts",
        [[explainer, "DefaultExplainer", 3.5, 200, 50, 2], [scorer, "fuzz", 8.5, 34, None, 17]],
    )
    older = warehouse.file("a", "/r/a/scoring_timing.json", "timing", mtime_ns=1)
    newer = warehouse.file("a", "/r/a/timing.json", "timing", mtime_ns=2)
    rows = [[older, "scoring", 8.0], [older, "total", 9.0], [newer, "scoring", 70.0]]
    warehouse.insert("timing_facts", [*rows, [newer, "total", 80.0], [newer, "explainer", 5.0]])
    return warehouse


def test_stages_and_their_usage() -> None:
    warehouse = staged(5)
    columns = "stage, total_time_s, prompt_tokens, completion_tokens, n_calls, n_examples, wall_time_s"
    assert warehouse.rows(f"select {columns} from stage_stats order by stage") == [
        ("explainer", 3.5, 200, 50, 2, None, 5.0),
        ("fuzz", 8.5, 34, None, 4, 17, None),
        ("scoring", None, None, None, None, None, 8.0),
        ("total", None, None, None, None, None, 80.0),
    ]
    columns = "stage, total_tokens, tokens_per_call, seconds_per_call, n_latents, tokens_per_latent"
    assert warehouse.rows(f"select {columns}, seconds_per_example from token_usage order by stage") == [
        ("explainer", 250, 125.0, 1.75, 2, 125.0, None),
        ("fuzz", None, None, 2.125, 2, None, 0.5),
    ]


def test_calls_of_a_scorer_are_unknown_where_the_config_tells_no_prompt_size() -> None:
    query = "select n_calls from stage_stats where stage = 'fuzz'"
    assert staged(None).row(query) == (None,)


def test_problems_of_files_places_and_contents_stand_together() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    broken = warehouse.score_file("a", "fuzz", 1, status="failed")
    odd = warehouse.score_file("a", "fuzz", 2)
    warehouse.insert("file_problems", [[broken, "not JSON", "failed", "cut short"]])
    warehouse.insert("count_facts", [[odd, 3, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0]])
    place = [None, "/r/scores", "foreign", "finding", "no score file"]
    warehouse.insert("scan_problems", [place, place])
    assert warehouse.rows("select run_name, path, kind, severity from load_problems order by path") == [
        ("a", "/r/a/scores/fuzz/layers.1_latent1.txt", "not JSON", "failed"),
        ("a", "/r/a/scores/fuzz/layers.1_latent2.txt", "correct disagrees", "finding"),
        (None, "/r/scores", "foreign", "finding"),
    ]


def test_a_repaired_file_is_no_problem_any_more() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    broken = warehouse.score_file("a", "fuzz", 1, status="failed")
    warehouse.insert("file_problems", [[broken, "not JSON", "failed", "cut short"]])
    warehouse.counts("a", "fuzz", 1, (1, 1, 1, 1))
    assert warehouse.rows("from load_problems") == []
    assert warehouse.row("select count(*) from latent_metrics") == (1,)
