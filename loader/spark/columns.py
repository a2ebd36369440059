"""Name the columns of a query of sql/, for engines that want them written out."""

from collections.abc import Iterator, Mapping

from sqlglot import exp

# The columns of each relation, by its name.
Columns = Mapping[str, tuple[str, ...]]


def columns_of(query: exp.Query, relations: Columns) -> list[str]:
    """Return the names of a query's columns, in order."""
    if isinstance(query, exp.SetOperation):
        return columns_of(query.this, relations)
    return [name for shown in query.selects for name in _names(shown, query, relations)]


def selected(star: exp.Star, of: str, query: exp.Query, relations: Columns) -> Iterator[exp.Expr]:
    """Write `*` out, `exclude` and `replace` in it too; of: the one source meant, or '' for all."""
    replaced = {shown.alias: shown for shown in star.args.get("replace") or ()}
    without = {column.name for column in star.args.get("except_") or ()}
    for name in columns_of_sources(query, relations, of):
        if name not in without:
            yield replaced.get(name) or exp.column(name, of or None)


def columns_of_sources(query: exp.Query, relations: Columns, of: str = "") -> list[str]:
    """Return the columns of what a query reads, each once; of: the one source meant, or '' for all."""
    sources = [query.args["from_"].this, *(join.this for join in query.args.get("joins") or ())]
    names = [
        name
        for source in sources
        if of in ("", source.alias_or_name)
        for name in _of_source(source, relations)
    ]
    return list(dict.fromkeys(names))


def _names(shown: exp.Expr, query: exp.Query, relations: Columns) -> Iterator[str]:
    star = shown.this if isinstance(shown, exp.Column) else shown
    if isinstance(star, exp.Star):
        of = shown.table if isinstance(shown, exp.Column) else ""
        yield from (column.alias_or_name for column in selected(star, of, query, relations))
    else:
        yield shown.alias_or_name


def _of_source(source: exp.Expr, relations: Columns) -> list[str]:
    named = [column.name for column in source.args["alias"].columns] if source.args.get("alias") else []
    if named or isinstance(source, exp.Values):
        return named
    if isinstance(source, exp.Subquery):
        return _pivoted(source, columns_of(source.this, relations))
    if not source.text("db"):
        above = source.parent
        while above:
            with_ = above.args.get("with_")
            for cte in with_.expressions if with_ else ():
                if cte.alias == source.name and not _is_in(source, cte):
                    named = [column.name for column in cte.args["alias"].columns]
                    return _pivoted(source, named or columns_of(cte.this, relations))
            above = above.parent
    schema = source.text("db")
    name = source.name if schema in ("", "main") else f"{schema}.{source.name}"
    return _pivoted(source, list(relations[name]))


def _is_in(part: exp.Expr, whole: exp.Expr) -> bool:
    above: exp.Expr | None = part
    while above is not None and above is not whole:
        above = above.parent
    return above is whole


def _pivoted(source: exp.Expr, columns: list[str]) -> list[str]:
    for pivot in source.args.get("pivots") or ():
        group = pivot.args.get("group")
        columns = (
            [column.name for column in (*group.expressions, *pivot.args["columns"])] if group else columns
        )
    return columns
