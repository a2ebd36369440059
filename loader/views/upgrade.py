"""Bring a warehouse of an older version forward, in place."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import duckdb

from explainer_warehouse.versions import SCHEMA_VERSION, mismatch, schema_version

from ..address import Address
from ..store.connect import WarehouseError, writing
from ..store.history import note_upgrade
from ..store.lake import at_once
from ..store.rows import transaction
from .build import apply_sql, is_current, read_info
from .keep import keep_rows

# What changes the tables of a schema version into the next one's, once the views are gone and before sql/
# runs, which makes the tables that are new.
STEPS: Mapping[int, tuple[str, ...]] = {
    # What views are made of has moved behind them, with the rows that were kept in these.
    1: (
        "drop table if exists kept_auc_estimates",
        "drop table if exists kept_pair_estimates",
        "drop table if exists student_t",
        "drop schema if exists kept cascade",
        "drop macro if exists answers_are_kept",
        "drop macro if exists state_of_answers",
        "drop macro if exists nothing_is_selected",
        "drop macro if exists answer_of",
        "drop macro if exists own_answer_of",
    ),
}


class Upgraded(NamedTuple):
    """Hold the versions that wrote a file before and after, and its copy, None of a lake."""

    before: str
    after: str
    backup: Path | None
    was_due: bool = True


def upgrade(address: Address, wait_s: float) -> Upgraded:
    """Bring a warehouse to this version in one transaction, once it is copied beside itself.

    Raises WarehouseError, also for a file of a newer version; the file is then as it was.
    """
    with writing(address, wait_s=wait_s, must_exist=True) as connection, at_once(connection):
        info = read_info(connection)
        found = schema_version(info)
        if not 1 <= found <= SCHEMA_VERSION:
            raise WarehouseError(f"{address}: {mismatch(info)}")
        before = info.get("loader_version", "an unknown version")
        if is_current(connection):
            return Upgraded(before, before, None, was_due=False)
        backup = None
        # A lake's snapshots are its copies.
        if isinstance(address, Path):
            # All of the file is in the file then, and nothing in one beside it.
            connection.execute("checkpoint")
            backup = _copy(address, before)
        steps = [statement for version in range(found, SCHEMA_VERSION) for statement in STEPS[version]]
        try:
            apply_sql(connection, steps)
        except duckdb.Error as error:
            raise WarehouseError(
                f"{address}: could not be brought forward ({str(error).splitlines()[0]}), and is as it was;"
                " load the results into a new file"
            ) from error
        with transaction(connection):
            note_upgrade(connection)
        keep_rows(connection)
        return Upgraded(before, read_info(connection)["loader_version"], backup)


def _copy(path: Path, version: str) -> Path:
    """Copy a file beside itself, under a name that says its version and that no file has yet."""
    name = f"{path.stem}-{version.replace(' ', '-')}"
    number = 1
    while (copy := path.with_name(f"{name}{f'-{number}' * (number > 1)}{path.suffix}")).exists():
        number += 1
    try:
        shutil.copy2(path, copy)
    except OSError as error:
        copy.unlink(missing_ok=True)
        raise WarehouseError(
            f"{path}: could not be copied to {copy} ({error.strerror}), so it was left as it was"
        ) from error
    return copy
