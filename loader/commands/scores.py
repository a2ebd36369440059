"""The command `loader scores`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..address import Address
from .options import PATH, examples, json_option, usage_errors, wait_option, warehouse_option

if TYPE_CHECKING:
    from ..scores import Given


@click.command(
    epilog=examples(
        "loader scores ratings.csv",
        "loader scores ratings.csv --columns run=model,hookpoint=layer,latent=feature,value=stars "
        "--score-type human",
        "loader scores other.parquet --columns name,site,idx,kind,score",
        "loader scores ratings.csv --drop",
    )
)
@click.argument("file", type=PATH)
@click.option(
    "--columns",
    default="",
    metavar="COLUMNS",
    help="The columns of run, hookpoint, latent, score_type and value: ROLE=COLUMN,... or in this order."
    "  [default: these names]",
)
@click.option("--score-type", metavar="NAME", help="What all rows are a score of, if no column says it.")
@click.option("--drop", is_flag=True, help="Forget what FILE gave.")
@warehouse_option
@wait_option
@json_option
def scores(
    file: Path,
    columns: str,
    score_type: str | None,
    drop: bool,
    warehouse: Address,
    wait_s: float,
    as_json: bool,
) -> None:
    """Bring scores that have no format of their own: ratings by people, another program's.

    FILE is CSV, TSV, Parquet, JSON or NDJSON with a row per score: its run, by name, directory, path or
    label, hookpoint, latent, score type and value, of which more is better. Several values of a latent are
    those of several judges. They are ranked, compared and shown like any scorer's, and stand in
    judge_agreement beside those of the same run. A run that is not there is made. FILE again replaces what
    it gave before.
    """
    from ..scores import give, withdraw

    with usage_errors():
        if drop:
            n_gone = withdraw(warehouse, file, wait_s)
            click.echo(f"dropped the scores of {_latents(n_gone)}")
        else:
            _tell(give(warehouse, file, columns, score_type, wait_s), as_json)


def _tell(given: "Given", as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(given._asdict(), ensure_ascii=False, indent=2))
        return
    gone = f"; {given.n_gone:,} gone" if given.n_gone else ""
    n_runs = f"{given.n_runs} run{'s' * (given.n_runs != 1)}"
    click.echo(f"scores of {_latents(given.n_scores)} in {n_runs}{gone}")
    if given.n_empty:
        click.echo(f"Rows left out, without a value: {given.n_empty:,}", err=True)
    if given.new_runs:
        click.echo(f"New runs, of which no results are loaded: {', '.join(given.new_runs)}", err=True)


def _latents(number: int) -> str:
    return f"{number:,} latent{'s' * (number != 1)}"
