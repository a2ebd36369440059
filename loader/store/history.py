"""Write down what each load changed, and keep what score files said; the caller holds the transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime

from .rows import Connection, relation

# The versions that came since the last entry; those before them are still there.
_LOADED = """
insert into load_history
with last as (
    select
        coalesce(max(load_id), 0) + 1 as load_id,
        coalesce(max(last_file_id), 0) as last_file_id
    from load_history
),
came as (
    select
        path,
        any_value(run_id) as run_id,
        arg_max(status, file_id) as status,
        bool_or(file_id <= last_file_id) as was_known
    from source_files, last
    group by path
    having max(file_id) > any_value(last_file_id)
)
select
    any_value(last.load_id),
    cast(? as timestamp),
    ?,
    run_id,
    any_value(run_name),
    count(*) filter (status <> 'gone' and not was_known),
    count(*) filter (status <> 'gone' and was_known),
    count(*) filter (status = 'gone' and was_known),
    (select max(file_id) from source_files)
from came
cross join last
left join run_directories using (run_id)
group by run_id
"""
_FORGOTTEN = """
insert into load_history
select
    (select coalesce(max(load_id), 0) + 1 from load_history),
    cast(? as timestamp),
    ?,
    run_id,
    any_value(run_name),
    0,
    0,
    count(file_id),
    greatest(
        (select coalesce(max(last_file_id), 0) from load_history),
        (select coalesce(max(file_id), 0) from source_files)
    )
from run_directories
join forgotten using (run_path)
left join source_files using (run_id)
group by run_id
"""
_MOVED = """
insert into load_history
select
    (select coalesce(max(load_id), 0) + 1 from load_history),
    cast(? as timestamp),
    'move',
    run_id,
    run_name,
    0,
    0,
    0,
    greatest(
        (select coalesce(max(last_file_id), 0) from load_history),
        (select coalesce(max(file_id), 0) from source_files)
    )
from run_directories
join moved on new_id = run_id
"""
_BEGUN = """
insert into load_history
select 1, cast(? as timestamp), 'upgrade', null, null, 0, 0, 0, max(file_id)
from source_files
where not exists (from load_history)
having count(*) > 0
"""
# What is kept of score files: its table, where it comes from, and the columns.
_PAST = (
    ("past_count_facts", "count_facts", "*"),
    ("past_measure_facts", "measure_facts", "*"),
    ("past_candidate_facts", "candidate_facts", "*"),
    (
        "past_files",
        "source_files",
        "file_id, run_id, path, score_type, hookpoint, latent_idx, content_hash, status",
    ),
)


def note_load(connection: Connection, event: str = "load") -> None:
    """Write down what the versions since the last entry are; nothing, if there are none."""
    connection.execute(_LOADED, [_now(), event])


def note_forgotten(connection: Connection, event: str) -> None:
    """Write down that the runs in the relation `forgotten` go, and forget what they said before."""
    connection.execute(_FORGOTTEN, [_now(), event])
    theirs = "select run_id from run_directories join forgotten using (run_path)"
    for past, _, _ in _PAST:
        connection.execute(
            f"delete from {past} where file_id in (select file_id from past_files where run_id in ({theirs}))"
        )


def note_moved(connection: Connection) -> None:
    """Write down that the runs in the relation `moved` lie elsewhere now."""
    connection.execute(_MOVED, [_now()])


def note_upgrade(connection: Connection) -> None:
    """Write down what a warehouse without a history holds: what comes later is new beside it."""
    connection.execute(_BEGUN, [_now()])


def keep_past(connection: Connection, file_ids: Sequence[int]) -> None:
    """Keep what is known of the score file versions among those that are about to be deleted."""
    if not file_ids:
        return
    with relation(connection, "deleted", file_id=list(file_ids)):
        scores = "select file_id from source_files join deleted using (file_id) where kind = 'score'"
        for past, table, columns in _PAST:
            connection.execute(
                f"insert into {past} by name select {columns} from {table} where file_id in ({scores})"
            )


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat()
