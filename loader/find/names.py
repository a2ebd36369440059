"""Read what file and directory names say: the latent of a score file, the name of a run."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

# Greedy: hookpoints hold dots and underscores. 18 digits fit a 64-bit integer. Old runs write "feature".
_LATENT = re.compile(r"(?P<hookpoint>.+)_(?:latent|feature)(?P<idx>[0-9]{1,18})\.txt", re.DOTALL)


class Latent(NamedTuple):
    """Name a latent: a hookpoint, with `/` as the model has it, and an index."""

    hookpoint: str
    latent_idx: int


def parse_latent(file_name: str) -> Latent | None:
    """Return the latent that `<hookpoint>_latent<idx>.txt` names, or None if it names none."""
    match = _LATENT.fullmatch(file_name)
    if match is None:
        return None
    hookpoint, idx = match.groups()
    return Latent(hookpoint.replace("--", "/"), int(idx))


def run_id_of(path: Path) -> str:
    """Return the id of the run in a directory, 16 hexadecimal digits that follow from its real path."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:16]


def name_runs(paths: Iterable[Path], given: Mapping[Path, str]) -> dict[Path, str]:
    """Name the runs in `paths` that have none: the directory's name, lengthened by parents until unique.

    `given` maps run directories to the names they keep; the result holds the new ones only.
    """
    new = sorted(set(paths) - set(given))
    length = dict.fromkeys(new, 1)
    while True:
        names = {path: str(Path(*path.parts[-length[path] :])) for path in new}
        taken = list(given.values()) + list(names.values())
        # A root directory has no parents to add; its one part is its whole path, which no other run has.
        clashing = [p for p in new if taken.count(names[p]) > 1 and length[p] < len(p.parts)]
        if not clashing:
            return names
        for path in clashing:
            length[path] += 1
