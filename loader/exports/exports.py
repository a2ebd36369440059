"""Open exports: list what they hold as runs and as files that lie nowhere, their bytes beside them."""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..files.json_text import JsonTextError, load_json
from ..files.raw import Content, ReadError, read_content
from ..find.names import run_id_of
from ..records import GIVEN, Problem, Run, Source
from .member import ExportError, Member
from .neuronpedia import is_neuronpedia, read_neuronpedia
from .openai import is_openai, read_openai
from .saebench import is_saebench, read_saebench

# Between an export's path and what of it is meant.
_MARK = "#"
MAX_BYTES = 256 << 20
_MAX_UNZIPPED = 1 << 30
_LINES = (".jsonl", ".jsonl.gz")
# Directories of Neuronpedia's: what stands around them is the export.
_BATCHES = ("explanations", "explanation-scores")


class Opened(NamedTuple):
    """Hold the runs of exports, their parts as files with what these hold by path, and what was odd."""

    runs: list[Run]
    sources: list[Source]
    contents: Mapping[str, bytes]
    problems: list[Problem]


def open_exports(paths: Iterable[Path]) -> Opened:
    """Read exports; what is none is listed as not used."""
    opened = Opened([], [], {}, [])
    contents: dict[str, bytes] = {}
    runs: dict[str, Run] = {}
    for path in paths:
        try:
            content = read_content(str(path), MAX_BYTES)
            found = _members(path, content)
        except (ExportError, JsonTextError, ReadError) as error:
            opened.problems.append(Problem(None, str(path), "bad export", "failed", str(error)))
            continue
        if found is None:
            detail = "found JSON that is no export of SAEBench, Neuronpedia or OpenAI; not loaded"
            opened.problems.append(Problem(None, str(path), "unknown export", "unsupported", detail))
            continue
        around, members = found
        listed = list_members(members, path, around, content)
        runs |= {run.run_id: run for run in listed.runs}
        contents |= listed.contents
        opened.sources.extend(listed.sources)
        opened.problems.extend(listed.problems)
    return opened._replace(runs=list(runs.values()), contents=contents)


def list_members(members: Iterable[Member], path: Path, around: Path, content: Content) -> Opened:
    """List the members of an export; `around` stands for its runs."""
    opened = Opened([], [], {}, [])
    contents: dict[str, bytes] = {}
    runs: dict[str, Run] = {}
    n_again = 0
    for member in members:
        place = around.with_name(f"{around.name}{_MARK}{member.run}") if member.run else around
        run = runs.setdefault(member.run, Run(run_id_of(place), place, ()))
        name = f"{path}{_MARK}{member.name}"
        if name in contents:
            n_again += 1
            continue
        contents[name] = member.data
        opened.sources.append(
            Source(
                run.run_id, name, member.kind, len(member.data), content.mtime_ns,
                member.score_type, member.hookpoint, member.latent_idx, member.candidate_idx,
            )
        )  # fmt: skip
    if n_again:
        detail = f"found {n_again} latents twice, wanted each once; the first counts"
        opened.problems.append(Problem(None, str(path), "duplicate latent", "finding", detail))
    return opened._replace(runs=list(runs.values()), contents=contents)


def list_given(members: Iterable[Member], table: Path, mtime_ns: int, runs: Mapping[str, str]) -> Opened:
    """List the scores of a table; `runs` are the ids of those that are there, by what they may be called."""
    opened = Opened([], [], {}, [])
    contents: dict[str, bytes] = {}
    new: dict[str, Run] = {}
    for member in members:
        run_id = runs.get(member.run.rstrip("/"))
        if run_id is None:
            place = Path(f"{table}{GIVEN}{member.run}")
            run_id = new.setdefault(member.run, Run(run_id_of(place), place, ())).run_id
        name = f"{table}{GIVEN}{member.name}"
        contents[name] = member.data
        opened.sources.append(
            Source(
                run_id, name, member.kind, len(member.data), mtime_ns,
                member.score_type, member.hookpoint, member.latent_idx,
            )
        )  # fmt: skip
    return opened._replace(runs=list(new.values()), contents=contents)


def export_of(path: Path) -> Path:
    """Return where the export lies whose run a path stands for; the path itself if it is of no export."""
    return path.with_name(path.name.partition(_MARK)[0] or path.name)


def _members(path: Path, content: Content) -> tuple[Path, list[Member]] | None:
    """Return what stands for an export's runs, and its members; None if it is of no known kind."""
    if not path.name.endswith(_LINES):
        loaded = load_json(content.data)
        if is_saebench(loaded):
            return path, list(read_saebench(loaded))
        return (path.parent.parent, list(read_openai(loaded))) if is_openai(loaded) else None
    lines = list(_lines(content.data, is_zipped=path.name.endswith(".gz")))
    if lines and all(map(is_openai, lines)):
        return path.parent.parent, [member for line in lines for member in read_openai(line)]
    if not lines or not all(map(is_neuronpedia, lines)):
        return None
    around = path.parent.parent if path.parent.name in _BATCHES else path.parent
    return around, list(read_neuronpedia(lines, around.name))


def _lines(data: bytes, *, is_zipped: bool) -> Iterator[Any]:
    """Yield what each line of JSON Lines holds."""
    if is_zipped:
        data = _unzipped(data)
    for place, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                yield load_json(line)
            except JsonTextError as error:
                raise ExportError(f"line {place}: {error}") from error


def _unzipped(data: bytes) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    try:
        unzipped = unzip.decompress(data, _MAX_UNZIPPED)
    except zlib.error as error:
        raise ExportError(f"found no gzip ({error}), wanted a whole file; copy it again") from error
    if unzip.unconsumed_tail:
        raise ExportError(f"found more than {_MAX_UNZIPPED:,} bytes unzipped, wanted at most so many")
    if not unzip.eof:
        raise ExportError("found a file cut short, wanted all of it; copy it again")
    return unzipped
