"""How far runs are above controls of random or shuffled explanations: in SQL, on the page, by option."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import answer, run
from small_warehouse import SmallWarehouse
from test_comparison import paired
from test_reports_headline import statements

from loader.views.keep import keep_rows

CONFIG = {"model": "subject", "sparse_model": "sae", "scorer_model": "org/Judge"}
N_LATENTS = 40
N_REPLICATES = 60
# The skill of each run, and what its config says beside.
Runs = dict[str, tuple[float, dict[str, Any]]]


def counts(rng: np.random.Generator, skill: float) -> np.ndarray:
    """Let a scorer say yes more readily to some latents, and rightly as far as it has the skill."""
    ready = rng.uniform(0.3, 0.6, N_LATENTS)
    tp, fp = rng.binomial(20, ready + skill), rng.binomial(20, ready - skill)
    return np.array([tp, fp, 20 - fp, 20 - tp])


def filled(runs: Runs, n_replicates: int = 1, empty: Path | None = None) -> SmallWarehouse:
    """Make runs of a skill and further settings, again and again as other score types."""
    warehouse = SmallWarehouse(empty)
    rng = np.random.default_rng(1)
    for name, (_, config) in runs.items():
        warehouse.run(name, CONFIG | config)
    for replicate in range(n_replicates):
        for name, (skill, _) in runs.items():
            warehouse.many_counts(name, f"fuzz {replicate}", counts(rng, skill).T.tolist())
    return warehouse


def margins(warehouse: SmallWarehouse, *controls: str) -> list[dict[str, Any]]:
    warehouse.connection.execute(f"set variable controls = {list(controls)}")
    return warehouse.records("from control_margins where measure = 'accuracy' order by run_id, control_id")


def test_a_shuffled_copy_shows_no_margin_and_a_real_run_does() -> None:
    # 0.1 more often yes to what activates, and 0.1 less often to what does not
    runs: Runs = {"shuffled": (0.0, {}), "real": (0.1, {}), "shuffled again": (0.0, {})}
    rows = margins(filled(runs, N_REPLICATES), "shuffled")
    verdicts = {
        name: [row["against_control"] for row in rows if row["run_id"] == name]
        for name in ("real", "shuffled again")
    }
    assert verdicts["real"].count("above") == N_REPLICATES
    # 57 of 60 wanted; 52 is three standard errors less
    assert verdicts["shuffled again"].count("not told apart") >= 52
    held = sum(row["low"] <= 0.1 <= row["high"] for row in rows if row["run_id"] == "real")
    assert held >= 52


@pytest.mark.parametrize("control", ["a control", "z control"])
def test_margins_are_paired_differences_whoever_is_named_first(control: str) -> None:
    warehouse = filled({control: (0.0, {}), "real": (0.1, {})})
    (row,) = margins(warehouse, "* control")
    rng = np.random.default_rng(1)
    of_control, of_real = counts(rng, 0.0), counts(rng, 0.1)
    wanted = paired("accuracy", of_real, of_control)
    assert (row["control_id"], row["n_latents_shared"]) == (control, N_LATENTS)
    assert row["margin"] == pytest.approx(wanted.value)
    assert row["margin"] == pytest.approx(row["value"] - row["control_value"])
    # Student's t at 39 degrees of freedom
    half = 2.0226909 * wanted.interval_se
    assert (row["low"], row["high"]) == pytest.approx((wanted.value - half, wanted.value + half))


def test_a_control_counts_for_those_that_were_judged_alike() -> None:
    runs: Runs = {
        "control": (0.0, {}),
        "alike": (0.1, {}),
        "another scorer": (0.1, {"scorer_model": "org/Other"}),
        "longer prompts": (0.1, {"num_examples_per_scorer_prompt": 9}),
        "unknown scorer": (0.1, {"scorer_model": None}),
    }
    warehouse = filled(runs | {"control": (0.0, {"num_examples_per_scorer_prompt": 5})})
    none = (None, None, "no control was judged alike")
    assert {
        row["run_id"]: (row["control_id"], row["against_control"], row["reason"])
        for row in margins(warehouse, "control")
    } == {
        "alike": ("control", "above", None),
        "another scorer": none,
        "longer prompts": none,
        "unknown scorer": none,
    }
    assert {row["reason"] for row in margins(warehouse, "nothing")} == {"no control was judged alike"}
    warehouse.connection.execute("reset variable controls")
    assert warehouse.rows("from control_margins") == []


def test_a_copy_of_the_control_has_a_margin_of_0_and_no_verdict() -> None:
    warehouse = SmallWarehouse()
    for name in ("control", "copy"):
        warehouse.run(name, CONFIG)
        for latent in range(12):
            file_id = warehouse.score_file(name, "fuzz", latent, content_hash=f"{latent}")
            warehouse.insert("count_facts", [[file_id, 4 + latent % 3, 4, 6, 6 - latent % 3, *[0] * 7]])
    (row,) = margins(warehouse, "control")
    assert (row["margin"], row["low"], row["against_control"]) == (0, None, None)
    assert row["reason"] == "byte-identical copies"


def test_a_control_is_not_ranked() -> None:
    warehouse = filled({"control": (0.0, {}), "real": (0.1, {})})
    query = "select run_id, is_ranked, reason from model_ranking order by run_id"
    assert warehouse.rows(query) == [("control", True, None), ("real", True, None)]
    warehouse.connection.execute("set variable controls = ['control']")
    assert warehouse.rows(query) == [("control", False, "a control"), ("real", True, None)]


SENTENCES = {
    ("better", "shuffled"): r"better is above its control, by 0\.\d{3}\.",
    ("better", "real", "shuffled"): r"Every run is above its control, by 0\.\d{3} to 0\.\d{3}\.",
    ("real", "shuffled", "shuffled again"): (
        r"Against controls that were judged alike: real is above; shuffled again is not told apart from one\."
    ),
    ("real", "shuffled", "worse"): (
        r"Against controls that were judged alike: real is above; worse is below one\."
    ),
    ("other", "real", "shuffled"): (
        r"Against controls that were judged alike: real is above; other is without a test against one\."
    ),
}


@pytest.fixture(scope="module")
def written(new_warehouse: Path) -> Path:
    """Fill a warehouse with runs of which one may be taken for a control."""
    runs: Runs = {
        "shuffled": (0.0, {}),
        "shuffled again": (0.0, {}),
        "real": (0.1, {}),
        "better": (0.2, {}),
        "worse": (-0.1, {}),
        "other": (0.1, {"scorer_model": "org/Other"}),
    }
    warehouse = filled(runs, empty=new_warehouse)
    keep_rows(warehouse.connection)
    warehouse.connection.close()
    return warehouse.path


@pytest.mark.parametrize("runs", SENTENCES)
def test_margins_are_said_as_they_are(written: Path, runs: tuple[str, ...]) -> None:
    text = dict(statements(written, runs=runs, controls=("shuffled",)))["Under fuzz 0"]
    assert [said for said in SENTENCES if re.search(SENTENCES[said], text)] == [runs]
    assert "a control" in text


def test_nothing_is_said_of_controls_if_none_is_named(written: Path) -> None:
    assert "control" not in dict(statements(written))["Under fuzz 0"]


def test_a_control_is_in_the_table_whatever_else_is_selected(written: Path, tmp_path: Path) -> None:
    options = ["-w", written, "--run", "real", "--control", "shuffled", "--format", "json"]
    (row,) = json.loads(answer("reports", "table", "control_margins", *options, cwd=tmp_path))
    assert (row["run_label"], row["control_label"], row["against_control"]) == ("real", "shuffled", "above")


def test_a_control_that_is_not_there_is_told(written: Path, tmp_path: Path) -> None:
    done = run("reports", "show", "-w", written, "--control", "random*", cwd=tmp_path)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "no run has a name like --control 'random*'; there are better, other, real" in done.stderr
