"""Whatever changes between loads: the warehouse answers as one that is loaded from scratch."""

import shutil
from pathlib import Path

import pytest
from every_view import rows
from random_changes import Results

from loader.load import Settings, load


@pytest.mark.parametrize(
    ("seed", "n"),
    [(7, 20), (8, 20), pytest.param(9, 200, marks=pytest.mark.soak)],
)
def test_loading_after_every_change_equals_loading_once(
    tmp_path: Path, new_warehouse: Path, seed: int, n: int
) -> None:
    check(tmp_path, new_warehouse, seed, n)


def check(directory: Path, new_warehouse: Path, seed: int, n: int) -> None:
    """Load after every few of n changes, and compare with what a fresh load gives."""
    results = Results(directory / "results", seed)
    warehouse = Path(shutil.copy(new_warehouse, directory / "warehouse.duckdb"))
    load(warehouse, [results.root], Settings())
    said: list[str] = []
    while len(said) < n:
        said += [results.change() for _ in range(results.rng.choice((1, 1, 2, 4)))]
        load(warehouse, [results.root], Settings(prune=True))
        fresh = Path(shutil.copy(new_warehouse, directory / "fresh.duckdb"))
        load(fresh, [results.root], Settings())
        found, wanted = rows(warehouse), rows(fresh)
        assert {name for name in wanted if found[name] != wanted[name]} == set(), said
        assert found["model_comparison"]
