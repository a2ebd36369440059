"""The DuckDB file that a page carries: limited as its report is, and of examples what the page shows."""

import gzip
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports.answers.copies import Copies, copy_views
from reports.latents.browser import read_browser
from reports.style import looks_of
from reports.warehouse import Selection, open_warehouse


def carry(warehouse: Path, directory: Path, n_examples: int = 2, **selection: Any) -> Copies:
    with open_warehouse(warehouse, Selection(**selection), writes_to=directory) as opened:
        browser = read_browser(opened, looks_of(opened.all_runs), n_examples)
        return copy_views(opened, browser, directory)


def ask(found: Copies, directory: Path, query: str) -> list[tuple[Any, ...]]:
    path = directory / "copied.duckdb"
    path.write_bytes(found.database)
    with duckdb.connect(path, read_only=True) as connection:
        return connection.execute(query).fetchall()


# Of the files in the npm package, as `npm pack @duckdb/duckdb-wasm@1.32.0` gives it.
DUCKDB = {
    "duckdb-eh-1.32.0.wasm.gz": "4c221bfa59c11f24dbd750e70c90b9252eca6eec5633936e6a2ec766e55fd879",
    "duckdb-eh-1.32.0.worker.js.gz": "f8ab72b6b90b3ad83077d47426d4a99d5d9a4c7e07cba1a2be37d655adc7c1ab",
}


@pytest.mark.parametrize("name", DUCKDB)
def test_the_duckdb_of_the_page_is_the_one_that_was_published(name: str) -> None:
    content = gzip.decompress((files("reports") / "static" / "vendor" / name).read_bytes())
    assert sha256(content).hexdigest() == DUCKDB[name]


def test_it_follows_the_selection(demo_warehouse: Path, tmp_path: Path) -> None:
    found = carry(demo_warehouse, tmp_path, runs=("Qwen3*",), score_types=("fuzz",))
    rows = ask(found, tmp_path, "select model, score_type, rank from model_ranking order by rank")
    assert rows == [("Qwen3-14B", "fuzz", 1), ("Qwen3-4B", "fuzz", 2)]
    [(n_runs, n_score_types)] = ask(
        found, tmp_path, "select count(distinct run_name), count(distinct score_type) from examples"
    )
    assert (n_runs, n_score_types) == (2, 1)


def test_no_table_is_read_by_a_type_that_the_page_lacks(demo_warehouse: Path, tmp_path: Path) -> None:
    found = carry(demo_warehouse, tmp_path)
    query = "select distinct data_type from duckdb_columns() where data_type like '%JSON%'"
    assert ask(found, tmp_path, query) == []
    assert ask(found, tmp_path, "select count(*) from runs where config like '{%'") == [(5,)]


@pytest.mark.parametrize(
    ("n_examples", "note"),
    [
        (0, "The table examples is empty: this page carries none."),
        (2, "The table examples has those that the page shows, at most 2 of a latent."),
    ],
)
def test_the_examples_are_those_of_the_page(
    demo_warehouse: Path, tmp_path: Path, n_examples: int, note: str
) -> None:
    found = carry(demo_warehouse, tmp_path, n_examples)
    [(n_texts,)] = ask(
        found, tmp_path, "select count(distinct (hookpoint, latent_idx, activating, text)) from examples"
    )
    assert n_texts == 156 * n_examples
    assert found.note == note
