"""A Chrome that is silent, dies or is left alone: the report goes on, says so in one line, and ends it."""

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from chromium import chromium
from click.testing import CliRunner
from conftest import Load

from reports.cli import cli
from reports.render import chrome

# Of processes of a browser, whoever filled what it draws.
pytestmark = pytest.mark.once

BUILD = [sys.executable, "-c", "from reports.cli import cli; cli()", "build"]
TEXTS = {"model_accuracy_summary.csv", "report.html"}


class Browser(NamedTuple):
    """A program in the place of Chrome; it holds a lock while it, or what it became, runs.

    pid: the file that says its process
    """

    program: Path
    pid: Path


def write_browser(directory: Path, then: str) -> Browser:
    """Write a program that takes a lock, says its process, and then runs a statement of Python."""
    browser = Browser(directory / "browser", directory / "pid")
    browser.program.write_text(
        f"#!{sys.executable}\n"
        "import fcntl, os, sys, time\n"
        f"lock = open({str(directory / 'lock')!r}, 'w')\n"
        "os.set_inheritable(lock.fileno(), True)\n"
        "fcntl.flock(lock, fcntl.LOCK_EX)\n"
        f"open({str(browser.pid) + '.part'!r}, 'w').write(str(os.getpid()))\n"
        f"os.rename({str(browser.pid) + '.part'!r}, {str(browser.pid)!r})\n"
        f"{then}\n"
    )
    browser.program.chmod(0o755)
    return browser


def wait_until_ended(browser: Browser) -> None:
    """Wait for whoever holds its lock; a test that hangs here is ended with what hangs."""
    with (browser.program.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def wait_for(path: Path, name: str = "") -> Path:
    """Wait for a file, or for one of a name below a directory."""
    until = time.monotonic() + 300
    while not (found := list(path.rglob(name)) if name else [path] * path.exists()):
        assert time.monotonic() < until, f"{path}/{name} did not come"
        time.sleep(0.02)
    return found[0]


@pytest.fixture
def silent(tmp_path: Path) -> Browser:
    """Write a browser that talks to itself and never answers."""
    return write_browser(tmp_path, "print('what nobody asked for', file=sys.stderr); time.sleep(1000)")


@pytest.fixture
def real(tmp_path: Path) -> Browser:
    """Write a browser that is a real one."""
    path = chromium()
    return write_browser(tmp_path, f"os.execv({path!r}, [{path!r}, *sys.argv[1:]])")


@contextmanager
def building(warehouse: Path, out: Path, browser: Browser, *options: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*BUILD, "-w", str(warehouse), "-o", str(out), *options],
        env={**os.environ, "BROWSER_PATH": str(browser.program)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process


def test_a_silent_browser_is_given_up(
    tiny_run: Path,
    load_into: Load,
    warehouse: Path,
    silent: Browser,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    load_into(tiny_run)
    monkeypatch.setattr(chrome, "OPEN_S", 5)
    done = CliRunner(env={"BROWSER_PATH": str(silent.program)}).invoke(
        cli, ["build", "-w", str(warehouse), "-o", str(tmp_path / "out")]
    )
    assert done.exit_code == 0
    assert done.stderr == (
        "Warning: no images, as Chrome did not work (it did not answer): install Chromium (Debian: "
        "`apt-get install chromium`) or run `plotly_get_chrome`\n"
    )
    assert {path.name for path in (tmp_path / "out").iterdir()} == TEXTS
    wait_until_ended(silent)


def test_ctrl_c_ends_a_silent_browser(
    tiny_run: Path, load_into: Load, warehouse: Path, silent: Browser, tmp_path: Path
) -> None:
    load_into(tiny_run)
    out = tmp_path / "out"
    with building(warehouse, out, silent) as process:
        wait_for(out / "report.html")
        wait_for(silent.pid)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate()
    assert (process.returncode, said) == (130, "Interrupted: every file that was written is whole.\n")
    assert {path.name for path in out.iterdir()} == TEXTS
    wait_until_ended(silent)


def test_a_browser_ends_with_a_build_that_is_killed(
    tiny_run: Path, load_into: Load, warehouse: Path, silent: Browser, tmp_path: Path
) -> None:
    load_into(tiny_run)
    with building(warehouse, tmp_path / "out", silent) as process:
        wait_for(silent.pid)
        process.kill()
    wait_until_ended(silent)


def test_a_browser_that_dies_while_it_draws_is_one_line(
    demo_warehouse: Path, real: Browser, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with building(demo_warehouse, out, real, "--score-type", "fuzz") as process:
        wait_for(out, "coverage.pdf")
        os.kill(int(real.pid.read_text()), signal.SIGKILL)
        printed, said = process.communicate()
    assert process.returncode == 0
    assert len(said.splitlines()) == 1
    assert said.startswith("Warning: no images, as Chrome did not work (")
    assert {Path(line).name for line in printed.splitlines()} == TEXTS
    assert {path.name for path in out.iterdir()} == TEXTS


def test_nothing_in_the_working_directory_is_taken_for_a_module(
    tiny_run: Path, load_into: Load, warehouse: Path, tmp_path: Path
) -> None:
    chromium()
    load_into(tiny_run)
    for name in ("kaleido", "asyncio", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('not ours')")
    code = "import sys; sys.path.remove(''); from reports.cli import cli; cli()"
    done = subprocess.run(
        [sys.executable, "-c", code, "figure", "coverage", "-w", warehouse, "-o", "out.png"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "out.png\n", "")
