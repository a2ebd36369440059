"""What is wrong with a warehouse or a filter is said in one line, and filters reach every view."""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Event

import duckdb
import pytest
from run_files import examples, write_run

from loader.load import Settings, load, refresh
from reports.warehouse import RefusedError, Selection, Warehouse, WarehouseError, open_warehouse


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load two runs under two scorers, one of which the second run lacks; only to be read."""
    path = tmp_path_factory.mktemp("tables") / "w.duckdb"
    answers = {"layers.1_latent1": examples(tp=5, fp=1, tn=4, fn=2)}
    both = {"fuzz": answers, "detection": answers}
    for name, scores in (("one", both), ("two", {"fuzz": answers})):
        write_run(path.parent / "results" / name, scores, config={"explainer_model": f"org/Model-{name}"})
    load(path, [path.parent / "results"], Settings())
    return path


def changed(filled: Path, directory: Path, statement: str) -> Path:
    """Copy a warehouse and run a statement on the copy."""
    path = Path(shutil.copy(filled, directory / "copy.duckdb"))
    with duckdb.connect(path) as connection:
        connection.execute(statement)
    return path


def why(path: Path, selection: Selection = Selection()) -> str:  # noqa: B008
    """Return the error's text, which is one line and names the file."""
    with pytest.raises(WarehouseError) as caught, open_warehouse(path, selection):
        pass
    text = str(caught.value)
    assert "\n" not in text
    assert str(path) in text
    return text


def test_a_missing_file(tmp_path: Path) -> None:
    assert "does not exist: make it with `loader load" in why(tmp_path / "none.duckdb")


def test_not_a_duckdb_file(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database " * 1000)
    assert "not a valid DuckDB database file" in why(path)


def test_a_directory(tmp_path: Path) -> None:
    assert "found a directory, wanted a file" in why(tmp_path)


def test_not_a_warehouse(tmp_path: Path) -> None:
    path = tmp_path / "other.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create table mine (a integer)")
    assert "no warehouse" in why(path)


def test_an_empty_warehouse(filled: Path, tmp_path: Path) -> None:
    path = changed(filled, tmp_path, "delete from run_directories")
    refresh(path, wait_s=0)
    assert "holds no run yet: fill it with `loader load" in why(path)


@pytest.mark.parametrize(
    ("statement", "runs", "score_types"),
    [
        ("delete from run_directories where run_name = 'one'", 1, ("fuzz",)),
        ("update source_files set status = 'gone' where score_type = 'fuzz'", 2, ("detection",)),
    ],
)
def test_a_table_that_was_changed_by_hand(
    filled: Path, tmp_path: Path, statement: str, runs: int, score_types: tuple[str, ...]
) -> None:
    path = changed(filled, tmp_path, statement)
    assert f"changed by hand since its last load: make its views follow with `loader refresh -w {path}`" in (
        why(path)
    )
    refresh(path, wait_s=0)
    with open_warehouse(path) as warehouse:
        assert (warehouse.n_runs, warehouse.score_types) == (runs, score_types)


def test_display_names_may_be_changed_by_hand(filled: Path, tmp_path: Path) -> None:
    path = changed(filled, tmp_path, "insert into model_names values ('Model-one', 'Ours')")
    with open_warehouse(path) as warehouse:
        assert sorted(warehouse.read("select distinct model from model_ranking")["model"]) == [
            "Model-two",
            "Ours",
        ]


def test_views_of_another_version(filled: Path, tmp_path: Path) -> None:
    path = changed(filled, tmp_path, "update warehouse_info set value = 'another' where key = 'sql_hash'")
    assert f"refresh them with `loader refresh -w {path}`" in why(path)


def test_a_file_that_is_being_written(filled: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(filled, tmp_path / "copy.duckdb"))
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        assert "is being written: wait for `loader` to end" in why(path)


@pytest.mark.parametrize(
    ("selection", "said"),
    [
        (Selection(runs=("three*",)), "no run has a run name like --run 'three*'; there are one, two"),
        (Selection(models=("GPT",)), "no run has a model like --model 'GPT'; there are Model-one, Model-two"),
        (Selection(runs=("one",), models=("*two",)), "no run satisfies both --run and --model"),
        (Selection(score_types=("intruder",)), "no scores of type intruder; there are detection, fuzz"),
    ],
)
def test_a_filter_that_matches_nothing_says_what_there_is(
    filled: Path, selection: Selection, said: str
) -> None:
    assert said in why(filled, selection)


@pytest.mark.parametrize(
    ("selection", "runs", "score_types"),
    [
        (Selection(), ["one", "two"], ("detection", "fuzz")),
        (Selection(runs=("o*",)), ["one"], ("detection", "fuzz")),
        (Selection(runs=("o*", "t*")), ["one", "two"], ("detection", "fuzz")),
        (Selection(models=("*-two",)), ["two"], ("fuzz",)),
        (Selection(score_types=("fuzz",)), ["one", "two"], ("fuzz",)),
    ],
)
def test_a_filter_reaches_the_views(
    filled: Path, selection: Selection, runs: list[str], score_types: tuple[str, ...]
) -> None:
    with open_warehouse(filled, selection) as warehouse:
        found = warehouse.read("select distinct run_name, score_type from run_metrics order by all")
        assert sorted(set(found["run_name"])) == runs
        assert tuple(sorted(set(found["score_type"]))) == score_types == warehouse.score_types
        assert warehouse.n_runs == len(runs)
        assert len(warehouse.all_runs) == 2


def test_the_settings_alone_give_somebody_else_the_same_rows(filled: Path) -> None:
    query = "select run_name, rank, accuracy from model_ranking order by all"
    with open_warehouse(filled, Selection(runs=("two",))) as warehouse:
        ours = warehouse.read(query)
        settings = warehouse.settings
    with duckdb.connect(filled, read_only=True) as connection:
        assert connection.execute(settings + query).df().equals(ours)


def test_a_second_connection_has_the_same_filters(filled: Path) -> None:
    query = "select run_name, score_type from run_metrics order by all"
    selection = Selection(runs=("one",), score_types=("fuzz",))
    with open_warehouse(filled, selection) as warehouse, warehouse.apart() as apart:
        assert apart.read(query).values.tolist() == warehouse.read(query).values.tolist() == [["one", "fuzz"]]


def test_an_error_ends_what_the_second_connection_asks(filled: Path) -> None:
    endless = "select count(*) from range(10_000_000) a, range(10_000_000) b where hash(a, b) = 1"
    begun = Event()

    def ask(warehouse: Warehouse) -> None:
        begun.set()
        warehouse.read(endless)

    with open_warehouse(filled) as warehouse, ThreadPoolExecutor() as threads:
        with suppress(KeyError), warehouse.apart() as apart:
            asked = threads.submit(ask, apart)
            begun.wait()
            time.sleep(1)
            raise KeyError
        with pytest.raises(duckdb.InterruptException):
            asked.result(timeout=300)


def test_the_warehouse_is_opened_read_only(filled: Path) -> None:
    before = filled.read_bytes()
    with open_warehouse(filled) as warehouse, pytest.raises(RefusedError, match="read-only"):
        warehouse.read("delete from run_directories")
    assert filled.read_bytes() == before
