"""Say how views hang together, as a diagram and as a table of all: found by asking a loaded warehouse."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import duckdb

# What rows of other views are of, and the columns that tell its own rows apart.
PARENTS = {
    "runs": ("run_id",),
    "run_metrics": ("run_id", "score_type"),
    "explanations": ("run_id", "hookpoint", "latent_idx"),
    "latent_metrics": ("run_id", "score_type", "hookpoint", "latent_idx"),
    "measure_docs": ("measure",),
}
# What else is drawn; all views together would be a star that nobody can read.
ALSO_DRAWN = ("examples", "firing_counts", "model_comparison", "run_measures", "token_usage")
_VIEWS = """
select
    view_name,
    map(list(column_name), list(data_type))
from duckdb_views() v
join duckdb_columns() c
    on c.database_name = v.database_name
    and c.schema_name = v.schema_name
    and c.table_name = v.view_name
where v.database_name = current_database() and v.schema_name = 'main' and not v.internal
group by view_name
order by view_name
"""


class Link(NamedTuple):
    """Hold that each row of a view has its row in another, by the columns `on`."""

    child: str
    parent: str
    on: tuple[str, ...]


def draw(connection: "duckdb.DuckDBPyConnection") -> str:
    """Return the diagram of the views that are asked most, and the table of all."""
    views = dict(connection.execute(_VIEWS).fetchall())
    links = list(find_links(connection, views))
    drawn = {*PARENTS, *ALSO_DRAWN}
    lines = [
        f'    {link.parent} ||--o{{ {link.child} : "{", ".join(link.on)}"'
        for link in links
        if link.child in drawn
    ]
    entities = [_entity(name, key, views[name]) for name, key in PARENTS.items()]
    diagram = "\n".join(["```mermaid", "erDiagram", *lines, *entities, "```"])
    rows = [_row(view, [link for link in links if link.child == view]) for view in views]
    return "\n".join([diagram, "", "| view | rows are of | by |", "|---|---|---|", *rows])


def find_links(connection: "duckdb.DuckDBPyConnection", views: dict[str, dict[str, str]]) -> Iterator[Link]:
    """Yield the links of all views, to the nearest parents only: not to a run where to a latent of it."""
    for child, columns in views.items():
        found = [
            Link(child, parent, on)
            for parent, key in PARENTS.items()
            if parent != child
            for on in _columns_of(key, columns)
            if _has_parents(connection, child, on, parent, key)
        ]
        for link in found:
            if not any(set(link.on) < set(other.on) for other in found):
                yield link


def _columns_of(key: Sequence[str], columns: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """Yield the columns that can hold a key: of a pair of runs, both."""
    for end in ("", "_a", "_b"):
        names = tuple(name + end if name == "run_id" else name for name in key)
        if all(name in columns for name in names) and (not end or names != tuple(key)):
            yield names


def _has_parents(
    connection: "duckdb.DuckDBPyConnection", child: str, on: Sequence[str], parent: str, key: Sequence[str]
) -> bool:
    pairs = " and ".join(f"c.{name} = p.{of} " for name, of in zip(on, key, strict=True))
    known = " and ".join(f"c.{name} is not null" for name in on)
    query = f"select count(*) from (select * from {child} c where {known}) c anti join {parent} p on {pairs}"
    [(n_orphans,)] = connection.execute(query).fetchall()
    return not n_orphans


def _entity(name: str, key: Sequence[str], columns: dict[str, str]) -> str:
    keys = "\n".join(f"        {columns[column].lower()} {column} PK" for column in key)
    return f"    {name} {{\n{keys}\n    }}"


def _row(view: str, links: Sequence[Link]) -> str:
    parents = ", ".join(dict.fromkeys(f"`{link.parent}`" for link in links))
    columns = "; ".join(dict.fromkeys(", ".join(f"`{name}`" for name in link.on) for link in links))
    return f"| [{view}](relations.md#{view}) | {parents} | {columns} |"
