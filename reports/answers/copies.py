"""Put the rows of the warehouse's views into a DuckDB file, which the page carries and asks.

The DuckDB of the page is an older one, without JSON and without the macros of the views: it gets tables.
"""

import json
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from ..latents.browser import LatentBrowser
from ..warehouse import RefusedError, Warehouse

VIEWS = """
select
    view_name,
    list(case when data_type = 'JSON' then column_name end)
from duckdb_views() v
join duckdb_columns() c
    on c.database_name = v.database_name
    and c.schema_name = v.schema_name
    and c.table_name = v.view_name
where v.database_name = current_database() and v.schema_name = 'main' and not v.internal
group by view_name
order by view_name
"""
# What else is asked: what columns are, what loads brought, and by which version.
TABLES = ("column_docs", "load_history", "warehouse_info")
EXAMPLES = "examples"


class Copies(NamedTuple):
    """Hold what a page answers from.

    database: a DuckDB file with a table of the name of every view, limited as the report is
    note: what its tables lack that the views have, "" for nothing
    """

    database: bytes
    note: str


def copy_views(warehouse: Warehouse, browser: LatentBrowser, directory: Path) -> Copies:
    """Copy the views; of the examples, those that the page shows.

    directory: where the connection of the warehouse may write
    """
    path = directory / "answers.duckdb"
    views = dict(warehouse.connection.execute(VIEWS).fetchall())
    queries = {name: _query(name, columns) for name, columns in views.items()} | {
        name: f"from {name}" for name in TABLES
    }
    queries[EXAMPLES] = (files("reports") / "answers" / "shown_examples.sql").read_text(encoding="utf-8")
    notes = []
    with warehouse.copying_to(path) as copy:
        for name, query in queries.items():
            try:
                copy(name, query, _shown(browser) if name == EXAMPLES else {})
            except RefusedError as error:
                notes.append(f"There is no table {name}: {error}.")
    return Copies(path.read_bytes(), " ".join([_about_examples(warehouse, browser), *notes]).strip())


def _query(view: str, json_columns: list[str | None]) -> str:
    texts = [f"cast({name} as varchar) as {name}" for name in json_columns if name is not None]
    return f"select * replace ({', '.join(texts)}) from {view}" if texts else f"from {view}"


def _shown(browser: LatentBrowser) -> dict[str, str]:
    """Give the parameters of shown_examples.sql: which run is of which group of latents, and the texts."""
    overview = browser.overview
    latents = overview["latents"]
    runs = [{"run_name": run["name"], "latent_group": run["group"]} for run in overview["runs"]]
    found: list[Any] = list(chain.from_iterable(map(json.loads, browser.example_chunks)))
    texts = [
        {
            "latent_group": group,
            "hookpoint": overview["hookpoints"][hookpoint],
            "latent_idx": index,
            "activating": example["activating"],
            "text": example["text"],
        }
        # without any examples there is no chunk
        for group, hookpoint, index, shown in zip(
            latents["group"], latents["hookpoint"], latents["index"], found, strict=False
        )
        if shown is not None
        for example in shown["examples"]
    ]
    return {"runs": json.dumps(runs), "texts": json.dumps(texts)}


def _about_examples(warehouse: Warehouse, browser: LatentBrowser) -> str:
    [(n_rows,)] = warehouse.connection.execute("select count(*) from examples").fetchall()
    if not n_rows:
        return ""
    if not browser.example_chunks:
        return "The table examples is empty: this page carries none."
    return f"The table examples has those that the page shows, at most {browser.n_examples} of a latent."
