"""What `--help` says of every command: examples that can be typed as they stand."""

import re
import shlex
from collections.abc import Iterator
from contextlib import chdir
from itertools import dropwhile, takewhile
from pathlib import Path

import click
import pytest
from commands import COMMANDS, run


def below(called: str, group: click.Group) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        yield f"{called} {name}", command
        if isinstance(command, click.Group):
            yield from below(f"{called} {name}", command)


ALL = [found for name, group in COMMANDS.items() for found in below(name, group)]


def examples(command: click.Command) -> list[str]:
    head, _, lines = (command.epilog or "").partition("Examples:\n")
    return [line.strip() for line in lines.splitlines()] if head == "\b\n" else []


@pytest.mark.parametrize(("called", "command"), ALL)
def test_examples_of_a_command_can_be_typed(called: str, command: click.Command, tmp_path: Path) -> None:
    assert examples(command)
    for line in examples(command):
        words = list(takewhile(lambda word: word not in ("<", ">"), shlex.split(line)))
        depth = len(called.split())
        words = list(dropwhile(lambda word: "=" in word, words))
        assert " ".join(words[:depth]) == called
        for name in re.findall(r"\S+\.(?:csv|json|tsv|parquet|duckdb|db)\b", line):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        # What is given is taken, as far as that shows before the command runs.
        with chdir(tmp_path):
            command.make_context(called, words[depth:])


@pytest.mark.parametrize(("called", "command"), ALL)
def test_help_keeps_examples_on_their_lines(called: str, command: click.Command, tmp_path: Path) -> None:
    shown = run(*called.split(), "--help", cwd=tmp_path).stdout
    for line in examples(command):
        assert f"  {line}\n" in shown
