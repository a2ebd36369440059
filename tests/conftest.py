"""Real parts for the tests: small runs on disk, the demo in a DuckDB file, lakes, the shared data."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import both_kinds
import duckdb
import pytest
from chromium import chromium
from hypothesis import settings
from lakes import Lakes, make_empty
from opened_page import PATIENCE_MS, build_page
from playwright.sync_api import Browser, expect, sync_playwright
from postgres import PASSWORD, find_programs, started
from run_files import examples, write_run, write_tiny_run

from loader import lakes as copying
from loader import load as loading
from loader.address import Lake
from loader.demo.write import write_demo
from loader.lakes import as_file
from loader.load import Settings, Summary, load
from loader.store.connect import connect
from loader.store.rows import Connection
from loader.views.build import apply_sql
from loader.views.keep import keep_rows

# A machine that is busy with other work is no fault of the code.
settings.register_profile("without deadline", deadline=None)
settings.load_profile("without deadline")

SHARED_DATA = Path(__file__).parent.parent.parent / "shared" / "data"

Query = Callable[..., list[tuple[Any, ...]]]
Load = Callable[..., Summary]
MakeLake = Callable[[], str]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is done on lakes, and what looks at a page, which does not know which DuckDB filled it."""
    if both_kinds.KIND:
        both_kinds.mark(items)
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.once)


def pytest_sessionfinish() -> None:
    """Stop what the lakes of all tests rest on."""
    both_kinds.OPENED.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return ../shared/data, or skip."""
    if not SHARED_DATA.is_dir():
        pytest.skip("../shared/data is absent; it comes with the development set-up only")
    return SHARED_DATA


@pytest.fixture
def public_directory() -> Iterator[Path]:
    """Return a directory that every user may enter and write; pytest's own are private."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name).resolve()


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """Return the path of a warehouse that is not made yet."""
    return tmp_path / "warehouse.duckdb"


@pytest.fixture(scope="session")
def new_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a warehouse that holds nothing but its tables and views, once a session."""
    path = tmp_path_factory.mktemp("new") / "warehouse.duckdb"
    with closing(connect(path, wait_s=0)) as connection:
        apply_sql(connection)
    return path


@pytest.fixture(scope="session")
def server() -> Iterator[int]:
    """Start a PostgreSQL, once a session, or skip; return its port."""
    programs = find_programs()
    if programs is None:
        pytest.skip("there is no PostgreSQL: ask for the package postgresql")
    with started(programs) as server:
        yield server.port


@pytest.fixture(scope="session", params=["file", "postgres"])
def lakes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lakes:
    """Return where lakes of a kind can be made."""
    port = request.getfixturevalue("server") if request.param == "postgres" else None
    return Lakes(tmp_path_factory.mktemp("lakes"), port)


@pytest.fixture(scope="session")
def empty_lake(lakes: Lakes) -> Lake:
    """Make a lake that holds nothing but its tables and views, once a session; it is only to be copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", PASSWORD)
        return make_empty(lakes)


@pytest.fixture
def at_lakes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process read lakes: with their password, and copies in a cache of its own."""
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def new_lake(lakes: Lakes, tmp_path: Path, at_lakes: None) -> Lake:
    """Return the address of a lake that is not there yet."""
    return lakes.new(tmp_path / "data")


@pytest.fixture
def make_lake(lakes: Lakes, tmp_path: Path, at_lakes: None) -> MakeLake:
    """Return a function that gives the address of a lake that is not there yet, each time another."""
    return lambda: str(lakes.new(tmp_path / "data"))


@pytest.fixture
def lake(lakes: Lakes, empty_lake: Lake, at_lakes: None) -> Lake:
    """Return the address of a lake that holds nothing."""
    return lakes.copy(empty_lake)


@pytest.fixture
def load_into(warehouse: Path, new_warehouse: Path) -> Load:
    """Return a function that loads results into the warehouse; by way of a lake, if the tests are of one."""
    if both_kinds.KIND:
        return partial(_load_by_lake, both_kinds.copied_lake(), warehouse)

    def load_results(*results: Path, **settings: Any) -> Summary:
        if not warehouse.exists():
            shutil.copy(new_warehouse, warehouse)
        return load(warehouse, results, Settings(**settings))

    return load_results


def _load_by_lake(lake: Lake, warehouse: Path, *results: Path, **settings: Any) -> Summary:
    """Load results into a lake, and put what its readers ask in the warehouse's place."""
    summary = load(lake, results, Settings(**settings))
    shutil.copy(as_file(lake, 0), warehouse)
    return summary


@pytest.fixture
def no_rows_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let loads leave the views at their definitions, as one that was interrupted does.

    For tests of what is loaded: to work out the rows of views is three quarters of loading a small run.
    That those are what the definitions say is for test_keep.py, and of loads one after another for
    test_changes.py.
    """
    _keep_by(lambda connection: None, monkeypatch)


@pytest.fixture
def rows_kept(no_rows_kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let loads keep the rows of views all the same, for a test that asks for them all."""
    _keep_by(keep_rows, monkeypatch)


def _keep_by(keep: Callable[[Connection], str | None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have loads, and readers of lakes in their copies, keep rows by a function."""
    monkeypatch.setattr(loading, "keep_rows", keep)
    monkeypatch.setattr(copying, "keep_rows", keep)


@pytest.fixture
def query(warehouse: Path) -> Query:
    """Return a function that asks the warehouse."""

    def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with duckdb.connect(warehouse, read_only=True) as connection:
            return connection.execute(sql, list(values)).fetchall()

    return ask


@pytest.fixture
def tiny_run(tmp_path: Path) -> Path:
    """Write a run of two latents under one scorer."""
    return write_tiny_run(tmp_path / "results" / "tiny")


@pytest.fixture
def two_runs(tmp_path: Path) -> Path:
    """Write two runs; the second has a file that cannot be loaded."""
    for number, model in enumerate(("org/A-7B", "org/B-7B")):
        scores = {
            "fuzz": {"layers.1_latent3": examples(tp=3 + number, fp=1, tn=2, fn=1, failed=1)},
            "detection": {"layers.1_latent3": examples(tp=2, fn=1), "layers.1_latent7": examples(tn=1)},
        }
        write_run(
            tmp_path / "results" / f"run{number}",
            scores,
            {"layers.1_latent3": f"years of {model}"},
            {"explainer_model": model, "scorer_model": "org/Judge", "model": "org/subject"},
        )
    (tmp_path / "results" / "run1" / "scores" / "fuzz" / "layers.1_latent9.txt").write_text("[")
    return tmp_path / "results"


@pytest.fixture(scope="session")
def demo_results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the demo's results, once a session."""
    results = tmp_path_factory.mktemp("demo") / "results"
    write_demo(results)
    return results


@pytest.fixture(scope="session")
def demo_warehouse(demo_results: Path) -> Path:
    """Load the demo into a warehouse, once a session; it is only to be read."""
    path = demo_results.parent / "warehouse.duckdb"
    if both_kinds.KIND:
        _load_by_lake(both_kinds.copied_lake(), path, demo_results)
    else:
        load(path, [demo_results], Settings())
    return path


@pytest.fixture
def demo(demo_warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the demo's warehouse."""
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def demo_page(demo_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the demo's page, once a session; it is only to be read."""
    return build_page(demo_warehouse, tmp_path_factory.mktemp("page"))


# A module at a time: while playwright is on, no other event loop runs, such as that which draws the images.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a real Chromium, or skip."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()
