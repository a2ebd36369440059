"""Write a query of sql/, its macros unfolded, as Spark takes it, where no variable narrows views."""

import re
from collections.abc import Callable, Iterator
from itertools import chain, product

import sqlglot
from sqlglot import exp

from ..schema.headers import PLUMBING
from .columns import Columns, columns_of, columns_of_sources, selected


def rewrite(query: exp.Expr, relations: Columns) -> exp.Expr:
    """Return the query in the terms of Spark; sqlglot's generator does the rest."""
    query = query.copy()
    # What needs the names of columns comes before anything renames a relation.
    for select in list(query.find_all(exp.Select)):
        _write_columns_out(select, relations)
    for pivot in list(query.find_all(exp.Pivot)):
        if not pivot.args.get("unpivot"):
            _one_field(pivot)
    for union in reversed(list(query.find_all(exp.Union))):
        if union.args.get("by_name"):
            _by_place(union, relations)
    for select in list(query.find_all(exp.Select)):
        _rows_as_structs(select, relations)
        _unqualified(select)
        _generators(select)
    for kind, step in _STEPS.items():
        # The innermost first: what is around it takes it along.
        for part in reversed(list(query.find_all(kind))):
            new = step(part)
            if new is not part:
                part.replace(new)
    return query


def name_in_spark(relation: str) -> str:
    """Return what a relation is called there: a temporary view has no schema."""
    return relation.replace(".", "_")


def _write_columns_out(select: exp.Select, relations: Columns) -> None:
    """Name the columns that `* replace`, `columns(...)` and a pivot stand for."""
    shown: list[exp.Expr] = []
    for part in select.expressions:
        star = part.this if isinstance(part, exp.Column) else part
        pattern = part.this if isinstance(part, exp.Alias) else part
        if isinstance(star, exp.Star) and star.args.get("replace"):
            shown += selected(star, part.table if isinstance(part, exp.Column) else "", select, relations)
        elif isinstance(pattern, exp.Columns):
            shown += _matching(pattern.name, part.alias, columns_of_sources(select, relations))
        else:
            shown.append(part)
    select.set("expressions", shown)
    for pivot in list(select.find_all(exp.Pivot)):
        if pivot.parent_select is not select:
            continue
        for field in pivot.args["fields"]:
            for listed in field.expressions:
                if isinstance(listed, exp.Columns):
                    columns = selected(listed.this, "", select, relations)
                    field.set("expressions", list(columns))


def _matching(pattern: str, named: str, columns: list[str]) -> Iterator[exp.Expr]:
    for column in columns:
        if found := re.search(pattern, column):
            yield exp.alias_(exp.column(column), found.expand(named))


def _one_field(pivot: exp.Pivot) -> None:
    """Pivot by one tuple of columns, named as DuckDB names the columns of several."""
    fields = pivot.args["fields"]
    values = [
        exp.alias_(
            exp.Tuple(expressions=[value.copy() for value in together]), "_".join(v.name for v in together)
        )
        for together in product(*(field.expressions for field in fields))
    ]
    by = exp.Tuple(expressions=[field.this for field in fields])
    pivot.set("fields", [exp.In(this=by, expressions=values)])
    pivot.set("group", None)


def _by_place(union: exp.Union, relations: Columns) -> None:
    sides = (union.this, union.expression)
    names = list(dict.fromkeys(name for side in sides for name in columns_of(side, relations)))
    for key, side in zip(("this", "expression"), sides, strict=True):
        there = columns_of(side, relations)
        columns = [exp.column(name) if name in there else exp.alias_(exp.null(), name) for name in names]
        union.set(
            key,
            exp.select(*columns).from_(
                exp.Subquery(this=side, alias=exp.TableAlias(this=exp.to_identifier("side")))
            ),
        )
    union.set("by_name", False)


def _rows_as_structs(select: exp.Select, relations: Columns) -> None:
    """Name the columns of a row that is a value."""
    if not select.args.get("from_"):
        return
    sources = [select.args["from_"].this, *(join.this for join in select.args.get("joins") or ())]
    names = {source.alias_or_name for source in sources}
    names -= set(columns_of_sources(select, relations))
    for column in list(select.find_all(exp.Column)):
        if column.name in names and not column.table and column.parent_select is select:
            row: exp.Expr = exp.func("struct", exp.column(exp.Star(), column.name))
            column.replace(exp.alias_(row, column.name) if column.parent is select else row)


def _unqualified(select: exp.Select) -> None:
    """Say in `qualify` what a column is called outside the query that comes to stand around it."""
    if qualify := select.args.get("qualify"):
        for column in qualify.find_all(exp.Column):
            if not column.find_ancestor(exp.Window):
                column.set("table", None)


def _generators(select: exp.Select) -> None:
    """Write `unnest`: a struct's fields, or a list's items; of several lists in step, as Spark takes one."""
    lists = []
    for shown in select.expressions:
        call = shown.unalias()
        if not isinstance(call, exp.Explode):
            continue
        if call.expressions:
            call.replace(exp.func("inline", call.this))
        elif isinstance(shown, exp.Alias):
            lists.append(shown)
        else:
            parts = call.this.parts
            call.replace(exp.column(exp.Star(), *reversed(parts)))
    if len(lists) > 1:
        zipped = exp.func("inline", exp.func("arrays_zip", *(shown.this.this for shown in lists)))
        names = [shown.args["alias"] for shown in lists]
        rest = [shown for shown in select.expressions if shown not in lists]
        select.set("expressions", [*rest, exp.Aliases(this=zipped, expressions=names)])


def _is_unset(part: exp.Expr) -> bool:
    return isinstance(part, exp.Anonymous) and part.name.lower() == "getvariable"


def _or(part: exp.Or) -> exp.Expr:
    for side in (side.unnest() for side in part.flatten()):
        if side == exp.true() or (isinstance(side, exp.Is) and _is_unset(side.this)):
            return exp.true()
    return part


def _filtered(part: exp.ArrayFilter) -> exp.Expr:
    """Leave the list that a variable would be null."""
    return part.this if _is_unset(part.this.unnest().this) else part


def _cast(part: exp.Cast) -> exp.Expr:
    return part.this if part.to.is_type("json") else part


def _double(part: exp.Div) -> exp.Expr:
    """Divide doubles, as DuckDB does; what it divides by 0 no view shows, where Spark would stop."""
    sides = [exp.cast(side, "double") for side in (part.this, part.expression)]
    return exp.Anonymous(this="try_divide", expressions=sides)


def _table(part: exp.Table) -> exp.Expr:
    if isinstance(part.this, exp.GenerateSeries):
        part.set("this", exp.func("range", part.this.args["start"], part.this.args["end"]))
    elif part.db == PLUMBING:
        part.set("this", exp.to_identifier(name_in_spark(f"{PLUMBING}.{part.name}")))
    part.set("db", None)
    return part


def _range(part: exp.GenerateSeries) -> exp.Expr:
    """Write a list of whole numbers, whose end is not in it, going down."""
    step = part.args.get("step")
    if not isinstance(step, exp.Neg) or not part.args.get("is_end_exclusive"):
        return part
    first, last = part.args["start"], part.args["end"] + 1
    numbers = exp.Anonymous(this="sequence", expressions=[first, last, step])
    return exp.func("if", first.copy() < last, exp.array(), numbers)


def _cte(part: exp.CTE) -> exp.Expr:
    part.set("materialized", None)
    return part


def _type(part: exp.DataType) -> exp.Expr:
    return exp.DataType.build("decimal(38, 0)") if part.is_type("int128") else part


def _first_known(part: exp.IgnoreNulls) -> exp.Expr:
    if not isinstance(part.this, exp.AnyValue):
        return part
    return exp.Anonymous(this="any_value", expressions=[part.this.this, exp.true()])


def _call(part: exp.Anonymous) -> exp.Expr:
    arguments = part.expressions
    match part.name.lower():
        case "getvariable":
            return exp.null()
        case "list_sum":
            added = _lambda("(total, x) -> total + x")
            return exp.Anonymous(this="aggregate", expressions=[arguments[0], exp.cast("0", "double"), added])
        case "list_reduce":
            values, step, first = arguments
            return exp.Anonymous(this="aggregate", expressions=[values, first, step])
    return part


def _thousands(part: exp.Format) -> exp.Expr:
    is_thousands = part.this.name == "{:,}"
    return (
        exp.Anonymous(this="format_number", expressions=[part.expressions[0], exp.Literal.number(0)])
        if is_thousands
        else part
    )


def _sorted_list(part: exp.Filter | exp.ArrayAgg) -> exp.Expr:
    """Sort structs of keys and value upwards, and take the values; a filter is of what makes the list."""
    listed = part.this if isinstance(part, exp.Filter) else part
    order = listed.this
    if not isinstance(listed, exp.ArrayAgg) or not isinstance(order, exp.Order):
        return part
    keys = chain.from_iterable(_upwards(key) for key in order.expressions)
    named = [exp.alias_(key, f"key_{place}") for place, key in enumerate(keys)]
    listed.set("this", exp.func("struct", *named, exp.alias_(order.this, "v")))
    sorted_pairs = exp.Anonymous(this="array_sort", expressions=[part.copy()])
    return exp.Anonymous(this="transform", expressions=[sorted_pairs, _lambda("pair -> pair.v")])


def _upwards(key: exp.Ordered) -> Iterator[exp.Expr]:
    """Yield what sorts upwards, nulls first, as a key does; one that goes down must be a number."""
    if not key.args.get("nulls_first"):
        yield exp.Is(this=key.this.copy(), expression=exp.null())
    yield exp.Neg(this=key.this) if key.args.get("desc") else key.this


def _item(part: exp.Bracket) -> exp.Expr:
    """Take an item of a list by its place, null if there is none, where Spark would stop."""
    place = part.expressions[0]
    return exp.Anonymous(this="get", expressions=[part.this, place]) if place.is_int else part


def _lambda(text: str) -> exp.Expr:
    parsed: exp.Expr = sqlglot.parse_one(f"f(x, {text})", dialect="spark").expressions[1]
    return parsed


_STEPS: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
    exp.Or: _or,
    exp.ArrayFilter: _filtered,
    exp.Cast: _cast,
    exp.ParseJSON: lambda part: part.this,
    exp.Div: _double,
    exp.Table: _table,
    exp.GenerateSeries: _range,
    exp.CTE: _cte,
    exp.DataType: _type,
    exp.IgnoreNulls: _first_known,
    exp.Length: lambda part: exp.Anonymous(this="array_size", expressions=[part.this]),
    exp.Anonymous: _call,
    exp.Filter: _sorted_list,
    exp.ArrayAgg: _sorted_list,
    exp.Bracket: _item,
    exp.Format: _thousands,
    exp.PercentileCont: lambda part: exp.Anonymous(
        this="percentile", expressions=[part.this, part.expression]
    ),
}
