"""Pairs of runs: paired errors against plain NumPy, Holm by hand, and when two runs may be compared."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Load, Query
from scipy import stats
from small_warehouse import SmallWarehouse
from test_uncertainty import RATIOS, Wanted, estimate, freedom_of_both, linearised, made

SAME = {"model": "subject", "sparse_model": "sae"}


def filled(runs: dict[str, np.ndarray], config: dict[str, Any] | None = SAME) -> SmallWarehouse:
    warehouse = SmallWarehouse()
    for run, counts in runs.items():
        warehouse.run(run, config)
        warehouse.many_counts(run, "fuzz", counts.T.tolist())
    return warehouse


def rows(warehouse: SmallWarehouse, measure: str) -> dict[tuple[str, str], dict[str, Any]]:
    records = warehouse.records("from model_comparison where measure = ?", measure)
    return {(record["run_name_a"], record["run_name_b"]): record for record in records}


def paired(name: str, a: np.ndarray, b: np.ndarray) -> Wanted:
    """Return the difference of a ratio in two runs, with NumPy; a latent weighs what it does in both."""
    (a_top, a_low), (b_top, b_low) = RATIOS[name](a), RATIOS[name](b)
    shared = (a_low > 0) & (b_low > 0)
    first, u = linearised(a_top[shared].astype(float), a_low[shared].astype(float))
    second, v = linearised(b_top[shared].astype(float), b_low[shared].astype(float))
    weights = (a_low + b_low)[shared]
    return estimate(first - second, u - v, weights / weights.sum())


def balanced(a: np.ndarray, b: np.ndarray) -> Wanted:
    """Return the same of balanced accuracy: half the sum of recall's and specificity's."""
    n = a.shape[1]
    difference, influences, shares = 0.0, np.zeros(n), []
    for name in ("recall", "specificity"):
        (a_top, a_low), (b_top, b_low) = RATIOS[name](a), RATIOS[name](b)
        shared = (a_low > 0) & (b_low > 0)
        first, u = linearised(a_top[shared].astype(float), a_low[shared].astype(float))
        second, v = linearised(b_top[shared].astype(float), b_low[shared].astype(float))
        difference += (first - second) / 2
        influences[shared] += (u - v) / 2
        weights = np.where(shared, a_low + b_low, 0)
        shares.append(weights / weights.sum())
    return estimate(difference, influences, (shares[0] + shares[1]) / 2, freedom_of_both(*shares))


@pytest.mark.parametrize("n", [16, 60, 420])
def test_differences_equal_numpy(n: int) -> None:
    a, b = made(1, n), made(2, n)
    warehouse = filled({"a": a, "b": b})
    warehouse.read_once("model_comparison")
    wanted = {name: paired(name, a, b) for name in RATIOS} | {"balanced_accuracy": balanced(a, b)}
    for name, (difference, se, g, interval_se, df) in wanted.items():
        (found,) = rows(warehouse, name).values()
        assert found["difference"] == pytest.approx(difference, abs=1e-12), name
        assert found["se"] == pytest.approx(se, abs=1e-9), name
        assert found["interval_se"] == pytest.approx(interval_se, abs=1e-9), name
        assert (found["n_latents_shared"], found["df"]) == (g, df), name
        half = stats.t.ppf(0.975, df) * interval_se
        assert found["low"] == pytest.approx(max(-1, difference - half), abs=1e-9), name
        assert found["high"] == pytest.approx(min(1, difference + half), abs=1e-9), name
        p_value = 2 * stats.t.sf(abs(difference / interval_se), df)
        assert found["p_value"] == pytest.approx(p_value, abs=1e-9), name


def test_only_latents_of_both_runs_count() -> None:
    a, b = made(3, 30), made(4, 30)
    warehouse = filled({"a": a, "b": b})
    warehouse.counts("b", "fuzz", 900, (50, 0, 50, 0))
    warehouse.counts("a", "fuzz", 901, (0, 50, 0, 50), "layers.10")
    (found,) = rows(warehouse, "accuracy").values()
    assert found["difference"] == pytest.approx(paired("accuracy", a, b).value, abs=1e-12)


def holm(p: list[float]) -> list[float]:
    """Adjust p-values by Holm's method, step by step."""
    order = np.argsort(p, kind="stable")
    adjusted, highest = np.zeros(len(p)), 0.0
    for step, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - step) * p[place]))
        adjusted[place] = highest
    return adjusted.tolist()


def test_holm_over_the_rows_that_have_a_p() -> None:
    runs = {f"run{seed}": made(seed, 40) for seed in range(5)}
    warehouse = filled(runs)
    warehouse.run("other", {"model": "subject", "sparse_model": "another"})
    warehouse.many_counts("other", "fuzz", [(1, 2, 3, 4)] * 40)
    for name in ("accuracy", "f1"):
        found = list(rows(warehouse, name).values())
        tested = [row for row in found if row["p_value"] is not None]
        assert (len(found), len(tested)) == (15, 10)
        wanted = holm([row["p_value"] for row in tested])
        assert [row["p_adjusted"] for row in tested] == pytest.approx(wanted, abs=1e-15)


def test_holm_of_the_selected_runs_only() -> None:
    warehouse = filled({f"run{seed}": made(seed, 40) for seed in range(4)})
    warehouse.connection.execute("set variable selected_runs = ['run0', 'run1']")
    (found,) = rows(warehouse, "accuracy").values()
    assert found["p_adjusted"] == found["p_value"]


@pytest.mark.parametrize(
    ("config_a", "config_b", "same"),
    [
        (SAME, SAME, True),
        (SAME, SAME | {"sparse_model": "another"}, False),
        (SAME, SAME | {"model": "another"}, False),
        (SAME, None, None),
        (None, None, None),
        ({"model": "subject"}, {"model": "subject"}, None),
        ({"model": "subject"}, {"model": "another"}, False),
    ],
)
def test_configs_tell_whether_latents_are_the_same(
    config_a: dict[str, Any] | None, config_b: dict[str, Any] | None, same: bool | None
) -> None:
    warehouse = SmallWarehouse()
    for run, config in (("a", config_a), ("b", config_b)):
        warehouse.run(run, config)
        warehouse.many_counts(run, "fuzz", [(n, 2, 3, 4) if run == "a" else (1, n, 3, 4) for n in range(12)])
    assert warehouse.row("select same_latents from latent_identity") == (same,)
    query = (
        "select reason, difference is null, p_value is null from model_comparison where measure = 'accuracy'"
    )
    reason = None if same else "different or unknown latents"
    assert warehouse.row(query) == (reason, not same, not same)


def test_the_user_says_that_latents_are_the_same() -> None:
    warehouse = filled({"left one": made(1, 20), "left two": made(2, 20), "right": made(3, 20)}, config=None)
    warehouse.connection.execute("set variable same_latents = ['nothing*', 'left*']")
    found = {pair: row["reason"] for pair, row in rows(warehouse, "accuracy").items()}
    unknown = "different or unknown latents"
    assert found == {
        ("left one", "left two"): None,
        ("left one", "right"): unknown,
        ("left two", "right"): unknown,
    }


@pytest.mark.parametrize(("n_equal", "same"), [(0, False), (2, False), (3, True), (4, True)])
def test_equal_texts_of_most_latents_make_them_the_same(n_equal: int, same: bool) -> None:
    warehouse = SmallWarehouse()
    examples = [(True, True, None), (True, False, None), (False, False, None)]
    for run in ("a", "b"):
        warehouse.run(run)
        for latent in range(4):
            texts = [f"yes {latent}", f"and {latent}", f"no {latent} {run}"]
            if latent >= n_equal:
                texts[0] += run
            elif run == "b":
                texts[:2] = texts[1::-1]
            warehouse.examples(run, "fuzz", latent, examples, texts=texts)
    # One that the other has not is compared with nothing.
    warehouse.examples("a", "fuzz", 4, examples, texts=["yes 0", "and 0", "no 0"])
    query = "select same_latents, basis, n_latents_compared, n_equal_texts from latent_identity"
    assert warehouse.row(query) == (same, "texts", 4, n_equal)


def test_fewer_than_ten_shared_latents_have_a_difference_of_none() -> None:
    (found,) = rows(filled({"a": made(1, 9), "b": made(2, 9)}), "accuracy_strict").values()
    assert (found["reason"], found["difference"], found["p_value"]) == (
        "fewer than 10 latents shared",
        None,
        None,
    )


def test_copies_differ_by_nothing_and_are_flagged() -> None:
    warehouse = SmallWarehouse()
    for run in ("a", "b", "c"):
        warehouse.run(run, SAME)
        for latent in range(12):
            content = f"content {latent}" if run != "c" else None
            file_id = warehouse.score_file(run, "fuzz", latent, content_hash=content)
            warehouse.insert("count_facts", [[file_id, latent, 3, 4, 5 + (run == "c"), 0, 0, 0, 0, 0, 0, 0]])
    found = rows(warehouse, "accuracy")
    copy = found["a", "b"]
    assert (copy["is_copy"], copy["difference"], copy["p_value"], copy["p_adjusted"], copy["reason"]) == (
        True,
        0,
        None,
        None,
        "byte-identical copies",
    )
    assert found["a", "c"]["p_adjusted"] == pytest.approx(2 * found["a", "c"]["p_value"])


def test_the_same_difference_in_every_latent_is_no_certainty() -> None:
    sizes = np.arange(10, 30)
    a = np.array([sizes - 1, sizes * 0 + 1, sizes, sizes * 0])
    b = np.array([sizes - 2, sizes * 0 + 2, sizes, sizes * 0])
    a[:, :], b[:, :] = a[:, :1], b[:, :1]
    (found,) = rows(filled({"a": a, "b": b}), "accuracy").values()
    assert (found["reason"], found["p_value"], found["low"]) == ("every latent agrees", None, None)
    assert found["difference"] == pytest.approx(1 / 20)


def test_balanced_accuracy_of_classes_in_different_latents() -> None:
    """Latents 0 to 5 have activating examples alone, the others none: either part has its own sums."""
    right = {"a": [8, 8, 8, 6, 6, 8, 6, 5, 8, 7, 6, 5], "b": [5, 8, 8, 6, 5, 5, 5, 5, 6, 6, 5, 8]}
    warehouse = filled(
        {
            run: np.array(
                [(n, 0, 0, 10 - n) if place < 6 else (0, 10 - n, n, 0) for place, n in enumerate(row)]
            ).T
            for run, row in right.items()
        }
    )
    (found,) = rows(warehouse, "balanced_accuracy").values()
    # influences are (d - mean d) / 120, d the difference in right answers; latents weigh alike; df is Welch's
    assert found["difference"] == pytest.approx(0.075)
    assert found["se"] == found["interval_se"] == pytest.approx(0.044523, abs=1e-6)
    assert found["df"] == 10
    assert found["p_value"] == pytest.approx(2 * stats.t.sf(0.075 / 0.044523, 10), abs=1e-5)


def test_a_class_of_one_latent_tells_nothing_of_a_difference() -> None:
    runs = {
        run: np.array([(n % 7 + shift, 0, 0, 3) for n in range(11)] + [(4, 2, 3 + shift, 1)]).T
        for run, shift in (("a", 0), ("b", 1))
    }
    (found,) = rows(filled(runs), "balanced_accuracy").values()
    assert found["difference"] is not None
    assert (found["se"], found["p_value"], found["reason"]) == (None, None, "a class has one latent only")


def test_copies_count_once_in_holms_family() -> None:
    warehouse = SmallWarehouse()
    rng = np.random.default_rng(5)
    right = {run: rng.integers(3, 9, 20) + shift for run, shift in (("A", 0), ("B", 1), ("C", 1))}
    for run, like in (("A", "A"), ("A_copy", "A"), ("B", "B"), ("C", "C"), ("a copy", "A")):
        warehouse.run(run, SAME)
        for latent, n in enumerate(right[like].tolist()):
            file_id = warehouse.score_file(run, "fuzz", latent, content_hash=f"{like} {latent}")
            warehouse.insert("count_facts", [[file_id, n, 4, 6, 10 - n, 0, 0, 0, 0, 0, 0, 0]])
    found = rows(warehouse, "accuracy")
    three = [("A", "B"), ("A", "C"), ("B", "C")]
    wanted = holm([found[pair]["p_value"] for pair in three])
    assert [found[pair]["p_adjusted"] for pair in three] == pytest.approx(wanted, abs=1e-15)
    for copied, first in ((("A_copy", "B"), ("A", "B")), (("C", "a copy"), ("A", "C"))):
        assert found[copied]["p_adjusted"] == pytest.approx(found[first]["p_adjusted"], abs=1e-15)
    # other latents: no copy of the whole, and a question of its own
    warehouse.counts("a copy", "fuzz", 30, (3, 4, 6, 7))
    assert sum(row["p_value"] is not None for row in rows(warehouse, "accuracy").values()) == 7
    smallest = min(row["p_adjusted"] for row in rows(warehouse, "accuracy").values() if row["p_adjusted"])
    assert smallest == pytest.approx(
        min(1, 5 * min(row["p_value"] for row in found.values() if row["p_value"]))
    )


def test_the_same_files_of_other_latents_are_no_copy() -> None:
    warehouse = SmallWarehouse()
    right = {"A": [8, 3, *range(4, 14)], "B": [3, 8, *range(4, 14)], "C": range(12)}
    for run, numbers in right.items():
        warehouse.run(run, SAME)
        for latent, n in enumerate(numbers):
            # The content follows from the numbers: A's first two files have changed places in B.
            hashed = f"{n} of C" if run == "C" else str(n)
            file_id = warehouse.score_file(run, "fuzz", latent, content_hash=hashed)
            warehouse.insert("count_facts", [[file_id, n, 4, 6, 14 - n, 0, 0, 0, 0, 0, 0, 0]])
    found = rows(warehouse, "accuracy")
    # No reason leaves out the test of A against C, nor that of B against C.
    with_p = [row for row in found.values() if row["p_value"] is not None]
    wanted = holm([row["p_value"] for row in with_p])
    assert len(with_p) == 3
    assert [row["p_adjusted"] for row in with_p] == pytest.approx(wanted, abs=1e-15)


def test_runs_tied_with_the_best() -> None:
    rng = np.random.default_rng(0)
    skills = {"best": 0.8, "close": 0.79, "far": 0.6}
    runs = {}
    for run, skill in skills.items():
        tp, tn = rng.binomial(50, skill, (2, 60))
        runs[run] = np.array([tp, 50 - tn, tn, 50 - tp])
    warehouse = filled(runs)
    warehouse.run("stranger")
    warehouse.run("silent", SAME)
    warehouse.many_counts("stranger", "fuzz", [(30 + latent % 2, 20, 30, 20) for latent in range(60)])
    warehouse.many_counts("silent", "fuzz", [(0, 0, 0, 0, 9, 4)] * 60)
    found = dict(warehouse.rows("select run_name, tied_with_best from model_ranking"))
    assert found == {"best": True, "close": True, "far": False, "stranger": None, "silent": None}
    row = rows(warehouse, "accuracy")["best", "close"]
    assert row["p_adjusted"] >= 0.05


def test_base_and_fine_tuned_models_are_not_paired(load_into: Load, query: Query, shared_data: Path) -> None:
    load_into(shared_data / "real-results")
    assert query(
        "select count(*) from latent_identity where n_latents_compared > 0 and n_equal_texts = 0"
    ) == [(5,)]
    assert query("select distinct reason, p_value from model_comparison") == [
        ("different or unknown latents", None)
    ]
    assert query("select distinct tied_with_best from model_ranking where rank > 1") == [(None,)]
