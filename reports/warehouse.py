"""Read a warehouse, read-only, into DataFrames: the only module of reports that touches the database.

Filters are DuckDB variables that the views follow, so ranks, ties and adjusted p-values follow them, and
`Warehouse.settings` before a query is all that somebody else needs to get the same rows.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from explainer_warehouse.nearest import did_you_mean
from explainer_warehouse.opening import (
    HeldError,
    NoFileError,
    OpeningError,
    close_to_others,
    explained,
    is_damage,
    open_file,
)
from explainer_warehouse.sql_files import sql_hash
from explainer_warehouse.versions import INFO_IS_OURS, mismatch

from .grouping import GROUPS, GroupingError, grouping_sql
from .prices import Price

if TYPE_CHECKING:
    import pandas as pd


class WarehouseError(Exception):
    """Say in one line which file or filter is at fault, what was found and what to do."""


class RefusedError(Exception):
    """Say in one line why a query gives no rows: a value that it cannot take, or no room."""


class Selection(NamedTuple):
    """Hold what a report is limited to, and what only its reader knows; empty means all, or nothing.

    runs, models: GLOBs; runs are called by their name, directory or label
    hookpoints: GLOBs; only latents that lie there, while costs stay those of whole runs
    where: a condition on runs_enriched, in SQL
    by: a column of runs_enriched or a setting, by which runs are grouped and coloured
    same_latents: GLOBs; runs whose names match one of them explain the same latents
    controls: GLOBs; runs of such names are of random or shuffled explanations, and selected whatever else is
    prices: what the models' tokens cost
    """

    runs: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    hookpoints: tuple[str, ...] = ()
    score_types: tuple[str, ...] = ()
    where: str = ""
    by: str = ""
    same_latents: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    prices: tuple[Price, ...] = ()


_ALL_RUNS = "select run_id, model from runs order by model, run_name"
_ALL_GROUPS = f"""
select
    run_id,
    coalesce(group_name, '') as model
from runs
join {GROUPS} using (run_id)
order by
    group_name,
    run_name
"""
# As run_costs finds a model's price.
_MODELS = """
select distinct unnest([
    model,
    explainer_model,
    scorer_model,
    regexp_extract(explainer_model, '([^/]*)/*$', 1),
    regexp_extract(scorer_model, '([^/]*)/*$', 1)
]) as name
from runs
"""
# What a run may be called, besides its name, which messages list.
_CALLED = " or ".join(
    f"{name} glob ? or {name} = ?" for name in ("run_name", "run_label", "regexp_extract(run_path, '[^/]*$')")
)
_COPY = "copy_of_the_views"
# Read by every DuckDB since 1.0. In blocks of the usual size many small tables would take much room.
_COPY_FORMAT = "read_write, storage_version 'v1.0.0', block_size 16384"
# Score types by the family of their files.
Families = Mapping[str, tuple[str, ...]]


class Warehouse(NamedTuple):
    """Hold an open warehouse whose views are limited to a selection.

    settings: the `set variable` statements in force, "" without a filter
    all_runs: run_id and model, or the group, of every run, selected or not, in a fixed order
    n_runs: how many are selected
    n_left_out: how many more would be, were they not too many to be compared
    families: the selected score types, sorted, by their family
    by: what runs are grouped by, "" for nothing
    """

    connection: duckdb.DuckDBPyConnection
    path: Path
    settings: str
    all_runs: "pd.DataFrame"
    n_runs: int
    families: Families
    by: str = ""
    n_left_out: int = 0

    @property
    def score_types(self) -> tuple[str, ...]:
        """All score types, sorted."""
        return all_score_types(self.families)

    def read(self, query: str) -> "pd.DataFrame":
        """Run one query on the filtered views. Raises RefusedError."""
        with _refusals():
            return self.connection.execute(query).df()

    @contextmanager
    def apart(self) -> Iterator["Warehouse"]:
        """Give another thread a connection of its own with the same filters; an error here ends its query."""
        connection = self.connection.cursor()
        connection.execute(self.settings)
        try:
            yield self._replace(connection=connection)
        except BaseException:
            connection.interrupt()
            raise

    def unknown_models(self, models: Sequence[str]) -> list[str]:
        """List those of the models that no selected run has for its explainer or scorer, by any name."""
        rows = self.connection.execute(_MODELS).fetchall()
        return sorted(set(models) - {name for (name,) in rows})

    @contextmanager
    def copying_to(self, path: Path) -> Iterator[Callable[[str, str, Mapping[str, str]], None]]:
        """Make a DuckDB file; give a function that copies the rows of a query into a table of it.

        It takes the table's name, the query and its parameters, and raises RefusedError.
        """

        def copy(name: str, query: str, values: Mapping[str, str]) -> None:
            with _refusals():
                self.connection.execute(f"create table {_COPY}.main.{name} as {query}", values or None)

        self.connection.execute(f"attach {literal(str(path))} as {_COPY} ({_COPY_FORMAT})")
        try:
            yield copy
        finally:
            self.connection.execute(f"detach {_COPY}")

    def read_once(self, views: Sequence[str]) -> None:
        """Copy the rows of these views to temporary tables of their names, which later queries read instead.

        Planning such a view costs more than its rows, and a report asks for some of them ten times. A view
        that cannot be read is left as it is: what asks for it says why.
        """
        for name in views:
            with suppress(RefusedError), _refusals():
                self.connection.execute(f"create temporary table {name} as from {name}")


@contextmanager
def open_warehouse(
    path: Path,
    selection: Selection = Selection(),  # noqa: B008
    *,
    reaches_others: bool = False,
    writes_to: Path | None = None,
    leaders_only: bool = False,
) -> Iterator[Warehouse]:
    """Open the warehouse at path, limited to selection. Raises WarehouseError.

    reaches_others: its queries may read other files, as a view of somebody else's warehouse could, too
    writes_to: a directory for what is copied from it
    leaders_only: of more runs than are compared in pairs, take those that are
    """
    # DuckDB would import it with the first frame, and a Ctrl-C that comes in there aborts or is lost.
    import pandas  # noqa: F401

    with closing(_connect(path)) as connection:
        if not reaches_others:
            close_to_others(connection, writes_to)
        try:
            warehouse = _selected(connection, path, selection, leaders_only)
        except duckdb.Error as error:
            raise WarehouseError(f"{path}: {explained(error)}") from error
        try:
            yield warehouse
        except duckdb.Error as error:
            if not is_damage(error):
                raise
            raise WarehouseError(f"{path}: {explained(error)}") from error


def _selected(
    connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection, leaders_only: bool
) -> Warehouse:
    """Check that a file is a warehouse of this version, and limit its views."""
    _check_is_warehouse(connection, path)
    _check_answers_hold(connection, path)
    grouping = _grouping(connection, path, selection.by)
    connection.execute(grouping)
    all_runs = connection.execute(_ALL_GROUPS if grouping else _ALL_RUNS).df()
    if all_runs.empty:
        raise WarehouseError(f"{path} holds no run yet: fill it with `loader load RESULTS -w {path}`")
    settings = _settings(connection, path, selection) + grouping
    connection.execute(settings)
    n_runs = n_wanted = _one(connection, "select count(*) from runs")
    if leaders_only and n_wanted > _one(connection, "select most_compared()"):
        leaders = _leaders(connection)
        connection.execute(leaders)
        settings += leaders
        n_runs = _one(connection, "select count(*) from runs")
    families = _families(connection)
    return Warehouse(
        connection, path, settings, all_runs, n_runs, families, selection.by, n_left_out=n_wanted - n_runs
    )


@contextmanager
def _refusals() -> Iterator[None]:
    # Not what Ctrl-C or a damaged file makes of a query.
    try:
        yield
    except (
        duckdb.DataError,
        duckdb.ProgrammingError,
        duckdb.OutOfMemoryException,
        duckdb.PermissionException,
    ) as error:
        raise RefusedError(str(error).splitlines()[0]) from error


def all_score_types(families: Families) -> tuple[str, ...]:
    """List the score types of all families, sorted."""
    return tuple(sorted({name for names in families.values() for name in names}))


def literal(value: str | Sequence[str]) -> str:
    """Write a text, or a list of texts, as SQL."""
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return "[" + ", ".join(literal(item) for item in value) + "]"


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    try:
        return open_file(path, read_only=True)
    except NoFileError as error:
        raise WarehouseError(
            f"{path} does not exist: make it with `loader load RESULTS -w {path}`"
        ) from error
    except HeldError as error:
        raise WarehouseError(f"{path} is being written: wait for `loader` to end ({error})") from error
    except OpeningError as error:
        raise WarehouseError(f"{path}: {error}") from error


def _check_is_warehouse(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise unless this version made the views."""
    is_ours = connection.execute(INFO_IS_OURS).fetchone()
    info = dict(connection.execute("from warehouse_info").fetchall()) if is_ours else {}
    wrong = mismatch(info)
    if wrong:
        raise WarehouseError(f"{path}: {wrong}")
    if info.get("sql_hash") != sql_hash():
        raise WarehouseError(
            f"{path} has the views of another version (loader {info.get('loader_version', 'unknown')!r});"
            f" refresh them with `loader refresh -w {path}`"
        )


def _check_answers_hold(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise if the loader's tables were changed by hand after its last load."""
    changed = _one(
        connection,
        "select rows_are_kept() and (from behind_the_views.state) is distinct from state_of_tables()",
    )
    if changed:
        raise WarehouseError(
            f"{path} was changed by hand since its last load:"
            f" make its views follow with `loader refresh -w {path}`"
        )


def _families(connection: duckdb.DuckDBPyConnection) -> Families:
    rows = connection.execute(
        """
        select
            case when is_classifier then 'classifier' else 'other' end as family,
            list(distinct score_type order by score_type)
        from behind_the_views.scored_runs
        group by family
        """
    ).fetchall()
    return {family: tuple(score_types) for family, score_types in rows}


def _grouping(connection: duckdb.DuckDBPyConnection, path: Path, by: str) -> str:
    """Return the statement that makes the groups, "" without any."""
    if not by:
        return ""
    columns = [row[0] for row in connection.execute("describe runs_enriched").fetchall()]
    settings = connection.execute("select distinct setting from run_settings order by setting").fetchall()
    try:
        return grouping_sql(by, columns, [name for (name,) in settings])
    except GroupingError as error:
        raise WarehouseError(f"{path}: --by {error}") from error


def _settings(connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection) -> str:
    statements = []
    controls = _controls(connection, path, selection.controls)
    if selection.runs or selection.models or selection.where:
        run_ids = tuple(sorted({*_matching_runs(connection, path, selection), *controls}))
        statements.append(f"set variable selected_runs = {literal(run_ids)};\n")
    if selection.score_types:
        _check_score_types(connection, path, selection.score_types)
        statements.append(f"set variable selected_score_types = {literal(selection.score_types)};\n")
    if selection.hookpoints:
        hookpoints = _matching_hookpoints(connection, path, selection.hookpoints)
        statements.append(f"set variable selected_hookpoints = {literal(hookpoints)};\n")
    if selection.same_latents:
        for glob in selection.same_latents:
            _check_matches_two(connection, path, glob)
        statements.append(f"set variable same_latents = {literal(selection.same_latents)};\n")
    if selection.controls:
        statements.append(f"set variable controls = {literal(selection.controls)};\n")
    if selection.prices:
        prices = ",\n".join(f"    {_struct(price)}" for price in selection.prices)
        statements.append(f"set variable prices = [\n{prices}\n];\n")
    return "".join(statements)


def _leaders(connection: duckdb.DuckDBPyConnection) -> str:
    """Return the statement that selects those of the selected runs that are compared in pairs."""
    rows = connection.execute("select run_id from behind_the_views.compared_runs order by all").fetchall()
    return f"set variable selected_runs = {literal([run_id for (run_id,) in rows])};\n"


def _struct(price: Price) -> str:
    pairs = zip(Price._fields, (literal(price.model), *map(repr, price[1:])), strict=True)
    return "{" + ", ".join(f"{name}: {value}" for name, value in pairs) + "}"


def _matching_runs(
    connection: duckdb.DuckDBPyConnection, path: Path, selection: Selection
) -> tuple[str, ...]:
    wanted = [("run_name", "--run", _CALLED, [glob] * 6, glob) for glob in selection.runs]
    wanted += [
        ("model", "--model", "model glob ? or model = ?", [glob] * 2, glob) for glob in selection.models
    ]
    matches: dict[str, set[str]] = {}
    for column, option, condition, values, glob in wanted:
        found = connection.execute(f"select run_id from runs where {condition}", values).fetchall()
        if not found:
            names = connection.execute(f"select distinct {column} from runs").fetchall()
            hint = did_you_mean(glob, [name for (name,) in names])
            raise WarehouseError(
                f"{path}: no run has a {column.replace('_', ' ')} like {option} {glob!r}"
                + (hint or f"; there are {_listed(connection, column, 'runs')}")
            )
        matches.setdefault(option, set()).update(run_id for (run_id,) in found)
    if selection.where:
        matches["--where"] = _where(connection, path, selection.where)
    both = set.intersection(*matches.values())
    if not both:
        raise WarehouseError(
            f"{path}: no run satisfies {'both ' * (len(matches) == 2)}{' and '.join(matches)};"
            f" there are {_listed(connection, 'run_label', 'runs')}"
        )
    return tuple(sorted(both))


def _where(connection: duckdb.DuckDBPyConnection, path: Path, condition: str) -> set[str]:
    try:
        found = connection.execute(f"select run_id from runs_enriched where ({condition}\n)").fetchall()
    except duckdb.Error as error:
        # What is wrong and, of a column that is not there, those like it; then the query.
        said = " ".join(str(error).partition("\n\n")[0].splitlines())
        raise WarehouseError(f"{path}: --where {condition!r}: {said}") from error
    if not found:
        raise WarehouseError(f"{path}: no run satisfies --where {condition!r}")
    return {run_id for (run_id,) in found}


def _matching_hookpoints(
    connection: duckdb.DuckDBPyConnection, path: Path, globs: Sequence[str]
) -> tuple[str, ...]:
    """Return the hookpoints; raise for a GLOB that matches none."""
    rows = connection.execute("select distinct hookpoint from current_files where hookpoint is not null")
    names = sorted(name for (name,) in rows.fetchall())
    matching = {glob: [name for name in names if name == glob or fnmatchcase(name, glob)] for glob in globs}
    for glob, found in matching.items():
        if not found:
            hint = did_you_mean(glob, names) or f"; there are {', '.join(names)}"
            raise WarehouseError(f"{path}: no hookpoint is like --hookpoint {glob!r}{hint}")
    return tuple(sorted({name for found in matching.values() for name in found}))


def _check_matches_two(connection: duckdb.DuckDBPyConnection, path: Path, glob: str) -> None:
    (found,) = connection.execute("select count(*) from runs where run_name glob ?", [glob]).fetchall()[0]
    if found < 2:
        raise WarehouseError(
            f"{path}: --same-latents {glob!r} matches {found} runs, wanted two or more;"
            f" there are {_listed(connection, 'run_name', 'runs')}"
        )


def _controls(connection: duckdb.DuckDBPyConnection, path: Path, globs: Sequence[str]) -> set[str]:
    """Return the run_id of the controls; raise if a GLOB matches no run."""
    controls: set[str] = set()
    for glob in globs:
        found = connection.execute("select run_id from runs where run_name glob ?", [glob]).fetchall()
        if not found:
            raise WarehouseError(
                f"{path}: no run has a name like --control {glob!r};"
                f" there are {_listed(connection, 'run_name', 'runs')}"
            )
        controls.update(run_id for (run_id,) in found)
    return controls


def _check_score_types(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Sequence[str]) -> None:
    found = connection.execute(
        "select distinct score_type from current_files where kind = 'score' and status = 'loaded'"
    ).fetchall()
    missing = [name for name in wanted if (name,) not in found]
    if missing:
        there = sorted(name for (name,) in found)
        hint = did_you_mean(missing[0], there) or f"; there are {', '.join(there) or 'none'}"
        raise WarehouseError(f"{path}: no scores of type {', '.join(missing)}{hint}")


def _listed(connection: duckdb.DuckDBPyConnection, column: str, relation: str, at_most: int = 20) -> str:
    rows = connection.execute(f"select distinct {column} from {relation} order by all").fetchall()
    names = [str(name) for (name,) in rows[:at_most]]
    more = f" and {len(rows) - at_most} more" if len(rows) > at_most else ""
    return ", ".join(names) + more


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    number: int
    [(number,)] = connection.execute(query).fetchall()
    return number
