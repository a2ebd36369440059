"""The documents are true where that can be checked: what they name is there, and what is there is named."""

import re
from pathlib import Path

import pytest

from loader.schema.headers import relations

ROOT = Path(__file__).parent.parent
ARCHITECTURE = ROOT / "docs" / "architecture.md"
# What git ignores, environments say, holds documents of others.
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
TREE = ("explainer_warehouse", "loader", "reports", "sql", "tests", "docs", "benchmarks", "examples", ".ci")
LINK = re.compile(r"\]\((?!https?:|#)(?P<target>[^)#]+)")
CODE = re.compile(r"`([^`\n]+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for link in LINK.finditer(text):
        assert (document.parent / link["target"]).exists(), link["target"]
    for word in " ".join(CODE.findall(text)).split():
        if word.split("/")[0] in TREE and "/" in word:
            assert (ROOT / word).exists(), word
        if re.fullmatch(r"test_\w+\.py", word):
            assert (ROOT / "tests" / word).is_file(), word
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([\w-]+)", " ".join(CODE.findall(text)))) <= targets


def test_every_room_is_described() -> None:
    rooms = {
        f"{path.relative_to(ROOT).as_posix()}/"
        for top in ("loader", "reports", "sql")
        for path in [*(ROOT / top).glob("*/"), *(ROOT / top / "files").glob("*/")]
        if path.is_dir() and path.name not in ("__pycache__", "vendor")
    }
    described = re.findall(r"^\| `([^`]+/)` \|", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(described) == sorted(rooms | {"explainer_warehouse/"})


def test_relations_that_the_way_of_a_file_names_are_there() -> None:
    way = ARCHITECTURE.read_text(encoding="utf-8").split("## The rooms")[0]
    known = {relation.name.split(".")[-1] for relation in relations()}
    named = {word for word in CODE.findall(way) if re.fullmatch(r"[a-z]+(_[a-z]+)+", word)}
    assert len(named) > 8
    assert named <= known


def test_every_page_of_the_documentation_is_linked() -> None:
    links = {
        (document.parent / link["target"]).resolve()
        for document in DOCUMENTS
        for link in LINK.finditer(document.read_text(encoding="utf-8"))
    }
    assert {path.resolve() for path in (ROOT / "docs").glob("*.md")} <= links
