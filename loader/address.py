"""Tell a warehouse that is a file from one that is a lake, by its address."""

import re
from pathlib import Path
from typing import NamedTuple

from .errors import LoaderError

POSTGRES = "postgres:"
_LAKE = "ducklake:"
# Other catalogues of DuckLake, and catalogues that lie elsewhere and are not to be written.
_OTHERS = re.compile(r"$|mysql:|sqlite:|\w+://")
# What DuckDB's extension httpfs can write to.
_STORES = ("s3", "gs", "gcs", "r2")
# In libpq's two forms of an address: `password=...`, also `sslpassword=...`, and `postgresql://user:...@host`.
_PASSWORD = re.compile(r"password\s*=|://[^/@]*:[^/@]*@", re.IGNORECASE)


class AddressError(LoaderError):
    """Say what an address holds that it should not; repeats no part that could be secret."""


class Lake(NamedTuple):
    """Hold where a lake is: its catalogue, as DuckLake calls it, and where a new one's data go.

    data_path: a whole path or a URL, None if it is not said
    """

    catalogue: str
    data_path: str | None = None

    def __str__(self) -> str:
        """Write the address as the user gave it."""
        return _LAKE + self.catalogue

    @property
    def is_served(self) -> bool:
        """Whether PostgreSQL holds the catalogue, and no file."""
        return self.catalogue.startswith(POSTGRES)


Address = Path | Lake


def with_data(address: Address, data_path: str | None) -> Address:
    """Say where a new lake's data go; raises AddressError, also for a file, which holds its own."""
    if data_path is None:
        return address
    if isinstance(address, Path):
        raise AddressError(
            f"{address}: found --data-path beside a file, wanted it beside a lake, ducklake:..."
        )
    store, is_url, _ = data_path.partition("://")
    if is_url and store not in _STORES:
        wanted = ", ".join(f"{name}://" for name in _STORES)
        raise AddressError(f"found {store}:// in --data-path, wanted a directory or one of {wanted}")
    return address._replace(data_path=data_path if is_url else str(Path(data_path).absolute()))


def read_address(text: str) -> Address:
    """Return what an address names; raises AddressError."""
    if not text.startswith(_LAKE):
        return Path(text)
    catalogue = text.removeprefix(_LAKE)
    if _PASSWORD.search(catalogue):
        raise AddressError(
            "found a password in a lake's address, where other users of this machine see it; give it in"
            " PGPASSWORD, ~/.pgpass or a service file"
        )
    if other := _OTHERS.match(catalogue):
        raise AddressError(
            f"found {_LAKE}{other[0]}, wanted ducklake:postgres:dbname=... host=... or ducklake:FILE"
        )
    if catalogue.startswith(POSTGRES):
        return Lake(catalogue)
    # DuckDB, which would take it from where it runs, gives no other process the same name for it.
    return Lake(str(Path(catalogue).absolute()))
