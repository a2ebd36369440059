"""More runs than can be compared each with each: what is bounded, who is taken, and where it is said."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from commands import answer, run
from conftest import Load, Query
from run_files import examples, write, write_run

MOST = 100
N = 112
# No pair of these lists has more rows than pairs of a hundred, times what it is said of.
PAIRS = MOST * (MOST - 1) // 2


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Write runs of one latent that get better from the first to the last; the scorer is each explainer."""
    results = tmp_path / "results"
    for place in range(N):
        scores = {"layers.1_latent1": examples(tp=1 + place, fn=N - place, tn=3)}
        config = {"explainer_model": f"org/M{place:03}", "model": "s", "sparse_model": "sae"}
        write_run(results / f"run{place:03}", {"fuzz": scores}, {"layers.1_latent1": "the same"}, config)
    return results


def test_pairs_are_those_of_a_hundred_runs_that_lead(results: Path, load_into: Load, query: Query) -> None:
    assert load_into(results).n_findings == 1
    assert query("select count(*) from runs") == [(N,)]
    assert query("select count(*) from latent_identity") == [(PAIRS,)]
    assert query("select distinct n from (select count(*) as n from model_comparison group by measure)") == [
        (PAIRS,)
    ]
    assert query("select count(*) <= ? from judge_agreement", PAIRS) == [(True,)]
    assert query("select count(*) from behind_the_views.judging_differences") == [(2 * PAIRS,)]
    left = query(
        "from (select run_name from runs except select run_name_a from latent_identity) order by all"
    )
    # All are tied in specificity, where the id decides; by any other measure the first are the worst.
    assert all(name < "run100" or name == "run111" for (name,) in left), left
    [(detail,)] = query("select detail from load_problems where kind = 'not all compared'")
    assert detail.startswith(f"found {N} runs, wanted at most 100 to compare each with each; ")


def test_whoever_is_selected_is_compared(results: Path, load_into: Load, warehouse: Path) -> None:
    load_into(results)
    with duckdb.connect(warehouse, read_only=True) as connection:
        selected = "(select list(run_id) from run_directories where run_name <= 'run004')"
        connection.execute(f"set variable selected_runs = {selected}")
        for view, n in (("latent_identity", 10), ("model_comparison where measure = 'accuracy'", 10)):
            assert connection.execute(f"select count(*) from {view}").fetchall() == [(n,)]
        ranking = "select distinct reason from measure_ranking where not is_ranked"
        assert connection.execute(ranking).fetchall() == [("fewer than 10 latents answered",)]


def test_controls_are_compared_whatever_they_reach(results: Path, load_into: Load, warehouse: Path) -> None:
    load_into(results)
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute("set variable controls = ['run000']")
        [(n,)] = connection.execute(
            "select count(*) from latent_identity where run_name_a = 'run000' or run_name_b = 'run000'"
        ).fetchall()
    assert n == MOST - 1


def test_a_report_shows_those_that_lead_and_says_how_many_are_left_out(
    results: Path, tmp_path: Path, load_into: Load
) -> None:
    load_into(results)
    said = "12 more are left out, choose others with --run, --model or --where"
    done = run("reports", "build", "--format", "html,csv", cwd=tmp_path)
    assert (done.exit_code, done.stderr) == (
        0,
        f"Warning: shown are the 100 runs that lead by some measure; {said}\n",
    )
    page = (tmp_path / "report" / "report.html").read_text()
    assert f"100 of {N} runs, those that lead by some measure: {said}" in page
    assert len((tmp_path / "report" / "model_accuracy_summary.csv").read_text().splitlines()) == MOST + 1
    few = run("reports", "show", "ranking", "--run", "run00[0-4]", cwd=tmp_path)
    assert (few.exit_code, few.stderr) == (0, "")
    assert "M003" in few.stdout


def test_a_hundred_runs_are_all_compared(
    results: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    for place in range(MOST, N):
        (results / f"run{place:03}").rename(tmp_path / f"run{place:03}")
    assert load_into(results).n_findings == 0
    assert query("select count(*) from latent_identity") == [(PAIRS,)]
    assert query("select count(distinct run_id) from measure_ranking") == [(MOST,)]
    write(tmp_path / "names.json", "{}")
    assert "left out" not in answer("reports", "show", "ranking", cwd=tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("n_runs", "n_latents", "score_types"), [(750, 10, ["fuzz", "detection"]), (3000, 3, ["fuzz"])]
)
def test_thousands_of_runs_take_less_than_a_gibibyte(
    tmp_path: Path, n_runs: int, n_latents: int, score_types: list[str]
) -> None:
    """Runs of two scorers about the same latents, and runs each about latents of its own."""
    for place in range(n_runs):
        hookpoint = "layers.1" if len(score_types) == 2 else f"layers.{place}"
        stems = [f"{hookpoint}_latent{latent}" for latent in range(n_latents)]
        scores = {
            stem: examples(tp=1 + place % 7, fn=latent % 3, tn=3, fp=place % 2)
            for latent, stem in enumerate(stems)
        }
        config = {"explainer_model": f"org/M{place % 40}", "model": "s", "sparse_model": "sae"}
        explanations = {stem: f"{place} of {stem}" for stem in stems[:2]}
        write_run(
            tmp_path / "results" / f"run{place:04}", dict.fromkeys(score_types, scores), explanations, config
        )
    for program, command in (("loader", ["load", "results"]), ("reports", ["build", "--format", "html,csv"])):
        called = f"from {program}.cli import cli; cli()"
        process = subprocess.Popen([sys.executable, "-c", called, *command], cwd=tmp_path)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        assert used.ru_maxrss << 10 < 1 << 30
    with duckdb.connect(tmp_path / "warehouse.duckdb", read_only=True) as connection:
        counts = "select (select count(*) from runs), (select count(*) from latent_metrics)"
        assert connection.execute(counts).fetchall() == [(n_runs, n_runs * n_latents * len(score_types))]
