"""Whatever changes between loads: the warehouse answers as one that is loaded from scratch."""

import shutil
from pathlib import Path

import duckdb
import pytest
from random_changes import Results

from loader.load import Settings, load
from loader.schema.headers import relations

# Ids and times of loading, and what tells that a file was there once.
OTHERWISE = {"file_id", "scorer", "loaded_at"}
FORGOTTEN = "('gone', 'run gone')"


def rows(path: Path) -> dict[str, list[str]]:
    """Return the rows of every view as text, sorted."""
    found = {}
    with duckdb.connect(path, read_only=True) as connection:
        for relation in relations():
            if relation.kind == "view":
                names = {column.name for column in relation.columns}
                columns = [f'"{column.name}"' for column in relation.columns if column.name not in OTHERWISE]
                where = f"where kind not in {FORGOTTEN}" if {"kind", "path", "detail"} <= names else ""
                where = "where status <> 'gone'" if relation.name == "current_files" else where
                query = f"select {', '.join(columns)} from {relation.name} {where}"
                found[relation.name] = sorted(map(repr, connection.execute(query).fetchall()))
    return found


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
