"""What a shell offers when Tab is pressed: the commands, options and values of both commands."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


def completed(*words: str) -> list[str]:
    """Return what bash offers for the last of these words, once it has run the README's line."""
    command = words[0]
    script = "\n".join(
        [
            *re.findall(r"^(eval .*)$", README.read_text(encoding="utf-8"), re.MULTILINE),
            f"COMP_WORDS=({shlex.join(words)})",
            f"COMP_CWORD={len(words) - 1}",
            f"complete -p {command} >&2",
            f"_{command}_completion {command}",
            'printf "%s\\n" "${COMPREPLY[@]}"',
        ]
    )
    done = subprocess.run(["bash", "-c", script], env=ENVIRONMENT, capture_output=True, text=True)
    assert f"_{command}_completion" in done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("loader", "up"), {"upgrade"}),
        (("loader", "load", "--pr"), {"--prune"}),
        (("loader", "sql", "--format", "c"), {"csv"}),
        (("reports", "di"), {"diff"}),
        (("reports", "build", "--policy", ""), {"valid", "strict"}),
    ],
)
def test_bash_completes(words: tuple[str, ...], offered: set[str]) -> None:
    assert set(completed(*words)) == offered


@pytest.mark.parametrize("command", ["loader", "reports"])
@pytest.mark.parametrize(("shell", "says"), [("zsh", "compdef"), ("fish", "complete --no-files")])
def test_zsh_and_fish_get_a_script_of_their_own(command: str, shell: str, says: str) -> None:
    environment = {**ENVIRONMENT, f"_{command.upper()}_COMPLETE": f"{shell}_source"}
    done = subprocess.run([command], env=environment, capture_output=True, text=True, check=True)
    assert says in done.stdout
    assert f"_{command}_completion" in done.stdout
