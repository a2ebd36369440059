"""Tell which warehouses this version reads, and what to do about one that it does not; opens none."""

from collections.abc import Mapping

# One more whenever the tables change; loader/views/upgrade.py then holds the step that brings a file there.
SCHEMA_VERSION = 2


def mismatch(info: Mapping[str, str]) -> str | None:
    """Return why this version does not read a warehouse, and what to do; None if it does.

    info: what the warehouse's table `warehouse_info` says, empty where it has none
    """
    if "schema_version" not in info:
        return "found a DuckDB file that is no warehouse, wanted one that `loader load` made"
    found, writer = int(info["schema_version"]), info.get("loader_version", "an unknown version")
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
