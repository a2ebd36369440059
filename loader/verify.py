"""Compare what a warehouse holds with what its loads wrote down."""

from typing import NamedTuple

from .address import Address
from .status import Table
from .store.checksums import count_checksums, different_files
from .store.connect import reading
from .views.build import check_version


class Verified(NamedTuple):
    """Count files and rows that loads wrote, and list what is not so any more, a row per file and table.

    n_counted: files that a DuckDB wrote which hashes otherwise, so that their rows could be counted only
    """

    n_files: int
    n_rows: int
    n_counted: int
    different: Table


def verify(path: Address, wait_s: float) -> Verified:
    """Read all that was read from files, and compare it; raises WarehouseError."""
    with reading(path, wait_s) as connection:
        check_version(connection)
        counts = count_checksums(connection)
        return Verified(*counts, Table(*different_files(connection)))
