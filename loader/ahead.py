"""Read what a load found, configs first; for a lake ahead of its turn, while others may write there."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path

from explainer_warehouse.opening import literal

from .address import Lake
from .find.links import Linked, link_runs
from .find.places import Places
from .find.walk import Found
from .intake.reader import Progress, Reader
from .records import Source
from .store import files as store
from .store import runs as run_records
from .store.ahead import AHEAD, Ahead, seed
from .store.connect import writing
from .store.lake import NoLakeError, reading_lake
from .store.rows import Connection, transaction
from .views.build import apply_sql, check_version, current_info, is_current, read_info
from .views.new import empty_warehouse


def read_found(reader: Reader, found: Found, places: Places) -> tuple[Linked, Sequence[Source]]:
    """Read files; return what links the runs, and the sources that these lead to."""
    run_ids = [run.run_id for run in found.runs]
    configs = [source for source in found.sources if source.kind == "config"]
    others = [source for source in found.sources if source.kind != "config"]
    # Configs say where other files are.
    reader.read(configs, later=others)
    present = {source.path for source in configs}
    known_configs = {
        run_id: json.loads(config)
        for run_id, path, config in run_records.configs(reader.connection)
        # One that is gone is not followed any more.
        if path in present or places.is_hidden(path)
    }
    before = run_records.links(reader.connection, run_ids)
    linked = link_runs(found.runs, known_configs, before, places)
    own = {source.path for source in found.sources}
    shared = [source for source in linked.sources if source.path not in own]
    # Files of a kind together: a statement then takes as many as it can.
    reader.read(sorted(others + shared, key=attrgetter("kind")))
    return linked, shared


@contextmanager
def read_ahead(
    lake: Lake,
    found: Found,
    places: Places,
    *,
    held: Mapping[str, bytes],
    reread: bool,
    wait_s: float,
    progress: Progress,
) -> Iterator[Ahead]:
    """Read what a lake lacks of the files into a warehouse of this process's own, deleted in the end.

    held: the bytes of sources that lie in no file of their own, by path
    """
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "ahead.duckdb")
        with writing(path, wait_s=0, empty=empty_warehouse(current_info())) as connection:
            if not is_current(connection):
                apply_sql(connection)
        retry = not _seed(path, lake, found, wait_s)
        with writing(path, wait_s=0) as connection:
            reader = Reader(connection, retry=retry, reread=reread, progress=progress, held=held)
            read_found(reader, found, places)
            read = store.known_files(connection)
        yield Ahead(path, reader.known, read)


def _seed(path: Path, lake: Lake, found: Found, wait_s: float) -> bool:
    """Copy what a lake knows of the runs' files; tell whether its views are of this version."""
    try:
        with reading_lake(lake, wait_s, reached=[path]) as connection:
            if not read_info(connection):
                return False
            check_version(connection)
            attach(connection, path)
            # Each transaction of a lake asks its catalogue anew.
            with transaction(connection):
                seed(connection, [run.run_id for run in found.runs])
            return is_current(connection)
    except NoLakeError:
        # The load makes it.
        return False


def attach(connection: Connection, path: Path) -> None:
    """Let a lake's connection reach the warehouse that was read ahead."""
    connection.execute(f"attach {literal(str(path))} as {AHEAD}")
