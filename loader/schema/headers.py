"""Read what sql/ defines from the header comments of its files; opens no database.

A file holds macros, or relations that each begin so:

    -- name: What it is.
    -- One row per grain.
    -- Kept: yes, unless selected_runs, prices
    -- As everywhere: run_id, model
    --   column: description
    create view name as ...

A view alone has `Kept`, which loader/views/keep.py follows: `yes`, if a filter of runs or score types takes
or leaves its rows; `all runs`, if one of runs does not touch them; both perhaps `, unless` a variable is set
that makes other rows, or does so `of many`, where not all runs are compared; or `no, since` a reason.

Columns that mean the same everywhere are described once, in sql/00_tables/00_columns.sql. A line
`-- {word}: a, b` before the columns lets columns be written once for both a and b, as in
`--   {word}_low: lower end of {word}`. Neighbouring lines of the same words repeat as a block, for each value
of the first word in turn; '' is no text.
"""

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby, product
from typing import NamedTuple

from explainer_warehouse.sql_files import name_in_sql, sql_files

RELATION = re.compile(r"create (?:or replace )?(?P<kind>table|view) (?:if not exists )?(?P<name>[\w.]+)")
TITLE = re.compile(r"-- (?P<name>[\w.]+): (?P<description>.+)")
GRAIN = re.compile(r"-- One row per (?P<grain>.+)")
KEPT = re.compile(
    r"-- Kept: (?:no, since .+|(?P<rows>yes|all runs)(?:, unless (?P<unless>[\w ]+(?:, [\w ]+)*))?)"
)
EVERYWHERE = re.compile(r"-- As everywhere: (?P<names>\w+(?:, \w+)*)")
WORD = re.compile(r"-- \{(?P<word>\w+)\}: (?P<values>.+)")
COLUMN = re.compile(r"--   (?P<name>[\w{}]+): (?P<description>.+)")
OF_MANY = " of many"
# Of what the views of `main` are made of; see sql/00_tables/00_schema.sql.
PLUMBING = "behind_the_views"
PLACEHOLDER = re.compile(r"\{(\w+)\}")


class SqlError(ValueError):
    """Say in which file and line of sql/ a header is missing or malformed, and what was wanted."""


class Column(NamedTuple):
    """Hold a column's name and its description, one sentence."""

    name: str
    description: str


class Kept(NamedTuple):
    """Hold how rows are kept: in which table, of all runs under any filter or not, unless what is set."""

    table: str
    all_runs: bool
    unless: tuple[str, ...]


class Relation(NamedTuple):
    """Hold what a header says of a table or view; `kept` is None if no rows are."""

    name: str
    kind: str
    description: str
    grain: str
    columns: tuple[Column, ...]
    kept: Kept | None = None

    @property
    def is_plumbing(self) -> bool:
        """Tell whether it lies behind the views that people ask; its name then says so."""
        return self.name.startswith(f"{PLUMBING}.")


def statements() -> Iterator[str]:
    """Yield the statements of sql/ in the order in which they build, each with the comments before it.

    A semicolon at a line's end ends one, and nothing else does; DuckDB would take 55 ms to find that.
    """
    for path in sql_files():
        for text in re.split(r"(?<=;)\n", path.read_text(encoding="utf-8")):
            if text.rstrip().endswith(";"):
                yield text


def relations() -> list[Relation]:
    """Read every table and view of sql/, in the order in which they build.

    Raises SqlError where a header is missing or malformed.
    """
    return [
        relation
        for path in sql_files()
        for relation in read_relations(name_in_sql(path), path.read_text(encoding="utf-8"))
    ]


@cache
def everywhere() -> dict[str, str]:
    """Read what columns mean that mean the same everywhere."""
    (path,) = (path for path in sql_files() if path.name == "00_columns.sql")
    return dict(COLUMN.findall(path.read_text(encoding="utf-8")))


def read_relations(file_name: str, sql: str) -> Iterator[Relation]:
    """Read the tables and views of one file, given its text."""
    lines = sql.splitlines()
    for number, line in enumerate(lines):
        if statement := RELATION.match(line):
            start = number
            while start and lines[start - 1].startswith("--"):
                start -= 1
            header = Header(file_name, start + 1, lines[start:number])
            yield header.read(statement["name"], statement["kind"])


class Header(NamedTuple):
    """Hold the comment lines before a relation; first_line counts from 1."""

    file_name: str
    first_line: int
    lines: list[str]

    def read(self, name: str, kind: str) -> Relation:
        """Read the relation; name and kind come from its create statement."""
        title = self.match(0, TITLE, f"`-- {name}: what it is`")
        if title["name"] != name:
            raise self.error(0, f"`-- {name}: what it is`")
        grain = self.match(1, GRAIN, "`-- One row per ...`")
        first, kept = (3, self.kept(name)) if kind == "view" else (2, None)
        words: dict[str, list[str]] = {}
        templates: list[Column] = []
        for offset in range(first, len(self.lines)):
            if word := WORD.fullmatch(self.lines[offset]):
                words[word["word"]] = [value.strip("'") for value in word["values"].split(", ")]
                continue
            if named := EVERYWHERE.fullmatch(self.lines[offset]):
                templates += self.everywhere(offset, named["names"].split(", "))
                continue
            column = self.match(offset, COLUMN, "`--   column: description`")
            unknown = set(PLACEHOLDER.findall(self.lines[offset])) - words.keys()
            if unknown:
                raise self.error(offset, f"a line `-- {{{min(unknown)}}}: value, value` before it")
            templates.append(Column(**column.groupdict()))
        columns = tuple(repeat(templates, words))
        if not columns:
            raise self.error(len(self.lines) - 1, "`--   column: description` for each column below it")
        return Relation(name, kind, title["description"], grain["grain"], columns, kept)

    def everywhere(self, offset: int, names: list[str]) -> Iterator[Column]:
        """Describe the columns of a line that mean what they mean everywhere."""
        for name in names:
            if name not in everywhere():
                raise self.error(offset, f"a description of {name}, here or in sql/00_tables/00_columns.sql")
            yield Column(name, everywhere()[name])

    def kept(self, name: str) -> Kept | None:
        """Read how the rows of the view of a name are kept; None if they are not."""
        wanted = "`-- Kept: yes` or `all runs`, perhaps `, unless variable`, or `-- Kept: no, since ...`"
        found = self.match(2, KEPT, wanted)
        if found["rows"] is None:
            return None
        table = f"{PLUMBING}.kept_{name.removeprefix(f'{PLUMBING}.')}"
        unless = tuple(found["unless"].split(", ")) if found["unless"] else ()
        return Kept(table, found["rows"] == "all runs", unless)

    def match(self, offset: int, pattern: re.Pattern[str], wanted: str) -> re.Match[str]:
        """Match one line whole, or raise SqlError."""
        found = pattern.fullmatch(self.lines[offset]) if offset < len(self.lines) else None
        if not found:
            raise self.error(offset, wanted)
        return found

    def error(self, offset: int, wanted: str) -> SqlError:
        """Describe what stands at a line where something else was wanted."""
        found = f"`{self.lines[offset]}`" if offset < len(self.lines) else "no comment line"
        return SqlError(f"sql/{self.file_name}:{self.first_line + offset}: found {found}; wanted {wanted}")


def repeat(templates: list[Column], words: dict[str, list[str]]) -> Iterator[Column]:
    """Write out the columns whose names hold a {word} or several, block by block."""
    for found, block in groupby(templates, key=lambda column: set(PLACEHOLDER.findall(column.name))):
        columns = list(block)
        used = [word for word in words if word in found]
        for values in product(*(words[word] for word in used)):
            for column in columns:
                filled = Column(*column)
                for word, value in zip(used, values, strict=True):
                    filled = Column(*(text.replace(f"{{{word}}}", value) for text in filled))
                yield filled
