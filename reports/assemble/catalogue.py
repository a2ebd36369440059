"""List what a report is made of: its sections, its figures and the views of the warehouse."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..exhibit import Column
from ..sections.contents import SECTIONS, sections_of
from ..warehouse import Families, Warehouse
from .fill import placements
from .filled import Placement

if TYPE_CHECKING:
    import pandas as pd

VIEWS_QUERY = """\
select
    d.relation as name,
    d.description
from column_docs d
join duckdb_views() v on v.view_name = d.relation and v.schema_name = 'main'
where d.position = 0 and not v.internal
order by d.relation"""

NAME = Column("name", "Name")


class Listing(NamedTuple):
    """Hold one table of names."""

    title: str
    columns: tuple[Column, ...]
    rows: list[dict[str, str]]


def figure_placements(families: Families, by: str = "") -> Iterator[Placement]:
    """Walk the figures of a report by some grouping, also those whose values turn out to be undefined."""
    for section in sections_of(by):
        for exhibit in section.exhibits:
            if exhibit.figure is not None:
                yield from placements(exhibit, families)


def table_placements(warehouse: Warehouse) -> Iterator[Placement]:
    """Walk the times that an exhibit with a table stands in a report."""
    for section in sections_of(warehouse.by):
        for exhibit in section.exhibits:
            if exhibit.columns:
                yield from placements(exhibit, warehouse.families)


def listings(families: Families, views: "pd.DataFrame") -> dict[str, Listing]:
    """Name all sections, figures and views; views: the rows of VIEWS_QUERY."""
    return {
        "sections": Listing(
            "Sections",
            (NAME, Column("title", "Title"), Column("lead", "What it shows")),
            [{"name": section.name, "title": section.title, "lead": section.lead} for section in SECTIONS],
        ),
        "figures": Listing(
            "Figures",
            (NAME, Column("title", "Title"), Column("view", "View")),
            [
                {"name": figure.name, "title": figure.title, "view": figure.exhibit.view}
                for figure in figure_placements(families)
            ],
        ),
        "views": Listing("Views", (NAME, Column("description", "What it is")), views.to_dict("records")),
    }
