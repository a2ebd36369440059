"""Who may import whom: the rules that keep the rooms apart and each library in its one place.

A room is a folder of a package, or a module beside the folders.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("explainer_warehouse", "loader", "reports")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SLOW = {"duckdb", "kaleido", "numpy", "pandas", "plotly", "polars", "pyarrow"}

# What rests on nothing else of the house: any room of its package may import it, that of explainer_warehouse
# any room at all.
SHARED = {
    "explainer_warehouse.csv_table",
    "explainer_warehouse.nearest",
    "explainer_warehouse.opening",
    "explainer_warehouse.sql_files",
    "explainer_warehouse.terminal",
    "explainer_warehouse.versions",
    "loader.errors",
    "loader.records",
    "reports.labels",
    "reports.style",
    "reports.wording",
}
# The other rooms with what else of the house each may import, the lowest first: nobody imports upward.
ROOMS: dict[str, set[str]] = {
    "loader.address": set(),
    "loader.table_text": set(),
    "loader.find": set(),
    "loader.files": set(),
    "loader.schema": set(),
    "loader.guide": {"loader.table_text"},
    "loader.spark": {"loader.schema"},
    "loader.store": {"loader.address", "loader.files", "loader.schema"},
    "loader.exports": {"loader.files", "loader.find"},
    "loader.intake": {"loader.files", "loader.store"},
    "loader.views": {"loader.address", "loader.schema", "loader.store"},
    "loader.demo": {"loader.files"},
    "loader.status": {"loader.store", "loader.views"},
    "loader.query": {"loader.status", "loader.store", "loader.table_text"},
    "loader.manage": {"loader.address", "loader.store", "loader.views"},
    "loader.lakes": {"loader.address", "loader.schema", "loader.store", "loader.views"},
    "loader.move": {"loader.address", "loader.exports", "loader.find", "loader.store", "loader.views"},
    "loader.export": {"loader.files", "loader.schema", "loader.spark", "loader.store", "loader.views"},
    "loader.push": {"loader.store", "loader.views"},
    "loader.metadata": {"loader.address", "loader.files", "loader.status", "loader.store", "loader.views"},
    "loader.verify": {"loader.address", "loader.status", "loader.store", "loader.views"},
    "loader.maintain": {"loader.address", "loader.store", "loader.views"},
    "loader.merge": {
        "loader.address",
        "loader.files",
        "loader.find",
        "loader.metadata",
        "loader.store",
        "loader.views",
    },
    "loader.copy": {"loader.address", "loader.lakes", "loader.schema", "loader.store", "loader.views"},
    "loader.scores": {
        "loader.address",
        "loader.exports",
        "loader.files",
        "loader.intake",
        "loader.metadata",
        "loader.store",
        "loader.views",
    },
    "loader.ahead": {
        "loader.address",
        "loader.find",
        "loader.intake",
        "loader.store",
        "loader.views",
    },
    "loader.load": {
        "loader.address",
        "loader.ahead",
        "loader.exports",
        "loader.files",
        "loader.find",
        "loader.intake",
        "loader.move",
        "loader.store",
        "loader.views",
    },
    "reports.prices": set(),
    "reports.distinct": set(),
    "reports.figures": {"reports.distinct"},
    "reports.grouping": set(),
    "reports.warehouse": {"reports.grouping", "reports.prices"},
    "reports.exhibit": {"reports.figures", "reports.warehouse"},
    "reports.sections": {"reports.exhibit", "reports.figures"},
    "reports.latents": {"reports.distinct", "reports.warehouse"},
    "reports.glossary": set(),
    "reports.answers": {"reports.latents", "reports.warehouse"},
    "reports.assemble": {
        "reports.exhibit",
        "reports.figures",
        "reports.latents",
        "reports.sections",
        "reports.warehouse",
    },
    "reports.render": {"reports.answers", "reports.assemble", "reports.exhibit", "reports.glossary"},
    # Python's way in, which alone rests on both halves.
    "explainer_warehouse.api": {
        "loader.address",
        "loader.errors",
        "loader.lakes",
        "loader.store",
        "loader.table_text",
        "loader.views",
        "reports.assemble",
        "reports.exhibit",
        "reports.render",
        "reports.sections",
        "reports.style",
        "reports.warehouse",
    },
    "explainer_warehouse.__init__": {"explainer_warehouse.api", "loader.address", "loader.load"},
    "reports.commands": {
        "explainer_warehouse.api",
        "reports.assemble",
        "reports.exhibit",
        "reports.prices",
        "reports.render",
        "reports.sections",
        "reports.warehouse",
    },
    "reports.cli": {"reports.answers", "reports.assemble", "reports.commands", "reports.render"},
    "loader.commands": {
        "loader.address",
        "explainer_warehouse.api",
        "loader.copy",
        "loader.export",
        "loader.lakes",
        "loader.maintain",
        "loader.manage",
        "loader.merge",
        "loader.metadata",
        "loader.move",
        "loader.push",
        "loader.query",
        "loader.scores",
        "loader.status",
        "loader.table_text",
        "loader.verify",
        "loader.views",
    },
    "loader.cli": {
        "loader.address",
        "loader.commands",
        "loader.demo",
        "loader.files",
        "loader.lakes",
        "loader.load",
        "loader.status",
    },
}
# The libraries, and the rooms that may import each.
LIBRARIES = {
    "choreographer": {"reports.render"},
    "click": {
        "explainer_warehouse.terminal",
        "loader.cli",
        "loader.commands",
        "reports.cli",
        "reports.commands",
    },
    # Machine code.
    "ctypes": {"loader.files"},
    "duckdb": {
        "explainer_warehouse.opening",
        "loader.guide",
        "loader.lakes",
        "explainer_warehouse.api",
        "loader.merge",
        "loader.metadata",
        "loader.query",
        "loader.store",
        "loader.views",
        "reports.warehouse",
    },
    "jinja2": {"reports.render"},
    "kaleido": {"reports.render"},
    "markupsafe": {"reports.render"},
    "mcp": {"explainer_warehouse.api"},
    "mlflow": {"loader.push"},
    "numpy": {"reports.figures"},
    "pandas": {
        "explainer_warehouse.api",
        "reports.assemble",
        "reports.exhibit",
        "reports.figures",
        "reports.latents",
        "reports.render",
        "reports.sections",
        "reports.style",
        "reports.warehouse",
        "reports.wording",
    },
    # Within, figures are plain data: render only asks where plotly.js lies.
    "plotly": {"explainer_warehouse.api", "reports.render"},
    "polars": {"explainer_warehouse.api"},
    "pyarrow": {"explainer_warehouse.api"},
    "sqlglot": {"loader.spark"},
    # For type checkers alone, which bring it.
    "typing_extensions": {"reports.labels"},
    "wandb": {"loader.push"},
}


def module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def room(name: str) -> str:
    return ".".join(name.split(".")[:2])


@cache
def imports(path: Path) -> frozenset[str]:
    """Return the modules that a file imports anywhere in it, also inside functions, by absolute name."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    packages = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = packages[: len(packages) + 1 - node.level] if node.level else ()
            origin = ".".join([*above, *filter(None, [node.module])])
            inner = [f"{origin}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if is_module(name)]
            yield from modules if len(modules) == len(inner) else [origin, *modules]


def is_module(name: str) -> bool:
    place = ROOT.joinpath(*name.split("."))
    return name.split(".")[0] in PACKAGES and (place.with_suffix(".py").is_file() or place.is_dir())


def house(path: Path) -> set[str]:
    """Return the modules of the house that a file imports; a package's own name is its `__init__`."""
    names = {name for name in imports(path) if name.split(".")[0] in PACKAGES}
    return {name if "." in name else f"{name}.__init__" for name in names}


def libraries(path: Path) -> set[str]:
    tops = {name.split(".")[0] for name in imports(path)}
    return {top for top in tops if top not in PACKAGES and (top in LIBRARIES or top not in STANDARD)}


STANDARD = sys.stdlib_module_names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_it_may(path: Path) -> None:
    importer = room(module(path))
    if path.name == "__init__.py" and importer not in ROOMS:
        assert imports(path) == set()
        return
    allowed = {importer} | ROOMS.get(importer, set())
    if importer not in SHARED:
        allowed |= {name for name in SHARED if name.split(".")[0] in (importer.split(".")[0], PACKAGES[0])}
    assert {room(name) for name in house(path)} <= allowed
    assert {library for library in libraries(path) if importer not in LIBRARIES.get(library, set())} == set()


def test_no_room_imports_one_above_it_or_one_of_the_other_half() -> None:
    order = list(ROOMS)
    for importer, below in ROOMS.items():
        assert all(name in SHARED or order.index(name) < order.index(importer) for name in below), importer
        if not importer.startswith("explainer_warehouse."):
            # Commands rest on Python's way in, and through it alone on the other half.
            others = below - ({"explainer_warehouse.api"} if importer.endswith(".commands") else set())
            assert {name.split(".")[0] for name in others} <= {importer.split(".")[0]}, importer


def test_the_rules_are_those_of_the_house_as_it_is() -> None:
    rooms = {room(module(path)) for path in FILES} - {f"{half}.__init__" for half in ("loader", "reports")}
    assert rooms == SHARED | ROOMS.keys()
    for importer, below in ROOMS.items():
        used = {room(name) for path in FILES if room(module(path)) == importer for name in house(path)}
        assert below <= used, f"{importer} need not import {below - used}"
    for library, importers in LIBRARIES.items():
        assert importers == {room(module(path)) for path in FILES if library in libraries(path)}, library


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = {module(path): house(path) for path in FILES}
    assert list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", ["loader.cli", "reports.cli", "explainer_warehouse"])
def test_help_does_not_wait_for_slow_libraries(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert SLOW.isdisjoint(loaded.split())


@pytest.mark.skipif(version("duckdb").startswith("1."), reason="DuckDB 1.5 imports NumPy itself")
def test_loading_does_not_wait_for_numpy(tiny_run: Path, warehouse: Path) -> None:
    code = (
        f"import sys; from loader.cli import cli; cli(['load', {str(tiny_run)!r}, '-w', {str(warehouse)!r}], "
    )
    code += "standalone_mode=False); print(*sys.modules)"
    for summary in ("5 loaded", "5 unchanged"):
        printed = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
        assert summary in printed
        assert {"numpy", "pandas"}.isdisjoint(printed.split())
