"""Open a warehouse to change it other than by loading."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..address import Address
from ..store.connect import writing
from ..store.lake import at_once
from ..store.rows import Connection
from .build import apply_sql, check_version, is_current
from .keep import keep_rows


@contextmanager
def changing(address: Address, wait_s: float) -> Iterator[Connection]:
    """Open a warehouse with the views of this version, and keep their rows afterwards.

    Raises WarehouseError.
    """
    with writing(address, wait_s=wait_s, must_exist=True) as connection, at_once(connection):
        check_version(connection)
        if not is_current(connection):
            apply_sql(connection)
        yield connection
        keep_rows(connection)
