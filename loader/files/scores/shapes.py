"""Read families of which a description of their examples says all: once for DuckDB, once for Python.

A shape is TEXT, NUMBER or ANYTHING, a list of one shape, an object of named ones, or Nullable. DuckDB's own
parser takes what has exactly the shape; it would also take commas at the end, and "1" or true for 1, which is
why `json_structure` must say the same of the file. All else is for Python, which says what is wrong, leaves
out keys that are not in the shape, and lets numbers be null, as delphi writes NaN.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from ..parse import Finding
from ..secrets import shorten
from .checks import REMEDY, describe, is_number_or_null, is_text
from .family import Family, FastWay, Read, ScoreError

TEXT, NUMBER, ANYTHING = "varchar", "double", "json"


class Nullable(NamedTuple):
    """Describe what may be null, as a whole."""

    shape: "Shape"


Shape: TypeAlias = str | list["Shape"] | dict[str, "Shape"] | Nullable

# Of anything but an object, which takes the other way: a pattern for all that matches slowly.
_STRUCTURES = {TEXT: '"VARCHAR"', NUMBER: '"(U?BIGINT|HUGEINT|DOUBLE)"', ANYTHING: r'\[*"[A-Z]+"\]*'}
# A comma before a bracket; in a text, too, which then takes the other way.
_LOOSE_COMMA = r",\s*[\]}]"

_FAST = """
insert into {table}
with parsed as (
    select
        file_id,
        try(from_json_strict(text, '{structure}')) as examples
    from (
        select
            file_id,
            try(decode(data)) as text
        from files
    )
    where
        -- without coalesce DuckDB finds the structure twice, to ask whether it is in the pattern's range
        coalesce(regexp_full_match(try(json_structure(text)), '{pattern}'), false)
        and not regexp_matches(text, '{loose_comma}')
),
sound as (
    select *
    from parsed
    where {is_sound}
),
{rows}
"""
_EXACT = """
insert into {table}
with sound as (
    select
        file_id,
        from_json_strict(decode(data), '{structure}') as examples
    from files
),
{rows}
"""
# A row an example.
_ROWS = """exploded as (
    select
        file_id,
        generate_subscripts(examples, 1) - 1 as example_idx,
        unnest(examples) as e
    from sound
)
select
    file_id,
    example_idx,
    {columns}
from exploded"""

# Refuses an example of the right shape that says something impossible: where it stands, and the example.
Check = Callable[[str, dict[str, Any]], None]
# Makes examples of other versions have the shape; what is odd about them it adds to the findings.
Adapt = Callable[[Sequence[Any], list[Finding]], Sequence[Any]]


def shaped_family(
    name: str,
    *,
    shape: dict[str, Shape],
    table: str,
    columns: Sequence[str] = (),
    rows: str = "",
    keys: Sequence[frozenset[str]] = (),
    is_possible: str = "true",
    check: Check = lambda where, example: None,
    adapt: Adapt = lambda examples, findings: examples,
) -> Family:
    """Make a family whose files are lists of examples of one shape.

    columns: of its table, after file_id and example_idx, as expressions over an example `e`
    rows: in place of columns, the statement's end, from `sound` (file_id, examples)
    keys: as in Family; all of the shape's unless given
    is_possible: what must hold of each example `e`, in SQL, as `check` says it for Python
    """
    examples: Shape = [shape]
    structure = json.dumps(_structure(examples))
    rows = rows or _ROWS.format(columns=",\n    ".join(columns))
    is_sound = _is_sound(examples, "examples")
    is_sound += f" and list_bool_and(list_transform(examples, lambda e: {is_possible}))"

    def read(found: Sequence[Any]) -> Read:
        nulls: list[str] = []
        findings: list[Finding] = []
        kept = []
        for place, example in enumerate(adapt(found, findings)):
            where = f"example {place}"
            kept.append(_checked(shape, example, where, nulls))
            check(where, kept[-1])
        return Read(kept, findings + _null_findings(nulls))

    return Family(
        name=name,
        keys=tuple(keys) or (frozenset(shape),),
        table=table,
        read=read,
        insert=_EXACT.format(table=table, structure=structure, rows=rows),
        sums=(f"behind_the_views.{name}_measures", "measure_facts"),
        fast=FastWay(
            read=None,
            insert=_FAST.format(
                table=table,
                structure=structure,
                pattern=_pattern(examples),
                loose_comma=_LOOSE_COMMA,
                is_sound=is_sound,
                rows=rows,
            ),
        ),
    )


def _structure(shape: Shape) -> Any:
    """Return what `from_json_strict` is told of a shape."""
    match shape:
        case Nullable():
            return _structure(shape.shape)
        case list():
            return [_structure(shape[0])]
        case dict():
            return {key: _structure(inner) for key, inner in shape.items()}
        case _:
            return shape


def _pattern(shape: Shape) -> str:
    """Return a pattern for what `json_structure` says of a file of this shape."""
    match shape:
        case Nullable():
            return f'({_pattern(shape.shape)}|"NULL")'
        case list():
            return rf'\[({_pattern(shape[0])}|"NULL")\]'
        case dict():
            inside = ",".join(f'"{re.escape(key)}":{_pattern(inner)}' for key, inner in shape.items())
            return rf"\{{{inside}\}}"
        case _:
            return _STRUCTURES[shape]


def _is_sound(shape: Shape, value: str, depth: int = 0) -> str:
    """Return the SQL that says that a value has no null where it may have none, and finite numbers."""
    match shape:
        case Nullable():
            return f"({value} is null or {_is_sound(shape.shape, value, depth)})"
        case [str(inner)]:
            numbers = f" and isfinite(coalesce(list_sum({value}), 0))" if inner == NUMBER else ""
            return f"coalesce(list_count({value}) = len({value}){numbers}, false)"
        case list():
            item = f"v{depth}"
            each = _is_sound(shape[0], item, depth + 1)
            return (
                f"coalesce(list_count({value}) = len({value}) and "
                f"coalesce(list_bool_and(list_transform({value}, lambda {item}: {each})), true), false)"
            )
        case dict():
            inside = (_is_sound(inner, f"{value}.{key}", depth) for key, inner in shape.items())
            return f"({value} is not null and {' and '.join(inside)})"
        case "double":
            return f"coalesce(isfinite({value}), false)"
        case "varchar":
            return f"{value} is not null"
        case _:
            return "true"


def _checked(shape: Shape, value: Any, where: str, nulls: list[str]) -> Any:
    """Return a value without the keys that are not in its shape; add where a number is null to `nulls`."""
    match shape:
        case Nullable():
            return None if value is None else _checked(shape.shape, value, where, nulls)
        case list() if isinstance(value, list):
            return [_checked(shape[0], item, where, nulls) for item in value]
        case dict() if isinstance(value, dict):
            for key in shape:
                if key not in value:
                    found = shorten(", ".join(sorted(value)), 200) or "none"
                    raise ScoreError(
                        "missing key", f"{where}: found the keys {found}, wanted {key} too; {REMEDY}"
                    )
            return {
                key: _checked(inner, value[key], f"{where}, {key}", nulls) for key, inner in shape.items()
            }
        case "double" if is_number_or_null(value):
            if value is None:
                nulls.append(where)
            return value
        case "varchar" if is_text(value):
            return value
        case "json":
            return value
    wanted = {TEXT: "a string", NUMBER: "a number"}.get(
        shape if isinstance(shape, str) else "", "a list" if isinstance(shape, list) else "an object"
    )
    kind = "wrong shape" if not isinstance(shape, str) and "," not in where else "wrong type"
    raise ScoreError(kind, f"{where}: found {describe(value)}, wanted {wanted}; {REMEDY}")


def _null_findings(nulls: Sequence[str]) -> list[Finding]:
    if not nulls:
        return []
    detail = (
        f"found null in place of a number, {len(nulls)} in all, the first in {nulls[0]}; taken as unknown"
    )
    return [Finding("null number", detail)]
