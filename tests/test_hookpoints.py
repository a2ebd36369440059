"""Measures by hookpoint, and a report of some hookpoints alone."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from conftest import Load, Query
from run_files import examples, write_run
from scipy import stats

from reports.cli import cli
from reports.figures.hookpoints import over_hookpoints
from reports.sections.contents import exhibit_named
from reports.style import looks_of
from reports.warehouse import Selection, WarehouseError, open_warehouse

# Three latents at one hookpoint, one at another. Right of each: 3 of 4, 1 of 4, 4 of 4; 2 of 4.
SCORES = {
    "layers.2_latent1": examples(tp=2, tn=1, fn=1),
    "layers.2_latent2": examples(tp=1, fp=2, fn=1),
    "layers.2_latent3": examples(tp=2, tn=2),
    "layers.10_latent1": examples(tp=1, tn=1, fp=1, fn=1),
}
# Views whose rows follow from latents alone, not from whole files of stats.
VIEWS = (
    "accuracy_distribution", "best_models", "chance", "coverage_matrix", "explanations",
    "hookpoint_metrics", "latent_metrics", "model_comparison", "model_ranking", "model_summary",
    "recall_by_quantile", "run_confusion", "run_measures", "run_metrics", "setup_facts",
)  # fmt: skip


def test_a_hookpoint_has_the_measures_of_its_latents(tmp_path: Path, load_into: Load, query: Query) -> None:
    load_into(write_run(tmp_path / "results" / "run", {"fuzz": SCORES}))
    columns = "value, se, low, high, n_latents"
    asked = (
        f"select hookpoint, {columns} from hookpoint_metrics where measure = 'accuracy' order by hookpoint"
    )
    alone, (hookpoint, value, se, low, high, n_latents) = query(asked)
    # One latent tells nothing of others.
    assert alone == ("layers.10", 0.5, None, None, None, 1)
    assert (hookpoint, value, n_latents) == ("layers.2", pytest.approx(8 / 12), 3)
    # Of equally many examples each, accuracy is the mean of 3/4, 1/4 and 1.
    assert se == pytest.approx(stats.sem([0.75, 0.25, 1]))
    assert low < value < high
    found = query("select measure from hookpoint_metrics where hookpoint = 'layers.2' order by 1")
    assert [measure for (measure,) in found] == [
        "accuracy", "accuracy_strict", "f1", "f1_strict",
        "precision", "recall", "recall_strict", "specificity",
    ]  # fmt: skip


def test_at_one_hookpoint_its_measures_are_the_runs(demo_warehouse: Path) -> None:
    """Of the demo's runs at one hookpoint, every number is what run_measures says of the run alone."""
    with open_warehouse(demo_warehouse, Selection(hookpoints=("layers.7.mlp",))) as warehouse:
        different = warehouse.read(
            "select count(*) as n"
            " from hookpoint_metrics h join run_measures m using (run_id, score_type, measure)"
            " where m.average = 'pooled' and (h.value, h.se, h.low, h.high, h.n_latents)"
            " is distinct from (m.value, m.se, m.low, m.high, m.n_latents)"
        )
        compared = warehouse.read("select count(*) as n from hookpoint_metrics")
    assert (different["n"][0], compared["n"][0]) == (0, 5 * 2 * 8)


def test_views_of_some_hookpoints_are_those_of_results_that_have_no_others(
    tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    config = {"model": "m", "sparse_model": "s", "explainer_model": "e"}

    def rows(selection: Selection) -> dict[str, list[tuple[Any, ...]]]:
        with open_warehouse(warehouse, selection) as opened:
            return {view: opened.connection.execute(f"from {view} order by all").fetchall() for view in VIEWS}

    for name in ("one", "two"):
        said = dict.fromkeys(SCORES, "years")
        write_run(tmp_path / "results" / name, {"fuzz": SCORES}, said, config)
    load_into(tmp_path / "results")
    some = rows(Selection(hookpoints=("layers.?",)))
    for path in (tmp_path / "results").rglob("layers.10_*"):
        path.unlink()
    load_into(tmp_path / "results")
    assert some == rows(Selection())
    assert all(some.values())


def test_what_scorers_used_at_some_hookpoints_is_not_known(demo_warehouse: Path) -> None:
    with open_warehouse(demo_warehouse, Selection(hookpoints=("layers.7.mlp",))) as warehouse:
        usage = warehouse.read("select stage, tokens_per_latent, n_latents from token_usage")
    by_stage = usage.groupby("stage")["tokens_per_latent"].count()
    assert by_stage.to_dict() == {"explainer": 5, "detection": 0, "fuzz": 0}


def test_a_glob_that_matches_no_hookpoint_is_an_error(demo_warehouse: Path) -> None:
    with pytest.raises(
        WarehouseError, match=r"no hookpoint is like --hookpoint 'layers\.3'; did you mean layers"
    ):
        open_warehouse(demo_warehouse, Selection(hookpoints=("layers.3",))).__enter__()


def test_the_command_takes_a_glob(demo_warehouse: Path, demo: duckdb.DuckDBPyConnection) -> None:
    arguments = [
        "table",
        "coverage",
        "-w",
        str(demo_warehouse),
        "--hookpoint",
        "layers.1*",
        "--format",
        "csv",
    ]
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    [(n_latents,)] = demo.execute(
        "select count(*) from latent_metrics where hookpoint like 'layers.1%'"
    ).fetchall()
    header, *lines = result.output.splitlines()
    at = header.split(",").index("n_latents")
    assert sum(int(line.split(",")[at]) for line in lines) == n_latents


def test_a_figure_has_a_line_a_run_over_hookpoints_in_their_order(demo_warehouse: Path) -> None:
    with open_warehouse(demo_warehouse) as warehouse:
        frame = warehouse.read(exhibit_named("hookpoint_accuracy").text_of_query("valid", "fuzz"))
        looks = looks_of(warehouse.all_runs)
    named = frame.rename(columns={"value_low": "low", "value_high": "high"})
    figure = over_hookpoints(named, looks, "accuracy")
    assert figure.layout["xaxis"]["ticktext"] == [
        "layers.1.mlp",
        "layers.4.mlp",
        "layers.7.mlp",
        "layers.10.mlp",
    ]
    assert [trace["x"] for trace in figure.data] == [[0, 1, 2, 3]] * 5
    first = frame[frame["run_label"] == figure.data[0]["name"]]
    assert figure.data[0]["y"] == first["value"].tolist()
