"""Give the file to read a warehouse from, be it a file or a lake."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from loader.address import read_address
from loader.errors import LoaderError
from reports.warehouse import WarehouseError

if TYPE_CHECKING:
    from loader.store.lake import AsOf

_WAIT_S = 10.0


def local_file(address: str | Path, as_of: str | None = None) -> Path:
    """Return a warehouse's own file or, of a lake, a local copy, kept for a day after its last use.

    as_of: a lake's snapshot, by its number, or the last one that was whole at a time, in ISO's form and by
        this machine's clock unless it says otherwise
    Raises WarehouseError.
    """
    try:
        found = read_address(str(address))
        if isinstance(found, Path):
            if as_of is not None:
                raise WarehouseError(f"{found}: found a file, which keeps no earlier states, wanted a lake")
            return found
        # What opens lakes makes views, too: much to import for a file.
        from loader.lakes import as_file

        return as_file(found, _WAIT_S, _read_as_of(as_of))
    except LoaderError as error:
        raise WarehouseError(str(error)) from error


def _read_as_of(text: str | None) -> "AsOf":
    from loader.store.lake import NEWEST, AsOf

    if text is None:
        return NEWEST
    if text.isdecimal():
        return AsOf(number=int(text))
    try:
        moment = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError as error:
        raise WarehouseError(
            f"--as-of {text}: wanted a snapshot's number or a time, such as 2026-11-20 18:00"
        ) from error
    return AsOf(written_us=round(moment.timestamp() * 1_000_000))
