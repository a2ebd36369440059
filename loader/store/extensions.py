"""Load DuckDB's extensions: from a package of Python's, or from DuckDB's repository."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import duckdb

from explainer_warehouse.opening import first_line, literal

from ..errors import LoaderError
from .rows import Connection


class ExtensionError(LoaderError):
    """Say which extension is missing, why it cannot be fetched, and what brings it."""


def are_packaged(names: Iterable[str]) -> bool:
    """Tell whether packages of Python's have all of these extensions for this DuckDB."""
    return all(map(_packaged, names))


def load_extension(connection: Connection, name: str) -> None:
    """Load an extension, fetched if there is no package that has it; raises ExtensionError."""
    try:
        if packaged := _packaged(name):
            connection.execute(f"load {literal(str(packaged))}")
        else:
            connection.execute(f"install {name}")
            connection.execute(f"load {name}")
    except duckdb.Error as error:
        raise ExtensionError(
            f"DuckDB {duckdb.__version__} has no extension {name}, which a lake needs, and could not fetch it"
            f" ({first_line(error)}); pip install 'explainer-warehouse[lake]' brings it, with DuckDB 1.5.5"
        ) from error


def _packaged(name: str) -> Path | None:
    """Return the extension's file in a package of Python's, if one is installed for this DuckDB."""
    spec = find_spec(f"duckdb_extension_{name}")
    for directory in (spec and spec.submodule_search_locations) or ():
        file = Path(directory, "extensions", f"v{duckdb.__version__}", f"{name}.duckdb_extension")
        if file.is_file():
            return file
    return None
