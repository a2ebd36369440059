"""Find the files outside a run that serve it: the cache's firing counts, and explanations that runs share."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..records import Link, Problem, Run, Source
from .walk import FIRING_COUNTS, list_explanations

_CACHE_KEY = "shared_cache_path"
_EXPLANATIONS_KEY = "shared_explanations_path"


class Linked(NamedTuple):
    """Hold the links of all runs, the files they lead to, each once, and what could not be followed."""

    links: list[Link]
    sources: list[Source]
    problems: list[Problem]


def link_runs(
    runs: Sequence[Run], configs: Mapping[str, dict[str, Any]], roots: Sequence[Path], follow: bool
) -> Linked:
    """Find what serves each run; `configs` maps run_id to its config.

    A path in a config is followed when it lies within `roots`, real paths, or when the user says `follow`.
    """
    links: list[Link] = []
    problems: list[Problem] = []
    sources: dict[str, Source] = {}
    for run in runs:
        config = configs.get(run.run_id, {})
        for key in (_CACHE_KEY, _EXPLANATIONS_KEY):
            place = _follow(run, key, config.get(key), roots, follow, problems)
            if place is not None:
                links += _links_to(run, key, place, problems)
        if not any(link.run_id == run.run_id and link.kind == "firing_counts" for link in links):
            links += _nearest_cache(run, str(config.get("model") or ""), problems)
    for link in links:
        if link.kind == "firing_counts":
            status = Path(link.path).stat()
            sources[link.path] = Source(None, link.path, link.kind, status.st_size, status.st_mtime_ns)
        else:
            listed = list_explanations(Path(link.path))
            sources |= {source.path: source for source in listed.sources}
            problems += listed.problems
    return Linked(links, [sources[path] for path in sorted(sources)], problems)


def _follow(
    run: Run, key: str, value: Any, roots: Sequence[Path], follow: bool, problems: list[Problem]
) -> Path | None:
    """Return the real path of a directory that a config names, or None with a problem if it names one."""
    if not isinstance(value, str) or not value.strip():
        return None
    if not follow and not any(
        Path(real).is_relative_to(root) for real in _candidates(run, value) for root in roots
    ):
        detail = f"{key} is {value}, outside the given directories; give that too, or use --follow"
        problems.append(Problem(run.run_id, str(run.path), "path not followed", "finding", detail))
        return None
    for real in _candidates(run, value):
        if real.is_dir() and (follow or _is_inside(real, roots)):
            return real
    detail = f"{key} is {value}, and there is no such directory; put it there, or take it out of the config"
    problems.append(Problem(run.run_id, str(run.path), "path not found", "finding", detail))
    return None


def _candidates(run: Run, value: str) -> Iterator[Path]:
    """Yield where a config's path may lead: delphi ran in some directory at or above the run."""
    for base in (run.path, *run.path.parents):
        yield Path(os.path.realpath(base / value))


def _is_inside(path: Path, roots: Sequence[Path]) -> bool:
    return any(path.is_relative_to(root) for root in roots)


def _links_to(run: Run, key: str, place: Path, problems: list[Problem]) -> Iterator[Link]:
    if key == _CACHE_KEY:
        found = [path for path in (place / FIRING_COUNTS, place / FIRING_COUNTS.name) if path.is_file()]
        if found:
            yield Link(run.run_id, "firing_counts", str(found[0]))
        else:
            detail = f"{key} names this directory, but it holds no {FIRING_COUNTS}"
            problems.append(Problem(run.run_id, str(place), "no firing counts", "finding", detail))
    else:
        inner = place / "explanations"
        directory = inner if inner.is_dir() else place
        if directory != run.path / "explanations":
            yield Link(run.run_id, "explanation", str(directory))


def _nearest_cache(run: Run, subject_model: str, problems: list[Problem]) -> Iterator[Link]:
    """Yield the cache of the nearest level: the only one there, or the one named after the subject model."""
    if not run.caches:
        return
    nearest = run.caches[0]
    named = [path for path in nearest if _is_named_after(path, subject_model)]
    if len(nearest) == 1 or len(named) == 1:
        yield Link(run.run_id, "firing_counts", str((named or nearest)[0]))
        return
    names = ", ".join(path.parts[-3] for path in nearest)
    detail = (
        f"found {names}, wanted one, or one named after the subject model {subject_model or '(unknown)'}; "
        "no firing counts are used"
    )
    problems.append(Problem(run.run_id, str(run.path), "several caches", "finding", detail))


def _is_named_after(cache: Path, subject_model: str) -> bool:
    name = cache.parts[-len(FIRING_COUNTS.parts) - 1].removeprefix("cache")
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return bool(plain) and plain in {
        re.sub(r"[^a-z0-9]", "", model.lower()) for model in (subject_model, subject_model.rsplit("/", 1)[-1])
    }
