"""Keep an empty warehouse for new ones to begin as a copy of: to make tables and views takes half a second.

`hatch_build.py` runs this when a wheel is built and when the project is installed in place.
"""

import hashlib
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import duckdb

from ..schema import headers
from ..store.connect import connect
from ..store.rows import replace
from .build import apply_sql, current_info

DIRECTORY = Path(__file__).parent
_SOURCES = (DIRECTORY, Path(headers.__file__).parent)


def empty_warehouse(info: Mapping[str, str]) -> Path:
    """Return where the empty warehouse is, if it was made; its name tells all that its contents follow from.

    info: what its table `warehouse_info` says
    """
    digest = hashlib.sha256(repr((duckdb.__version__, sorted(info.items()))).encode())
    for source in sorted(path for directory in _SOURCES for path in directory.glob("*.py")):
        digest.update(source.read_bytes())
    return DIRECTORY / f"empty-{digest.hexdigest()[:16]}.duckdb"


def make_empty_warehouse(version: str | None = None) -> Path:
    """Make the empty warehouse of a version, this one unless it is given, in any other's place; return it."""
    info = current_info() | ({"loader_version": version} if version else {})
    empty = empty_warehouse(info)
    made = empty.with_suffix(f".{os.getpid()}")
    with closing(connect(made, wait_s=0)) as connection:
        apply_sql(connection)
        replace(connection, "warehouse_info", list(info.items()))
    made.replace(empty)
    for other in DIRECTORY.glob("empty-*.duckdb"):
        if other != empty:
            other.unlink(missing_ok=True)
    return empty


if __name__ == "__main__":
    print(make_empty_warehouse(*sys.argv[1:]))
