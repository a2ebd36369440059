"""Write the views of a warehouse as files, with a card that Hugging Face's `datasets` loads them by."""

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import NamedTuple

from explainer_warehouse.csv_table import FORMULA, NUMBER

from .errors import LoaderError
from .files.redact import REDACTED, SECRET
from .schema.headers import Relation, relations
from .store.connect import reading
from .store.rows import Connection
from .views.build import check_version

# How DuckDB writes a format, and the ending that tells `datasets` how to read it.
FORMATS = {
    "parquet": ("parquet", "(format parquet, compression zstd)"),
    "csv": ("csv", "(format csv, header)"),
    "json": ("jsonl", "(format json)"),
}
CARD = "README.md"
# For Spark, beside the files of the views: what the views are made of, and their SQL.
TABLES = "tables"
SPARK_SQL = "spark.sql"
# What readers of other formats have no word for.
_PLAIN = {"JSON": "varchar", "HUGEINT": "bigint", "UBIGINT": "bigint"}
# Where something lies on the machine that loaded it.
_LOCAL_COLUMNS = frozenset(("path", "run_path"))
# The words of a data set or a model: theirs, whatever they look like.
_CONTENT = frozenset(("explanation", "text", "str_tokens"))
# What users brought is theirs to publish.
_PRIVATE = frozenset(("runs_enriched", "run_keys", "current_files"))
# An absolute path of two parts or more, in RE2's syntax; the first group is what stands before it. JSON has
# two backslashes for one.
_SLASH = r"(?:/|\\{1,2})"
_PATH = rf"""(^|[\s"'(=,\[])(?:~|[A-Za-z]:)?(?:{_SLASH}[^/\\\s"',;:)\]]+){{2,}}{_SLASH}?"""


class ExportError(LoaderError):
    """Say what is in the way of writing files, and what to do."""


class Written(NamedTuple):
    """Hold a file that was written, and how many rows it has."""

    path: Path
    n_rows: int


class _Table(NamedTuple):
    relation: Relation
    file: str
    n_rows: int


def export(
    path: Path, directory: Path, form: str, public: bool, wait_s: float, *, for_spark: bool = False
) -> list[Written]:
    """Write every view that has rows to a file of its own, and the card, into a new directory.

    public: without local paths, secrets and what users brought
    for_spark: with the tables, and the views in Spark's SQL; of Parquet that is not public
    Raises ExportError and WarehouseError; the directory is then as it was.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ExportError(f"{directory}: found something there, wanted an empty directory or none")
    if not directory.parent.is_dir():
        raise ExportError(f"{directory}: found no directory {directory.parent}; make it first")
    if for_spark and (form != "parquet" or public):
        raise ExportError("--spark: wanted Parquet with everything in it, since views follow from paths too")
    write_sql = _spark_sql() if for_spark else None
    with (
        TemporaryDirectory(prefix=".export-", dir=directory.parent.resolve()) as name,
        reading(path, wait_s, writes_to=Path(name)) as connection,
    ):
        check_version(connection)
        building = Path(name) / "export"
        building.mkdir()
        asked = [r for r in relations() if r.kind == "view" and not r.is_plumbing]
        views = [r for r in asked if not (public and r.name in _PRIVATE)]
        tables = [_write(connection, relation, building, form, public) for relation in views]
        card = _card(connection, [t for t in tables if t.n_rows], [t for t in tables if not t.n_rows], public)
        if write_sql:
            _write_tables(connection, building / TABLES)
            sql = write_sql(TABLES, [t.relation.name for t in tables if t.n_rows])
            (building / SPARK_SQL).write_text(sql, encoding="utf-8")
            card += (
                f"\n`{TABLES}/` is what the views are made of: `spark-sql -i {SPARK_SQL}`, started here.\n"
            )
        (building / CARD).write_text(card, encoding="utf-8")
        building.replace(directory)
    return [Written(directory / t.file, t.n_rows) for t in tables if t.n_rows]


def _write(connection: Connection, relation: Relation, into: Path, form: str, public: bool) -> _Table:
    ending, options = FORMATS[form]
    file = f"{relation.name}.{ending}"
    query = _query(connection, relation.name, form, public)
    (n_rows,) = connection.execute(f"select count(*) from {relation.name}").fetchall()[0]
    if n_rows:
        connection.execute(f"copy ({query}) to {_text(str(into / file))} {options}")
    return _Table(relation, file, n_rows)


def _write_tables(connection: Connection, into: Path) -> None:
    """Write every table, those without rows too, as it is: sums of decimals are to stay exact."""
    into.mkdir()
    _, options = FORMATS["parquet"]
    for relation in relations():
        if relation.kind == "table":
            file = into / f"{relation.name}.parquet"
            connection.execute(f"copy {relation.name} to {_text(str(file))} {options}")


def _spark_sql() -> Callable[[str, Collection[str]], str]:
    """Return what writes the views in Spark's SQL; a library that nothing else needs does."""
    try:
        from .spark.views import spark_sql
    except ModuleNotFoundError as error:
        raise ExportError(
            f"--spark: found no {error.name}; install it with `pip install 'explainer-warehouse[spark]'`"
        ) from error
    return spark_sql


def _query(connection: Connection, view: str, form: str, public: bool) -> str:
    columns = connection.execute(f"describe {view}").fetchall()
    shown = [
        (_shown(connection, name, kind, public), kind, name)
        for name, kind, *_ in columns
        if not (public and name in _LOCAL_COLUMNS)
    ]
    selected = [
        f"{_in_csv(value) if (form, kind) == ('csv', 'VARCHAR') else value} as {_quoted(name)}"
        for value, kind, name in shown
    ]
    return f"select {', '.join(selected)} from {view}"


def _shown(connection: Connection, name: str, kind: str, public: bool) -> str:
    column = _quoted(name)
    plain = _PLAIN.get(kind) or ("double" if kind.startswith("DECIMAL") else None)
    shown = f"cast({column} as {plain})" if plain else column
    if not public or name in _CONTENT or (plain or kind).lower() != "varchar":
        return shown
    for place in _places(connection):
        shown = f"replace({shown}, {_text(place + '/')}, '')"
    shown = f"regexp_replace({shown}, {_text(_PATH)}, '\\1[local path]', 'g')"
    return f"regexp_replace({shown}, {_text(SECRET)}, {_text(REDACTED)}, 'g')"


def _in_csv(text: str) -> str:
    """Write as csv_table does what a spreadsheet would run as a formula; COPY does the rest."""
    is_formula = f"regexp_matches({text}, {_text(FORMULA)}) and not regexp_matches({text}, {_text(NUMBER)})"
    return f"if({is_formula}, {_text(chr(39))} || {text}, {text})"


def _places(connection: Connection) -> list[str]:
    """Return the directories above runs, the longest first: a path with spaces is known by them alone."""
    rows = connection.execute("select distinct run_path from run_directories").fetchall()
    above = {str(parent) for (path,) in rows for parent in PurePosixPath(path).parents}
    return sorted(above - {"/", "."}, key=lambda place: (-len(place), place))


def _card(connection: Connection, tables: Sequence[_Table], empty: Sequence[_Table], public: bool) -> str:
    runs = connection.execute("select run_label, explainer_model from runs order by run_label").fetchall()
    return "\n".join([*_front_matter(tables), "", *_body(runs, tables, empty, public)]) + "\n"


def _front_matter(tables: Sequence[_Table]) -> Iterator[str]:
    """Write the YAML that `datasets` reads; text as JSON, which YAML is a superset of."""
    yield "---"
    yield "pretty_name: Explanations of sparse-autoencoder latents, scored"
    yield "tags: [interpretability, sparse-autoencoder, delphi]"
    yield "configs:"
    for table in tables:
        yield f"- config_name: {json.dumps(table.relation.name)}"
        yield f"  data_files: {json.dumps(table.file)}"
        if table.relation.name == "run_measures":
            yield "  default: true"
    yield "---"


def _body(
    runs: Sequence[tuple[str, str | None]], tables: Sequence[_Table], empty: Sequence[_Table], public: bool
) -> Iterator[str]:
    yield "# Explanations of sparse-autoencoder latents, scored"
    yield ""
    yield "Scores of delphi's explanations, with measures and 95 % intervals, written by explainer-warehouse."
    yield 'Load one table: `datasets.load_dataset(".", "run_measures")`.'
    if public:
        yield "Local paths, secrets and what users know of their runs are left out."
    yield ""
    yield "| run | explainer model |"
    yield "|---|---|"
    yield from (f"| {_cell(label)} | {_cell(model or '-')} |" for label, model in runs)
    yield ""
    yield "| table | rows | one row per | what it is |"
    yield "|---|--:|---|---|"
    for relation, file, n_rows in tables:
        about = f"{_cell(relation.grain)} | {_cell(relation.description)}"
        yield f"| [{relation.name}]({file}) | {n_rows:,} | {about} |"
    if empty:
        yield ""
        yield f"Without rows, and so without a file: {', '.join(t.relation.name for t in empty)}."


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
