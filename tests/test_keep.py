"""The rows that the loader keeps are those of the definitions, and are taken only while they are."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Load, Query
from odd_warehouse import fill_oddly
from run_files import dump, example, examples, write_run
from score_files import RANDOM_FILES
from small_warehouse import SmallWarehouse
from test_load import age

from explainer_warehouse.sql_files import sql_files
from loader import load as loading
from loader.files.scores.families import FAMILIES
from loader.intake import batch, parts, reader
from loader.load import refresh
from loader.schema.headers import relations, statements
from loader.store.connect import WarehouseError, connect
from loader.views import keep, order
from loader.views.keep import keep_rows

VIEWS = [relation.name for relation in relations() if relation.kind == "view"]
KEPT = [(relation, relation.kept) for relation in relations() if relation.kept]
# Of the demo, which is in order, whose scorers are classifiers, and whose runs were judged alike.
EMPTY = {
    "control_margins",
    "behind_the_views.judging_differences",
    "behind_the_views.loading_problems",
    "candidate_metrics",
    "judge_agreement",
    "latent_scores",
    "load_problems",
    "policy_reversals",
} | {
    view
    for view in VIEWS
    for name in RANDOM_FILES
    if re.fullmatch(f"behind_the_views.{name}_(measures|scores|gains)", view)
}
DEFINITION = re.compile(r"^create view (?P<name>[\w.]+) as\n(?P<query>.+?);?\s*\Z", re.MULTILINE | re.DOTALL)
Contents = dict[str, tuple[int, Any]]


def contents(connection: duckdb.DuckDBPyConnection, database: str = "") -> Contents:
    """Return of every view the number of its rows and a number that follows from all their bits."""
    return contents_of(
        connection, {view: f"from {database}{view if '.' in view else f'main.{view}'}" for view in VIEWS}
    )


def defined(connection: duckdb.DuckDBPyConnection) -> Contents:
    """Return the same of every definition, each of what the views before it say.

    Where each view says what its definition says of those, it says what definitions of definitions say,
    which take ten times as long.
    """
    views = filter(None, map(DEFINITION.search, statements()))
    return contents_of(connection, {view["name"]: view["query"] for view in views})


def contents_of(connection: duckdb.DuckDBPyConnection, queries: dict[str, str]) -> Contents:
    return {
        view: connection.execute(
            f"select count(*), sum(cast(hash(hash(v)) as hugeint)) from ({query}) v"
        ).fetchall()[0]
        for view, query in queries.items()
        if view != "examples"
    }


@pytest.fixture
def own_demo(demo_warehouse: Path, tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a copy of the demo's warehouse that a test may change."""
    with duckdb.connect(shutil.copy(demo_warehouse, tmp_path / "demo.duckdb")) as connection:
        yield connection


def test_kept_rows_are_those_of_the_definitions_also_of_edited_names(
    own_demo: duckdb.DuckDBPyConnection,
) -> None:
    before = contents(own_demo)
    assert {view for view, (n, _) in before.items() if n == 0} == EMPTY
    own_demo.execute("update model_names set name = 'Same' where key like 'Qwen3%'")
    own_demo.execute("insert into model_names values ('Qwen/Qwen3-4B', 'Same'), ('Qwen/Qwen3-14B', 'Same')")
    edited = contents(own_demo)
    assert defined(own_demo) == edited
    labelled = {relation.name for relation in relations() if "model" in {c.name for c in relation.columns}}
    assert len(labelled & before.keys()) > 20
    assert {view for view in before if before[view] != edited[view]} >= (labelled & before.keys()) - EMPTY


QWEN = "set variable selected_runs = (select list(run_id) from run_directories where run_name like 'Qwen%')"
FUZZ = "set variable selected_score_types = ['fuzz']"
SAME = "set variable same_latents = ['*27b*', 'Qwen*']"
PRICED = "set variable prices = [{model: 'Qwen3-4B', prompt_per_million: 0.1, completion_per_million: 0.4}]"


@pytest.mark.parametrize("settings", [f"{QWEN}; {PRICED}", f"{FUZZ}; {SAME}"])
def test_kept_rows_are_those_of_the_definitions_under_a_filter(
    own_demo: duckdb.DuckDBPyConnection, settings: str
) -> None:
    own_demo.execute(settings)
    assert defined(own_demo) == contents(own_demo)


def test_settings_change_what_they_are_to_change(own_demo: duckdb.DuckDBPyConnection) -> None:
    of_runs = {
        relation.name
        for relation, kept in KEPT
        if not kept.all_runs and {"run_id", "run_id_a"} & {column.name for column in relation.columns}
    }
    before = contents(own_demo)
    for setting, views in (
        (QWEN, of_runs - EMPTY - {"best_models"}),
        (FUZZ, {"current_files", "latent_metrics", "model_summary", "score_type_agreement"}),
        (SAME, {"latent_identity"}),
        (PRICED, {"run_costs", "pareto_frontier"}),
    ):
        own_demo.execute(setting)
        after = contents(own_demo)
        assert {view for view in before if before[view] == after[view]} & views == set(), setting
        before = after


@pytest.fixture(scope="module")
def filled(new_warehouse: Path) -> SmallWarehouse:
    """Fill a warehouse that keeps its rows, oddly."""
    warehouse = SmallWarehouse(new_warehouse)
    fill_oddly(warehouse)
    keep_rows(warehouse.connection)
    return warehouse


@pytest.fixture
def odd(filled: SmallWarehouse) -> duckdb.DuckDBPyConnection:
    """Open it, with no variable set."""
    for variable in variables():
        filled.connection.execute(f"reset variable {variable}")
    return filled.connection


def variables() -> list[str]:
    """List the variables that views follow, but for the loader's own."""
    text = "".join(path.read_text(encoding="utf-8") for path in sql_files())
    return sorted(set(re.findall(r"getvariable\('(\w+)'\)", text)) - {"takes_tables"})


# The last narrows nothing, so that ranks and p-values are worked out again to be the same.
@pytest.mark.parametrize(
    "setting",
    [
        "select 1",
        "set variable selected_runs = ['twin', 'near', 'empty']",
        "set variable selected_score_types = ['fuzz', 'all failed']",
        "set variable same_latents = ['*']; set variable controls = ['tw*']; "
        "set variable prices = [{model: 'Two', prompt_per_million: 1, completion_per_million: 2}]",
        "set variable selected_runs = (select list(run_id) from run_directories)",
    ],
)
def test_kept_rows_are_those_of_the_definitions_where_results_are_odd(
    odd: duckdb.DuckDBPyConnection, setting: str
) -> None:
    odd.execute(setting)
    assert differing(contents(odd), defined(odd)) == set()


def test_definitions_of_definitions_say_the_same(odd: duckdb.DuckDBPyConnection) -> None:
    kept = contents(odd)
    # No run has every score type, and none is a control.
    assert {view for view, (n, _) in kept.items() if n == 0} == {"best_models", "control_margins"}
    plain = SmallWarehouse()
    fill_oddly(plain)
    assert differing(kept, contents(plain.connection)) == set()


def differing(found: Contents, wanted: Contents) -> set[str]:
    return {view for view in found.keys() | wanted.keys() if found.get(view) != wanted.get(view)}


@pytest.fixture(scope="module")
def defined_once(filled: SmallWarehouse) -> Contents:
    """Work out what the definitions say of odd results, with no variable set."""
    for variable in variables():
        filled.connection.execute(f"reset variable {variable}")
    return defined(filled.connection)


@pytest.mark.parametrize(
    "setting",
    [
        "integer_division = true",
        "default_order = 'desc'",
        "default_null_order = 'nulls_first'",
        "ieee_floating_point_ops = false",
        "old_implicit_casting = true",
        "preserve_insertion_order = false",
        "threads = 1",
    ],
)
def test_no_definition_depends_on_settings_of_the_session(
    odd: duckdb.DuckDBPyConnection, defined_once: Contents, setting: str
) -> None:
    try:
        odd.execute(f"set {setting}")
        assert differing(defined(odd), defined_once) == set()
    finally:
        odd.execute(f"reset {setting.split()[0]}")


def test_every_view_takes_its_kept_answer(own_demo: duckdb.DuckDBPyConnection) -> None:
    kept = own_demo.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where starts_with(table_name, 'kept_')"
    ).fetchall()
    assert {name for (name,) in kept} == {how.table for _, how in KEPT}
    for relation, how in KEPT:
        own_demo.execute(f"delete from {how.table}")
        assert own_demo.execute(f"select count(*) from {relation.name}").fetchone() == (0,)


def test_statements_are_those_that_duckdb_finds() -> None:
    with duckdb.connect() as connection:
        found = [
            statement.query.strip().rstrip(";")
            for path in sql_files()
            for statement in connection.extract_statements(path.read_text(encoding="utf-8"))
        ]
    assert [text.strip().rstrip(";") for text in statements()] == found


LET_ALL_PASS = {
    "selected_hookpoints": "(select list(distinct hookpoint) from source_files where hookpoint is not null)",
    "selected_runs": "(select list(run_id) from run_directories)",
    "selected_score_types": "['fuzz', 'detection']",
    "same_latents": "['*']",
    "controls": "['*']",
    "prices": "[{model: 'Qwen3-4B', prompt_per_million: 1, completion_per_million: 2}]",
}


def test_a_header_names_the_variables_that_turn_its_view_to_the_definition(
    own_demo: duckdb.DuckDBPyConnection,
) -> None:
    assert variables() == sorted(LET_ALL_PASS)
    for variable, value in LET_ALL_PASS.items():
        own_demo.execute(f"set variable {variable} = {value}")
        for view, kept in KEPT:
            own_demo.begin()
            own_demo.execute(f"delete from {kept.table}")
            [(has_rows,)] = own_demo.execute(f"select count(*) > 0 from {view.name}").fetchall()
            own_demo.rollback()
            makes_others = variable in (*kept.unless, "selected_hookpoints")
            assert has_rows == (makes_others and view.name not in EMPTY), (variable, view)
        own_demo.execute(f"reset variable {variable}")


ASKED = "select tp from latent_metrics where latent_idx = 7"


def change(tiny_run: Path) -> None:
    """Let latent 7 have four examples in place of one."""
    (tiny_run / "scores" / "fuzz" / "layers.1_latent7.txt").write_text(dump(examples(tp=4)))


def stop(*given: Any) -> None:
    raise KeyboardInterrupt


def test_a_load_that_was_interrupted_before_its_end_leaves_the_definitions(
    tiny_run: Path, load_into: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_into(tiny_run)
    change(tiny_run)
    with monkeypatch.context() as patch:
        patch.setattr(loading, "keep_rows", stop)
        with pytest.raises(KeyboardInterrupt):
            load_into(tiny_run)
    assert query("select rows_are_kept()") == [(False,)]
    assert query(ASKED) == [(4,)]
    assert load_into(tiny_run).n_loaded == 0
    assert query("select rows_are_kept()") == [(True,)]
    assert query(ASKED) == [(4,)]


def test_rows_of_which_some_were_worked_out_are_not_taken_for_all(
    tiny_run: Path, load_into: Load, query: Query, warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    age(tiny_run)
    load_into(tiny_run)
    with duckdb.connect(warehouse) as connection:
        connection.execute("update count_facts set tp = tp + 40")
    made = []

    def stop_in_the_middle(before: dict[str, set[str]], do: Callable[[str], None]) -> None:
        for name in before:
            if name == "model_ranking":
                raise KeyboardInterrupt
            do(name)
            made.append(name)

    with monkeypatch.context() as patch:
        patch.setattr(keep, "work_through", stop_in_the_middle)
        with pytest.raises(KeyboardInterrupt):
            load_into(tiny_run)
    assert "latent_metrics" in made
    assert query("select rows_are_kept()") == [(False,)]
    assert query(ASKED) == [(41,)]
    # The tables say again what they said when all rows were kept.
    with duckdb.connect(warehouse) as connection:
        connection.execute("update count_facts set tp = tp - 40")
    assert load_into(tiny_run).n_loaded == 0
    assert query("select rows_are_kept()") == [(True,)]
    assert query(ASKED) == [(1,)]


def test_definitions_need_no_views_but_those_that_they_are_made_of(
    own_demo: duckdb.DuckDBPyConnection,
) -> None:
    queries = {view["name"]: view["query"] for view in filter(None, map(DEFINITION.search, statements()))}
    before = order.made_of(queries)
    assert list(before) == VIEWS
    assert before["model_ranking"] >= {"current_files", "latent_metrics", "measure_ranking"}
    parts = {"behind_the_views.run_configs", "behind_the_views.run_labels"}
    assert before["run_settings"] == {"current_files", "runs"} | parts
    own_demo.execute("set variable takes_tables = true")
    for view, query in queries.items():
        own_demo.begin()
        for relation, how in KEPT:
            if relation.name not in before[view]:
                own_demo.execute(f"drop table {how.table}")
        # It does not bind without a view that it names, whoever names it.
        own_demo.sql(query)
        own_demo.rollback()


def test_work_is_done_in_order_and_around_what_fails() -> None:
    edges = {"a": "", "b": "a", "c": "a", "d": "c", "e": "bd", "f": "d"}
    before = {name: set(others) for name, others in edges.items()}
    tried: list[str] = []
    done: set[str] = set()

    def do(name: str) -> None:
        tried.append(name)
        assert before[name] <= done
        if name in "bf":
            raise ValueError(name)
        done.add(name)

    with pytest.raises(ValueError, match="b"):
        order.work_through(before, do)
    assert sorted(tried) == ["a", "b", "c", "d", "f"]
    assert done == {"a", "c", "d"}


def test_a_load_that_was_interrupted_between_batches_leaves_the_definitions(
    tiny_run: Path, load_into: Load, warehouse: Path, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_into(tiny_run)
    change(tiny_run)
    (tiny_run / "explanations" / "layers.1_latent3.txt").write_text(dump("months"))

    load_batches = batch.load_batches

    # The config is read first, then what has changed, each file in a transaction of its own.
    def stop_after_one(*args: Any) -> Iterator[Any]:
        yield next(load_batches(*args))
        raise KeyboardInterrupt

    monkeypatch.setattr(parts, "PART_FILES", 1)
    monkeypatch.setattr(batch, "ENOUGH_ROWS", 0)
    monkeypatch.setattr(reader, "THREADS", 1)
    with monkeypatch.context() as patched:
        patched.setattr(reader, "load_batches", stop_after_one)
        with pytest.raises(KeyboardInterrupt):
            load_into(tiny_run)
    assert query("select rows_are_kept()") == [(False,)]
    held = query("select explanation from explanation_facts join current_files using (file_id) order by all")
    assert query("select explanation from explanations order by all") == held
    loading.load(warehouse, [tiny_run], loading.Settings())
    assert query(ASKED) == [(4,)]
    assert query("select explanation from explanations where latent_idx = 3") == [("months",)]


def test_who_reads_during_a_load_sees_what_is_written(
    tiny_run: Path, load_into: Load, warehouse: Path
) -> None:
    load_into(tiny_run)
    change(tiny_run)
    seen = []

    def look(done: int, of: int) -> None:
        # Only the loader's own process may; another one is told that the file is held.
        with closing(connect(warehouse, wait_s=0)) as connection:
            seen.append(connection.execute(f"select (select rows_are_kept()), ({ASKED})").fetchone())

    loading.load(warehouse, [tiny_run], loading.Settings(), look)
    assert (seen[0], seen[-1]) == ((False, 1), (False, 4))


def test_answers_are_worked_out_when_something_changed_only(
    tiny_run: Path, load_into: Load, query: Query, warehouse: Path
) -> None:
    age(tiny_run)
    load_into(tiny_run)
    with duckdb.connect(warehouse) as connection:
        connection.execute("update behind_the_views.kept_latent_metrics set tp = 1000")
    assert load_into(tiny_run).n_loaded == 0
    assert query("select distinct tp from latent_metrics") == [(1000,)]
    (tiny_run / "explanations" / "layers.1_latent3.txt").unlink()
    load_into(tiny_run)
    assert query("select tp from latent_metrics order by tp") == [(1,), (3,)]


def test_a_pruned_run_leaves_the_kept_rows(tiny_run: Path, load_into: Load, query: Query) -> None:
    other = Path(shutil.copytree(tiny_run, tiny_run.with_name("other")))
    load_into(tiny_run.parent)
    assert query("select run_name from model_ranking order by all") == [("other",), ("tiny",)]
    shutil.rmtree(other)
    load_into(tiny_run.parent, prune=True)
    for view in ("runs", "model_ranking", "run_metrics", "stage_stats", "explanations", "load_problems"):
        assert set(query(f"select run_name from {view}")) <= {("tiny",)}
    assert query("select count(*) from model_comparison") == [(0,)]


def test_changes_by_hand_show_after_a_refresh(tiny_run: Path, load_into: Load, warehouse: Path) -> None:
    load_into(tiny_run)
    with duckdb.connect(warehouse) as connection:
        connection.execute("update count_facts set tp = 40 where tp = 1")
        connection.execute("update source_files set latent_idx = 8 where latent_idx = 7")
        assert connection.execute(ASKED).fetchall() == [(1,)]
    refresh(warehouse, wait_s=0)
    with duckdb.connect(warehouse) as connection:
        assert connection.execute(ASKED.replace("7", "8")).fetchall() == [(40,)]


# Tables that kept rows do not follow from, and those that are too large to be read for a change by hand.
UNNOTICED = {
    "warehouse_info",
    "column_docs",
    "model_names",
    "given_model_names",
    "metadata_sources",
    "load_history",
    "past_files",
    "past_count_facts",
    "past_measure_facts",
    "past_candidate_facts",
    "file_checksums",
    "firing_facts",
    *(family.table for family in FAMILIES),
}


def test_values_that_change_places_are_noticed() -> None:
    warehouse = SmallWarehouse()
    tables = {r.name: r.columns for r in relations() if r.kind == "table" and not r.is_plumbing}
    assert tables.keys() >= UNNOTICED
    asked = "select state_of_tables()"
    for table in tables.keys() - UNNOTICED:
        before = warehouse.row(asked)
        types = [row[1] for row in warehouse.rows(f"describe {table}")]
        for value in (1, 2):
            values = ", ".join(
                f"timestamp '2026-01-0{value}'" if kind == "TIMESTAMP" else f"cast({value} as {kind})"
                for kind in types
            )
            warehouse.connection.execute(f"insert into {table} select {values}")
        inserted = warehouse.row(asked)
        assert inserted != before, table
        for column in tables[table]:
            swap = f'select list("{column.name}" order by rowid desc) from {table}'
            warehouse.connection.execute(f'update {table} set "{column.name}" = ({swap})[rowid + 1]')
            assert warehouse.row(asked) != inserted, (table, column.name)
            warehouse.connection.execute(f'update {table} set "{column.name}" = ({swap})[rowid + 1]')
            assert warehouse.row(asked) == inserted


def test_views_of_the_user_follow(tiny_run: Path, load_into: Load, query: Query, warehouse: Path) -> None:
    load_into(tiny_run)
    with duckdb.connect(warehouse) as connection:
        connection.execute("create schema ours")
        connection.execute(f"create view ours.mine as {ASKED}")
        connection.execute("create view mine as select run_name, r.* exclude (run_name) from run_metrics r")
    change(tiny_run)
    load_into(tiny_run)
    assert query("from ours.mine") == [(4,)]
    assert query("select run_name, tp from mine") == [("tiny", 7)]
    refresh(warehouse, wait_s=0)
    assert query("from ours.mine") == [(4,)]
    assert query("select run_name, tp from mine") == [("tiny", 7)]


DECOYS = """
create schema behind_the_views;
create table runs as select 'decoy' as run_id;
create table behind_the_views.kept_runs as select 'decoy' as run_id;
create table behind_the_views.run_labels as select 'decoy' as run_id;
create macro rows_are_kept() as false;
create macro rows_of(kept_in, is_other, kept, definition) as 'select 1 as decoy';
create macro ratio_of(parts) as 1;
"""


def test_a_warehouse_under_another_name_answers_alike(
    demo_warehouse: Path, demo: duckdb.DuckDBPyConnection
) -> None:
    with closing(duckdb.connect()) as connection:
        connection.execute(DECOYS)
        connection.execute(f"attach '{demo_warehouse}' as other (read_only)")
        assert contents(connection, "other.") == contents(demo)
        connection.execute("create table mine as select run_id, 2 as hours from other.runs")
        asked = "select count(*), max(rank), sum(hours) from other.model_ranking join mine using (run_id)"
        assert connection.execute(asked).fetchone() == (10, 5, 20)
        connection.execute(FUZZ)
        assert connection.execute(asked).fetchone() == (5, 5, 10)


# Names of our schemas, relations and aliases, of DuckDB's schemas, and others that need quotes.
ODD_NAMES = [
    "kept",
    "runs",
    "r",
    "state",
    "MAIN_db",
    "pg_catalog",
    "information_schema",
    "select",
    "a.b",
    'Zoë\'s "x"',
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_warehouse_may_be_attached_under_odd_names(
    demo_warehouse: Path, demo: duckdb.DuckDBPyConnection, name: str
) -> None:
    quoted = '"' + name.replace('"', '""') + '"'
    with closing(duckdb.connect(":memory:other")) as connection:
        connection.execute(f"attach '{demo_warehouse}' as {quoted} (read_only)")
        assert contents(connection, f"{quoted}.") == contents(demo)


@pytest.mark.parametrize("name", ["kept", "main", "temp", "system", "select", "a.b", "pg_catalog"])
def test_a_warehouse_may_have_an_odd_name(
    tiny_run: Path, tmp_path: Path, new_warehouse: Path, name: str
) -> None:
    # Refreshing makes the relations under this name.
    warehouse = Path(shutil.copy(new_warehouse, tmp_path / f"{name}.duckdb"))
    loading.load(warehouse, [tiny_run], loading.Settings())
    refresh(warehouse, wait_s=0)
    with duckdb.connect(warehouse) as connection:
        assert connection.execute(ASKED).fetchall() == [(1,)]
        assert connection.execute("select rows_are_kept()").fetchone() == (True,)


def test_a_warehouse_may_not_have_the_name_of_its_schema(tiny_run: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"Behind_the_views\.duckdb: .* give it another name"):
        loading.load(tmp_path / "Behind_the_views.duckdb", [tiny_run], loading.Settings())


@pytest.mark.parametrize("setting", ["", f"{FUZZ};"])
def test_the_command_line_tool_answers_alike(
    demo_warehouse: Path, own_demo: duckdb.DuckDBPyConnection, setting: str
) -> None:
    # As somebody has it who joins experiments of two warehouses, or with tables of another file.
    views = [view for view in VIEWS if view != "examples"]
    counts = ", ".join(f"(select count(*) from w.{view})" for view in views)
    script = f"attach '{demo_warehouse}' as w (read_only); {setting} select [{counts}];"
    done = subprocess.run(
        ["duckdb", "-csv", "-noheader", ":memory:", script],
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    own_demo.execute(setting or "select 1")
    found = contents(own_demo)
    assert [int(n) for n in re.findall(r"\d+", done.stdout)] == [found[view][0] for view in views]


def test_distances_and_prompts_of_any_size_are_taken(tmp_path: Path, load_into: Load, query: Query) -> None:
    huge = [example(True, True, distance=2.0**64), example(False, True, distance=1e300)]
    scores = {"fuzz": {"layers.1_latent3": [*huge, *examples(tp=2, fp=1, tn=1)]}}
    write_run(tmp_path / "results" / "run", scores, {}, {"num_examples_per_scorer_prompt": 2**40})
    load_into(tmp_path / "results")
    assert query("select rows_are_kept()") == [(True,)]
    assert query("select count(*), count(quantile) from examples where activating") == [(3, 2)]
    assert query("select quantile, n_examples from recall_by_quantile") == [(0, 2)]
    assert query("select sum(n_examples) from false_alarm_rate") == [(3,)]


def test_a_value_that_a_view_cannot_take_keeps_no_result_from_loading(
    tiny_run: Path, load_into: Load, query: Query
) -> None:
    # Of so many that their sum leaves 64 bits.
    most = {"total_time": 1.5, "prompt_tokens": 2**53, "completion_tokens": 2**53, "count": 1}
    stats = {f"X{i}": most for i in range(1024)}
    (tiny_run / "explainer_stats.json").write_text(dump(stats))
    for _ in range(2):
        summary = load_into(tiny_run)
        assert (summary.n_failed, summary.n_findings) == (0, 1)
        assert query("select rows_are_kept()") == [(False,)]
        assert query(ASKED) == [(1,)]
        ((path, kind, detail),) = query("select path, kind, detail from load_problems")
        assert (path, kind) == (str(tiny_run), "rows not kept")
        assert "out of range" in detail
    with pytest.raises(duckdb.ConversionException, match="out of range"):
        query("from token_usage")
    (tiny_run / "explainer_stats.json").unlink()
    assert load_into(tiny_run.parent).n_gone == 1
    assert query("select rows_are_kept()") == [(True,)]
    assert query("select kind from load_problems") == [("gone",)]
