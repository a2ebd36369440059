"""Standard errors and intervals: by hand, against plain NumPy and SciPy, on made and on real data."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from small_warehouse import SmallWarehouse

REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "real-results"

# Numerator and denominator of each ratio, from columns tp, fp, tn, fn, n_failed, n_failed_activating.
RATIOS: dict[str, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "accuracy": lambda c: (c[0] + c[2], c[0] + c[1] + c[2] + c[3]),
    "precision": lambda c: (c[0], c[0] + c[1]),
    "recall": lambda c: (c[0], c[0] + c[3]),
    "specificity": lambda c: (c[2], c[2] + c[1]),
    "f1": lambda c: (2 * c[0], 2 * c[0] + c[1] + c[3]),
    "accuracy_strict": lambda c: (c[0] + c[2], c[:5].sum(axis=0)),
    "recall_strict": lambda c: (c[0], c[0] + c[3] + c[5]),
    "f1_strict": lambda c: (2 * c[0], 2 * c[0] + c[1] + c[3] + c[5]),
}


def linearised(a: np.ndarray, b: np.ndarray) -> tuple[float, np.ndarray]:
    """Return a ratio of sums and the influence of each latent on it."""
    ratio = a.sum() / b.sum()
    return ratio, (a - ratio * b) / b.sum()


def error(influences: np.ndarray, g: int) -> float:
    return float(np.sqrt(g / (g - 1) * (influences**2).sum()))


def reference(counts: np.ndarray) -> dict[str, tuple[float, float, int]]:
    """Work out value, standard error and number of latents of each pooled and macro measure, with NumPy."""
    found = {}
    influence = {}
    for name, parts in RATIOS.items():
        a, b = (part.astype(float) for part in parts(counts))
        if not b.sum():
            continue
        ratio, influence[name] = linearised(a, b)
        each = a[b > 0] / b[b > 0]
        g = len(each)
        if g > 1:
            found[name] = (ratio, error(influence[name], g), g)
            found[f"{name}_macro"] = (each.mean(), error((each - each.mean()) / g, g), g)
    if "recall" in found and "specificity" in found:
        g = int((counts[:4].sum(axis=0) > 0).sum())
        half = (influence["recall"] + influence["specificity"]) / 2
        found["balanced_accuracy"] = ((found["recall"][0] + found["specificity"][0]) / 2, error(half, g), g)
    return found


def check(record: dict[str, Any], wanted: dict[str, tuple[float, float, int]]) -> None:
    """Compare a row of run_metrics with the reference, intervals included."""
    assert wanted
    for name, (value, se, g) in wanted.items():
        assert record[name] == pytest.approx(value, abs=1e-12), name
        assert record[f"{name}_se"] == pytest.approx(se, abs=1e-9), name
        assert record[f"{name}_n_latents"] == g, name
        if record[f"{name}_reason"] is None:
            half = stats.t.ppf(0.975, g - 1) * se
            assert record[f"{name}_low"] == pytest.approx(max(0, value - half), abs=1e-9), name
            assert record[f"{name}_high"] == pytest.approx(min(1, value + half), abs=1e-9), name
        else:
            assert (record[f"{name}_low"], record[f"{name}_high"]) == (None, None), name


def made(seed: int, n: int) -> np.ndarray:
    """Draw counts of n latents of very different difficulty; some have no class or no valid example."""
    rng = np.random.default_rng(seed)
    skill = rng.beta(1, 1, n)
    positives, negatives = rng.integers(0, 12, (2, n))
    tp, fp = rng.binomial(positives, skill), rng.binomial(negatives, 1 - skill)
    failed = rng.integers(0, 4, n)
    counts = np.array([tp, fp, negatives - fp, positives - tp, failed, rng.binomial(failed, 0.5)])
    counts[:4, 0] = 0
    return counts


def filled(runs: dict[str, np.ndarray]) -> SmallWarehouse:
    warehouse = SmallWarehouse()
    for run, counts in runs.items():
        warehouse.run(run)
        warehouse.many_counts(run, "fuzz", counts.T.tolist())
    return warehouse


def test_a_standard_error_by_hand() -> None:
    # 8 and 4 of 10 right: R = 0.6, influences of 2 / 20 and -2 / 20, se^2 = 2 / 1 * 0.02
    warehouse = filled({"a": np.array([[4, 2], [1, 3], [4, 2], [1, 3]])})
    (found,) = warehouse.records("from run_metrics")
    assert found["accuracy_se"] == pytest.approx(0.2, abs=1e-15)
    assert found["accuracy_n_latents"] == 2
    # t with 1 degree of freedom: 12.706; the interval covers all of [0, 1]
    assert (found["accuracy_low"], found["accuracy_high"]) == (0, 1)
    assert (found["mcc_se"], found["mcc_low"], found["mcc_reason"]) == (None, None, "no interval is defined")


def test_pooled_and_macro_errors_equal_numpy() -> None:
    runs = {f"run{seed}": made(seed, n) for seed, n in enumerate([2, 3, 20, 150, 403])}
    warehouse = filled(runs)
    for record in warehouse.records("from run_metrics"):
        check(record, reference(runs[record["run_name"]]))


def test_weighted_errors_equal_numpy() -> None:
    counts = made(7, 120)
    rng = np.random.default_rng(8)
    weights = rng.integers(0, 1000, 120)
    hookpoints = np.array(["layers.1", "layers.2", "layers.3"])[rng.integers(0, 3, 120)]
    weights[hookpoints == "layers.3"] = 0
    warehouse = SmallWarehouse()
    warehouse.run("a")
    for latent, (column, hookpoint) in enumerate(zip(counts.T.tolist(), hookpoints, strict=True)):
        warehouse.counts("a", "fuzz", latent, column, str(hookpoint))
    warehouse.firing(
        ["a"],
        {(str(h), latent): int(w) for latent, (h, w) in enumerate(zip(hookpoints, weights, strict=True))},
    )
    (record,) = warehouse.records("from run_metrics")
    for name, parts in RATIOS.items():
        a, b = parts(counts)
        means, influences, shares = [], [], []
        for hookpoint in ("layers.1", "layers.2"):
            chosen = (hookpoints == hookpoint) & (b > 0) & (weights > 0)
            x, w = a[chosen] / b[chosen], weights[chosen] / weights[chosen].sum()
            means.append((w * x).sum())
            influences.append(w * (x - means[-1]) / 2)
            shares.append(w / 2)
        g = sum(len(part) for part in shares)
        se = error(np.concatenate(influences), g)
        value = float(np.mean(means))
        assert record[f"{name}_weighted"] == pytest.approx(value, abs=1e-12), name
        assert record[f"{name}_weighted_se"] == pytest.approx(se, abs=1e-9), name
        assert record[f"{name}_weighted_n_latents"] == g, name
        effective = 1 / (np.concatenate(shares) ** 2).sum()
        assert record[f"{name}_weighted_effective_n_latents"] == pytest.approx(effective, rel=1e-9), name
        half = stats.t.ppf(0.975, g - 1) * se
        assert record[f"{name}_weighted_low"] == pytest.approx(max(0, value - half), abs=1e-9), name


def real_runs() -> Iterator[tuple[str, np.ndarray]]:
    """Count the real score files in Python, run by run."""
    for directory in sorted(REAL.rglob("scores/detection")):
        columns = []
        for path in sorted(directory.glob("*_latent*.txt")):
            examples = json.loads(path.read_text(encoding="utf-8"))
            answers = [(example["activating"], example["prediction"]) for example in examples]
            kinds = [(True, True), (False, True), (False, False), (True, False)]
            failed = [answers.count((True, None)), answers.count((False, None))]
            columns.append([*(answers.count(kind) for kind in kinds), sum(failed), failed[0]])
        yield str(directory.parent.parent.relative_to(REAL)), np.array(columns).T


def test_real_results_equal_numpy() -> None:
    if not REAL.is_dir():
        pytest.skip(f"the real results are not on this machine: no {REAL}")
    runs = dict(real_runs())
    assert (len(runs), sum(counts.shape[1] for counts in runs.values())) == (12, 210)
    checked = set()
    for record in filled(runs).records("from run_metrics"):
        wanted = reference(runs[record["run_name"]])
        if wanted:
            check(record, wanted)
            checked.add(record["run_name"])
    assert len(checked) == 12


@pytest.mark.parametrize(
    ("latents", "name", "reason"),
    [
        ([(3, 0, 0, 2), (4, 0, 0, 1)], "f1", "one class only"),
        ([(0, 3, 2, 0), (0, 4, 1, 0)], "accuracy", "one class only"),
        ([(3, 1, 2, 2)], "accuracy", "one latent only"),
        ([(3, 1, 2, 2), (0, 0, 0, 0, 4, 2)], "accuracy", "one latent only"),
        ([(5, 0, 5, 0), (5, 0, 5, 0)], "accuracy", "every latent agrees"),
        ([(2, 1, 3, 2), (2, 1, 3, 2)], "f1_macro", "every latent agrees"),
        ([(2, 0, 2, 2), (5, 0, 1, 5)], "balanced_accuracy", "every latent agrees"),
        ([(2, 0, 3, 2), (3, 0, 3, 2)], "precision", "every latent agrees"),
    ],
)
def test_no_false_certainty(latents: list[tuple[int, ...]], name: str, reason: str) -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    for latent, counts in enumerate(latents):
        warehouse.counts("a", "fuzz", latent, counts)
    (found,) = warehouse.records("from run_metrics")
    assert found[name] is not None
    assert (found[f"{name}_low"], found[f"{name}_high"], found[f"{name}_reason"]) == (None, None, reason)
    if reason == "every latent agrees":
        assert found[f"{name}_se"] == 0


def test_weighted_intervals_need_thirty_effective_latents_and_two_a_hookpoint() -> None:
    warehouse = SmallWarehouse()
    for run, heavy in (("even", 1), ("uneven", 10), ("lonely", 1)):
        warehouse.run(run)
        for latent in range(40):
            warehouse.counts(run, "fuzz", latent, (latent % 5 + 1, 2, 3, 1))
        if run == "lonely":
            warehouse.counts(run, "fuzz", 1, (1, 1, 1, 1), "layers.2")
        counts = {("layers.1", latent): heavy if latent < 4 else 1 for latent in range(40)}
        warehouse.firing([run], counts | {("layers.2", 1): 5}, path=f"/r/{run}.pt")
    found = {record["run_name"]: record for record in warehouse.records("from run_metrics")}
    assert found["even"]["f1_weighted_reason"] is None
    assert found["even"]["f1_weighted_low"] < found["even"]["f1_weighted"] < found["even"]["f1_weighted_high"]
    assert found["even"]["f1_weighted_effective_n_latents"] == pytest.approx(40)
    assert found["uneven"]["f1_weighted_effective_n_latents"] == pytest.approx(76**2 / (400 + 36))
    assert found["uneven"]["f1_weighted_reason"] == "effective number of latents below 30"
    assert found["uneven"]["f1_weighted_low"] is None
    assert found["lonely"]["f1_weighted_reason"] == "a hookpoint has one latent only"
    assert found["even"]["f1_macro_low"] is not None
    assert found["even"]["f1_weighted"] == pytest.approx(found["even"]["f1_macro"], abs=1e-14)


def test_kept_quantiles_equal_scipy() -> None:
    found = SmallWarehouse().rows("select df, t from behind_the_views.student_t order by df")
    assert [df for df, _ in found] == list(range(1, 401))
    wanted = stats.t.ppf(0.975, np.arange(1, 401))
    assert np.abs(np.array([t for _, t in found]) - wanted).max() < 1e-12


def test_quantiles_beyond_the_kept_ones_equal_scipy() -> None:
    warehouse = SmallWarehouse()
    for df in (401, 1_000, 20_000, 10**6):
        (found,) = warehouse.row("select student_t_95(null, cast(? as bigint))", df)
        assert found == pytest.approx(stats.t.ppf(0.975, df), abs=1e-12)


def test_p_values_equal_scipy() -> None:
    warehouse = SmallWarehouse()
    t, df = np.meshgrid(
        [-40.0, -3.1, -0.2, 0.0, 0.001, 0.7, 1.96, 2.5, 8.0, 1e4], [*range(1, 40), 509, 2_001]
    )
    pairs = [[float(x), int(n)] for x, n in zip(t.ravel(), df.ravel(), strict=True)]
    warehouse.connection.execute("create table pairs (t double, df bigint)")
    warehouse.insert("pairs", pairs)
    for x, n, found in warehouse.rows("select t, df, student_t_p_value(t, df) from pairs"):
        assert found == pytest.approx(2 * stats.t.sf(abs(x), n), abs=1e-12), (x, n)
