"""Where terminal, options or files are not what one expects: one line, never a traceback."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest
from commands import run
from conftest import Load
from run_files import examples, write_run, write_tiny_run

from explainer_warehouse.terminal import printable
from loader.load import Settings, load

ROOT = Path(__file__).parent.parent
ESCAPES = "\x1b]0;owned\x07\x9b2J"


def started(
    program: str,
    *arguments: str | bytes | Path,
    cwd: Path,
    shell: str = "",
    env: Mapping[str, str] = {},
) -> tuple[int, str, str]:
    """Run a command in a process of its own, with redirections of the shell."""
    code = f"from {program}.cli import cli; cli(prog_name={program!r})"
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {shell}', "sh", sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        timeout=300,
    )
    return done.returncode, done.stdout.decode("latin-1"), done.stderr.decode("latin-1")


def write_results(results: Path) -> Path:
    """Write two runs, of which one's model has a name beyond Latin-1."""
    write_tiny_run(results / "tiny")
    write_run(results / "a[1]", {"fuzz": {"layers.1_latent3": examples(tp=3, fp=1)}}, {}, {
        "explainer_model": "org/模型-7B"
    })  # fmt: skip
    return results


@pytest.fixture
def loaded(load_into: Load, tmp_path: Path) -> Path:
    """Load two runs, which may be loaded again."""
    load_into(write_results(tmp_path / "results"))
    return tmp_path


@pytest.fixture(scope="module")
def loaded_once(new_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Load them for all tests that load nothing; it is only to be copied."""
    directory = tmp_path_factory.mktemp("loaded")
    warehouse = Path(shutil.copy(new_warehouse, directory / "warehouse.duckdb"))
    load(warehouse, [write_results(directory / "results")], Settings())
    return directory


@pytest.fixture
def place(loaded_once: Path, tmp_path: Path) -> Path:
    """Return a directory of one's own with them."""
    return Path(shutil.copytree(loaded_once, tmp_path / "place"))


# Terminals, streams and arguments meet Python and click before any DuckDB.
@pytest.mark.once
@pytest.mark.parametrize("command", [["loader", "status"], ["reports", "show"], ["reports", "list"]])
def test_a_terminal_of_latin_1_gets_escapes(place: Path, command: list[str]) -> None:
    code, printed, said = started(*command, cwd=place, env={"PYTHONIOENCODING": "latin-1"})
    assert (code, "Traceback" in said) == (0, False)
    if command[1] != "list":
        assert "\\u6a21" in printed


@pytest.mark.once
@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", [["loader", "load", "results"], ["reports", "build", "--format", "html"]])
def test_closed_streams_harm_no_file(loaded: Path, closed: str, command: list[str]) -> None:
    code, _, said = started(*command, cwd=loaded, shell=closed)
    assert (code, said.count("Traceback")) == (0, 0)
    with duckdb.connect(loaded / "warehouse.duckdb", read_only=True) as connection:
        assert connection.execute("select count(*) from runs").fetchall() == [(2,)]


@pytest.mark.parametrize(
    "command",
    [
        ["reports", "show", "--run", b"\xff"],
        ["reports", "show", "--where", b"model = '\xff'"],
        ["loader", "sql", b"select '\xff'"],
        ["loader", "status", "-w", b"\xff.duckdb"],
        ["loader", "load", b"\xff"],
        ["loader", "drop", b"\xff"],
        ["reports", "table", b"\xff"],
    ],
)
def test_what_is_no_utf_8_is_one_line(place: Path, command: list[str | bytes]) -> None:
    program, *arguments = command
    code, printed, said = started(str(program), *arguments, cwd=place)
    assert (code, printed) == (2, "")
    assert "xff" in said.splitlines()[-1]
    assert said.splitlines()[-1].startswith("Error: ")


@pytest.mark.parametrize(
    "command",
    [
        ["loader", "drop", ESCAPES],
        ["loader", "status", "-w", ESCAPES],
        ["loader", "load", ESCAPES],
        ["loader", "rename", "tiny", f"model {ESCAPES}"],
        ["loader", "problems", "--kind", ESCAPES],
        ["loader", "sql", f"select '{ESCAPES}' as \"{ESCAPES}\"", "--format", "json"],
        ["reports", "show", "--run", ESCAPES],
        ["reports", "show", "-w", ESCAPES],
        ["reports", "table", ESCAPES],
    ],
)
def test_no_escape_reaches_the_terminal(place: Path, command: list[str]) -> None:
    program, *arguments = command
    done = run(program, *arguments, cwd=place)
    for text in (done.stdout, done.stderr):
        assert text == "\n".join(map(printable, text.split("\n")))


def test_a_run_is_called_by_its_exact_name(place: Path) -> None:
    done = run("reports", "show", "coverage", "--run", "a[1]", cwd=place)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "模型" in done.stdout
    assert "Explainer" not in done.stdout


def write_sqlite(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table runs (x)")
    connection.commit()
    connection.close()


def write_foreign(path: Path, statements: str) -> None:
    with duckdb.connect(path) as connection:
        connection.execute(statements)


NO_WAREHOUSE: dict[str, Callable[[Path], object]] = {
    "a pipe": lambda path: os.mkfifo(path),
    "a directory": lambda path: path.mkdir(),
    "text": lambda path: path.write_text("block lock clock\n" * 1000),
    "sqlite": write_sqlite,
    "another's": lambda path: write_foreign(path, "create table t as select 1 as x"),
    "a foreign warehouse_info": lambda path: write_foreign(path, "create table warehouse_info (x integer)"),
    "a view of that name": lambda path: write_foreign(path, "create view warehouse_info as select 1 as key"),
    "an odd version": lambda path: write_foreign(
        path, "create table warehouse_info as select 'schema_version' as key, 'two' as value"
    ),
}


@pytest.mark.parametrize("kind", NO_WAREHOUSE)
@pytest.mark.parametrize(
    "command",
    [
        ["reports", "show"],
        ["loader", "status"],
        ["loader", "load", "results"],
        ["loader", "refresh"],
        ["loader", "upgrade"],
        ["loader", "export", "tables"],
        ["loader", "drop", "tiny"],
    ],
)
def test_what_is_no_warehouse_is_one_line(
    tmp_path: Path, tiny_run: Path, kind: str, command: list[str]
) -> None:
    path = tmp_path / "w.duckdb"
    NO_WAREHOUSE[kind](path)
    program, *arguments = command
    done = run(program, *arguments, "-w", path, cwd=tmp_path)
    if done.exit_code == 0:
        # A file of tables of another's can hold a warehouse beside them.
        assert (kind, command[1]) in {("another's", "load"), ("another's", "refresh")}
        return
    error = done.stderr.partition("Error: ")[2]
    assert done.exit_code in (1, 2)
    assert error.startswith(f"{path}")
    assert len(error.splitlines()) == 1
    assert "being written" not in error
    assert "xtension" not in error


@pytest.mark.parametrize("where", [0, 4096, 12288, -1])
def test_a_damaged_file_is_not_taken_for_one_being_written(place: Path, where: int) -> None:
    path = place / "warehouse.duckdb"
    data = bytearray(path.read_bytes())
    start = len(data) // 2 if where == -1 else where
    data[start : start + 2048] = b"lock" * 512
    path.write_bytes(data)
    for command in (["reports", "show"], ["loader", "status"], ["loader", "load", "results"]):
        done = run(command[0], *command[1:], cwd=place)
        assert "being written" not in done.stderr
        assert "Traceback" not in done.stderr


def test_a_view_in_somebodys_warehouse_reads_no_file(place: Path) -> None:
    secret = place / "secret.txt"
    secret.write_text("do not publish")
    with duckdb.connect(place / "warehouse.duckdb") as connection:
        connection.execute(
            f"create or replace view load_problems as select r.run_id, content as path, 'k' as kind,"
            f" 'finding' as severity, content as detail from runs r, read_text('{secret}')"
        )
    for command in (
        ["reports", "build", "--format", "html"],
        ["loader", "export", "tables", "--format", "csv"],
    ):
        done = run(command[0], *command[1:], cwd=place)
        assert "do not publish" not in done.output
        assert (command[1], done.exit_code) in {("build", 1), ("export", 2)}, done.output
    for path in place.rglob("*"):
        if path.is_file() and path not in (secret, place / "warehouse.duckdb"):
            assert b"do not publish" not in path.read_bytes(), path


def test_a_warehouse_opens_once_more_in_an_interactive_python(demo_warehouse: Path) -> None:
    # By sys.ps1 DuckDB tells that somebody may want to see a bar.
    code = """
import sys
from pathlib import Path
from reports.warehouse import open_warehouse
sys.ps1 = ">>> "
path = Path(sys.argv[1])
with open_warehouse(path) as first, open_warehouse(path) as second:
    print(first.n_runs, second.n_runs)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(demo_warehouse)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "5 5\n", "")
