"""Tell which warehouses this version reads, and what to do about one that it does not; opens none."""

import re
from collections.abc import Mapping

# One more whenever the tables change; loader/views/upgrade.py then holds the step that brings a file there.
SCHEMA_VERSION = 2

# Asks for a row if a database has the table that says what made it, as we make it.
INFO_IS_OURS = """
select 1
from duckdb_columns()
where
    database_name = current_database()
    and schema_name = 'main'
    and table_name = 'warehouse_info'
having list((column_name, data_type) order by column_index) = [('key', 'VARCHAR'), ('value', 'VARCHAR')]
"""


def schema_version(info: Mapping[str, str]) -> int:
    """Return the version of a warehouse's tables, 0 if it is no warehouse.

    info: what the warehouse's table `warehouse_info` says, empty where it has none
    """
    version = info.get("schema_version")
    return int(version) if version and re.fullmatch("[0-9]{1,9}", version) else 0


def mismatch(info: Mapping[str, str]) -> str | None:
    """Return why this version does not read a warehouse, and what to do; None if it does."""
    found, writer = schema_version(info), info.get("loader_version", "an unknown version")
    if found == 0:
        return "found a DuckDB file that is no warehouse, wanted one that `loader load` made"
    if found > SCHEMA_VERSION:
        return (
            f"found a warehouse of explainer-warehouse {writer} (schema {found}), wanted one of schema"
            f" {SCHEMA_VERSION} or older; install that version: pip install 'explainer-warehouse>={writer}'"
        )
    if found < SCHEMA_VERSION:
        return (
            f"found a warehouse of explainer-warehouse {writer} (schema {found}), wanted schema"
            f" {SCHEMA_VERSION}; bring it forward with `loader upgrade`, which keeps a copy"
        )
    return None
