"""Give the queries that a page which answers SQL has ready."""

import re
from importlib.resources import files
from typing import NamedTuple

_BLOCK = re.compile(r"^-- (?P<title>.+)\n(?P<sql>(?:(?!--).+\n)+)", re.MULTILINE)


class Ready(NamedTuple):
    """Hold a query that is ready, and what it finds."""

    title: str
    sql: str


def cookbook() -> list[Ready]:
    """Read the queries beside this module."""
    text = (files("reports") / "answers" / "cookbook.sql").read_text(encoding="utf-8")
    return [Ready(found["title"], found["sql"].strip()) for found in _BLOCK.finditer(text)]
