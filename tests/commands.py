"""Run the commands as a user does, but without a process of their own."""

from contextlib import chdir
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

import loader.cli
import reports.cli

COMMANDS = {"loader": loader.cli.cli, "reports": reports.cli.cli}


def run(command: str, *arguments: object, cwd: Path, **more: Any) -> Result:
    """Run `loader` or `reports` in a directory; what is no exit is raised."""
    with chdir(cwd):
        return CliRunner(catch_exceptions=False).invoke(
            COMMANDS[command], list(map(str, arguments)), prog_name=command, **more
        )


def answer(command: str, *arguments: object, cwd: Path, **more: Any) -> str:
    """Run a command, which must succeed and say nothing on stderr; return what it printed."""
    done = run(command, *arguments, cwd=cwd, **more)
    assert (done.exit_code, done.stderr) == (0, "")
    return done.stdout


def refusal(command: str, *arguments: object, cwd: Path, **more: Any) -> str:
    """Run a command, which must end with a usage error; return its message."""
    done = run(command, *arguments, cwd=cwd, **more)
    assert (done.exit_code, done.stdout) == (2, "")
    return done.stderr.partition("Error: ")[2].strip()
