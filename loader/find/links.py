"""Find the files outside a run that serve it: the cache's firing counts, and explanations that runs share."""

import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..records import Link, Problem, Run, Source
from .names import CONFIG
from .places import Places
from .walk import FIRING_COUNTS, list_explanations

_CACHE_KEY = "shared_cache_path"
_EXPLANATIONS_KEY = "shared_explanations_path"
# What a system takes for a path, and for each name in it, in bytes.
_MAX_PATH, _MAX_NAME = 4096, 255


class Linked(NamedTuple):
    """Hold the links of all runs, the files they lead to, each once, and what could not be followed."""

    links: list[Link]
    sources: list[Source]
    problems: list[Problem]


def link_runs(
    runs: Sequence[Run],
    configs: Mapping[str, dict[str, Any]],
    before: Collection[Link],
    places: Places,
) -> Linked:
    """Find what serves each run; `configs` maps run_id to its config.

    A link of `before`, that of an earlier load, stays if where it leads is hidden now.
    """
    found = [served for run in runs for served in _serve(run, configs.get(run.run_id, {}), places)]
    hidden = [link for link in before if places.hides_some(Path(link.path))]
    # A run has one file of firing counts: no other takes the place of one that is hidden.
    counted = {link.run_id for link in hidden if link.kind == "firing_counts"}
    seen = [link for link, _ in found if link.kind != "firing_counts" or link.run_id not in counted]
    links = list(dict.fromkeys(hidden + seen))
    sources = {source.path: source for _, sources in found for source in sources}
    return Linked(
        links, [sources[path] for path in sorted(sources)], places.take_problems({run.path for run in runs})
    )


def _serve(run: Run, config: Mapping[str, Any], places: Places) -> Iterator[tuple[Link, list[Source]]]:
    """Yield each place that serves a run, with its files."""
    cache = _follow(run, _CACHE_KEY, config, places)
    counts = (cache and _counts_in(run, cache, places)) or _nearest_counts(
        run, str(config.get("model") or ""), places
    )
    if counts and (status := places.stat(counts)):
        source = Source(None, str(counts), "firing_counts", status.st_size, status.st_mtime_ns)
        yield Link(run.run_id, "firing_counts", source.path), [source]
    place = _follow(run, _EXPLANATIONS_KEY, config, places)
    by_directory: dict[str, list[Source]] = {}
    for source in _shared_explanations(run, place, places) if place else ():
        by_directory.setdefault(str(Path(source.path).parent), []).append(source)
    for directory, sources in by_directory.items():
        yield Link(run.run_id, "explanation", directory), sources


def _follow(run: Run, key: str, config: Mapping[str, Any], places: Places) -> Path | None:
    """Return the real path of a directory that a config names; report one that cannot be used."""
    value = config.get(key)
    if not isinstance(value, str) or not value.strip():
        return None
    named = f"{key} is {value[:200]}{'...' if len(value) > 200 else ''}"
    inside = []
    if _may_be_path(value):
        # delphi ran in some directory at or above the run.
        reals = [Path(os.path.realpath(base / value)) for base in (run.path, *run.path.parents)]
        inside = [real for real in dict.fromkeys(reals) if places.follow or places.is_inside(real)]
        if not inside:
            detail = f"{named}, outside the given directories; give that too, or use --follow"
            places.report(run.path, "path not followed", "finding", detail, run.run_id)
            return None
    for real in inside:
        status = places.look(real, run_id=run.run_id)
        if status and stat.S_ISDIR(status.st_mode):
            return real
    if not any(places.is_hidden(real) for real in inside):
        detail = f"{named}, and there is no such directory; put it there, or take it out of the config"
        places.report(run.path, "path not found", "finding", detail, run.run_id)
    return None


def _may_be_path(value: str) -> bool:
    encoded = os.fsencode(value)
    return (
        b"\0" not in encoded
        and len(encoded) < _MAX_PATH
        and all(len(name) <= _MAX_NAME for name in encoded.split(b"/"))
    )


def _counts_in(run: Run, cache: Path, places: Places) -> Path | None:
    """Return the firing-count file of a cache that a config names."""
    for path in (cache / FIRING_COUNTS, cache / FIRING_COUNTS.name):
        if places.look(path, run_id=run.run_id):
            return path
        if places.is_hidden(path):
            return None
    detail = f"{_CACHE_KEY} names this directory, but it holds no {FIRING_COUNTS}"
    places.report(cache, "no firing counts", "finding", detail, run.run_id)
    return None


def _shared_explanations(run: Run, place: Path, places: Places) -> list[Source]:
    """Return the explanation files in a directory: those of the run that it is, or its own."""
    inner = place / "explanations"
    if os.path.realpath(inner) == str(run.path / "explanations"):
        return []
    names = {entry.name for entry in places.entries(place)}
    if inner.name in names:
        sources = list_explanations(places, inner, is_deep=True)
    elif names.isdisjoint((CONFIG, "scores")):
        # What lies deeper may be anything.
        sources = list_explanations(places, place, is_deep=False)
    else:
        sources = []
    if not sources and not places.hides_some(place):
        detail = f"{_EXPLANATIONS_KEY} names this directory, but it holds no explanations"
        places.report(place, "no explanations", "finding", detail, run.run_id)
    return sources


def _nearest_counts(run: Run, subject_model: str, places: Places) -> Path | None:
    """Return the cache of the nearest level: the only one there, or the one named after the subject model."""
    if not run.caches:
        return None
    nearest = run.caches[0]
    named = [path for path in nearest if _is_named_after(path, subject_model)]
    if len(nearest) == 1 or len(named) == 1:
        return (named or nearest)[0]
    names = ", ".join(path.parts[-3] for path in nearest)
    detail = (
        f"found {names}, wanted one, or one named after the subject model {subject_model or '(unknown)'}; "
        "no firing counts are used"
    )
    places.report(run.path, "several caches", "finding", detail, run.run_id)
    return None


def _is_named_after(cache: Path, subject_model: str) -> bool:
    name = cache.parts[-len(FIRING_COUNTS.parts) - 1].removeprefix("cache")
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return bool(plain) and plain in {
        re.sub(r"[^a-z0-9]", "", model.lower()) for model in (subject_model, subject_model.rsplit("/", 1)[-1])
    }
