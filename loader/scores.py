"""Bring scores that have no format of their own: ratings by people, results of other programs."""

from pathlib import Path
from typing import NamedTuple

from .address import Address
from .exports.exports import Opened, list_given
from .exports.member import ExportError
from .exports.table import columns_of, read_table
from .files.raw import read_content
from .intake.reader import Reader
from .metadata.read import read_rows
from .records import given_by
from .store import files as store
from .store import runs as run_records
from .store.history import note_load
from .store.rows import Connection, transaction
from .views.change import changing
from .views.keep import forget_rows


class Given(NamedTuple):
    """Hold what came of a table of scores.

    n_empty: rows without a value, which are left out
    n_gone: latents that the same table had before, and has no more
    new_runs: names of runs that were not there
    """

    n_scores: int
    n_runs: int
    n_empty: int
    n_gone: int
    new_runs: list[str]


def give(path: Address, file: Path, columns: str, score_type: str | None, wait_s: float) -> Given:
    """Replace what a table gave before by what it gives now.

    columns: as `columns_of` takes them; score_type: of all rows, None if a column says it
    Raises ExportError, MetadataError and WarehouseError.
    """
    named = columns_of(columns, score_type)
    _, rows = read_rows(file, named["run"])
    try:
        members, n_empty = read_table(rows, named, score_type)
    except ExportError as error:
        raise ExportError(f"{file}: {error}") from error
    if not members:
        raise ExportError(f"{file}: found no score, wanted a row per score")
    place = file.resolve()
    with changing(path, wait_s) as connection:
        runs = dict(connection.execute("select key, run_id from behind_the_views.run_keys").fetchall())
        opened = list_given(members, place, read_content(str(place)).mtime_ns, runs)
        forget_rows(connection)
        n_gone = _write(connection, place, opened)
    n_runs = len({source.run_id for source in opened.sources})
    return Given(len(members), n_runs, n_empty, n_gone, [run.path.name for run in opened.runs])


def withdraw(path: Address, file: Path, wait_s: float) -> int:
    """Forget what a table gave; return of how many latents. Raises ExportError where that is nothing."""
    place = file.resolve()
    with changing(path, wait_s) as connection:
        forget_rows(connection)
        n_gone = _write(connection, place, Opened([], [], {}, []))
    if not n_gone:
        raise ExportError(f"{path}: found no score from {place}, wanted a table that was brought")
    return n_gone


def _write(connection: Connection, place: Path, opened: Opened) -> int:
    """Write what a table gives, and forget what it gave before and does not now; return how much that is."""
    with transaction(connection):
        run_records.insert_runs(connection, [(run, _name(connection, run.path)) for run in opened.runs])
    reader = Reader(
        connection, retry=True, reread=False, progress=lambda done, of: None, held=opened.contents
    )
    reader.read(opened.sources)
    present = {source.path for source in opened.sources}
    gone = [
        file.file_id
        for known, file in reader.known.items()
        if given_by(known) == str(place) and known not in present
    ]
    with transaction(connection):
        note_load(connection)
        store.delete_files(connection, gone)
        store.clean_superseded(connection)
        run_records.forget_runs(connection, _without_files(connection, place), "drop")
    return len(gone)


def _name(connection: Connection, path: Path) -> str:
    taken = set(run_records.run_names(connection).values())
    return path.name if path.name not in taken else str(path)


def _without_files(connection: Connection, place: Path) -> list[Path]:
    """Return the runs that only a table has given, and that have nothing left."""
    rows = connection.execute(
        "select run_path from run_directories anti join source_files using (run_id)"
    ).fetchall()
    return [Path(path) for (path,) in rows if given_by(path) == str(place)]
