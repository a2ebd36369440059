"""Write what is known of runs: names, links, what a scan found; the caller holds the transaction."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from ..files.secrets import redact_text
from ..records import Link, Problem, Run
from .files import delete_files
from .history import note_forgotten
from .rows import Connection, append, relation, replace

NOT_KEPT = "rows not kept"
_NOT_COMPARED = "not all compared"
# Of the warehouse, wherever it was said last.
_OF_ALL = [NOT_KEPT, _NOT_COMPARED]


def run_names(connection: Connection) -> dict[Path, str]:
    """Return the name that each run was given, by its real path."""
    rows = connection.execute("select run_path, run_name from run_directories").fetchall()
    return {Path(path): name for path, name in rows}


def insert_runs(connection: Connection, named: Sequence[tuple[Run, str]]) -> None:
    """Record new runs with their names."""
    append(
        connection,
        "run_directories",
        [(run.run_id, name, str(run.path), run.path.name) for run, name in named],
    )


def model_names(connection: Connection, database: str | None = None) -> tuple[dict[str, str], dict[str, str]]:
    """Return the display names as they are, and as the loader last wrote them, here or where attached."""
    where = f"{database}." if database else ""
    present, given = (
        dict(connection.execute(f"select key, name from {where}{table}").fetchall())
        for table in ("model_names", "given_model_names")
    )
    return present, given


def write_model_names(connection: Connection, present: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Replace the display names, if they change."""
    for table, before, names in zip(
        ("model_names", "given_model_names"), model_names(connection), (present, given), strict=True
    ):
        if names != before:
            replace(connection, table, list(names.items()))


def configs(connection: Connection) -> list[tuple[str, str, str]]:
    """Return each run's config: the run's id, the file's path, JSON text."""
    return connection.execute(
        """
        select
            run_id,
            path,
            config
        from (
            -- as in current_files, whose definition takes longer to plan than this to run
            from source_files
            where kind = 'config'
            qualify file_id = max(file_id) over (partition by path)
        )
        join config_facts using (file_id)
        where status = 'loaded'
        -- an experiment has the same one several times
        qualify path = min(path) over (partition by run_id)
        """
    ).fetchall()


def links(connection: Connection, run_ids: Iterable[str]) -> list[Link]:
    """Return what served some runs at the last load."""
    with relation(connection, "scanned", run_id=list(run_ids)):
        rows = connection.execute(
            "select run_id, kind, path from run_links where run_id in (select run_id from scanned)"
        ).fetchall()
    return [Link(*row) for row in rows]


def replace_links(connection: Connection, run_ids: Iterable[str], links: Sequence[Link]) -> None:
    """Replace the links of the runs that were scanned, and forget what no run uses any more."""
    with relation(connection, "scanned", run_id=list(run_ids)):
        replace(connection, "run_links", links, "run_id in (select run_id from scanned)")
    forget_unused_files(connection)


def forget_unused_files(connection: Connection) -> None:
    """Forget the shared files that no run uses."""
    unused = connection.execute(
        """
        select file_id
        from source_files
        where
            run_id is null
            and path not in (select path from run_links)
            and regexp_replace(path, '/[^/]*$', '') not in (select path from run_links)
        """
    ).fetchall()
    delete_files(connection, [row[0] for row in unused])


def forget_runs(connection: Connection, paths: Collection[Path], event: str) -> None:
    """Delete runs, their files and all that was read from them; `event` is what the history calls it."""
    if not paths:
        return
    with relation(connection, "forgotten", run_path=list(map(str, paths))):
        note_forgotten(connection, event)
        of_theirs = "run_id in (select run_id from run_directories join forgotten using (run_path))"
        files = connection.execute(f"select file_id from source_files where {of_theirs}").fetchall()
        delete_files(connection, [row[0] for row in files])
        for table in ("run_links", "scan_problems", "run_directories"):
            connection.execute(f"delete from {table} where {of_theirs}")


def replace_scan_problems(
    connection: Connection, roots: Sequence[Path], run_ids: Iterable[str], problems: Sequence[Problem]
) -> None:
    """Replace what earlier scans found under the roots and in the runs."""
    rows = list(dict.fromkeys(problems))
    with (
        relation(connection, "roots", root=list(map(str, roots))),
        relation(connection, "scanned", run_id=list(run_ids)),
    ):
        replace(
            connection,
            "scan_problems",
            rows,
            """
            run_id in (select run_id from scanned)
            or exists (from roots where path = root or starts_with(path, rtrim(root, '/') || '/'))
            or list_contains(?, kind)
            """,
            _OF_ALL,
        )


def forget_scan_problems(connection: Connection, kind: str, paths: Iterable[str]) -> None:
    """Forget what scans reported under one name of some places."""
    with relation(connection, "places", path=list(paths)):
        connection.execute(
            "delete from scan_problems where kind = ? and path in (select path from places)", [kind]
        )


def report_not_kept(connection: Connection, root: Path, refusal: str) -> None:
    """Report that the views' rows could not be kept, for what a load was given."""
    detail = (
        f"found a value that a view cannot take ({redact_text(refusal)}), wanted one that fits; until its "
        "file is mended and loaded, every view works its rows out when it is asked, and that one fails"
    )
    append(connection, "scan_problems", [Problem(None, str(root), NOT_KEPT, "finding", detail)])


def not_all_compared(connection: Connection, root: Path) -> list[Problem]:
    """Return what to report, for what a load was given, if there are more runs than are compared in pairs."""
    [(n_runs, most)] = connection.execute("select count(*), most_compared() from run_directories").fetchall()
    if n_runs <= most:
        return []
    detail = (
        f"found {n_runs:,} runs, wanted at most {most} to compare each with each; model_comparison, "
        f"latent_identity, judge_agreement and reports take the {most} that lead by some measure, unless you "
        "select others (selected_runs in SQL, --run in reports)"
    )
    return [Problem(None, str(root), _NOT_COMPARED, "finding", detail)]


def count_problems(connection: Connection, roots: Sequence[Path], run_ids: Iterable[str]) -> dict[str, int]:
    """Count the places with problems of each severity under the roots and in the runs."""
    with (
        relation(connection, "roots", root=list(map(str, roots))),
        relation(connection, "scanned", run_id=list(run_ids)),
    ):
        rows = connection.execute(
            """
            select
                severity,
                count(distinct path)
            from behind_the_views.loading_problems
            where
                run_id in (select run_id from scanned)
                or exists (from roots where path = root or starts_with(path, rtrim(root, '/') || '/'))
            group by severity
            """
        ).fetchall()
    return {"failed": 0, "unsupported": 0, "finding": 0} | dict(rows)
