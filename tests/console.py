"""Run what a document shows: its console lines and its Python, and compare what is printed."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

# Commands that the tests cannot run: they make the environment that the tests run in.
NOT_RUN = ("make ", "pipx ")
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


class Step(NamedTuple):
    """Hold a command of a document, or a Python snippet, and what is said to be printed."""

    command: list[str]
    printed: str


def run_as_shown(document: Path, place: Path) -> int:
    """Run the steps of a document in a directory, each of which must print what it says; count them."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    shown = 0
    for command, printed in steps(document):
        script = command[-1]
        if script.startswith("export "):
            name, value = script.removeprefix("export ").strip().split("=")
            environment[name] = value
            continue
        if script.startswith("cat "):
            (place / script.split()[1]).write_text(printed)
            continue
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert without_seconds(done.stdout) == without_seconds(printed), script
        shown += 1
    return shown


def steps(document: Path) -> Iterator[Step]:
    """Yield the steps of a document in order; `export` and `cat` come as they are written."""
    snippet = ""
    for block in BLOCK.finditer(document.read_text(encoding="utf-8")):
        text = block["text"]
        if block["language"] == "python":
            snippet = text
        elif block["language"] == "text":
            yield Step([sys.executable, "-c", snippet], text)
        elif block["language"] == "console":
            for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
                command, printed = split_command(part)
                if not command.startswith(NOT_RUN):
                    yield Step(["bash", "-c", command], printed)


def split_command(part: str) -> tuple[str, str]:
    """Split at the end of the command: its first line, or the line that closes its quote."""
    lines = part.splitlines(keepends=True)
    end = next(i for i in range(1, len(lines) + 1) if "".join(lines[:i]).count('"') % 2 == 0)
    return "".join(lines[:end]), "".join(lines[end:])


def without_seconds(text: str) -> str:
    return re.sub(r"\d+\.\d s\b", "0.0 s", text)
