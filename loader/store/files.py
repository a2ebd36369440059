"""Write what was read to the database; the caller holds the transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from ..files.firing_counts import FiringCounts
from ..files.redact import SECRET
from ..files.scores.family import ArrowStream
from ..records import Problem, Source
from ..schema.headers import relations
from .history import keep_past
from .rows import Connection, append, relation, shown_stream
from .statements import EXPLANATION, INSERT_EXPLANATIONS

# What DuckDB parses in one statement takes some ten times that of its memory.
PIECE_BYTES = 6 << 20


class FileVersion(NamedTuple):
    """Hold a row of `source_files`, with the file's problems."""

    file_id: int
    source: Source
    content_hash: str | None
    status: str
    problems: tuple[Problem, ...] = ()


class KnownFile(NamedTuple):
    """Hold what the database knows of a file's newest version; times are nanoseconds since 1970."""

    file_id: int
    run_id: str | None
    kind: str
    size: int
    mtime_ns: int
    content_hash: str | None
    status: str
    loaded_ns: int


def known_files(connection: Connection) -> dict[str, KnownFile]:
    """Return the newest version of every file, by path."""
    rows = connection.execute(
        """
        select path, file_id, run_id, kind, size, mtime_ns, content_hash, status, epoch_ns(loaded_at)
        from source_files
        qualify file_id = max(file_id) over (partition by path)
        """
    ).fetchall()
    return {row[0]: KnownFile._make(row[1:]) for row in rows}


def next_file_id(connection: Connection) -> int:
    """Return a file id that is larger than every other, those of forgotten files too."""
    next_id: int
    [(next_id,)] = connection.execute(
        """
        select
            greatest(
                (select coalesce(max(file_id), 0) from source_files),
                (select coalesce(max(last_file_id), 0) from load_history)
            ) + 1
        """
    ).fetchall()
    return next_id


def shared_paths(connection: Connection) -> set[str]:
    """Return the paths of files that belong to no one run."""
    rows = connection.execute("select distinct path from source_files where run_id is null").fetchall()
    return {path for (path,) in rows}


def insert_scores(
    connection: Connection, table: str, statement: str, files: Mapping[int, bytes | str]
) -> dict[int, int]:
    """Write files, id -> JSON, to a table of examples; return how many those hold that it took, by id."""
    if not files:
        return {}
    for piece in _pieces(files):
        with _shown(connection, piece):
            connection.execute(statement)
    return _written(connection, table, files)


def _pieces(files: Mapping[int, bytes | str]) -> Iterator[dict[int, bytes | str]]:
    """Yield files, as many at a time as have PIECE_BYTES, or one that has more."""
    piece: dict[int, bytes | str] = {}
    size = 0
    for file_id, data in files.items():
        if piece and size + len(data) > PIECE_BYTES:
            yield piece
            piece, size = {}, 0
        piece[file_id] = data
        size += len(data)
    yield piece


def insert_read_scores(
    connection: Connection, table: str, statement: str, rows: ArrowStream, n_examples: dict[int, int]
) -> dict[int, int]:
    """Write rows, so many of each file, to a table of examples; return the files that it took alike."""
    with shown_stream(connection, "files", rows):
        [(n_written,)] = connection.execute(statement).fetchall()
    return n_examples if n_written == sum(n_examples.values()) else _written(connection, table, n_examples)


def insert_sums(connection: Connection, view: str, table: str, file_ids: Sequence[int]) -> None:
    """Keep in a table what a view says of score files that the same transaction has written."""
    if not file_ids:
        return
    with relation(connection, "counted", file_id=list(file_ids)):
        # The bounds let DuckDB pass over the rows of earlier batches.
        connection.execute(
            f"""
            insert into {table}
            select *
            from {view}
            where file_id between ? and ? and file_id in (select file_id from counted)
            """,
            [min(file_ids), max(file_ids)],
        )


def insert_explanations(connection: Connection, files: Mapping[int, bytes | str]) -> set[int]:
    """Write explanations, id -> JSON; return the ids of those that are a string without a secret."""
    if not files:
        return set()
    with _shown(connection, files):
        connection.execute(INSERT_EXPLANATIONS, {"grammar": EXPLANATION, "secret": SECRET})
    rows = connection.execute(
        "select file_id from explanation_facts where file_id between ? and ?", [min(files), max(files)]
    ).fetchall()
    return {row[0] for row in rows}


def insert_rows(connection: Connection, table: str, file_id: int, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write the few rows of one file to one of the fact tables."""
    for row in rows:
        marks = ", ".join("?" * (len(row) + 1))
        connection.execute(f"insert into {table} values ({marks})", [file_id, *row])


def insert_firing_counts(connection: Connection, file_id: int, found: Sequence[FiringCounts]) -> None:
    """Write a firing-count file's counts, a row per latent."""
    for hookpoint, counts in found:
        if not counts:
            continue
        connection.execute(
            """
            insert into firing_facts
            select $file_id, $hookpoint, place - 1, firing_count
            from unnest(cast(string_split($counts, ',') as bigint[]))
                with ordinality as counted (firing_count, place)
            """,
            {"file_id": file_id, "hookpoint": hookpoint, "counts": ",".join(map(str, counts))},
        )


def insert_versions(connection: Connection, versions: Sequence[FileVersion]) -> None:
    """Record file versions, and what is wrong with them."""
    now = datetime.now(UTC).replace(tzinfo=None).isoformat()
    append(
        connection,
        "source_files",
        [
            (
                v.file_id, s.run_id, s.path, s.kind, s.score_type, s.hookpoint, s.latent_idx,
                s.size, s.mtime_ns, v.content_hash, v.status, now,
            )
            for v in versions
            for s in [v.source]
        ],
    )  # fmt: skip
    append(
        connection,
        "candidate_facts",
        [(v.file_id, v.source.candidate_idx) for v in versions if v.source.candidate_idx is not None],
    )
    append(
        connection,
        "file_problems",
        [(v.file_id, p.kind, p.severity, p.detail) for v in versions for p in v.problems],
    )


def confirm_files(connection: Connection, mtimes: Mapping[int, int]) -> None:
    """Record that files were read again and found the same: id -> modification time."""
    if not mtimes:
        return
    with relation(connection, "confirmed", file_id=list(mtimes), mtime_ns=list(mtimes.values())):
        connection.execute(
            """
            update source_files
            set mtime_ns = confirmed.mtime_ns, loaded_at = ?
            from confirmed
            where source_files.file_id = confirmed.file_id
            """,
            [datetime.now(UTC).replace(tzinfo=None)],
        )


def clean_superseded(connection: Connection) -> int:
    """Delete what belongs to file versions that are not the newest; return how many versions those were."""
    old = [
        row[0]
        for row in connection.execute(
            "select file_id from source_files qualify file_id < max(file_id) over (partition by path)"
        ).fetchall()
    ]
    keep_past(connection, old)
    delete_files(connection, old)
    return len(old)


def delete_files(connection: Connection, file_ids: Sequence[int]) -> None:
    """Delete file versions and all that was read from them."""
    if not file_ids:
        return
    with relation(connection, "deleted", file_id=list(file_ids)):
        for table in fact_tables():
            connection.execute(f"delete from {table} where file_id in (select file_id from deleted)")


@cache
def fact_tables() -> tuple[str, ...]:
    """List the tables whose rows belong to file versions, `source_files` among them."""
    return tuple(
        relation.name
        for relation in relations()
        if relation.kind == "table"
        and not relation.name.startswith("past_")
        and any(column.name == "file_id" for column in relation.columns)
    )


def _written(connection: Connection, table: str, file_ids: Iterable[int]) -> dict[int, int]:
    """Return how many rows a table has of files, by id."""
    with relation(connection, "written", file_id=list(file_ids)):
        rows = connection.execute(
            f"""
            select file_id, count(*) from {table}
            where file_id between ? and ? and file_id in (select file_id from written)
            group by file_id
            """,
            [min(file_ids), max(file_ids)],
        ).fetchall()
    return dict(rows)


def _shown(connection: Connection, files: Mapping[int, bytes | str]) -> AbstractContextManager[None]:
    """Show files to the statements, as bytes: one emoji makes all of a Python string four times as large."""
    data = [text.encode() if isinstance(text, str) else text for text in files.values()]
    return relation(connection, "files", file_id=list(files), data=data)
