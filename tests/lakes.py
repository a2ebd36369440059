"""Make lakes for the tests: new ones, and copies of an empty one, since its views take seconds to make."""

import itertools
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from postgres import new_database

from loader.address import POSTGRES, Lake
from loader.store.connect import writing
from loader.views.build import apply_sql

_NUMBERS = itertools.count()
_KINDS = ("file", "postgres")


def mostly(kind: str) -> pytest.MarkDecorator:
    """Run a test on lakes of one kind and, in `make soak`, on those of the other."""
    kinds = [kind, *(pytest.param(other, marks=pytest.mark.soak) for other in _KINDS if other != kind)]
    return pytest.mark.parametrize("lakes", kinds, indirect=True)


class Lakes(NamedTuple):
    """Hold where lakes have their catalogues: in files of a directory or, with a port, in PostgreSQL."""

    directory: Path
    port: int | None = None

    def new(self, data: Path) -> Lake:
        """Return the address of a lake that is not there yet."""
        if self.port is None:
            return Lake(str(self.directory / f"lake{next(_NUMBERS)}.ducklake"), str(data))
        return Lake(POSTGRES + new_database(self.port), str(data))

    def copy(self, empty: Lake) -> Lake:
        """Return the address of a copy of a lake without data; what comes into both lies in one directory."""
        if self.port is None:
            copy = self.directory / f"lake{next(_NUMBERS)}.ducklake"
            return empty._replace(catalogue=str(shutil.copy(empty.catalogue, copy)))
        template = empty.catalogue.rpartition("=")[2]
        return empty._replace(catalogue=POSTGRES + new_database(self.port, template))


def make_empty(lakes: Lakes) -> Lake:
    """Make a lake that holds nothing but its tables and views."""
    lake = lakes.new(lakes.directory / "data")
    with writing(lake, wait_s=0) as connection:
        apply_sql(connection)
    return lake
