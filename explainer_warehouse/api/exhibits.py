"""Find an exhibit of the report by name, and show it in a notebook."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from explainer_warehouse.nearest import did_you_mean
from reports.assemble.fill import fill_once, placements
from reports.assemble.filled import Placement, Shown
from reports.exhibit import cell, interval_cell
from reports.sections.contents import SECTIONS, exhibit_named
from reports.style import LIGHT, looks_of, template
from reports.warehouse import Warehouse

from .table import MOST_ROWS, Table, html_table

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go


class NotThereError(LookupError):
    """Say that there is nothing of such a name, what is like it, and what there is."""


class NothingToDrawError(ValueError):
    """Say why a figure has nothing to show."""


class Frames(Mapping[tuple[str, str | None], "pd.DataFrame"]):
    """The rows of the report's exhibits, by name and score type, each read when it is asked for."""

    def __init__(self, warehouse: Warehouse, policy: str) -> None:
        """Read from a warehouse, under a failure policy."""
        self._warehouse = warehouse
        self._policy = policy

    def __getitem__(self, key: tuple[str, str | None]) -> "pd.DataFrame":
        """Read the rows of one exhibit."""
        name, score_type = key
        return self._warehouse.read(exhibit_named(name).text_of_query(self._policy, score_type))

    def __contains__(self, key: object) -> bool:
        """Hold every exhibit, without reading one."""
        return True

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        """Walk the names and score types."""
        return ((p.exhibit.name, p.score_type) for p in all_placements(self._warehouse))

    def __len__(self) -> int:
        """Count the exhibits."""
        return sum(1 for _ in self)


def all_placements(warehouse: Warehouse) -> Iterator[Placement]:
    """Walk all exhibits of the report that this warehouse has scores for."""
    for section in SECTIONS:
        for exhibit in section.exhibits:
            yield from placements(exhibit, warehouse.families)


def find_placements(name: str, score_type: str | None, every: Iterable[Placement]) -> list[Placement]:
    """Return the exhibits of a name as `reports list` has it, or of its part before the score type."""
    return [p for p in every if name in (p.name, p.exhibit.name) and score_type in (None, p.score_type)]


def draw(name: str, score_type: str | None, warehouse: Warehouse, policy: str) -> "go.Figure":
    """Draw an exhibit as a figure of plotly's; raises NotThereError and NothingToDrawError."""
    every = [p for p in all_placements(warehouse) if p.exhibit.figure is not None]
    found = find_placements(name, score_type, every)
    if not found:
        of_type = "" if score_type is None else f" for score type {score_type!r}"
        names = [p.name for p in every]
        hint = did_you_mean(name, names) or f"; there are {', '.join(names)}"
        raise NotThereError(f"no figure is called {name!r}{of_type}{hint}")
    if len(found) > 1:
        types = " or ".join(repr(p.score_type) for p in found)
        raise NotThereError(f"{name!r} is drawn per score type: give score_type={types}")
    import plotly.graph_objects as go

    (placement,) = found
    shown = fill_once(placement, warehouse, looks_of(warehouse.all_runs), policy)
    if shown.figure is None:
        raise NothingToDrawError(f"{placement.name} has nothing to draw: {shown.caption}")
    layout = {**shown.figure.layout, "template": template(LIGHT), "title": {"text": placement.title}}
    return go.Figure({"data": shown.figure.data, "layout": layout})


class ExhibitTable(Table):
    """The rows of an exhibit, of all its score types; a notebook shows them as the report does."""

    def __init__(self, found: Sequence[Placement], warehouse: Warehouse, policy: str) -> None:
        """Hold an exhibit's placements, one or one per score type."""
        queries = [p.exhibit.text_of_query(policy, p.score_type) for p in found]
        query = "\nunion all by name\n".join(f"from (\n{query}\n)" for query in queries)
        super().__init__(warehouse.connection.sql(query), query)
        self._found, self._warehouse, self._policy = found, warehouse, policy

    def _repr_html_(self) -> str:
        return "".join(_html_of(fill_once(p, self._warehouse, None, self._policy)) for p in self._found)


def _html_of(shown: Shown) -> str:
    columns = shown.columns
    rows = shown.frame.head(MOST_ROWS).to_dict("records")
    cells = [[_with_interval(cell(c, row), interval_cell(c, row)) for c in columns] for row in rows]
    headings, numeric = [c.heading for c in columns], [c.numeric for c in columns]
    table = html_table(headings, numeric, cells, len(shown.frame), shown.caption)
    return f"<h4>{escape(shown.title)}</h4>{table}"


def _with_interval(value: Any, interval: str) -> str:
    return f"{value} ({interval})" if interval else value
