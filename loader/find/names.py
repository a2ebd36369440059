"""Read what file and directory names say: the latent of a score file, the name of a run."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

CONFIG = "run_config.json"
# The second is that of an experiment of delphi's predecessor.
CONFIGS = (CONFIG, "experiment_config.json")
# Greedy: hookpoints hold dots and underscores. 18 digits fit a 64-bit integer. Old runs write "feature"; a
# number after the latent's tells several explanations of it apart.
_LATENT = re.compile(
    r"(?P<hookpoint>.+)_(?:latent|feature)(?P<idx>[0-9]{1,18})(?:_(?P<candidate>[0-9]{1,9}))?\.(?:txt|json)",
    re.DOTALL,
)
# What stands in a directory that is named after the hookpoint.
_NUMBER = re.compile(r"(?P<idx>[0-9]{1,18})\.(?:txt|json)")
# What exports of other programs end with.
_EXPORTS = ("eval_results.json", ".jsonl", ".jsonl.gz")
# As delphi writes the name today, numbers without zeros before them.
_PRESENT = re.compile(r".+_latent(?:0|[1-9][0-9]*)(?:_(?:0|[1-9][0-9]*))?\.txt", re.DOTALL)
# What other programs hide: copies by macOS, editors and network drives, repositories, notebooks' copies.
_OTHERS = re.compile(
    r"\.(?:[_#~].*|nfs.*|(?:git|hg|svn|cache|ipynb_checkpoints|DS_Store|Trash.*))", re.DOTALL
)


class Latent(NamedTuple):
    """Name a latent by its hookpoint, with `/` as the model has it, and its index.

    candidate_idx: which of several explanations of it, if the name tells one
    """

    hookpoint: str
    latent_idx: int
    candidate_idx: int | None = None


def parse_latent(file_name: str) -> Latent | None:
    """Return the latent that `<hookpoint>_latent<idx>.txt` names, or None if it names none."""
    match = _LATENT.fullmatch(file_name)
    if match is None or (file_name.startswith(".") and is_passed_over(file_name)):
        return None
    hookpoint, idx, candidate = match.groups()
    return Latent(hookpoint.replace("--", "/"), int(idx), None if candidate is None else int(candidate))


def parse_latent_in(directories: Sequence[str], file_name: str) -> Latent | None:
    """Return the latent of a file whose hookpoint's name, or the begin of it, is that of its directories.

    A `/` in a hookpoint makes a directory of what stands before it; other habits are a directory named after
    the hookpoint, with files `<idx>.json`, or with files that name the hookpoint again.
    """
    module = "/".join(directories).replace("--", "/")
    latent = parse_latent(file_name)
    if latent is None:
        number = _NUMBER.fullmatch(file_name)
        return Latent(module, int(number["idx"])) if number and module else None
    if not module or f"{latent.hookpoint}/".startswith(f"{module}/"):
        return latent
    return latent._replace(hookpoint=f"{module}/{latent.hookpoint}")


def is_number(file_name: str) -> bool:
    """Tell whether a file's name is a number alone: a latent's, if its directory is a hookpoint's."""
    return _NUMBER.fullmatch(file_name) is not None


def is_present(file_name: str) -> bool:
    """Tell whether a latent's file is named as delphi names it today."""
    return _PRESENT.fullmatch(file_name) is not None


def is_export(directory: str, file_name: str) -> bool:
    """Tell whether a file may be what another program writes of many latents.

    SAEBench and Neuronpedia name theirs so; OpenAI's have a number, in a directory named by the layer's.
    """
    is_neuron = directory.isdecimal() and file_name.endswith(".json") and is_number(file_name)
    return is_neuron or file_name.endswith(_EXPORTS)


def is_passed_over(name: str) -> bool:
    """Tell whether a hidden name is one that other programs make."""
    return _OTHERS.fullmatch(name) is not None


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
        taken = Counter([*given.values(), *names.values()])
        # A root directory has no parents to add; its one part is its whole path, which no other run has.
        clashing = [p for p in new if taken[names[p]] > 1 and length[p] < len(p.parts)]
        if not clashing:
            return names
        for path in clashing:
            length[path] += 1
