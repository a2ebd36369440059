"""The command `loader metadata`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..address import Address
from .options import PATH, examples, json_option, show, usage_errors, wait_option, warehouse_option

if TYPE_CHECKING:
    from ..metadata.bring import Brought


@click.command(
    epilog=examples(
        "loader metadata experiments.csv",
        "loader metadata wandb_export.csv --name wandb",
        "loader metadata mlflow.db --name mlflow",
        "loader metadata sizes.json --name sizes --key model",
        "loader metadata --drop sizes",
        "loader metadata",
    )
)
@click.argument("file", required=False, type=PATH)
@click.option("--name", help="What the table is called in the schema metadata.  [default: the file's name]")
@click.option("--key", metavar="COLUMN", help="The column that says which run, or which model, a row is of.")
@click.option("--drop", metavar="NAME", help="Forget this table.")
@warehouse_option
@wait_option
@json_option
def metadata(
    file: Path | None,
    name: str | None,
    key: str | None,
    drop: str | None,
    warehouse: Address,
    wait_s: float,
    as_json: bool,
) -> None:
    """Bring what you know of your runs: a table that joins them.

    FILE is CSV, TSV, Parquet, JSON or NDJSON, an export of Weights & Biases, or a store of MLflow's, its
    SQLite file or its directory mlruns. A row is of the run whose name, directory, path or label its key is;
    given --key model, or another column of runs that names a model, of every run of that model. The view
    runs_enriched has the columns, as NAME_COLUMN; `reports build --by` and `--where` take them. Without FILE,
    lists what is there.
    """
    from ..lakes import as_file
    from ..metadata.bring import bring, forget, list_metadata

    with usage_errors():
        if drop is not None:
            forget(warehouse, drop, wait_s)
            click.echo(f"dropped {drop}")
        elif file is None:
            show(list_metadata(as_file(warehouse, wait_s), wait_s), as_json, "no metadata")
        else:
            _tell(bring(warehouse, file, name, key, wait_s), as_json)


def _tell(brought: "Brought", as_json: bool) -> None:
    if as_json:
        unknown = {found.name: found.nearest for found in brought.unknown}
        click.echo(json.dumps(brought._asdict() | {"unknown": unknown}, ensure_ascii=False, indent=2))
        return
    n_runs = len(brought.matched) + len(brought.unmatched)
    click.echo(
        f"{brought.name}: {brought.n_rows:,} rows, {brought.n_columns} columns;"
        f" {len(brought.matched)} of {n_runs} runs matched by {brought.key}"
    )
    if brought.n_older:
        click.echo(f"Left out, for a newer row of the same run: {brought.n_older:,} rows", err=True)
    if brought.unmatched:
        click.echo(f"Runs without a row: {', '.join(brought.unmatched)}", err=True)
    for name, near in brought.unknown:
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        click.echo(f"No run is called {name!r}{hint}", err=True)
