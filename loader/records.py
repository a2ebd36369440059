"""Hold what the rooms of the loader hand to each other: runs, files to load, and what is wrong with them."""

from pathlib import Path
from typing import Literal, NamedTuple

# failed: it could not be loaded; unsupported: it is not loaded; finding: it is odd, and loaded all the same.
Severity = Literal["failed", "unsupported", "finding"]


class Problem(NamedTuple):
    """Say what is wrong with a place, or odd about it; `kind` is its short name."""

    run_id: str | None
    path: str
    kind: str
    severity: Severity
    detail: str


class Source(NamedTuple):
    """Describe a file to load: its kind, and what its name and place say of it; its size is in bytes."""

    run_id: str | None
    path: str
    kind: str
    size: int
    mtime_ns: int
    score_type: str | None = None
    hookpoint: str | None = None
    latent_idx: int | None = None
    candidate_idx: int | None = None


class Run(NamedTuple):
    """Describe a run: the directory that stands for it, and firing counts for it, nearest first."""

    run_id: str
    path: Path
    caches: tuple[tuple[Path, ...], ...]


class Link(NamedTuple):
    """Say that a place outside a run's own files serves it; `kind` is firing_counts or explanation."""

    run_id: str
    kind: str
    path: str


# In the path of what `loader scores` brought, between that of the table and what of it is meant.
GIVEN = "#scores/"


def given_by(path: str) -> str | None:
    """Return the table that a score or run is from, None if it was found in results."""
    table, mark, _ = path.partition(GIVEN)
    return table if mark else None
