"""Read a batch of files and write what they hold in one transaction: whole files, or none of the batch."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from . import warehouse
from .classifier import ScoreError, UnsupportedScoresError, read_examples
from .discover import Problem, Source
from .parse import PARSERS, ParseError, parse_firing_counts
from .read import MAX_BYTES, MAX_FIRING_COUNT_BYTES, Content, ReadError, VanishedError, read_content
from .redact import redact_text
from .rows import Connection, RefusedError, transaction
from .warehouse import FileVersion, KnownFile


class Outcome(NamedTuple):
    """Hold what became of a batch: file versions written, files found the same, and files that vanished."""

    versions: list[FileVersion]
    n_confirmed: int
    vanished: list[Problem]


def load_batch(
    connection: Connection, sources: Mapping[int, Source], known: Mapping[str, KnownFile]
) -> Outcome:
    """Read and write a batch, id -> file; `known` is what the database holds of them."""
    contents: dict[int, Content] = {}
    unreadable: list[FileVersion] = []
    confirmed: dict[int, int] = {}
    vanished: list[Problem] = []
    for file_id, source in sources.items():
        try:
            content = read_content(
                source.path, MAX_FIRING_COUNT_BYTES if source.kind == "firing_counts" else MAX_BYTES
            )
        except VanishedError as error:
            vanished.append(_problem(source, "vanished", "finding", str(error)))
            continue
        except ReadError as error:
            problem = _problem(source, "unreadable", "failed", str(error))
            unreadable.append(FileVersion(file_id, source, None, "failed", (problem,)))
            continue
        before = known.get(source.path)
        if before is not None and before.content_hash == content.content_hash:
            confirmed[before.file_id] = content.mtime_ns
        else:
            contents[file_id] = content
    versions = _write(connection, {i: sources[i] for i in contents}, contents, unreadable, confirmed)
    return Outcome(versions, len(confirmed), vanished)


def _write(
    connection: Connection,
    sources: Mapping[int, Source],
    contents: Mapping[int, Content],
    unreadable: Sequence[FileVersion],
    confirmed: Mapping[int, int],
) -> list[FileVersion]:
    try:
        with transaction(connection):
            versions = _write_contents(connection, sources, contents)
            versions += unreadable
            warehouse.insert_versions(connection, versions)
            warehouse.confirm_files(connection, confirmed)
            return versions
    except RefusedError as error:
        # One file's content upset a statement that serves them all: find it, so that its neighbours load.
        if len(sources) > 1:
            versions = _write(connection, {}, {}, unreadable, confirmed)
            for file_id, source in sources.items():
                versions += _write(connection, {file_id: source}, {file_id: contents[file_id]}, (), {})
            return versions
        if not sources:
            raise
        ((file_id, source),) = sources.items()
        reason = redact_text(str(error).splitlines()[0])
        problem = _problem(source, "refused", "failed", f"DuckDB could not take it: {reason}")
        return _write(
            connection,
            {},
            {},
            [_version(file_id, source, contents, "failed", problem), *unreadable],
            confirmed,
        )


def _write_contents(
    connection: Connection, sources: Mapping[int, Source], contents: Mapping[int, Content]
) -> list[FileVersion]:
    data: dict[str, dict[int, bytes]] = {"score": {}, "explanation": {}}
    for file_id, source in sources.items():
        if source.kind in data:
            data[source.kind][file_id] = contents[file_id].data
    done = warehouse.insert_examples(connection, data["score"])
    done |= warehouse.insert_explanations(connection, data["explanation"])
    versions = [_version(file_id, sources[file_id], contents, "loaded") for file_id in sorted(done)]
    exact: dict[int, str] = {}
    for file_id, source in sources.items():
        if file_id in done:
            continue
        try:
            problems: list[Problem] = []
            if source.kind == "score":
                exact[file_id] = read_examples(contents[file_id].data)
            elif source.kind == "firing_counts":
                warehouse.insert_firing_counts(
                    connection, file_id, parse_firing_counts(contents[file_id].data)
                )
            else:
                parsed = PARSERS[source.kind](contents[file_id].data)
                warehouse.insert_rows(connection, parsed.table, file_id, parsed.rows)
                problems = [_problem(source, *finding, "finding") for finding in parsed.findings]
        except UnsupportedScoresError as error:
            problem = _problem(source, "not yet loaded", "unsupported", str(error))
            versions.append(_version(file_id, source, contents, "unsupported", problem))
        except (ScoreError, ParseError) as error:
            problem = _problem(source, error.kind, "failed", str(error))
            versions.append(_version(file_id, source, contents, "failed", problem))
        else:
            versions.append(_version(file_id, source, contents, "loaded", *problems))
    warehouse.insert_examples(connection, exact, exact=True)
    return versions


def _version(
    file_id: int, source: Source, contents: Mapping[int, Content], status: str, *problems: Problem
) -> FileVersion:
    content = contents[file_id]
    # What was read, where it changed since it was listed.
    read = source._replace(size=len(content.data), mtime_ns=content.mtime_ns)
    return FileVersion(file_id, read, content.content_hash, status, problems)


def _problem(source: Source, kind: str, severity: str, detail: str) -> Problem:
    return Problem(source.run_id, source.path, kind, severity, redact_text(detail))
