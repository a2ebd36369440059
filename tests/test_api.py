"""`explainer_warehouse.open`: tables, figures, headline and report in Python, as the commands give them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest
from commands import answer
from conftest import Load

import explainer_warehouse
from explainer_warehouse.api.exhibits import NothingToDrawError, NotThereError
from explainer_warehouse.api.warehouse import Warehouse
from reports.warehouse import WarehouseError


@pytest.fixture
def opened(demo_warehouse: Path) -> Iterator[Warehouse]:
    """Open the demo's warehouse."""
    with explainer_warehouse.open(demo_warehouse) as warehouse:
        yield warehouse


def test_sql_gives_the_same_rows_to_every_library(opened: Warehouse) -> None:
    query = "select run_name, score_type, f1, n_latents from run_metrics order by all"
    table = opened.sql(query)
    with duckdb.connect(opened.path, read_only=True) as connection:
        wanted = connection.execute(query).fetchall()
    assert len(wanted) == 10
    assert table.rows() == wanted
    assert list(table.df().itertuples(index=False, name=None)) == wanted
    assert table.pl().rows() == wanted
    assert [tuple(row.values()) for row in table.arrow().to_pylist()] == wanted
    assert (len(table), table.columns) == (10, ["run_name", "score_type", "f1", "n_latents"])


def test_whatever_takes_an_arrow_stream_takes_a_table(opened: Warehouse) -> None:
    table = opened.table("run_measures")
    assert pa.table(table).num_rows == len(table) == pl.DataFrame(table).height


@pytest.mark.parametrize("name", ["run_metrics", "main.run_metrics"])
def test_a_table_is_a_view(opened: Warehouse, name: str) -> None:
    assert opened.table(name).rows() == opened.sql("from run_metrics").rows()
    of_fuzz = opened.sql("from run_metrics where score_type = 'fuzz'").rows()
    assert opened.table(name, score_type="fuzz").rows() == of_fuzz


def test_the_ranking_is_that_of_reports_show(opened: Warehouse) -> None:
    ranking = opened.table("ranking")
    frame = ranking.df()
    assert list(zip(frame["score_type"], frame["rank"], strict=True)) == [
        (score_type, rank) for score_type in ("detection", "fuzz") for rank in (1, 2, 3, 4, 5)
    ]
    fuzz = opened.table("ranking", score_type="fuzz").df()
    assert list(fuzz["run_label"]) == list(frame[frame["score_type"] == "fuzz"]["run_label"])
    shown = answer("reports", "show", "ranking", cwd=opened.path.parent)
    for label in frame["run_label"]:
        assert label in shown
    html = ranking._repr_html_()
    assert "Accuracy under detection" in html
    ends = opened.sql("select accuracy_low, accuracy_high from model_ranking order by accuracy desc").df()
    assert f"({ends.iloc[0, 0]:.3f}\N{EN DASH}{ends.iloc[0, 1]:.3f})" in html


def test_a_policy_counts_failures_as_wrong(opened: Warehouse) -> None:
    table = opened.table("ranking", score_type="detection", policy="strict").df()
    strict = opened.sql("select accuracy_strict from run_metrics where score_type = 'detection'").df()
    assert sorted(table["value"]) == sorted(strict["accuracy_strict"])


def test_a_selection_holds_everywhere(demo_warehouse: Path) -> None:
    with explainer_warehouse.open(demo_warehouse, models=["Qwen*"], score_types="fuzz") as opened:
        assert opened.score_types == ("fuzz",)
        assert sorted(opened.table("runs").df()["model"]) == ["Qwen3-14B", "Qwen3-4B"]
        assert "2 of 5 runs" in repr(opened)
        assert list(opened.table("ranking").df()["rank"]) == [1, 2]
        assert opened.headline()[0].about == "Under fuzz"
    with explainer_warehouse.open(demo_warehouse, runs="*", hookpoints="layers.?.mlp") as opened:
        assert opened.score_types == ("detection", "fuzz")
        assert set(opened.table("run_metrics").df()["n_latents"]) == {3 * 39}


def test_a_figure_is_plotlys_with_the_values_of_the_table(opened: Warehouse) -> None:
    import plotly.graph_objects as go

    figure = opened.figure("accuracy_bar", score_type="fuzz")
    assert isinstance(figure, go.Figure)
    assert figure.layout.title.text == "Accuracy under fuzz"
    accuracy = opened.table("ranking", score_type="fuzz").df()["accuracy"]
    drawn = json.dumps([trace.to_plotly_json() for trace in figure.data], default=list)
    assert all(f"{value:.4f}" in drawn or str(value) in drawn for value in accuracy)
    assert opened.figure("accuracy_bar_fuzz") == figure


def test_every_figure_that_is_listed_is_drawn(opened: Warehouse) -> None:
    names = opened.figures()
    assert {"accuracy_bar_fuzz", "pareto_frontier_fuzz", "total_tokens_usage"} <= set(names)
    for name in names:
        # In the demo one scorer judged all, and no setting takes several numbers.
        if name.startswith(("judge_matrix_", "settings_accuracy_")):
            with pytest.raises(
                NothingToDrawError, match=r"One scorer judged all|No setting that takes numbers"
            ):
                opened.figure(name)
        else:
            assert opened.figure(name).data, name


def test_what_is_not_there_is_said_with_the_nearest(opened: Warehouse) -> None:
    with pytest.raises(NotThereError, match=r"'acuracy_bar_fuzz'; did you mean accuracy_bar_fuzz"):
        opened.figure("acuracy_bar_fuzz")
    with pytest.raises(NotThereError, match=r"per score type: give score_type='detection' or 'fuzz'"):
        opened.figure("accuracy_bar")
    with pytest.raises(NotThereError, match=r"'run_metrix'; did you mean run_metrics"):
        opened.table("run_metrix")
    with pytest.raises(NotThereError, match=r"for score type 'fuz'"):
        opened.table("ranking", score_type="fuz")
    with pytest.raises(duckdb.BinderException, match="f2"):
        opened.sql("select f2 from run_metrics")


def test_a_figure_without_values_says_why(load_into: Load, tiny_run: Path, warehouse: Path) -> None:
    load_into(tiny_run)
    with explainer_warehouse.open(warehouse) as opened, pytest.raises(NothingToDrawError, match="roc_curve"):
        opened.figure("roc_curve_fuzz")


def test_notebooks_escape_what_names_hold(load_into: Load, tmp_path: Path, warehouse: Path) -> None:
    from run_files import examples, write_run

    write_run(tmp_path / "r" / "<script>alert(1)", {"fuzz": {"layers.1_latent1": examples(tp=1, fp=1)}})
    load_into(tmp_path / "r")
    with explainer_warehouse.open(warehouse) as opened:
        for html in (
            opened._repr_html_(),
            opened.table("runs")._repr_html_(),
            opened.table("ranking")._repr_html_(),
        ):
            assert "<script>" not in html
            assert "&lt;script&gt;" in html


def test_a_long_table_is_cut_in_a_notebook_and_says_so(opened: Warehouse) -> None:
    html = opened.table("latent_metrics")._repr_html_()
    assert html.count("<tr>") == 21
    assert "20 of 1,560 rows." in html


def test_the_headline_is_that_of_the_page(opened: Warehouse, demo_page: Path) -> None:
    from html import unescape

    # Words that the page explains stand in elements of their own.
    page = unescape(re.sub("<[^>]*>", "", demo_page.read_text(encoding="utf-8")))
    statements = opened.headline()
    assert len(statements) >= 4
    for statement in statements:
        assert statement.text in page


def test_the_report_is_written(opened: Warehouse, tmp_path: Path) -> None:
    written = opened.report(tmp_path / "out", formats=("md", "csv"))
    assert [path.name for path in written] == ["model_accuracy_summary.csv", "report.md"]
    # The warehouse can be asked as before.
    assert len(opened.table("runs")) == 5


def test_load_and_open_are_all_that_is_needed(tiny_run: Path, tmp_path: Path) -> None:
    summary = explainer_warehouse.load(tiny_run.parent, into=tmp_path / "w.duckdb")
    assert summary.n_loaded == 5
    with explainer_warehouse.open(tmp_path / "w.duckdb") as opened:
        assert len(opened.table("runs")) == 1
    # Closed, it can be written again.
    assert explainer_warehouse.load(tiny_run.parent, into=tmp_path / "w.duckdb").n_unchanged == 5


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="does not exist"):
        explainer_warehouse.open(tmp_path / "none.duckdb")
