"""Who may import whom: the rules that keep the two halves apart and each library in its one place."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = sorted(path for package in ("loader", "reports") for path in (ROOT / package).rglob("*.py"))
SLOW = {"duckdb", "kaleido", "nanoarrow", "numpy", "pandas", "plotly"}

# What is imported -> the only parts of the house that may: a module, or a folder as a whole.
DATABASE = {
    "loader.answers",
    "loader.batch",
    "loader.build",
    "loader.keep",
    "loader.load",
    "loader.reader",
    "loader.run_records",
    "loader.status",
    "loader.warehouse",
}
ALLOWED = {
    "click": {"loader.cli", "reports.cli"},
    "duckdb": {"loader.build", "loader.connect", "loader.rows", "reports.tables"},
    "kaleido": {"reports.render"},
    "nanoarrow": {"loader.arrow"},
    "loader.connect": DATABASE,
    "loader.load": {"loader.cli"},
    "loader.parse": {"loader.batch"},
    "loader.rows": DATABASE,
    "loader.warehouse": DATABASE,
    # Only for where plotly.js lies: figures are plain data.
    "plotly": {"reports.render"},
    "reports.figures": {"reports.cli", "reports.sections"},
    "reports.render": {"reports.cli"},
    "reports.sections": {"reports.cli", "reports.render"},
    "reports.tables": {"reports.cli", "reports.render", "reports.sections"},
}


def part(name: str) -> str:
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
    importer = part(".".join(path.relative_to(ROOT).with_suffix("").parts))
    other = {"loader": "reports", "reports": "loader"}[importer.split(".")[0]]
    for name in imports(path):
        assert name.split(".")[0] != other, f"{importer} imports {name}"
        for imported in {name.split(".")[0], part(name)} & ALLOWED.keys() - {importer}:
            assert importer in ALLOWED[imported], f"{importer} imports {name}"


@pytest.mark.parametrize("package", ["loader", "reports"])
def test_help_does_not_wait_for_slow_libraries(package: str) -> None:
    code = f"import sys, {package}.cli; print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True)
    assert SLOW.isdisjoint(loaded.split())
