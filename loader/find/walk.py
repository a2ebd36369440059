"""Walk result directories and list the runs in them and the files of each; open none of the files."""

import os
from collections.abc import Iterator, Mapping
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from ..records import Problem, Run, Source
from .layouts import Parts, Side, find_experiments, find_sides, is_score_type, split
from .names import CONFIG, is_export, run_id_of
from .places import Places
from .run_files import DATA, RunFiles
from .trees import Listed, list_directory, list_tree

FIRING_COUNTS = Path("log", "hookpoint_firing_counts.pt")
# What delphi keeps beside scores that holds no runs: caches of activations can have very many files.
NOT_OURS = frozenset({"latents", "neighbours", "visualize", "log"})
_TOPS = ("scores", "explanations")

A_RUN = (
    f"a run is a directory with a {CONFIG}, or with scores/<score type>/ or explanations/ "
    "that hold files named <hookpoint>_latent<number>.txt"
)

_PATH = attrgetter("path")


class Found(NamedTuple):
    """Hold what a walk found, each list sorted by path; exports may hold runs of other programs."""

    runs: list[Run]
    sources: list[Source]
    problems: list[Problem]
    exports: list[Path]


def discover(places: Places) -> Found:
    """Find the runs at and below the roots, and their files."""
    walk = _Walk(places)
    for root in places.roots:
        walk.search(root)
    walk.take_sides()
    runs = [
        Run(run_id_of(path), path, tuple(_cache_levels(places, path))) for path in sorted(walk.runs, key=str)
    ]
    sources = [source for files in walk.runs.values() for source in files.sources()]
    problems = places.take_problems(walk.runs)
    return Found(runs, sorted(sources, key=_PATH), problems, sorted(walk.exports))


def list_explanations(places: Places, directory: Path, *, is_deep: bool) -> list[Source]:
    """List the explanation files of a directory that runs share; they belong to no one run."""
    files = RunFiles(places, None)
    for listed in list_tree(places, directory) if is_deep else [list_directory(places, directory)[0]]:
        files.add_latents(listed, listed.parts)
    return sorted(files.sources(), key=_PATH)


class _Walk:
    """Gather runs with their files, by the path that stands for each."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.runs: dict[Path, RunFiles] = {}
        self.exports: list[Path] = []
        # Directories that hold files of latents, and lie in no scores/ or explanations/ of a run.
        self._sides: dict[Path, Listed] = {}
        self._searched: set[Path] = set()

    def search(self, root: Path) -> None:
        """Find the runs at and below a directory; each real directory is searched once."""
        pending = [root]
        while pending:
            directory = pending.pop()
            if directory in self._searched:
                continue
            self._searched.add(directory)
            listed, inner = list_directory(self.places, directory)
            tops = {entry.name: Path(entry.path) for entry in inner if entry.name in _TOPS}
            is_run = self._take(directory, listed, tops)
            files = [*listed.others, *(entry for entry, named in listed.latents if named is None)]
            self.exports += [Path(entry.path) for entry in files if is_export(directory.name, entry.name)]
            if any(named and entry.name.endswith(".txt") for entry, named in listed.latents):
                self._sides[directory] = listed
            for entry in inner:
                is_taken = is_run and entry.name in tops
                if not is_taken and entry.name not in NOT_OURS and not entry.name.startswith("."):
                    pending.append(Path(os.path.realpath(entry.path)))

    def take_sides(self) -> None:
        """Take directories of scores and explanations that lie beside each other; report other files."""
        by_parent: dict[Path, dict[str, Listed]] = {}
        for directory, listed in self._sides.items():
            by_parent.setdefault(directory.parent, {})[directory.name] = listed
        for parent, found in sorted(by_parent.items()):
            sides = find_sides(found)
            for name, listed in sorted(found.items()):
                path = self._path_of_side(parent, sides[name].name, sides) if name in sides else None
                if path is None:
                    RunFiles(self.places, None).refuse(listed._replace(configs=[], others=[]))
                else:
                    self._files(path).add_latents(listed, (), sides[name].score_type)

    def _take(self, directory: Path, beside: Listed, tops: Mapping[str, Path]) -> bool:
        """Take the runs that a directory holds in scores/ and explanations/; tell whether there are any."""
        trees = [list_tree(self.places, tops[name]) if name in tops else [] for name in _TOPS]
        scores, explanations = ([listed for listed in tree if not _is_nested(listed)] for tree in trees)
        nested = [listed for tree in trees for listed in tree if _is_nested(listed)]
        is_delphi = any(entry.name == CONFIG for entry in beside.configs)
        ours = [listed for listed in explanations if listed.folder.hookpoint]
        ours += [listed for listed in scores if _are_scores(listed)]
        if not is_delphi and not ours:
            return False
        experiments = find_experiments(
            [listed.folder for listed in scores if listed.latents],
            [listed.folder for listed in explanations if listed.latents],
            is_delphi,
        )
        # Explanations stand for an experiment that has both: they are written first.
        paths: dict[Parts, Path | None] = {
            listed.parts: tops[name].joinpath(*listed.parts)
            for name, tree in (("scores", scores), ("explanations", explanations))
            for listed in tree
            if listed.parts in experiments
        }
        is_own = is_delphi or any(not split(listed.parts, experiments)[0] for listed in ours)
        paths[()] = directory if is_own else None
        files = {parts: self._files(path) for parts, path in paths.items()}
        for listed in explanations:
            experiment, module = split(listed.parts, experiments)
            files[experiment].add_latents(listed, module)
        for listed in scores:
            experiment, rest = split(listed.parts, experiments)
            if listed.parts:
                inner = rest or listed.parts[-1:]
                files[experiment].add_latents(listed, inner[1:], score_type=inner[0])
            else:
                files[()].refuse(listed)
        for listed in nested:
            files[()].refuse(listed)
        if is_own:
            files[()].add_settings(beside)
        return True

    def _files(self, path: Path | None) -> RunFiles:
        """Return what holds the files of the run that a path stands for, or of none."""
        if path is None:
            return RunFiles(self.places, None)
        return self.runs.setdefault(path, RunFiles(self.places, path))

    def _path_of_side(self, parent: Path, name: str, sides: Mapping[str, Side]) -> Path | None:
        """Return what stands for the run of directories that share a name, explanations before scores."""
        if not name:
            return parent if self.places.is_inside(parent) and parent.name not in _TOPS else None
        same = [other for other, side in sides.items() if side.name == name]
        return parent / min(same, key=lambda other: (sides[other].score_type is not None, other))


def _is_nested(listed: Listed) -> bool:
    """Tell whether a directory below scores/ or explanations/ is again inside such a one."""
    return not set(_TOPS).isdisjoint(listed.parts)


def _are_scores(listed: Listed) -> bool:
    """Tell whether a directory below scores/ looks like one that holds scores."""
    if listed.folder.hookpoint:
        return bool(listed.parts)
    has_data = bool(listed.latents) or any(entry.name.endswith(DATA) for entry in listed.others)
    return has_data and any(map(is_score_type, listed.parts))


def _cache_levels(places: Places, run: Path) -> Iterator[tuple[Path, ...]]:
    """Yield the firing-count files in a run, beside it, and beside its parents within the roots."""
    own = run / FIRING_COUNTS
    if any(entry.name == own.parent.name for entry in places.entries(run)) and places.look(own):
        yield (own,)
    level = run
    while True:
        if found := tuple(_caches(places, level, run)):
            yield found
        # A run that was given itself has its cache beside it all the same.
        is_last = level in places.roots or not places.is_inside(level)
        if (is_last and level != run) or level == level.parent:
            return
        level = level.parent


def _caches(places: Places, level: Path, run: Path) -> Iterator[Path]:
    for name in _cache_names(places, level):
        file = level / name / FIRING_COUNTS
        if places.look(file, beside=level / name, run_id=run_id_of(run)):
            yield file


def _cache_names(places: Places, level: Path) -> list[str]:
    if places.is_inside(level):
        names = [entry.name for entry in places.entries(level)]
    else:
        # Nobody asked for what is here: what may not be listed is left alone.
        try:
            names = sorted(path.name for path in level.iterdir())
        except OSError:
            places.hide(level)
            names = []
    return [name for name in names if name.startswith("cache")]
