"""Nothing is lost: whatever ends a load, the file opens, holds whole files, and the next load finishes it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import kills
import pytest
from conftest import Load
from kills import Held, held
from run_files import dump, example, examples, write, write_run

from loader.files.firing_counts import write_firing_counts
from loader.load import Settings, load

ROOT = Path(__file__).parent.parent
# What belongs to one file: all of it is there, or nothing.
FACTS = ("config_facts", "example_facts", "count_facts", "explanation_facts", "stats_facts", "firing_facts")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write two runs of 32 score files and what lies beside them, with bad files among them."""
    root = tmp_path_factory.mktemp("kills") / "results"
    rng = Random(4)
    for name in ("one", "two"):
        scores: dict[str, dict[str, Any]] = {
            score_type: {
                f"layers.1_latent{i}": examples(*(rng.randrange(5) + 1 for _ in range(5))) for i in range(15)
            }
            for score_type in ("fuzz", "detection")
        }
        # One that only the exact way takes, and one that nobody can take.
        scores["fuzz"]["layers.1_latent31"] = [{**example(), "more": 1}]
        scores["fuzz"]["layers.1_latent32"] = "["
        explanations = {f"layers.1_latent{i}": f"text {i} of {name}" for i in range(15)}
        stats = {"X": {"total_time": 1.5, "prompt_tokens": 1, "completion_tokens": 2, "count": 30}}
        write_run(root / name, scores, explanations, {"explainer_model": name}, explainer_stats=stats)
    (root / "cache_x" / "log").mkdir(parents=True)
    write_firing_counts(root / "cache_x" / "log" / "hookpoint_firing_counts.pt", {"layers.1": range(40)})
    kills.age(root)
    return root


@pytest.fixture(scope="module")
def whole(results: Path, new_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Held, float]:
    """Load without interruption; return what the warehouse holds and how many seconds that took."""
    warehouse = tmp_path_factory.mktemp("whole") / "warehouse.duckdb"
    # The first starts the server that the others fork from.
    kills.load_with_room(results, warehouse, None)
    shutil.copy(new_warehouse, warehouse)
    code, seconds = kills.load_with_room(results, warehouse, None)
    assert code == 0
    return held(warehouse), seconds


def check_whole_files(found: Held, *versions: Held) -> None:
    """Check that each file's rows are those of one of these versions of it, and that no row is of no file."""
    for table in FACTS:
        for path, rows in found.get(table, {}).items():
            assert path is not None, f"{table} has rows of no file: {rows[:3]}"
            assert rows in [version[table].get(path) for version in versions], f"{table}, {path}"
    for path in found.get("source_files", {}):
        for table in FACTS:
            stored = found[table].get(path)
            assert stored in [version[table].get(path) for version in versions], f"{table}, {path}: {stored}"


@pytest.mark.parametrize("n", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_a_first_load_killed_at_any_moment_is_finished_by_the_next(
    results: Path, whole: tuple[Held, float], new_warehouse: Path, tmp_path: Path, n: int
) -> None:
    wanted, seconds = whole
    rng = Random(n)
    n_killed = 0
    for i in range(n):
        warehouse = tmp_path / f"{i}.duckdb"
        # Making the tables and views takes most of the time: mostly, they are there already.
        if i % 4:
            shutil.copy(new_warehouse, warehouse)
        n_killed += kills.load_and_kill(results, warehouse, rng.uniform(0, seconds))
        if warehouse.exists():
            check_whole_files(held(warehouse), wanted)
        load(warehouse, [results], Settings())
        assert held(warehouse) == wanted
    # How many are still at work then depends on what else the machine does.
    assert n_killed > 0


@pytest.mark.parametrize("n", [5, pytest.param(100, marks=pytest.mark.soak)])
def test_a_reload_killed_at_any_moment_is_finished_by_the_next(
    results: Path, new_warehouse: Path, tmp_path: Path, n: int
) -> None:
    changed = Path(shutil.copytree(results, tmp_path / "results"))
    loaded = Path(shutil.copy(new_warehouse, tmp_path / "loaded.duckdb"))
    load(loaded, [changed], Settings())
    before = held(loaded)
    rng = Random(n)
    for file in sorted(changed.rglob("scores/*/*.txt"))[::2]:
        write(file, examples(tp=rng.randrange(9) + 1, failed=2))
    sorted(changed.rglob("explanations/*.txt"))[0].unlink()
    finished = tmp_path / "finished.duckdb"
    shutil.copy(loaded, finished)
    code, seconds = kills.load_with_room(changed, finished, None)
    assert code == 0
    after = held(finished)
    assert after != before
    n_killed = 0
    for i in range(n):
        warehouse = tmp_path / f"{i}.duckdb"
        shutil.copy(loaded, warehouse)
        n_killed += kills.load_and_kill(changed, warehouse, rng.uniform(0, seconds))
        check_whole_files(held(warehouse), before, after)
        load(warehouse, [changed], Settings())
        assert held(warehouse) == after
    # How many are still at work then depends on what else the machine does.
    assert n_killed > 0


@pytest.mark.parametrize("n", [4, pytest.param(40, marks=pytest.mark.soak)])
def test_without_room_to_write_a_load_says_so_and_the_next_finishes_it(
    results: Path, whole: tuple[Held, float], new_warehouse: Path, tmp_path: Path, n: int
) -> None:
    wanted, _ = whole
    most = 2 * new_warehouse.stat().st_size
    rng = Random(n)
    n_failed = 0
    for i in range(n):
        warehouse = tmp_path / f"{i}.duckdb"
        if i % 4:
            shutil.copy(new_warehouse, warehouse)
        code, _ = kills.load_with_room(results, warehouse, rng.randrange(most))
        n_failed += code == 1
        assert code in (0, 1)
        if warehouse.exists() and warehouse.stat().st_size:
            check_whole_files(held(warehouse), wanted)
        load(warehouse, [results], Settings())
        assert held(warehouse) == wanted
    assert n_failed >= n / 2


def interrupt(program: str, *arguments: str | Path, after_s: float) -> tuple[int, str]:
    """Run a command, press Ctrl-C some seconds after it is ready for that; return exit code and stderr."""
    code = (
        "import signal\n"
        f"from {program}.cli import cli\n"
        "install = signal.signal\n"
        "signal.signal = lambda *what: (install(*what), print('ready', flush=True))[0]\n"
        "cli()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(after_s)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
        return process.returncode, said


@pytest.mark.parametrize("after_s", [0, 0.4])
def test_ctrl_c_during_a_report_leaves_no_half_file(
    tiny_run: Path, load_into: Load, warehouse: Path, tmp_path: Path, after_s: float
) -> None:
    load_into(tiny_run)
    out = tmp_path / "out"
    ended = interrupt("reports", "build", "-w", warehouse, "-o", out, after_s=after_s)
    assert ended == (130, "Interrupted: every file that was written is whole.\n")
    written = [path for path in out.rglob("*") if path.is_file()] if out.exists() else []
    assert [path.name for path in written if path.name.startswith(".")] == []
    assert all(path.read_text().rstrip().endswith("</html>") for path in written if path.suffix == ".html")


@pytest.mark.parametrize(
    ("package", "module", "command"),
    [("loader", "loader.load.load", ["load"]), ("reports", "reports.assemble.report.assemble", ["build"])],
)
def test_ctrl_c_is_not_lost_where_python_ignores_it(
    tiny_run: Path,
    load_into: Load,
    warehouse: Path,
    tmp_path: Path,
    package: str,
    module: str,
    command: list[str],
) -> None:
    load_into(tiny_run)
    place, name = module.rsplit(".", 1)
    code = (
        f"import os, signal, sys, {place} as module\n"
        "class Finalized:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        for _ in range(1000): pass\n"
        f"work = module.{name}\n"
        "def interrupted(*arguments):\n"
        "    Finalized()\n"
        "    return work(*arguments)\n"
        f"module.{name} = interrupted\n"
        f"from {package}.cli import cli\n"
        "cli()"
    )
    given = [tiny_run] if package == "loader" else ["-o", tmp_path / "out", "--format", "html"]
    ended = subprocess.run(
        [sys.executable, "-c", code, *command, *given, "-w", warehouse], cwd=ROOT, stderr=subprocess.PIPE
    )
    assert ended.returncode == 130
    assert ended.stderr.decode().splitlines()[-1].startswith("Interrupted: ")


@pytest.mark.parametrize("after_s", [0, 0.2, 0.4])
def test_ctrl_c_during_a_load_is_finished_by_the_next(
    results: Path, whole: tuple[Held, float], tmp_path: Path, after_s: float
) -> None:
    wanted, _ = whole
    warehouse = tmp_path / "warehouse.duckdb"
    ended = interrupt("loader", "load", results, "-w", warehouse, after_s=after_s)
    assert ended == (130, "Interrupted: what was written is whole, and the next load goes on from there.\n")
    if warehouse.exists():
        check_whole_files(held(warehouse), wanted)
    load(warehouse, [results], Settings())
    assert held(warehouse) == wanted


@pytest.mark.parametrize(("label", "n"), [("activating", 6), ("ground_truth", 2)])
def test_large_files_together_take_less_than_a_gibibyte(tmp_path: Path, label: str, n: int) -> None:
    """Files of present and older schemas, each as large as a file may be, are read one at a time."""
    one = dump(example(tokens=["word"] * 32, activations=[1.5] * 32)).replace("activating", label)
    n_examples = 31_000_000 // len(one)
    files = {f"layers.1_latent{i}": f"[{','.join([one] * n_examples)}]" for i in range(n)}
    write_run(tmp_path / "run", {"fuzz": files})
    code = (
        "import resource, sys; from pathlib import Path; from loader.load import Settings, load\n"
        "print(load(Path(sys.argv[1]), [Path(sys.argv[2])], Settings()).n_examples)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "warehouse.duckdb"), str(tmp_path / "run")]
    n_loaded, n_bytes = map(int, subprocess.check_output(command, cwd=ROOT, text=True).split())
    assert n_loaded == n * n_examples
    # DuckDB 1.5 copies a large file's lists once more.
    assert n_bytes < (1 << 30 if duckdb.__version__ >= "2" else 3 << 29)
