"""Unfold the macros of sql/ where they are called, so that an engine without them can take a query."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import sqlglot
from sqlglot import exp

from ..schema.headers import statements

_MACRO = re.compile(r"^create (?:or replace )?macro ", re.MULTILINE)
# What sqlglot takes for a keyword, where it is a name here.
_NAMES = re.compile(r"\b(with|from|join) values\b")


class Macro(NamedTuple):
    """Hold a macro's parameters, and the expression or query that it stands for."""

    parameters: Sequence[str]
    body: exp.Expr


def parse(sql: str) -> exp.Expr:
    """Parse a statement or query of sql/."""
    return sqlglot.parse_one(_NAMES.sub(r'\1 "values"', sql), dialect="duckdb")


def read_macros() -> dict[str, Macro]:
    """Return the macros of sql/ by name."""
    macros = {}
    for statement in statements():
        if _MACRO.search(statement):
            created = parse(statement)
            function = created.this
            macros[function.this.name] = Macro([p.name for p in function.expressions], created.expression)
    return macros


def unfold(query: exp.Expr, macros: Mapping[str, Macro]) -> exp.Expr:
    """Return the query with the macros it calls written out, and those that they call."""
    while calls := list(_calls(query, macros)):
        # The first is the outermost: what its arguments call may come to stand in several places.
        call = calls[0]
        macro = macros[call.name.lower()]
        given = dict(zip(macro.parameters, call.expressions, strict=True))
        if isinstance(call.parent, exp.Table):
            _replace_source(call.parent, macro, given)
        else:
            query = _replaced(query, call, _enclosed(_substituted(macro.body, given)))
    return query


def _calls(query: exp.Expr, macros: Mapping[str, Macro]) -> Iterator[exp.Anonymous]:
    return (call for call in query.find_all(exp.Anonymous) if call.name.lower() in macros)


def _replace_source(table: exp.Table, macro: Macro, given: Mapping[str, exp.Expr]) -> None:
    """Write a table macro out as a subquery; of its arguments, those that name a relation are its sources."""
    body = _substituted(macro.body, given)
    for source in list(body.find_all(exp.Anonymous)):
        if source.name.lower() == "query_table" and source.parent:
            source.parent.replace(exp.to_table(source.expressions[0].name, dialect="duckdb"))
    query = body.unnest() if isinstance(body, exp.Subquery) else body
    table.replace(
        exp.Subquery(this=query, alias=table.args.get("alias") or exp.TableAlias(this=exp.to_identifier("t")))
    )


def _substituted(body: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    body = body.copy()
    for column in list(body.find_all(exp.Column)):
        first, *fields = (part.name for part in column.parts)
        if first in given:
            body = _replaced(body, column, _field(given[first].copy(), fields))
    return body


def _field(value: exp.Expr, fields: Sequence[str]) -> exp.Expr:
    """Return a field of a value, at once where the value is a struct written out."""
    if not fields:
        return _enclosed(value)
    if isinstance(value, exp.Column):
        parts = [*value.parts, *map(exp.to_identifier, fields)]
        column = exp.Column(
            **dict(zip(("this", "table", "db", "catalog"), reversed(parts[:4]), strict=False))
        )
        return exp.Dot.build([column, *parts[4:]]) if parts[4:] else column
    if isinstance(value, exp.Struct):
        (found,) = (pair.expression for pair in value.expressions if pair.name == fields[0])
        return _field(found.copy(), fields[1:])
    return exp.Dot.build([value, *map(exp.to_identifier, fields)])


def _enclosed(value: exp.Expr) -> exp.Expr:
    is_open = isinstance(value, exp.Binary | exp.Unary | exp.Between) and not isinstance(
        value, exp.Dot | exp.Paren
    )
    return exp.paren(value, copy=False) if is_open else value


def _replaced(query: exp.Expr, part: exp.Expr, by: exp.Expr) -> exp.Expr:
    """Return the query with a part of it replaced, which may be all of it."""
    if part is query:
        return by
    part.replace(by)
    return query
