"""Tell a warehouse that results lie elsewhere now, so that they are not loaded as other runs."""

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from explainer_warehouse.nearest import did_you_mean

from .address import Address
from .errors import LoaderError
from .exports.exports import export_of
from .find.names import run_id_of
from .find.places import is_gone
from .records import Problem, Run, given_by
from .store import runs as run_records
from .store.moves import LOADED_TWICE, Copy, Move, find_copies, move_runs
from .store.rows import Connection, relation, transaction
from .views.change import changing
from .views.enrich import BY_RUN, quoted
from .views.keep import forget_rows


class MoveError(LoaderError):
    """Say why runs cannot be told to lie elsewhere, and what to do."""


class Way(NamedTuple):
    """Hold where results were and are, as paths in a warehouse, and what may follow the former in one."""

    old: str
    new: str
    marks: tuple[str, ...]

    def moved(self, path: str) -> str | None:
        """Return what a path is now; None if it lies elsewhere."""
        is_within = path == self.old or path.startswith(tuple(self.old + mark for mark in self.marks))
        return self.new + path[len(self.old) :] if is_within else None


def move(path: Address, old: Path, new: Path, wait_s: float) -> list[str]:
    """Let the runs that were read at and below `old` be those at `new`; return their names.

    They keep their names, the display names of their models, metadata and history. Raises MoveError, and
    WarehouseError.
    """
    with changing(path, wait_s) as connection:
        runs = connection.execute("select run_id, run_name, run_path from run_directories").fetchall()
        way = _way(old, new, [run_path for _, _, run_path in runs])
        moves = [
            Move(run_id, run_id_of(Path(to)), run_path, to, name)
            for run_id, name, run_path in runs
            if (to := way.moved(run_path))
        ]
        forget_rows(connection)
        with transaction(connection):
            called = _called(connection)
            move_runs(connection, moves, way.old, way.new, way.marks)
            _keep_display_names(connection, moves)
            _keep_metadata(connection, called, moves)
    return sorted(move.run_name for move in moves)


def find_moved(connection: Connection, runs: Sequence[Run]) -> list[Copy]:
    """Return what runs that are no more where they were loaded have in common with one of `runs`."""
    present = {str(run.path) for run in runs}
    known = map(str, run_records.run_names(connection))
    left = [run for run in known if run not in present and given_by(run) is None and has_left(Path(run))]
    return find_copies(connection, left, present) if left else []


def moved_problem(copy: Copy) -> Problem:
    """Say of a run that it holds another one's files, which count twice, and what to do."""
    old, new = Path(copy.old), Path(copy.new)
    # What both have below is as it was.
    while old.name == new.name and old.parent != new.parent:
        old, new = old.parent, new.parent
    whole = "or load with --prune, which forgets the old" if copy.is_whole else "or `loader drop` it"
    detail = (
        f"found {copy.n_shared:,} of the {copy.n_files:,} scores and explanations of the run in {copy.old}, "
        f"whose directory is gone, so that both count; run `loader move {shlex.quote(str(old))} "
        f"{shlex.quote(str(new))}`, which keeps its name, metadata and history, {whole}"
    )
    return Problem(run_id_of(Path(copy.new)), copy.new, LOADED_TWICE, "finding", detail)


def has_left(run: Path) -> bool:
    """Tell whether a run is no more where it was: nothing is there, or a link to somewhere else."""
    place = Path(given_by(str(run)) or export_of(run))
    return is_gone(place) or Path(os.path.realpath(place)) != place


def _way(old: Path, new: Path, runs: Sequence[str]) -> Way:
    """Return the way of the runs, by path, that have moved; raises MoveError unless they have."""
    if is_gone(new):
        raise MoveError(f"{new}: found nothing, wanted the place where {old} is now")
    # As it was called when it was loaded, in whatever a link may lead to by now.
    before = dict.fromkeys([str(old.absolute()), str(old.parent.resolve() / old.name)])
    ways = [Way(place, str(new.resolve()), _marks(Path(place))) for place in before]
    way = next((way for way in ways if any(map(way.moved, runs))), None)
    if way is None:
        tops = {str(Path(run).parent) for run in runs}
        there = did_you_mean(ways[0].old, {*runs, *tops}) or f"; there are runs in {_listed(tops)}"
        raise MoveError(f"no run was loaded from {ways[0].old}{there}")
    moved = {run: to for run in runs if (to := way.moved(run))}
    if stayed := [run for run in moved if not has_left(Path(run))]:
        raise MoveError(
            f"{way.old}: found {stayed[0]} still there, wanted what has moved; move the files first, or name "
            "the directories of the runs that have"
        )
    if all(has_left(Path(run)) for run in moved.values()):
        raise MoveError(f"{new}: found none of the runs of {old}, such as {min(moved.values())}")
    return way


def _marks(old: Path) -> tuple[str, ...]:
    """Return what may follow a path in that of a file in it, or of what an export holds."""
    # A name beside it may begin so, too.
    beside = old.parent.glob("*") if old.parent.is_dir() else ()
    return ("/",) if any(path.name.startswith(f"{old.name}#") for path in beside) else ("/", "#")


def _listed(places: set[str], at_most: int = 3) -> str:
    more = f" and {len(places) - at_most} more" if len(places) > at_most else ""
    return (", ".join(sorted(places)[:at_most]) or "no place") + more


def _called(connection: Connection) -> dict[str, str]:
    """Return what runs may be called, with their ids."""
    return dict(connection.execute("select key, run_id from behind_the_views.run_keys").fetchall())


def _keep_display_names(connection: Connection, moves: Sequence[Move]) -> None:
    """Let a name that was given to a run's directory be given to what that is called now."""
    renamed = {Path(move.old_path).name: Path(move.new_path).name for move in moves}
    present, given = (
        {renamed[key]: name for key, name in names.items() if key in renamed} | names
        for names in run_records.model_names(connection)
    )
    run_records.write_model_names(connection, present, given)


def _keep_metadata(connection: Connection, before: Mapping[str, str], moves: Sequence[Move]) -> None:
    """Let what users brought about a run, by a path say that it had, be about its name, which it keeps."""
    ids = {move.old_id: move.new_id for move in moves}
    names = {move.new_id: move.run_name for move in moves}
    after = _called(connection)
    lost = {
        key: names[ids.get(run_id, run_id)]
        for key, run_id in before.items()
        if (now := ids.get(run_id, run_id)) in names and after.get(key) != now
    }
    tables = connection.execute(
        """
        select
            name,
            key_column
        from metadata_sources
        join duckdb_columns() on table_name = name and column_name = key_column and schema_name = 'metadata'
        where joined_by = ? and data_type = 'VARCHAR'
        """,
        [BY_RUN],
    ).fetchall()
    with relation(connection, "lost", was=list(lost), is_now=list(lost.values())):
        for name, key in tables:
            connection.execute(
                f"update metadata.{quoted(name)} set {quoted(key)} = is_now from lost "
                f"where rtrim({quoted(key)}, '/') = was"
            )
