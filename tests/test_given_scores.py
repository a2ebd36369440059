"""`loader scores`: a table of scores, ranked and compared like the rest, and beside the LLM's."""

import json
from pathlib import Path

import numpy as np
import pytest
from commands import refusal, run
from conftest import Load, Query
from run_files import examples, write_run
from scipy import stats

pytestmark = pytest.mark.usefixtures("no_rows_kept")

CONFIG = {"model": "subject", "sparse_model": "sae", "scorer_model": "org/Judge"}
# Of 8 examples, right in each latent.
RIGHT = {"first": [4, 5, 6, 7, 8, 3, 4, 5, 6, 7, 8, 8], "second": [3, 3, 4, 5, 6, 2, 4, 3, 6, 5, 7, 6]}


@pytest.fixture(autouse=True)
def results(tmp_path: Path, load_into: Load) -> Path:
    """Load two runs that an LLM scored."""
    for name, right in RIGHT.items():
        scores = {f"layers.1_latent{i}": examples(tp=n - 2, tn=2, fp=8 - n) for i, n in enumerate(right)}
        write_run(tmp_path / "results" / name, {"fuzz": scores}, config=CONFIG | {"explainer_model": name})
    load_into(tmp_path / "results")
    return tmp_path / "results"


def scores(tmp_path: Path, *arguments: object) -> tuple[str, list[str]]:
    """Run `loader scores`; return what it printed, and said on stderr."""
    done = run("loader", "scores", *arguments, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    return done.stdout.strip(), done.stderr.splitlines()


def rated(tmp_path: Path) -> dict[str, list[float]]:
    """Write ratings of both runs, two of each latent; return their means."""
    rng = np.random.default_rng(4)
    lines, means = ["model,layer,feature,stars"], {}
    for name, right in RIGHT.items():
        stars = [[int(np.clip(n // 2 + rng.integers(-1, 2), 1, 5)) for _ in range(2)] for n in right]
        lines += [f"{name},layers.1,{i},{star}" for i, pair in enumerate(stars) for star in pair]
        means[name] = [sum(pair) / 2 for pair in stars]
    (tmp_path / "ratings.csv").write_text("\n".join(lines) + "\n")
    return means


COLUMNS = ("--columns", "run=model,hookpoint=layer,latent=feature,value=stars", "--score-type", "human")


def test_ratings_rank_compare_and_stand_beside_the_llms(
    tmp_path: Path, load_into: Load, query: Query, results: Path
) -> None:
    means = rated(tmp_path)
    said = scores(tmp_path, "ratings.csv", *COLUMNS)
    assert said == ("scores of 24 latents in 2 runs", [])
    for name, values in means.items():
        found = query(f"select value from latent_scores where run_name = '{name}' order by latent_idx")
        assert [value for (value,) in found] == values
    first, second = (np.array(means[name]) for name in RIGHT)
    ranked = query(
        "select run_name, value, is_ranked from measure_ranking where name = 'score' order by rank"
    )
    assert ranked == [("first", first.mean(), True), ("second", second.mean(), True)]
    ((difference, p_value),) = query(
        "select difference, p_value from model_comparison where score_type = 'human'"
    )
    assert (difference, p_value) == pytest.approx(
        (first.mean() - second.mean(), stats.ttest_rel(first, second).pvalue), abs=1e-9
    )
    # Both runs' explanations of the 12 latents together.
    everything = np.concatenate([first, second])
    accuracy = np.concatenate([np.array(RIGHT[name]) / 8 for name in RIGHT])
    expected = stats.spearmanr(everything, accuracy).statistic
    half = stats.norm.ppf(0.975) * np.sqrt((1 + expected**2 / 2) / (12 - 3))
    ends = np.tanh([np.arctanh(expected) - half, np.arctanh(expected) + half])
    (agreement,) = query(
        "select score_type, scorer_a, scorer_b, n_explanations, n_latents, agreement,"
        " correlation, correlation_low, correlation_high from judge_agreement"
    )
    assert agreement[:6] == ("fuzz", "human", "org/Judge", 24, 12, None)
    assert agreement[6:] == pytest.approx((expected, *ends), abs=1e-12)
    # The results again leave them as they are.
    summary = load_into(results, prune=True)
    assert (summary.n_gone, summary.n_findings) == (0, 0)
    assert query("select count(*) from latent_scores") == [(24,)]
    again = load_into(tmp_path, prune=True)
    assert (again.n_gone, again.n_pruned_runs) == (0, 0)


def test_a_table_again_replaces_what_it_gave(tmp_path: Path, query: Query) -> None:
    table = tmp_path / "table.csv"
    table.write_text("run,hookpoint,latent,score_type,value\nfirst,layers.1,1,a,0.5\nfirst,layers.1,2,b,1\n")
    scores(tmp_path, "table.csv")
    assert query("select score_type, value from latent_scores order by all") == [("a", 0.5), ("b", 1)]
    table.write_text("run,hookpoint,latent,score_type,value\nfirst,layers.1,1,a,0.25\nfirst,layers.1,3,a,\n")
    said = scores(tmp_path, "table.csv")
    assert said == ("scores of 1 latent in 1 run; 1 gone", ["Rows left out, without a value: 1"])
    assert query("select score_type, value from latent_scores") == [("a", 0.25)]
    assert scores(tmp_path, "table.csv", "--drop") == ("dropped the scores of 1 latent", [])
    assert query("select count(*) from latent_scores") == [(0,)]
    assert "found no score from" in refusal("loader", "scores", "table.csv", "--drop", cwd=tmp_path)


def test_runs_that_are_not_there_are_made(tmp_path: Path, load_into: Load, query: Query) -> None:
    (tmp_path / "other.tsv").write_text(
        "theirs\tlayers.1\t0\tx\t0.5\n".join(["who\twhere\tidx\tkind\tv\n", ""])
    )
    said = scores(tmp_path, "other.tsv", "--columns", "who,where,idx,kind,v", "--json")
    given = json.loads(said[0])
    assert (given["n_scores"], given["new_runs"]) == (1, ["theirs"])
    assert query("select run_name, value from latent_scores") == [("theirs", 0.5)]
    # They are no runs of the directory that the table lies in.
    summary = load_into(tmp_path, prune=True)
    assert (summary.n_pruned_runs, summary.n_findings) == (0, 0)
    assert query("select run_name from runs order by all") == [("first",), ("second",), ("theirs",)]
    scores(tmp_path, "other.tsv", "--drop")
    assert query("select run_name from runs order by all") == [("first",), ("second",)]


@pytest.mark.parametrize(
    ("table", "arguments", "message"),
    [
        ("run,hookpoint,latent,value\na,b,1,2\n", (), "found no column 'score_type' for score_type"),
        ("run,hookpoint,latnt,score_type,value\na,b,1,c,2\n", (), "did you mean latnt?"),
        (
            "run,hookpoint,latent,score_type,value\na,b,1,c,x\n",
            (),
            "row 1: found 'x' as value, wanted a number",
        ),
        ("run,hookpoint,latent,score_type,value\na,b,1,c,1e9\n", (), "wanted a number below 100,000"),
        ("run,hookpoint,latent,score_type,value\na,b,1.5,c,1\n", (), "row 1: found 1.5 as latent"),
        ("run,hookpoint,latent,score_type,value\na,b,1,,1\n", (), "row 1: found no score_type"),
        ("run,hookpoint,latent,score_type,value\na,b,1,c,\n", (), "found no score, wanted a row per score"),
        ("run,value\n", ("--columns", "size=value"), "found 'size=value', wanted columns of run, hookpoint"),
    ],
)
def test_what_a_table_lacks_is_said(
    tmp_path: Path, query: Query, table: str, arguments: tuple[str, ...], message: str
) -> None:
    (tmp_path / "table.csv").write_text(table)
    assert message in refusal("loader", "scores", "table.csv", *arguments, cwd=tmp_path)
    assert query("select count(*) from latent_scores") == [(0,)]
