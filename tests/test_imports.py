"""Who may import whom: the rules that keep the rooms apart and each library in its one place."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("explainer_warehouse", "loader", "reports")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
SLOW = {"duckdb", "kaleido", "numpy", "pandas", "plotly", "polars", "pyarrow"}

# What any room may import.
SHARED = {
    "explainer_warehouse.nearest",
    "explainer_warehouse.sql_files",
    "explainer_warehouse.terminal",
    "explainer_warehouse.versions",
    "loader.errors",
    "loader.records",
    "reports.exhibit",
    "reports.labels",
    "reports.style",
    "reports.wording",
    "reports.warehouse",
}
# Each room with what else of the house it may import, the lowest first: nobody imports upward.
ROOMS: dict[str, set[str]] = {
    "explainer_warehouse.nearest": set(),
    "explainer_warehouse.sql_files": set(),
    "explainer_warehouse.terminal": set(),
    "explainer_warehouse.versions": set(),
    "loader.errors": set(),
    "loader.records": set(),
    "loader.table_text": set(),
    "loader.find": set(),
    "loader.files": set(),
    "loader.schema": set(),
    "loader.store": {"loader.files", "loader.schema"},
    "loader.intake": {"loader.files", "loader.store"},
    "loader.views": {"loader.schema", "loader.store"},
    "loader.demo": {"loader.files"},
    "loader.status": {"loader.store", "loader.views"},
    "loader.query": {"loader.status", "loader.store", "loader.table_text"},
    "loader.manage": {"loader.store", "loader.views"},
    "loader.export": {"loader.files", "loader.schema", "loader.store", "loader.views"},
    "loader.metadata": {"loader.files", "loader.status", "loader.store", "loader.views"},
    "loader.load": {"loader.find", "loader.intake", "loader.store", "loader.views"},
    "reports.labels": set(),
    "reports.prices": set(),
    "reports.style": set(),
    "reports.wording": set(),
    "reports.figures": set(),
    "reports.warehouse": {"reports.prices"},
    "reports.exhibit": {"reports.figures"},
    "reports.sections": {"reports.figures"},
    "reports.latents": set(),
    "reports.assemble": {"reports.figures", "reports.latents", "reports.sections"},
    "reports.render": {"reports.assemble"},
    # Python's way in, which rests on both halves.
    "explainer_warehouse.api": {"reports.assemble", "reports.render", "reports.sections"},
    "explainer_warehouse.__init__": {"explainer_warehouse.api", "loader.load"},
    "loader.commands": {
        "loader.export",
        "loader.manage",
        "loader.metadata",
        "loader.query",
        "loader.table_text",
        "loader.views",
    },
    "loader.cli": {
        "loader.commands",
        "loader.demo",
        "loader.files",
        "loader.load",
        "loader.status",
        "loader.store",
    },
    "reports.cli": {"reports.assemble", "reports.prices", "reports.render", "reports.sections"},
}
# The rooms above both halves; these share nothing else but what is in neither.
ABOVE_BOTH = {"explainer_warehouse.api", "explainer_warehouse.__init__"}
# The libraries that only some rooms may import.
LIBRARIES = {
    "click": {"explainer_warehouse.terminal", "loader.cli", "loader.commands", "reports.cli"},
    # Machine code.
    "ctypes": {"loader.files"},
    "duckdb": {
        "explainer_warehouse.api",
        "loader.metadata",
        "loader.query",
        "loader.store",
        "loader.views",
        "reports.warehouse",
    },
    "kaleido": {"reports.render"},
    # Within, figures are plain data: render only asks where plotly.js lies.
    "plotly": {"explainer_warehouse.api", "reports.render"},
    "polars": {"explainer_warehouse.api"},
    "pyarrow": {"explainer_warehouse.api"},
}


def room(name: str) -> str:
    return ".".join(name.split(".")[:2])


def imports(path: Path) -> Iterator[str]:
    """Yield what a file imports anywhere in it, by absolute name; `a` and `a.b` for `from a import b`."""
    packages = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = packages[: len(packages) + 1 - node.level] if node.level else ()
            origin = ".".join([*above, *filter(None, [node.module])])
            yield origin
            yield from (f"{origin}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_what_it_may(path: Path) -> None:
    importer = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
    if path.name == "__init__.py" and importer not in ABOVE_BOTH:
        assert list(imports(path)) == []
        return
    for name in imports(path):
        if name.split(".")[0] in PACKAGES and room(name) in ROOMS.keys() - {importer}:
            half = name.split(".")[0]
            if importer not in ABOVE_BOTH and half not in (importer.split(".")[0], "explainer_warehouse"):
                pytest.fail(f"{importer} imports {name}")
            assert room(name) in SHARED | ROOMS[importer], f"{importer} imports {name}"
        library = name.split(".")[0]
        assert importer in LIBRARIES.get(library, {importer}), f"{importer} imports {name}"


def test_no_room_imports_one_above_it() -> None:
    order = list(ROOMS)
    for importer, below in ROOMS.items():
        shared = {name for name in SHARED if name.split(".")[0] == importer.split(".")[0]}
        if importer not in shared:
            assert all(order.index(name) < order.index(importer) for name in below), importer


@pytest.mark.parametrize("module", ["loader.cli", "reports.cli", "explainer_warehouse"])
def test_help_does_not_wait_for_slow_libraries(module: str) -> None:
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert SLOW.isdisjoint(loaded.split())
