"""What is shipped and runs from anywhere: wheel, sdist, editable install; and the pinned versions."""

import importlib.metadata
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
# Whether there is the empty warehouse that new ones of this very version begin as.
HAS_EMPTY = (
    "from loader.views.build import current_info; from loader.views.new import empty_warehouse;"
    "print(empty_warehouse(current_info()).is_file())"
)
PIN = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[0-9][A-Za-z0-9.]*)")


def run_both(*command: str | Path, folder: Path, **more: str) -> tuple[str, str]:
    """Run a command in a folder, with nothing of ours on the path, and give both of its outputs."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | more
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout, done.stderr


def run(*command: str | Path, folder: Path, **more: str) -> str:
    return run_both(*command, folder=folder, **more)[0]


def build(folder: Path, *options: str, **more: str) -> Path:
    """Build into a folder, as `python -m build` with these options, and give the wheel."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "build",
        "--no-isolation",
        "--outdir",
        folder,
        *options,
        ROOT,
    ]
    run(*command, folder=ROOT, **more)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(folder: Path, *packages: str | Path) -> Path:
    """Make an environment that borrows this one's libraries, install there, and give its commands' folder."""
    venv.create(folder, symlinks=True)
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    # A plain path, so that an editable install of this environment, a .pth file of its own, is not borrowed.
    (place / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    options = ["--no-deps", "--no-index", "--no-build-isolation", "--ignore-installed", "--quiet"]
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", *options, *packages, folder=folder)
    return folder / "bin"


def shipped(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def checkout() -> dict[str, bytes]:
    """Read what the wheel must hold, under the names that it must have there."""
    sql = [path for path in (ROOT / "sql").rglob("*") if path.is_file()]
    files = {f"explainer_warehouse/{path.relative_to(ROOT)}": path for path in sql}
    for package in ("explainer_warehouse", "loader", "reports"):
        files |= {str(path.relative_to(ROOT)): path for path in (ROOT / package).rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if "__pycache__" not in name}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    found = [(line, PIN.fullmatch(line)) for line in lines if not line.startswith("#")]
    assert [line for line, pin in found if pin is None] == []
    return {canonicalize_name(pin["name"]): pin["version"] for _, pin in found if pin}


def packages(groups: dict[str, list[Any]], group: str) -> list[str]:
    """List what a group of pyproject.toml asks for, and what the groups in it do."""
    return [
        package
        for line in groups[group]
        for package in ([line] if isinstance(line, str) else packages(groups, line["include-group"]))
    ]


def test_the_wheel_holds_the_packages_and_the_sql_and_nothing_else(tmp_path: Path) -> None:
    files = shipped(build(tmp_path, "--wheel"))
    assert {name: data for name, data in files.items() if ".dist-info/" not in name} == checkout()


def test_the_sdist_holds_what_a_packager_needs_and_builds_the_same_wheel(tmp_path: Path) -> None:
    wheel = build(tmp_path / "through_sdist")
    (sdist,) = wheel.parent.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = ["CHANGELOG.md", "LICENSE", "Makefile", "README.md", "constraints.txt", "pyproject.toml"]
    documents = [str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md")]
    assert {*wanted, *documents, "tests/test_packaging.py"} <= names
    assert not [name for name in names if name.startswith((".venv", ".ci", "demo/", "dist/", "out/"))]
    both = [shipped(wheel), shipped(build(tmp_path / "direct", "--wheel"))]
    for files in both:
        # DuckDB gives each database an id by chance.
        (empty,) = (name for name in files if name.endswith(".duckdb"))
        del files[empty], files[next(name for name in files if name.endswith("/RECORD"))]
    assert both[0] == both[1]


def test_one_wheel_serves_every_python_of_a_platform(tmp_path: Path) -> None:
    wheel = build(tmp_path, "--wheel")
    assert wheel.stem.split("-")[2:] == ["py3", "none", re.sub("[-.]", "_", sysconfig.get_platform())]
    library = tmp_path / "parser.so"
    library.write_bytes(shipped(wheel)["loader/files/scores/parser.so"])
    assert library.stat().st_size < 50_000
    needed = run("readelf", "--dynamic", library, folder=tmp_path)
    assert "NEEDED" in needed
    assert "libstdc++" not in needed
    assert "libgcc" not in needed


def test_without_a_compiler_the_exact_way_serves_and_says_so(tmp_path: Path) -> None:
    wheel = build(tmp_path / "dist", "--wheel", CXX="no-such-compiler")
    assert wheel.stem.endswith("-py3-none-any")
    assert not [name for name in shipped(wheel) if name.endswith(".so")]
    commands = install(tmp_path / "environment", wheel)
    run(commands / "loader", "demo", "results", folder=tmp_path)
    out, error = run_both(commands / "loader", "load", "results", folder=tmp_path)
    assert "156,000 examples" in out
    line, worst = error.splitlines()
    assert line.startswith("Score files were read in Python")
    assert worst.startswith("Worst in the data: ")
    assert "Python" not in run_both(commands / "loader", "load", "results", folder=tmp_path)[1]


def test_the_installed_commands_work_from_another_folder(tmp_path: Path) -> None:
    commands = install(tmp_path / "environment", build(tmp_path / "dist", "--wheel"))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run(commands / "python", "-c", HAS_EMPTY, folder=elsewhere) == "True\n"
    place = run(commands / "python", "-c", "import loader; print(loader.__file__)", folder=elsewhere)
    assert Path(place).is_relative_to(tmp_path / "environment")
    for command in ("loader", "reports"):
        assert run(commands / command, "--help", folder=elsewhere).startswith(f"Usage: {command}")
    run(commands / "loader", "demo", "results", folder=elsewhere)
    (worst,) = run_both(commands / "loader", "load", "results", folder=elsewhere)[1].splitlines()
    assert worst.startswith("Worst in the data: ")
    assert "detection" in run(commands / "loader", "status", folder=elsewhere)
    assert run(commands / "reports", "show", "summary", folder=elsewhere)
    printed = run(commands / "reports", "build", "--format", "html,csv", folder=elsewhere)
    assert "report.html" in printed
    assert all((elsewhere / line).is_file() for line in printed.splitlines())


def test_an_editable_install_uses_the_checkout(tmp_path: Path) -> None:
    commands = install(tmp_path / "environment", "--editable", ROOT)
    code = (
        "import loader; from explainer_warehouse.sql_files import sql_files;"
        "print(loader.__file__); print(*sql_files(), sep='\\n')"
    )
    place, *sql = run(commands / "python", "-c", code, folder=tmp_path).splitlines()
    assert Path(place) == ROOT / "loader" / "__init__.py"
    assert [Path(line) for line in sql] == sorted((ROOT / "sql").rglob("*.sql"))
    assert run(commands / "loader", "--help", folder=tmp_path).startswith("Usage: loader")
    code = "from loader.files.scores.native import is_compiled; print(is_compiled())"
    assert run(commands / "python", "-c", code, folder=tmp_path) == "True\n"
    assert run(commands / "python", "-c", HAS_EMPTY, folder=tmp_path) == "True\n"


def test_every_library_that_the_project_brings_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    extras = project["project"]["optional-dependencies"]
    wanted += [*packages(groups, "test"), *chain(*(extras[name] for name in extras if name != "lake"))]
    pinned, seen = pins(), set()
    while wanted:
        requirement = Requirement(wanted.pop())
        name = canonicalize_name(requirement.name)
        applies = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        if not applies or name in seen:
            continue
        seen.add(name)
        assert name in pinned, f"{requirement} is not in constraints.txt"
        assert requirement.specifier.contains(pinned[name]), f"{requirement}, pinned at {pinned[name]}"
        wanted += importlib.metadata.requires(name) or []
    assert {"duckdb", "narwhals", "sortedcontainers"} <= seen
    # What these bring is not installed here.
    others = map(Requirement, [*packages(groups, "peers"), *packages(groups, "lake"), *extras["lake"]])
    assert {canonicalize_name(requirement.name) for requirement in others} <= pinned.keys()


@pytest.mark.parametrize("target", ["demo", "test", "test-peers", "lint", "clean"])
def test_make_lists_its_targets(target: str) -> None:
    assert f"make {target} " in run("make", folder=ROOT)
