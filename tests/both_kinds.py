"""Let tests of warehouses in files be done on lakes as well, if the environment says LAKE=file or postgres.

What tests load or write by hand goes into a lake then, with its catalogue in a file or in PostgreSQL; those
that are marked `both` hold there.
"""

import os
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from lakes import Lakes, make_empty
from postgres import PASSWORD, find_programs, started

from loader.address import Lake

KIND = os.environ.get("LAKE")
# Closed when the tests are done.
OPENED = ExitStack()


def copied_lake() -> Lake:
    """Return a new lake of the kind that is asked for, with nothing loaded."""
    return _lakes().copy(_empty())


@cache
def _empty() -> Lake:
    return make_empty(_lakes())


@cache
def _lakes() -> Lakes:
    directory = OPENED.enter_context(TemporaryDirectory(prefix="lakes-"))
    # Copies that are read go there, too.
    os.environ["XDG_CACHE_HOME"] = directory
    if KIND != "postgres":
        return Lakes(Path(directory))
    programs = find_programs()
    assert programs, "there is no PostgreSQL: ask for the package postgresql"
    os.environ["PGPASSWORD"] = PASSWORD
    return Lakes(Path(directory), OPENED.enter_context(started(programs)).port)
