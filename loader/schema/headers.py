"""Read what sql/ defines from the header comments of its files; opens no database.

A file holds macros, or relations that each begin so:

    -- name: What it is.
    -- One row per grain.
    -- Kept: yes, unless selected_runs, prices
    --   column: description
    create view name as ...

A view alone has `Kept`, which loader/views/keep.py follows: `yes`, if a filter of runs or score types takes
or leaves its rows; `all runs`, if one of runs does not touch them; both perhaps `, unless` a variable is set
that makes other rows; or `no, since` a reason.

A line `-- {word}: a, b, c` before the columns lets columns be written once for all of a, b and c, as in
`--   {word}_low: lower end of the interval of {word}`. Neighbouring lines of one word repeat as a block.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from explainer_warehouse.sql_files import name_in_sql, sql_files

RELATION = re.compile(r"create (?:or replace )?(?P<kind>table|view) (?:if not exists )?(?P<name>[\w.]+)")
TITLE = re.compile(r"-- (?P<name>[\w.]+): (?P<description>.+)")
GRAIN = re.compile(r"-- One row per (?P<grain>.+)")
KEPT = re.compile(r"-- Kept: (?:no, since .+|(?P<rows>yes|all runs)(?:, unless (?P<unless>\w+(?:, \w+)*))?)")
WORD = re.compile(r"-- \{(?P<word>\w+)\}: (?P<values>.+)")
COLUMN = re.compile(r"--   (?P<name>[\w{}]+): (?P<description>.+)")
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
            if text.strip():
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
                words[word["word"]] = word["values"].split(", ")
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
    """Write out the columns whose names hold a {word}, block by block."""
    for word, block in groupby(templates, key=first_word):
        if word is None:
            yield from block
            continue
        columns = list(block)
        for value in words[word]:
            for name, description in columns:
                yield Column(name.replace(f"{{{word}}}", value), description.replace(f"{{{word}}}", value))


def first_word(column: Column) -> str | None:
    """Find the {word} in a column's name."""
    found = PLACEHOLDER.search(column.name)
    return found[1] if found else None
