"""Walk result directories and list the runs in them and the files of each; open none of the files."""

import os
import stat
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from ..records import Problem, Run, Severity, Source
from .names import Latent, parse_latent, run_id_of

CONFIG = "run_config.json"
TIMING = ("timing.json", "scoring_timing.json")
STATS_SUFFIX = "_stats.json"
FIRING_COUNTS = Path("log", "hookpoint_firing_counts.pt")
# What delphi keeps beside scores that holds no runs: caches of activations can have very many files.
NOT_OURS = frozenset({"latents", "neighbours", "visualize", "log"})

A_RUN = (
    f"a run is a directory with a {CONFIG}, or with scores/<score type>/ or explanations/ "
    "that hold files named <hookpoint>_latent<number>.txt"
)


_NAME, _PATH = attrgetter("name"), attrgetter("path")


class Found(NamedTuple):
    """Hold what a walk found, each list sorted by path."""

    runs: list[Run]
    sources: list[Source]
    problems: list[Problem]


def discover(roots: Sequence[Path], follow: bool = False) -> Found:
    """Find the runs at and below `roots`, real paths of directories, and their files.

    Links that lead out of the roots are followed only with `follow`. Hidden names are none of ours.
    """
    walk = _Walk(roots, follow)
    directories = {path for root in roots for path in walk.run_directories(root)}
    runs = [
        Run(run_id_of(path), path, tuple(walk.cache_levels(path))) for path in sorted(directories, key=str)
    ]
    sources = [source for run in runs for source in walk.run_sources(run)]
    problems = [_place(problem, directories) for problem in walk.problems]
    return Found(runs, sorted(sources, key=_PATH), sorted(problems, key=_PATH))


def list_explanations(directory: Path) -> Found:
    """List the explanation files of a directory that several runs share; they belong to no one run."""
    walk = _Walk([directory], False)
    sources = list(walk.latent_sources(None, directory, "explanation", None))
    return Found([], sorted(sources, key=_PATH), sorted(walk.problems, key=_PATH))


class _Walk:
    """Carry what a walk needs everywhere: the roots, what it has listed, and the problems it has met."""

    def __init__(self, roots: Sequence[Path], follow: bool) -> None:
        self.roots = roots
        self.follow = follow
        self.problems: list[Problem] = []
        self._listed: dict[str, list[os.DirEntry[str]]] = {}

    def run_directories(self, root: Path) -> Iterator[Path]:
        """Yield the real paths of the runs at and below a directory; each real directory is searched once."""
        pending, searched = [root], set()
        while pending:
            directory = pending.pop()
            if directory in searched:
                continue
            searched.add(directory)
            entries = self._entries(directory)
            is_run = self._is_run(entries)
            if is_run:
                yield directory
            for entry in entries:
                ours = is_run and entry.name in ("scores", "explanations")
                if not ours and entry.name not in NOT_OURS and self._is_directory(entry):
                    pending.append(Path(os.path.realpath(entry.path)))

    def run_sources(self, run: Run) -> Iterator[Source]:
        """Yield the files of one run."""
        for entry in self._entries(run.path):
            named: tuple[str, str | None] | None = None
            if entry.name == "scores":
                yield from self._score_sources(run, entry)
            elif entry.name == "explanations":
                if self._is_directory(entry):
                    yield from self.latent_sources(run.run_id, Path(entry.path), "explanation", None)
                else:
                    self._report(entry, "stray file", "unsupported", "found a file, wanted a directory")
            elif entry.name == CONFIG:
                named = "config", None
            elif entry.name in TIMING:
                named = "timing", None
            elif entry.name.endswith(STATS_SUFFIX):
                stage = entry.name.removesuffix(STATS_SUFFIX)
                named = "stats", None if stage == "explainer" else stage
            if named and (source := self._source(run.run_id, entry, *named)):
                yield source

    def latent_sources(
        self, run_id: str | None, folder: Path, kind: str, score_type: str | None
    ) -> Iterator[Source]:
        """Yield the files of a directory that holds a file per latent, and report the others."""
        best: dict[Latent, os.DirEntry[str]] = {}
        entries = self._entries(folder)
        # One latent under two names would count twice; the present way of writing it wins.
        present = [entry for entry in entries if "_latent" in entry.name]
        for entry in present + [entry for entry in entries if "_latent" not in entry.name]:
            latent = parse_latent(entry.name)
            if latent is None:
                self._report(
                    entry, "unknown name", "unsupported",
                    "found a name that names no latent, wanted <hookpoint>_latent<number>.txt; not loaded",
                )  # fmt: skip
            elif latent in best:
                self._report(
                    entry, "duplicate latent", "failed",
                    f"found a second file of the latent of {best[latent].name}, wanted one; remove one",
                )  # fmt: skip
            else:
                best[latent] = entry
                if source := self._source(run_id, entry, kind, score_type, *latent):
                    yield source

    def cache_levels(self, run: Path) -> Iterator[tuple[Path, ...]]:
        """Yield the firing-count files in a run, beside it, and beside its parents within the roots."""
        own = run / FIRING_COUNTS
        if own.is_file() and self._may_read(own, run):
            yield (own,)
        level = run
        while True:
            files = [path / FIRING_COUNTS for path in sorted(level.glob("cache*"))]
            if found := tuple(path for path in files if path.is_file() and self._may_read(path, level)):
                yield found
            # A run that was given itself has its cache beside it all the same.
            is_last = level in self.roots or not self._is_inside(level)
            if (is_last and level != run) or level == level.parent:
                return
            level = level.parent

    def _score_sources(self, run: Run, scores: os.DirEntry[str]) -> Iterator[Source]:
        if not self._is_directory(scores):
            self._report(scores, "stray file", "unsupported", "found a file, wanted a directory")
            return
        for entry in self._entries(Path(scores.path)):
            if self._is_directory(entry):
                yield from self.latent_sources(run.run_id, Path(entry.path), "score", entry.name)
            else:
                self._report(
                    entry, "stray file", "unsupported",
                    "found a file, wanted directories named after score types; move it into one, or away",
                )  # fmt: skip

    def _is_run(self, entries: Sequence[os.DirEntry[str]]) -> bool:
        by_name = {entry.name: entry for entry in entries}
        if CONFIG in by_name:
            return True
        folders = [by_name[name] for name in ("explanations",) if name in by_name]
        if "scores" in by_name and self._is_directory(by_name["scores"]):
            folders += self._entries(Path(by_name["scores"].path))
        return any(
            parse_latent(entry.name)
            for folder in folders
            if self._is_directory(folder)
            for entry in self._entries(Path(folder.path))
        )

    def _entries(self, directory: Path) -> list[os.DirEntry[str]]:
        """Return what a directory holds, less hidden names and links that may not be followed."""
        key = str(directory)
        if key not in self._listed:
            try:
                with os.scandir(directory) as scan:
                    found = [entry for entry in scan if not entry.name.startswith(".")]
            except OSError as error:
                found = []
                self._report(
                    key, "unreadable", "failed",
                    f"could not be listed ({error.strerror}); check its permissions",
                )  # fmt: skip
            found.sort(key=_NAME)
            self._listed[key] = [entry for entry in found if self._admit(entry)]
        return self._listed[key]

    def _admit(self, entry: os.DirEntry[str]) -> bool:
        try:
            entry.path.encode()
        except UnicodeEncodeError:
            path = os.fsencode(entry.path).decode(errors="backslashreplace")
            self._report(path, "bad name", "failed", "found a name that is not UTF-8; rename it")
            return False
        if not entry.is_symlink():
            return True
        target = Path(os.path.realpath(entry.path))
        if not target.exists():
            wanted = parse_latent(entry.name) or entry.name == CONFIG
            self._report(
                entry, "broken link", "failed" if wanted else "finding",
                f"found a link to {target}, which is not there; mend or remove it",
            )  # fmt: skip
            return False
        if self.follow or self._is_inside(target):
            return True
        self._report(
            entry, "link not followed", "finding",
            f"found a link to {target}, outside the given directories; give that too, or use --follow",
        )  # fmt: skip
        return False

    def _source(
        self,
        run_id: str | None,
        entry: os.DirEntry[str],
        kind: str,
        score_type: str | None = None,
        hookpoint: str | None = None,
        latent_idx: int | None = None,
    ) -> Source | None:
        try:
            status = entry.stat()
        except OSError as error:
            self._report(
                entry, "vanished", "finding", f"was listed, then gone ({error.strerror}); load again"
            )
            return None
        size, mtime_ns = status.st_size, status.st_mtime_ns
        return Source(run_id, entry.path, kind, size, mtime_ns, score_type, hookpoint, latent_idx)

    def _is_directory(self, entry: os.DirEntry[str]) -> bool:
        try:
            return stat.S_ISDIR(entry.stat().st_mode)
        except OSError:
            # Gone since it was listed: neither a directory nor, when its turn comes, a file.
            return False

    def _is_inside(self, path: Path) -> bool:
        return any(path.is_relative_to(root) for root in self.roots)

    def _may_read(self, file: Path, level: Path) -> bool:
        real = Path(os.path.realpath(file))
        return self.follow or real.is_relative_to(level) or self._is_inside(real)

    def _report(self, place: os.DirEntry[str] | str, kind: str, severity: Severity, detail: str) -> None:
        path = place if isinstance(place, str) else place.path
        self.problems.append(Problem(None, path, kind, severity, detail))


def _place(problem: Problem, runs: set[Path]) -> Problem:
    """Return the problem with the id of the innermost run that its path lies in, if any."""
    path = Path(problem.path)
    inner = next((place for place in (path, *path.parents) if place in runs), None)
    return problem._replace(run_id=run_id_of(inner)) if inner else problem
