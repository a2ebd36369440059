"""The answers that the loader keeps are those of the definitions, and are taken only while they are."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Load, Query
from run_files import dump, examples
from test_load import age

from loader import load as loading
from loader.answers import NEVER_KEPT, OF_ALL_RUNS, OF_ONE_RUN, forget_answers
from loader.schema import relations, sql_files

VIEWS = [relation.name for relation in relations() if relation.kind == "view"]
# Of the demo: it is in order, and all of it is kept.
EMPTY = {"loading_problems", "load_problems", "new_auc_estimates", "new_pair_estimates"}


def answers(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return of every view the number of its rows and a number that follows from all their bits."""
    return {
        view: connection.execute(f"select count(*), sum(cast(hash(v) as hugeint)) from {view} v").fetchone()
        for view in VIEWS
        if view not in NEVER_KEPT
    }


@pytest.fixture
def own_demo(demo_warehouse: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a copy of the demo's warehouse that a test may change."""
    with duckdb.connect(shutil.copy(demo_warehouse, tmp_path / "demo.duckdb")) as connection:
        yield connection


def test_kept_answers_are_those_of_the_definitions_also_of_edited_names(
    own_demo: duckdb.DuckDBPyConnection,
) -> None:
    before = answers(own_demo)
    assert {view for view, (n, _) in before.items() if n == 0} <= EMPTY
    own_demo.execute("update model_names set name = 'Same' where key like 'Qwen3%'")
    own_demo.execute("insert into model_names values ('Qwen/Qwen3-4B', 'Same'), ('Qwen/Qwen3-14B', 'Same')")
    edited = answers(own_demo)
    forget_answers(own_demo)
    assert answers(own_demo) == edited
    labelled = {relation.name for relation in relations() if "model" in {c.name for c in relation.columns}}
    assert len(labelled & before.keys()) > 20
    assert {view for view in before if before[view] != edited[view]} >= labelled & before.keys()


QWEN = "set variable selected_runs = (select list(run_id) from run_directories where run_name like 'Qwen%')"
FUZZ = "set variable selected_score_types = ['fuzz']"
SAME = "set variable same_latents = ['*27b*', 'Qwen*']"
PRICED = "set variable prices = [{model: 'Qwen3-4B', prompt_per_million: 0.1, completion_per_million: 0.4}]"


@pytest.mark.parametrize("settings", [f"{QWEN}; {PRICED}", f"{FUZZ}; {SAME}"])
def test_kept_answers_are_those_of_the_definitions_under_a_filter(
    own_demo: duckdb.DuckDBPyConnection, settings: str
) -> None:
    own_demo.execute(settings)
    kept = answers(own_demo)
    forget_answers(own_demo)
    assert answers(own_demo) == kept


def test_settings_change_what_they_are_to_change(own_demo: duckdb.DuckDBPyConnection) -> None:
    before = answers(own_demo)
    for setting, views in (
        (QWEN, OF_ONE_RUN - {"new_auc_estimates"} | {"runs", "model_ranking", "model_comparison"}),
        (FUZZ, {"current_files", "latent_confusion", "model_summary", "score_type_agreement"}),
        (SAME, {"latent_identity"}),
        (PRICED, {"run_costs", "pareto_frontier"}),
    ):
        own_demo.execute(setting)
        after = answers(own_demo)
        assert {view for view in before if before[view] == after[view]} & views == set(), setting
        before = after


def test_every_view_but_three_takes_its_kept_answer(own_demo: duckdb.DuckDBPyConnection) -> None:
    kept = own_demo.execute("select table_name from duckdb_tables() where schema_name = 'kept'").fetchall()
    assert {name for (name,) in kept} == set(VIEWS) - {"examples", "firing_counts", "run_labels"}
    for (name,) in kept:
        own_demo.execute(f"delete from kept.{name}")
        assert own_demo.execute(f"select count(*) from {name}").fetchone() == (0,)


def test_the_views_that_are_named_exist() -> None:
    assert {*NEVER_KEPT, *OF_ALL_RUNS, *OF_ONE_RUN} <= set(VIEWS)


def variables() -> list[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in sql_files())
    return sorted(set(re.findall(r"getvariable\('(\w+)'\)", text)))


@pytest.mark.parametrize("variable", variables())
def test_each_variable_that_views_heed_turns_to_the_definitions(
    own_demo: duckdb.DuckDBPyConnection, variable: str
) -> None:
    own_demo.execute("delete from kept.runs")
    assert own_demo.execute("from runs").fetchall() == []
    own_demo.execute(f"set variable {variable} = (select list(run_id) from run_directories)")
    if variable == "selected_runs":
        assert len(own_demo.execute("from runs").fetchall()) == 5
    assert own_demo.execute("select nothing_is_selected()").fetchone() == (False,)


def test_a_load_that_was_interrupted_leaves_the_definitions(
    tiny_run: Path, load_into: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "select tp from latent_metrics where latent_idx = 7"
    load_into(tiny_run)
    file = tiny_run / "scores" / "fuzz" / "layers.1_latent7.txt"
    file.write_text(dump(examples(tp=4)))

    def stop(connection: duckdb.DuckDBPyConnection) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loading, "keep_estimates", stop)
        with pytest.raises(KeyboardInterrupt):
            load_into(tiny_run)
    assert query("select answers_are_kept()") == [(False,)]
    assert query(asked) == [(4,)]
    assert load_into(tiny_run).n_loaded == 0
    assert query("select answers_are_kept()") == [(True,)]
    assert query(asked) == [(4,)]


def test_answers_are_worked_out_when_something_changed_only(
    tiny_run: Path, load_into: Load, query: Query, warehouse: Path
) -> None:
    age(tiny_run)
    load_into(tiny_run)
    with duckdb.connect(warehouse) as connection:
        connection.execute("update kept.latent_confusion set tp = 1000")
    assert load_into(tiny_run).n_loaded == 0
    assert query("select distinct tp from latent_confusion") == [(1000,)]
    (tiny_run / "explanations" / "layers.1_latent3.txt").unlink()
    load_into(tiny_run)
    assert query("select tp from latent_confusion order by tp") == [(1,), (3,)]


def test_a_warehouse_under_another_name_answers_alike(demo_warehouse: Path) -> None:
    with closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{demo_warehouse}' as other (read_only)")
        asked = "select count(*), max(rank) from other.model_ranking"
        assert connection.execute(asked).fetchone() == (10, 5)
        connection.execute("set variable selected_score_types = ['fuzz']")
        assert connection.execute(asked).fetchone() == (5, 5)
