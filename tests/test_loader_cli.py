"""The command `loader` as a user meets it: output, messages and exit codes, in processes of their own."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from ordinary_user import as_ordinary_user
from run_files import examples, write, write_run

from loader.load import Settings, load

COMMAND = [sys.executable, "-m", "loader.cli"]
PYTHON_PATH = str(Path(__file__).parent.parent)


def run(*arguments: object, cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH, **more.pop("env", {})}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], cwd=cwd, env=environment, capture_output=True, text=True, **more
    )


@pytest.fixture
def made(new_warehouse: Path, tmp_path: Path) -> None:
    """Have the warehouse there, with nothing in it, for tests of what comes after it is made."""
    shutil.copy(new_warehouse, tmp_path / "warehouse.duckdb")


def test_a_load_ends_with_one_line_and_the_worst_in_the_data(tiny_run: Path, tmp_path: Path) -> None:
    done = run("load", "results", cwd=tmp_path)
    assert done.returncode == 0
    assert re.fullmatch(
        r"1 run; files: 5 loaded, 0 unchanged, 0 failed; 9 examples; \d+\.\d s\n", done.stdout
    )
    (worst,) = done.stderr.splitlines()
    # Of the kinds that are as grave, the first; that one of nine examples failed is less.
    assert worst.startswith(
        "Worst in the data: Explainer-7B, fuzz: 1 of 2 score files hold activating examples only. Precision"
    )
    assert run("status", cwd=tmp_path).stderr == done.stderr
    again = run("load", "results", cwd=tmp_path)
    assert again.stdout.startswith("1 run; files: 0 loaded, 5 unchanged, 0 failed; 0 examples;")
    assert (tmp_path / "warehouse.duckdb").exists()


def test_the_warehouse_is_named_by_option_or_environment(tiny_run: Path, tmp_path: Path) -> None:
    assert run("load", "results", "-w", "a.duckdb", cwd=tmp_path).returncode == 0
    assert run("load", "results", cwd=tmp_path, env={"EXPLAINER_WAREHOUSE": "b.duckdb"}).returncode == 0
    assert sorted(path.name for path in tmp_path.glob("*.duckdb")) == ["a.duckdb", "b.duckdb"]


@pytest.mark.usefixtures("made")
def test_sound_data_have_no_worst_line_and_a_load_names_only_what_it_was_given(tmp_path: Path) -> None:
    latents = {f"layers.1_latent{n}": examples(tp=3 + n % 2, fp=1, tn=3, fn=1) for n in range(3)}
    sound = write_run(tmp_path / "sound", {"fuzz": latents}, dict.fromkeys(latents, "years"))
    done = run("load", sound, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert run("status", cwd=tmp_path).stderr == ""
    failed = write_run(tmp_path / "failed", {"fuzz": {"layers.9_latent1": examples(failed=9)}})
    assert run("load", failed, cwd=tmp_path).stderr.startswith(
        "Worst in the data: failed, fuzz: 9 of 9 examples have no prediction. "
    )
    assert run("load", sound, cwd=tmp_path).stderr == ""


@pytest.mark.usefixtures("made")
def test_progress_is_shown_on_a_terminal_only(tiny_run: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH, "TERM": "xterm"}
    done = subprocess.run(
        [*COMMAND, "load", "results"], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "Loading" in shown
    # One bar for the config and the others.
    assert "5/5" in shown
    assert "1/1" not in shown
    assert b"Loading" not in done.stdout


@pytest.mark.usefixtures("made")
def test_a_file_that_fails_gives_exit_code_1_each_time(tiny_run: Path, tmp_path: Path) -> None:
    write(tiny_run / "scores" / "fuzz" / "layers.1_latent9.txt", "[{")
    for loaded in (5, 0):
        done = run("load", "results", cwd=tmp_path)
        assert done.returncode == 1
        assert f"{loaded} loaded" in done.stdout
        assert "1 failed" in done.stdout
        see, worst = done.stderr.splitlines()
        assert see == "See: loader problems -w warehouse.duckdb"
        assert worst.startswith("Worst in the data: ")
    problems = run("problems", cwd=tmp_path)
    assert problems.returncode == 0
    assert "layers.1_latent9.txt" in problems.stdout
    assert "found a file cut short" in problems.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["load"], "Missing argument 'RESULTS...'"),
        (["load", "nowhere"], "nowhere: found nothing, wanted a directory of runs; a run is a directory"),
        (["load", "text.duckdb"], "text.duckdb: found a file, wanted a directory of runs; a run is a"),
        (["load", "empty"], "empty: found no run; a run is a directory with a run_config.json"),
        (["load", "results", "-w", "none/w.duckdb"], "found no directory none; make it first"),
        (["load", "results", "-w", "text.duckdb"], "not a valid DuckDB database file"),
        (
            ["load", "results", "--model-names", "text.duckdb"],
            "wanted a CSV file with the columns key and name",
        ),
        (["status", "-w", "none.duckdb"], "none.duckdb: found no such file, wanted a warehouse"),
        (["status", "-w", "other.duckdb"], "other.duckdb: found a DuckDB file that is no warehouse"),
        (["problems", "-w", "text.duckdb"], "not a valid DuckDB database file"),
        (["refresh", "-w", "none.duckdb"], "none.duckdb: found no such file"),
        (["demo", "text.duckdb"], "found a file, wanted a directory"),
    ],
)
def test_a_usage_error_is_one_clear_message(
    tiny_run: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.duckdb").write_text("this is no database\n" * 300)
    duckdb.connect(tmp_path / "other.duckdb").close()
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("made")
def test_a_warehouse_of_another_schema_version_is_refused(tiny_run: Path, tmp_path: Path) -> None:
    run("load", "results", cwd=tmp_path)
    with duckdb.connect(tmp_path / "warehouse.duckdb") as connection:
        connection.execute("update warehouse_info set value = '99' where key = 'schema_version'")
    for command in (["load", "results"], ["status"], ["refresh"]):
        done = run(*command, cwd=tmp_path)
        assert done.returncode == 2
        assert "(schema 99), wanted one of schema" in done.stderr


@pytest.mark.usefixtures("made")
def test_status_and_problems_are_tables_and_json(tiny_run: Path, tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "planned", config={"explainer_model": "P"})
    (tmp_path / "results" / "planned" / "latest").symlink_to("/")
    run("load", "results", cwd=tmp_path)
    status = run("status", cwd=tmp_path).stdout.splitlines()
    assert [line.split() for line in status] == [
        ["run_name", "model", "score_type", "latents", "examples", "coverage", "problems"],
        ["-" * width for width in (8, 12, 10, 7, 8, 8, 8)],
        ["planned", "P", "-", "0", "0", "-", "1"],
        ["tiny", "Explainer-7B", "fuzz", "2", "9", "0.889", "0"],
    ]  # fmt: skip
    assert json.loads(run("status", "--json", cwd=tmp_path).stdout)[1] == {
        "run_name": "tiny", "model": "Explainer-7B", "score_type": "fuzz",
        "latents": 2, "examples": 9, "coverage": 8 / 9, "problems": 0,
    }  # fmt: skip
    (problem,) = json.loads(run("problems", "--json", cwd=tmp_path).stdout)
    assert (problem["kind"], problem["run_name"]) == ("link not followed", "planned")
    assert run("problems", "--kind", "failed", cwd=tmp_path).stdout == "no problems\n"
    assert len(run("problems", "--kind", "finding", cwd=tmp_path).stdout.splitlines()) == 3
    assert len(run("problems", "--kind", "link not followed", cwd=tmp_path).stdout.splitlines()) == 3
    unknown = run("problems", "--kind", "link not folowed", cwd=tmp_path)
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "one of the kinds that are there (link not followed)" in unknown.stderr


@pytest.mark.usefixtures("made")
def test_names_cannot_move_the_cursor_of_a_terminal(tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "evil\x1b[31m\nrun", {"fuzz": {"layers.1_latent1": examples(tp=1)}})
    run("load", "results", cwd=tmp_path)
    status = run("status", cwd=tmp_path)
    assert "\x1b" not in status.stdout + status.stderr
    assert (len(status.stdout.splitlines()), len(status.stderr.splitlines())) == (3, 1)


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("names.csv", "key,name\norg/Explainer-7B,Mine\n"),
        ("names.csv", '\ufeffname,key,note\n"Mine",Explainer-7B,x\n'),
        ("names.json", '{"tiny": "Mine"}'),
        ("names.json", '[{"key": "tiny", "name": "Mine"}]'),
    ],
)
def test_display_names_come_from_csv_or_json(tiny_run: Path, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert run("load", "results", "--model-names", name, cwd=tmp_path).returncode == 0
    assert json.loads(run("status", "--json", cwd=tmp_path).stdout)[0]["model"] == "Mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key,name\na,\n", "found key 'a' with name ''"),
        ("key,name\na,b\na,c\n", "found two names of 'a'"),
        ("model,label\na,b\n", "found the columns ['model', 'label']"),
        ('{"a": 1}', "found key 'a' with name 1"),
        ("[1]", "found a list of other things"),
        ('{"a"', "found no JSON"),
    ],
)
def test_display_names_that_cannot_be_used_are_a_usage_error(
    tiny_run: Path, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "names").write_text(text)
    done = run("load", "results", "--model-names", "names", cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr


def test_demo_writes_results_that_load(tmp_path: Path) -> None:
    assert run("demo", "results", cwd=tmp_path).stdout == "results: 5 runs, 156 latents, 2,372 files, 33 MB\n"
    done = run("load", "results", cwd=tmp_path)
    assert done.returncode == 0
    assert "156,000 examples" in done.stdout
    assert done.stderr.startswith(
        "Worst in the data: Gemma-3-4B-IT: 2 of 156 explanations are placeholders. "
    )


def test_what_may_not_be_read_is_listed(public_directory: Path, tmp_path: Path) -> None:
    one = {"layers.1_latent1": examples(tp=1), "layers.1_latent2": examples(tp=1)}
    results = write_run(public_directory / "run", {"fuzz": one, "detection": one})
    (results / "scores" / "fuzz" / "layers.1_latent1.txt").chmod(0)
    (results / "scores" / "detection").chmod(0)
    warehouse = public_directory / "w.duckdb"
    with as_ordinary_user():
        summary = load(warehouse, [results], Settings())
    assert (summary.n_loaded, summary.n_failed) == (1, 2)
    problems = json.loads(run("problems", "--json", "-w", warehouse, cwd=tmp_path).stdout)
    assert [(Path(p["path"]).name, p["kind"], p["severity"]) for p in problems] == [
        ("detection", "unreadable", "failed"),
        ("layers.1_latent1.txt", "unreadable", "failed"),
    ]
    # What can be read again is loaded, although neither size nor time has changed.
    (results / "scores" / "fuzz" / "layers.1_latent1.txt").chmod(0o644)
    assert load(warehouse, [results], Settings()).n_failed == 0


class TestAnotherWriter:
    """A second process waits, and says who holds the file."""

    @pytest.fixture
    def holder(self, tiny_run: Path, tmp_path: Path, made: None) -> Iterator[subprocess.Popen[str]]:
        run("load", "results", cwd=tmp_path)
        code = (
            "import duckdb, sys\n"
            "connection = duckdb.connect('warehouse.duckdb')\n"
            "print('held', flush=True)\n"
            "sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
            process.kill()

    @pytest.mark.parametrize("command", [["load", "results"], ["status"], ["refresh"]])
    def test_it_says_who_holds_the_file(
        self, holder: subprocess.Popen[str], tmp_path: Path, command: list[str]
    ) -> None:
        done = run(*command, "--wait", "0.2", cwd=tmp_path)
        assert done.returncode == 2
        assert f"(process {holder.pid}) for 0.2 s; end that first, or wait longer with --wait" in done.stderr

    def test_it_goes_on_when_the_file_is_free(self, holder: subprocess.Popen[str], tmp_path: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
        with subprocess.Popen(
            [*COMMAND, "load", "results", "--wait", "60"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as waiting:
            time.sleep(1)
            assert waiting.poll() is None
            holder.kill()
            assert waiting.stdout is not None
            assert waiting.stdout.read().startswith("1 run; files: 0 loaded")
        assert waiting.returncode == 0


def test_ctrl_c_ends_with_one_line_and_130_and_the_next_load_goes_on(
    demo_results: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": PYTHON_PATH}
    with subprocess.Popen(
        [*COMMAND, "load", demo_results], cwd=tmp_path, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        # The file is there once the database is being written.
        while not (tmp_path / "warehouse.duckdb").exists():
            time.sleep(0.01)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate()
    assert (process.returncode, stdout) == (130, "")
    assert stderr == "Interrupted: what was written is whole, and the next load goes on from there.\n"
    assert run("load", demo_results, cwd=tmp_path).returncode == 0
    (whole,) = (
        duckdb.connect(tmp_path / "warehouse.duckdb", read_only=True)
        .execute("select count(*), count(distinct path) from source_files")
        .fetchall()
    )
    assert whole == (2371, 2371)
