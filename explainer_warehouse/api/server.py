"""Serve a warehouse to language models by the Model Context Protocol: schema, SQL, the report's answer."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from explainer_warehouse.nearest import did_you_mean
from loader.table_text import repeated, table_as_json
from reports.warehouse import WarehouseError, open_warehouse

from .warehouse import Warehouse

INSTRUCTIONS = """\
Scores of natural-language explanations of sparse-autoencoder latents, from EleutherAI's delphi, in DuckDB.
Call `answer` for what the report says first, `schema` for relations and what measures mean, `query` for SQL.
A run is one explainer model on one set of latents; run_measures has each measure with its 95 % interval,
clustered by latent. Runs are told apart by model_comparison alone: overlapping intervals prove nothing. Rank
no runs of different subject models, sparse models, scorers or sources of negatives against each other.
"""
_RELATIONS = """
select
    relation,
    description
from column_docs
where position = 0 and not contains(relation, '.')
order by relation
"""
_COLUMNS = """
select
    d.column_name,
    c.data_type,
    d.description
from column_docs d
join duckdb_columns() c
    on c.table_name = d.relation and c.column_name = d.column_name and c.schema_name = 'main'
where d.relation = ?
order by d.position
"""


class Limits(NamedTuple):
    """Hold what a query may take: rows that are given back, and seconds."""

    rows: int = 200
    seconds: float = 20.0


class QueryError(ToolError):
    """Say what is wrong with a query, or with a name."""


def server(path: Path, limits: Limits = Limits()) -> MCPServer:  # noqa: B008
    """Make a server of the warehouse at a path, which is opened at each call: others can write in between."""
    made = MCPServer("explainer-warehouse", instructions=INSTRUCTIONS, log_level="WARNING")

    @made.tool()
    def schema(relation: str = "") -> dict[str, Any]:
        """List the relations and the measures, with their meanings; or the columns of one relation."""
        with _asked(path, limits) as connection:
            relations = dict(connection.execute(_RELATIONS).fetchall())
            if not relation:
                return {"relations": relations, "measures": _records(connection, "from measure_docs")}
            if relation not in relations:
                hint = did_you_mean(relation, relations)
                raise QueryError(f"no relation is called {relation!r}{hint}")
            columns = _records(connection, _COLUMNS, relation)
            return {"relation": relation, "description": relations[relation], "columns": columns}

    @made.tool()
    def query(sql: str) -> dict[str, Any]:
        """Run one select statement, in DuckDB's SQL; says whether rows were left out."""
        with _asked(path, limits) as connection:
            return _select(connection, sql, limits)

    @made.tool()
    def answer(policy: str = "valid") -> dict[str, Any]:
        """Say what the report says first; policy strict counts a failed example as wrong."""
        if policy not in ("valid", "strict"):
            raise QueryError(f"found the policy {policy!r}, wanted valid or strict")
        with _told(), Warehouse(path) as warehouse:
            said = {statement.about: statement.text for statement in warehouse.headline(policy)}
            return {"warehouse": repr(warehouse), "answer": said}

    return made


@contextmanager
def _told() -> Iterator[None]:
    """Tell the client what is wrong, with the warehouse or a query."""
    try:
        yield
    except (WarehouseError, duckdb.Error) as error:
        raise QueryError(str(error)) from error


@contextmanager
def _asked(path: Path, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for one question: read-only, without files or network, and only for so long."""
    with _told(), open_warehouse(path) as warehouse:
        connection = warehouse.connection
        timer = threading.Timer(limits.seconds, connection.interrupt)
        timer.start()
        try:
            yield connection
        except duckdb.InterruptException as error:
            raise QueryError(f"took longer than {limits.seconds:g} s; ask for less") from error
        finally:
            timer.cancel()


def _select(connection: duckdb.DuckDBPyConnection, sql: str, limits: Limits) -> dict[str, Any]:
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        kinds = ", ".join(statement.type.name.lower() for statement in statements) or "none"
        raise QueryError(f"found the statements {kinds}, wanted one select")
    result = connection.execute(statements[0])
    columns = [column[0] for column in result.description]
    if twice := repeated(columns):
        raise QueryError(f"found two columns named {', '.join(twice)}; give one another name, with `as`")
    rows = result.fetchmany(limits.rows + 1)
    return {
        "rows": json.loads(table_as_json(columns, rows[: limits.rows])),
        "is_cut": len(rows) > limits.rows,
    }


def _records(connection: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[dict[str, Any]]:
    result = connection.execute(sql, list(values))
    columns = [column[0] for column in result.description]
    records: list[dict[str, Any]] = json.loads(table_as_json(columns, result.fetchall()))
    return records
