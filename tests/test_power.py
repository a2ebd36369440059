"""How many latents it takes: against SciPy, by simulation, and from the command line."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from commands import answer, refusal
from scipy import optimize, stats
from small_warehouse import SmallWarehouse

SAME = {"model": "subject", "sparse_model": "sae", "scorer_model": "org/Judge"}
N_EXAMPLES = 40
N_DRAWN = 20_000
# A standard error of a share of four fifths is 0.003 then.
NEAR = 0.02
Right = dict[str, np.ndarray]


def drawn(n: int, seed: int = 0, **skills: float) -> Right:
    """Draw how many of its examples each latent has right in runs of such accuracy; easy is easy in all."""
    rng = np.random.default_rng(seed)
    ease = rng.normal(0, 0.1, n)
    return {
        name: rng.binomial(N_EXAMPLES, np.clip(skill + ease + rng.normal(0, 0.08, n), 0, 1))
        for name, skill in skills.items()
    }


def filled(right: Right) -> SmallWarehouse:
    """Let half of the examples activate, of which all are right before any other is."""
    warehouse = SmallWarehouse()
    half = N_EXAMPLES // 2
    for name, numbers in right.items():
        warehouse.run(name, SAME)
        tp = np.minimum(numbers, half)
        tn = numbers - tp
        warehouse.many_counts(name, "fuzz", np.array([tp, half - tn, tn, half - tp]).T.tolist())
    return warehouse


def exact_number(effect: float, level: float) -> float:
    """Return how many pairs a t test finds an effect with, in standard deviations, with a power of 80 %."""

    def missing(n: float) -> float:
        critical = stats.t.ppf(1 - level / 2, n - 1)
        return float(stats.nct.sf(critical, n - 1, effect * np.sqrt(n))) - 0.8

    return max(10, float(optimize.brentq(missing, 3, 1e6)))


def test_detectable_differences_and_needed_latents_are_those_of_scipy() -> None:
    warehouse = filled(drawn(60, a=0.8, b=0.77, c=0.7, d=0.55))
    rows = warehouse.records("from model_comparison where measure = 'accuracy'")
    assert len(rows) == 6
    for row in rows:
        power = stats.norm.ppf(0.8) * row["interval_se"]
        alone = stats.t.ppf(0.975, row["df"]) * row["interval_se"] + power
        adjusted = stats.t.ppf(1 - 0.025 / 6, row["df"]) * row["interval_se"] + power
        assert row["detectable_difference"] == pytest.approx(alone, rel=1e-9)
        assert row["detectable_difference_adjusted"] == pytest.approx(adjusted, rel=1e-3)
        effect = abs(row["difference"]) / (row["interval_se"] * np.sqrt(60))
        for name, level in (("n_latents_needed", 0.05), ("n_latents_needed_adjusted", 0.05 / 6)):
            assert row[name] == pytest.approx(exact_number(effect, level), rel=0.02, abs=1.5), name
    assert max(row["n_latents_needed"] for row in rows) > 60


@pytest.mark.parametrize("n", [12, 9])
def test_nothing_is_planned_where_there_is_no_test(n: int) -> None:
    right = drawn(n, a=0.8)
    # too few, or the same in every latent
    (row,) = filled({"a": right["a"] + 1, "b": right["a"]}).records(
        "from model_comparison where measure = 'accuracy'"
    )
    assert row["reason"] in ("fewer than 10 latents shared", "every latent agrees")
    assert {name: row[name] for name in row if "needed" in name or "detectable" in name} == {
        "detectable_difference": None,
        "detectable_difference_adjusted": None,
        "n_latents_needed": None,
        "n_latents_needed_adjusted": None,
    }


def power_of(samples: np.ndarray) -> float:
    """Return how often a t test, of a sample a row, finds that its mean is not 0."""
    n = samples.shape[1]
    t = samples.mean(axis=1) / (samples.std(axis=1, ddof=1) / np.sqrt(n))
    return float((np.abs(t) > stats.t.ppf(0.975, n - 1)).mean())


@pytest.mark.parametrize("power", [0.8, 0.9])
@pytest.mark.parametrize("difference", [0.04, 0.08, 0.1])
def test_so_many_latents_find_a_difference_as_often_as_planned(difference: float, power: float) -> None:
    right = drawn(3000, a=0.75, b=0.72)
    [(paired, apart)] = filled(right).rows(
        "select n_latents, n_latents_apart from latents_to_find(?, ?) where measure = 'accuracy'",
        difference,
        power,
    )
    assert 10 < paired < apart < 400
    a, b = (numbers / N_EXAMPLES for numbers in right.values())
    a, b = a - a.mean() + difference, b - b.mean()
    rng = np.random.default_rng(1)
    assert power_of(rng.choice(a - b + difference - (a - b).mean(), (N_DRAWN, paired))) == pytest.approx(
        power, abs=NEAR
    )
    of_two = stats.ttest_ind(rng.choice(a, (N_DRAWN, apart)), rng.choice(b, (N_DRAWN, apart)), axis=1)
    assert (of_two.pvalue < 0.05).mean() == pytest.approx(power, abs=NEAR)


@pytest.mark.parametrize("n", [12, 40, 150])
def test_a_detectable_difference_is_found_in_four_of_five_cases(n: int) -> None:
    right = drawn(n, a=0.75, b=0.72)
    (row,) = filled(right).records("from model_comparison where measure = 'accuracy'")
    spread = ((right["a"] - right["b"]) / N_EXAMPLES).std(ddof=1)
    samples = np.random.default_rng(2).normal(row["detectable_difference"], spread, (N_DRAWN, n))
    assert power_of(samples) == pytest.approx(0.8, abs=NEAR)


def test_what_a_pair_needs_finds_its_difference_in_four_of_five_cases() -> None:
    right = drawn(3000, a=0.75, b=0.7)
    (row,) = filled(right).records("from model_comparison where measure = 'accuracy'")
    assert 10 < row["n_latents_needed"] < 100
    differences = (right["a"] - right["b"]) / N_EXAMPLES
    samples = np.random.default_rng(3).choice(differences, (N_DRAWN, row["n_latents_needed"]))
    assert power_of(samples) == pytest.approx(0.8, abs=NEAR)


def test_plans_rest_on_pairs_that_were_judged_alike() -> None:
    warehouse = filled(drawn(30, a=0.8, b=0.7))
    (one,) = warehouse.records("from latent_spread where measure = 'accuracy'")
    (pair,) = warehouse.records("from model_comparison where measure = 'accuracy'")
    assert (one["n_runs"], one["n_pairs"], one["examples_per_latent"]) == (2, 1, N_EXAMPLES)
    assert one["pair_spread"] == pytest.approx(pair["interval_se"] * np.sqrt(30))
    warehouse.run("other", SAME | {"scorer_model": "org/Other"})
    warehouse.many_counts("other", "fuzz", [(9, 9 - n % 5, 11 + n % 5, 11) for n in range(30)])
    (more,) = warehouse.records("from latent_spread where measure = 'accuracy'")
    assert (more["n_runs"], more["n_pairs"], more["pair_spread"]) == (3, 1, one["pair_spread"])


def test_one_run_is_planned_from_by_itself() -> None:
    (row,) = filled(drawn(30, a=0.8)).records("from latents_to_find(0.05, 0.8) where measure = 'accuracy'")
    assert (row["n_runs"], row["n_pairs"], row["n_latents"], row["n_examples"]) == (1, 0, None, None)
    assert row["n_latents_apart"] > 10


def test_the_command_prints_the_plan(demo_warehouse: Path, tmp_path: Path) -> None:
    options = ["plan", "-w", demo_warehouse, "--difference", "0.05", "--power", "0.9", "--score-type", "fuzz"]
    (printed,) = json.loads(answer("reports", *options, "--json", cwd=tmp_path))
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        [(spread,)] = connection.execute(
            "select pair_spread from latent_spread where score_type = 'fuzz' and measure = 'accuracy'"
        ).fetchall()
    normal = (spread / 0.05 * (stats.norm.ppf(0.975) + stats.norm.ppf(0.9))) ** 2
    # Student's t asks for two or three more
    assert normal < printed["n_latents"] < normal + 4
    assert printed["n_examples"] == 100 * printed["n_latents"]
    text = answer("reports", *options, cwd=tmp_path)
    assert "To find a difference of 0.05 of accuracy at 5 % with a power of 90 %" in text
    assert f" {printed['n_latents']} " in text


def test_what_has_no_strict_form_has_no_strict_plan(demo_warehouse: Path, tmp_path: Path) -> None:
    options = ["plan", "-w", demo_warehouse, "--policy", "strict", "--json"]
    assert refusal("reports", *options, "--measure", "precision", cwd=tmp_path) == (
        "precision has no strict form; accuracy, f1, recall have one"
    )
    rows = json.loads(answer("reports", *options, cwd=tmp_path))
    assert [row["score_type"] for row in rows] == ["detection", "fuzz"]
