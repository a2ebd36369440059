"""Standard errors and intervals: by hand, against plain NumPy and SciPy, on made and on real data."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

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


def corrected(influences: np.ndarray, shares: np.ndarray) -> float:
    """Return the standard error without bias, if latents vary alike: by the variances of the residuals."""
    residuals = np.eye(len(shares)) - shares
    expected = shares**2 @ (residuals**2).sum(axis=1)
    return float(np.sqrt((influences**2).sum() * (shares**2).sum() / expected))


def rounded(x: float) -> int:
    return max(1, int(np.floor(x + 0.5)))


def freedom(shares: np.ndarray) -> int:
    """Return the degrees of freedom: latents of equal weight that weigh as much, less one."""
    return rounded(1 / (shares**2).sum() - 1)


def freedom_of_both(shares: np.ndarray, others: np.ndarray) -> int:
    """Return those of the sum of two means: Welch's, if no more than all latents allow."""
    n, m = 1 / (shares**2).sum(), 1 / (others**2).sum()
    together = 1 / (((shares + others) / 2) ** 2).sum()
    welch = (1 / n + 1 / m) ** 2 / (1 / (n**2 * (n - 1)) + 1 / (m**2 * (m - 1)))
    return rounded(min(together - 1, welch))


class Wanted(NamedTuple):
    """Hold what an estimate ought to be."""

    value: float
    se: float
    n_latents: int
    interval_se: float
    df: int

    def interval(self) -> tuple[float, float]:
        """Return the 95 % interval of a share: its score is the quantile at either end, a root."""
        n = self.df + 1
        x = (n * self.value + 0.25 * 0.5) / (n + 0.25)
        variance = self.interval_se**2 + 0.25 * (x - 0.5) ** 2 / n**2
        spread = stats.t.ppf(0.975, self.df) ** 2 * variance / (x * (1 - x))
        low, high = sorted(np.roots([1 + spread, -2 * x - spread, x**2]).real)
        return min(low, self.value), max(high, self.value)


def estimate(value: float, influences: np.ndarray, shares: np.ndarray, df: int | None = None) -> Wanted:
    n = int((shares > 0).sum())
    return Wanted(value, error(influences, n), n, corrected(influences, shares), df or freedom(shares))


def reference(counts: np.ndarray) -> dict[str, Wanted]:
    """Work out each pooled and macro measure, with NumPy."""
    found: dict[str, Wanted] = {}
    influence: dict[str, np.ndarray] = {}
    shares: dict[str, np.ndarray] = {}
    for name, parts in RATIOS.items():
        a, b = (part.astype(float) for part in parts(counts))
        each = a[b > 0] / b[b > 0]
        g = len(each)
        if g < 2:
            continue
        shares[name] = b / b.sum()
        ratio, influence[name] = linearised(a, b)
        found[name] = estimate(ratio, influence[name], shares[name])
        found[f"{name}_macro"] = estimate(each.mean(), (each - each.mean()) / g, np.full(g, 1 / g))
    if "recall" in found and "specificity" in found:
        value = (found["recall"].value + found["specificity"].value) / 2
        half = (influence["recall"] + influence["specificity"]) / 2
        df = freedom_of_both(shares["recall"], shares["specificity"])
        found["balanced_accuracy"] = estimate(value, half, (shares["recall"] + shares["specificity"]) / 2, df)
    return found


def check(record: dict[str, Any], wanted: dict[str, Wanted]) -> None:
    """Compare a row of run_metrics with the reference, intervals included."""
    assert wanted
    for name, estimate in wanted.items():
        assert record[name] == pytest.approx(estimate.value, abs=1e-12), name
        assert record[f"{name}_se"] == pytest.approx(estimate.se, abs=1e-9), name
        assert record[f"{name}_n_latents"] == estimate.n_latents, name
        ends = (record[f"{name}_low"], record[f"{name}_high"])
        if record[f"{name}_reason"] is None:
            assert ends == pytest.approx(estimate.interval(), abs=1e-9), name
        else:
            assert ends == (None, None), name


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
    # t with 1 degree of freedom is 12.706; x = (2 * 0.6 + 1/8) / 2.25 and, at both ends p, (x - p)^2 is
    # t^2 (0.04 + ((x - 0.5) / 4)^2) p (1 - p) / (x (1 - x))
    assert (found["accuracy_low"], found["accuracy_high"]) == pytest.approx((0.01246, 0.99389), abs=1e-5)
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
        variance = sum(corrected(u, 2 * share) ** 2 for u, share in zip(influences, shares, strict=True))
        wanted = Wanted(value, se, g, variance**0.5, rounded(effective - 2))
        ends = (record[f"{name}_weighted_low"], record[f"{name}_weighted_high"])
        assert ends == pytest.approx(wanted.interval(), abs=1e-9), name


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
        # what a latent gains in recall it loses in specificity
        ([(0, 0, 5, 5), (5, 5, 0, 0)] * 6, "balanced_accuracy", "every latent agrees"),
        ([(1, 1, 2, 2), (2, 2, 1, 1), (3, 3, 0, 0)], "balanced_accuracy", "every latent agrees"),
        # all 1/2, but for rounding
        ([(1, 1, 2, 2), (7, 7, 3, 3), (1, 1, 6, 6)], "balanced_accuracy_macro", "every latent agrees"),
        ([(5, 0, 9, 0), (6, 0, 10, 0), (2, 0, 9, 0)], "mcc_macro", "every latent agrees"),
        # nothing tells how specificity varies
        ([(3, 0, 0, 2), (4, 0, 0, 1), (3, 1, 4, 2)], "balanced_accuracy", "a class has one latent only"),
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


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ({0: 5, 1: 6}, "a firing count is missing"),
        ({0: 0, 1: 0, 2: 0}, "every firing count is 0"),
    ],
)
def test_without_weights_a_weighted_measure_has_nothing_but_a_reason(
    counts: dict[int, int], reason: str
) -> None:
    warehouse = SmallWarehouse()
    warehouse.many_counts(warehouse.run("a"), "fuzz", [(4, 1, 3, 2), (3, 2, 4, 1), (2, 1, 3, 4)])
    warehouse.firing(["a"], {("layers.1", latent): count for latent, count in counts.items()})
    (found,) = warehouse.records("from run_measures where name = 'f1_weighted'")
    empty = ("value", "se", "low", "high", "interval_se", "df", "n_latents", "effective_n_latents")
    assert [found[column] for column in empty] == [None] * 8
    assert found["reason"] == reason


def test_an_area_has_no_interval_if_one_latent_alone_has_a_class() -> None:
    warehouse = SmallWarehouse()
    warehouse.run("a")
    for latent in range(5):
        warehouse.examples("a", "fuzz", latent, [(True, True, 0.9), (True, False, 0.2 + latent / 10)])
    warehouse.examples("a", "fuzz", 5, [(True, True, 0.9), (False, True, 0.6), (False, False, 0.1)])
    assert warehouse.row("select auc_se, auc_low, auc_reason from run_metrics") == (
        None,
        None,
        "a class has one latent only",
    )


def test_a_value_is_never_left_outside_its_interval() -> None:
    # all right but one example: the interval's centre is drawn to 1/2 by more than it is wide
    warehouse = SmallWarehouse()
    warehouse.many_counts(warehouse.run("a"), "fuzz", [(500, 1, 499, 0)] + [(500, 0, 500, 0)] * 29)
    for low, value, high in warehouse.rows("select low, value, high from run_measures where reason is null"):
        assert low <= value <= high


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
