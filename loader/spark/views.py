"""Write the views of sql/ for Spark, as temporary views over the files of `loader export --spark`."""

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import NamedTuple

from sqlglot import ErrorLevel, exp

from ..schema.headers import relations, statements
from .columns import Columns
from .rewrite import name_in_spark, rewrite
from .unfold import Macro, parse, read_macros, unfold

_VIEW = re.compile(r"^create view (?P<name>[\w.]+) as\n(?P<query>.+?);?\s*\Z", re.MULTILINE | re.DOTALL)
# Where Spark saves the views that others read, in the export's directory.
SAVED = "views"
# What Spark cannot work out, and why; tests/test_spark.py holds this against Spark, docs/spark.md tells it.
CANNOT = {
    "examples": "cuts texts into tokens by slices of lists",
    "run_settings": "walks a tree of JSON (`json_tree`)",
    "candidate_metrics": "pivots by columns that it does not name, which sqlglot does not read",
    "recall_by_quantile": "groups by names that the same select gives",
    "false_alarm_rate": "groups by names that the same select gives",
    "data_quality": "rests on `behind_the_views.quality_counts`",
    "behind_the_views.quality_counts": "sorts a list of distinct values",
    "behind_the_views.simulation_measures": "pairs lists up (`list_zip`)",
    "behind_the_views.surprisal_intervention_measures": "takes means of lists (`list_avg`)",
}


class SparkView(NamedTuple):
    """Hold a view's name in sql/, its query in Spark's SQL, and what that reads, by its name there."""

    name: str
    query: str
    reads: frozenset[str]


def spark_views() -> Iterator[SparkView]:
    """Yield the views that Spark can work out, in the order in which they build."""
    for name, query in view_queries().items():
        if name not in CANNOT:
            yield spark_view(name, query)


def view_queries() -> dict[str, str]:
    """Return the query of each view of sql/, in the order in which they build."""
    views = filter(None, map(_VIEW.search, statements()))
    return {view["name"]: view["query"] for view in views}


def spark_view(name: str, query: str) -> SparkView:
    """Write a view of sql/ for Spark; of one that it cannot work out, this may raise anything."""
    written = rewrite(unfold(parse(query), _macros()), _columns())
    text = written.sql("spark", unsupported_level=ErrorLevel.RAISE, pretty=True)
    return SparkView(name, text, frozenset(table.name for table in written.find_all(exp.Table)))


@cache
def _macros() -> dict[str, Macro]:
    return read_macros()


@cache
def _columns() -> Columns:
    return {relation.name: tuple(column.name for column in relation.columns) for relation in relations()}


def spark_sql(tables: str, answers: Collection[str]) -> str:
    """Return statements that make a warehouse's tables and views in Spark, run in an export's directory.

    A view that others read is worked out at once, and saved: Spark would put its query wherever it is named,
    and so read 200 tables for run_metrics alone.

    tables: the directory of the tables' files
    answers: views that have a file of their own there, read if Spark cannot work them out
    """
    made = [
        _of_file(relation.name, f"{tables}/{relation.name}.parquet")
        for relation in relations()
        if relation.kind == "table"
    ]
    made += [_of_file(name, f"{name}.parquet") for name in CANNOT if name in answers]
    missing = {name_in_spark(name) for name in CANNOT if name not in answers}
    views = list(spark_views())
    read = frozenset[str]().union(*(view.reads for view in views))
    for view in views:
        name = name_in_spark(view.name)
        if missing & view.reads:
            missing.add(name)
        elif name in read:
            saved = f"{SAVED}/{name}"
            made.append(f"insert overwrite directory '{saved}' using parquet\n{view.query};\n")
            made.append(_of_file(view.name, saved))
        else:
            made.append(f"create or replace temporary view {name} as\n{view.query};\n")
    return "\n".join(made)


def _of_file(relation: str, path: str) -> str:
    name = name_in_spark(relation)
    return f"create or replace temporary view {name} using parquet options (path '{path}');\n"
