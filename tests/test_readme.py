"""Every command and snippet of the README, run over the demo: what it prints is what the README says."""

import re
import shutil
from pathlib import Path

import pytest
from console import run_as_shown

README = Path(__file__).parent.parent / "README.md"


@pytest.fixture
def place(tmp_path: Path, demo_results: Path) -> Path:
    """Return a directory in which the demo's results lie where the README has them."""
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "results").symlink_to(demo_results)
    return tmp_path


def test_what_the_readme_shows_is_what_is_printed(place: Path) -> None:
    assert run_as_shown(README, place) == 7


def test_the_readme_opens_with_the_two_commands() -> None:
    commands = re.findall(r"^\$ (.*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands[:2] == ["make demo", "make test"]
    assert shutil.which("make")
