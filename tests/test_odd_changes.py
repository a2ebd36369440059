"""The whole path on trees that a stranger has made: load, change, load again, report; beside a fresh load."""

import shutil
from pathlib import Path

import duckdb
import pytest
from commands import run
from every_view import rows
from odd_changes import OddResults


@pytest.mark.parametrize(
    ("seed", "n"), [(1, 12), *(pytest.param(seed, 100, marks=pytest.mark.soak) for seed in range(2, 12))]
)
def test_no_tree_stops_the_loader_or_the_reports(
    tmp_path: Path, new_warehouse: Path, seed: int, n: int
) -> None:
    results = OddResults(tmp_path / "results", seed)
    shutil.copy(new_warehouse, tmp_path / "warehouse.duckdb")
    said: list[str] = []
    while len(said) < n:
        said += [results.change() for _ in range(results.rng.choice((2, 4, 6)))]
        fresh = Path(shutil.copy(new_warehouse, tmp_path / "fresh.duckdb"))
        # What is not run in a process of its own raises what it does not catch.
        for warehouse, options in (("warehouse.duckdb", ["--prune"]), ("fresh.duckdb", [])):
            done = run("loader", "load", "results", "-w", warehouse, *options, cwd=tmp_path)
            assert done.exit_code in (0, 1), (done.stderr, said)
            assert "\x1b" not in done.output, said
        found, wanted = (rows(path, duckdb.DataError) for path in (tmp_path / "warehouse.duckdb", fresh))
        assert {name for name in wanted if found[name] != wanted[name]} == set(), said
    done = run("reports", "build", "--format", "html,csv,md", cwd=tmp_path)
    assert done.exit_code in (0, 1), (done.stderr, said)
    assert (tmp_path / "report" / "report.html").exists(), said
    assert run("loader", "problems", cwd=tmp_path).exit_code == 0
