"""What docs/cluster.md has for Slurm, handed in to a real one as it stands there."""

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import slurm as real_slurm
from every_view import rows
from postgres import PASSWORD, new_database
from slurm import Slurm

from loader.address import read_address
from loader.lakes import as_file
from loader.load import Settings, load
from loader.verify import verify

pytestmark = pytest.mark.soak

N_RUNS = 4
PAGE = (Path(__file__).parent.parent / "docs" / "cluster.md").read_text(encoding="utf-8")
SCRIPTS = dict(re.findall(r"`(\w+\.sh)`[^\n]*:\n\n```bash\n(.+?)```", PAGE, re.DOTALL))
HANDED_IN = re.findall(r"```bash\n(?!#!)(.+?)```", PAGE, re.DOTALL)
# The group's own program: it makes a run, here out of the demo's.
SCORE = """
import shutil, sys
from pathlib import Path

run = Path(sys.argv[1])
made = sorted(Path("demo").glob("*/scores"))[int(run.name.removeprefix("run_"))].parent
shutil.copytree(made, run, dirs_exist_ok=True)
Path(f"{run.name}.scored").touch()
"""


@pytest.fixture
def slurm(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, demo_results: Path) -> Iterator[Slurm]:
    """Start Slurm for a group's directory, with the scripts of the page in it, or skip."""
    if not real_slurm.is_here():
        pytest.skip("there is no Slurm: ask for the packages slurm-wlm and munge")
    (tmp_path / "demo").symlink_to(demo_results)
    (tmp_path / "score.py").write_text(SCORE)
    for name, script in SCRIPTS.items():
        (tmp_path / name).write_text(script)
    for cache in demo_results.glob("cache_*"):
        shutil.copytree(cache, tmp_path / "results" / cache.name)
    programs = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PGPASSWORD": PASSWORD}
    environment = {**os.environ, **programs, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    with real_slurm.started(tmp_path_factory.mktemp("slurm"), tmp_path, environment) as started:
        yield started


def hand_in(slurm: Slurm, lines: str) -> str:
    """Run lines of the page, with an array of as many tasks as there are runs; return the array's number."""
    [(name, array)] = re.findall(r"^(\w+)=.*(--array=[\d-]+)", lines, re.MULTILINE)
    lines = lines.replace(array, f"--array=0-{N_RUNS - 1}")
    return slurm.says("bash", "-ec", f"{lines}\necho ${name}").split()[-1]


def wait_for(slurm: Slurm, task: str, file: str) -> None:
    """Wait until a task that has not ended has made a file."""
    while not (slurm.directory / file).exists():
        assert slurm.state(task) in ("PENDING", "RUNNING")
        time.sleep(0.01)


def completed(slurm: Slurm, array: str) -> list[int]:
    """Return the tasks that came to a good end."""
    return [task for task in range(N_RUNS) if slurm.state(f"{array}_{task}") == "COMPLETED"]


def serial(slurm: Slurm) -> Path:
    """Load all results at once; return the warehouse."""
    warehouse = slurm.directory / "serial.duckdb"
    assert load(warehouse, [slurm.directory / "results"], Settings()).n_runs == N_RUNS
    return warehouse


def test_tasks_that_load_on_their_own_and_a_merge_equal_one_load(slurm: Slurm) -> None:
    array = hand_in(slurm, HANDED_IN[0])
    wait_for(slurm, f"{array}_1", "warehouses/1.part")
    slurm.says("scontrol", "requeue", f"{array}_1")
    wait_for(slurm, f"{array}_2", "warehouses/2.part")
    slurm.says("scancel", "--signal=KILL", "--full", f"{array}_2")
    slurm.finish()

    assert completed(slurm, array) == [0, 1, 3]
    assert "Restarts=1" in slurm.says("scontrol", "show", "job", f"{array}_1")
    found = sorted(path.name for path in (slurm.directory / "warehouses").iterdir() if path.suffix != ".wal")
    assert found == ["0.duckdb", "1.duckdb", "2.part", "3.duckdb"]
    merged = slurm.directory / "warehouse.duckdb"
    assert len(rows(merged)["runs"]) == N_RUNS - 1
    assert (slurm.directory / "report" / "report.html").is_file()

    slurm.says("scontrol", "requeue", f"{array}_2")
    slurm.says("sbatch", f"--dependency=afterany:{array}", "merge.sh")
    slurm.finish()
    assert completed(slurm, array) == [0, 1, 2, 3]
    assert rows(merged) == rows(serial(slurm))
    assert verify(merged, 0).different.rows == []


@pytest.mark.lake
def test_tasks_that_load_into_one_lake_equal_one_load(slurm: Slurm, server: int, at_lakes: None) -> None:
    pytest.importorskip("duckdb_extension_ducklake", reason="needs the environment of `make test-lake`")
    lake = read_address(f"ducklake:postgres:{new_database(server)}")
    array = hand_in(slurm, re.sub("ducklake:[^']+", str(lake), HANDED_IN[1]))
    wait_for(slurm, f"{array}_2", "run_2.scored")
    slurm.says("scancel", "--signal=KILL", "--full", f"{array}_2")
    slurm.finish()

    assert completed(slurm, array) == [0, 1, 3]
    assert slurm.state(str(int(array) + 1)) == "COMPLETED"
    assert (slurm.directory / "report" / "report.html").is_file()
    assert len(rows(as_file(lake, 0))["runs"]) == N_RUNS - 1

    slurm.says("scontrol", "requeue", f"{array}_2")
    slurm.finish()
    assert completed(slurm, array) == [0, 1, 2, 3]
    assert rows(as_file(lake, 0)) == rows(serial(slurm))
    assert verify(lake, 0).different.rows == []
