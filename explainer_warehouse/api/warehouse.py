"""Open a warehouse in Python: ask it in SQL, take its tables and figures, write its report."""

from collections.abc import Collection
from contextlib import ExitStack
from html import escape
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from explainer_warehouse.nearest import did_you_mean
from reports.assemble.headline import Statement, headline
from reports.assemble.report import assemble, scope_of
from reports.render.files import write_report
from reports.warehouse import Selection, literal, open_warehouse

from .exhibits import ExhibitTable, Frames, NotThereError, all_placements, draw, find_placements
from .table import Table

if TYPE_CHECKING:
    import duckdb
    import plotly.graph_objects as go

# What `reports show` calls these exhibits.
SHORT_NAMES = {
    "summary": "model_accuracy_summary",
    "ranking": "accuracy_bar",
    "best": "best_models",
}
_RELATIONS = """
select
    table_schema,
    table_name
from information_schema.tables
where table_catalog = current_database() and table_schema in ('main', 'metadata')
"""


class Warehouse:
    """A warehouse that is open to read. Close it, or use it in a `with` block, to let others write."""

    def __init__(
        self,
        path: Path,
        *,
        runs: tuple[str, ...] = (),
        models: tuple[str, ...] = (),
        hookpoints: tuple[str, ...] = (),
        score_types: tuple[str, ...] = (),
    ) -> None:
        """Open the file; `explainer_warehouse.open` says what may be selected."""
        self.path = path
        self._selection = Selection(runs=runs, models=models, hookpoints=hookpoints, score_types=score_types)
        self._open = ExitStack()
        self._warehouse = self._open.enter_context(open_warehouse(path, self._selection, reaches_others=True))

    @property
    def connection(self) -> "duckdb.DuckDBPyConnection":
        """DuckDB's own connection, read-only and with the selection in force."""
        return self._warehouse.connection

    @property
    def score_types(self) -> tuple[str, ...]:
        """The score types that are selected, sorted."""
        return self._warehouse.score_types

    def sql(self, query: str) -> Table:
        """Ask in SQL; the views follow the selection."""
        return Table(self.connection.sql(query), query)

    def tables(self) -> Table:
        """List the views and tables that can be asked, and what they are."""
        return self.sql(
            "select relation as name, description from column_docs"
            " where position = 0 and not starts_with(relation, 'behind_the_views.') order by relation"
        )

    def table(self, name: str, *, score_type: str | None = None, policy: str = "valid") -> Table:
        """Return a view or table of the warehouse, or the table of an exhibit of the report.

        name: of the view, as in `run_metrics`; of the exhibit, as `reports list` has it; or summary, ranking,
            best, as `reports show` has them
        score_type, policy: of an exhibit; policy is valid, or strict where a failed example counts as wrong
        Raises NotThereError.
        """
        relations = self.connection.execute(_RELATIONS).fetchall()
        for schema, relation in relations:
            if name in (relation, f"{schema}.{relation}"):
                of_type = "" if score_type is None else f" where score_type = {literal(score_type)}"
                return self.sql(f'from "{schema}"."{relation}"{of_type}')
        every = list(all_placements(self._warehouse))
        found = find_placements(SHORT_NAMES.get(name, name), score_type, every)
        if not found:
            known = [*SHORT_NAMES, *(relation for _, relation in relations), *(p.name for p in every)]
            of_type = "" if score_type is None else f" for score type {score_type!r}"
            hint = did_you_mean(name, known) or "; tables() lists the views"
            raise NotThereError(f"no view, table or exhibit is called {name!r}{of_type}{hint}")
        return ExhibitTable(found, self._warehouse, policy)

    def figures(self) -> list[str]:
        """List the figures of the report by name."""
        return [p.name for p in all_placements(self._warehouse) if p.exhibit.figure is not None]

    def figure(self, name: str, *, score_type: str | None = None, policy: str = "valid") -> "go.Figure":
        """Draw a figure of the report.

        name: as `reports list` has it, with the score type in it or beside it
        Raises NotThereError, and NothingToDrawError, which says why.
        """
        return draw(name, score_type, self._warehouse, policy)

    def headline(self, policy: str = "valid") -> list[Statement]:
        """Say what the report says first: who is ahead, how surely, at what cost, how whole the data are."""
        return headline(Frames(self._warehouse, policy), self._warehouse.families)

    def report(
        self,
        out: str | Path = "report",
        *,
        formats: Collection[str] = ("html",),
        title: str = "Explanations, scored",
        policy: str = "valid",
    ) -> list[Path]:
        """Write the report, as html, csv, md or latex; return the paths of its files."""
        with open_warehouse(self.path, self._selection, reaches_others=True, leaders_only=True) as warehouse:
            return write_report(assemble(warehouse, title, policy), Path(out), formats)

    def close(self) -> None:
        """Let go of the file."""
        self._open.close()

    def __enter__(self) -> Self:
        """Use the warehouse in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """Say which file it is and how much of it is selected."""
        return f"<Warehouse {self.path}: {scope_of(self._warehouse)}>"

    def _repr_html_(self) -> str:
        said = "".join(f"<li><b>{escape(s.about)}:</b> {escape(s.text)}</li>" for s in self.headline())
        head = f"<p><b>{escape(str(self.path))}</b>: {escape(scope_of(self._warehouse))}</p>"
        return f"{head}<ul>{said}</ul>{self.table('summary')._repr_html_()}"
