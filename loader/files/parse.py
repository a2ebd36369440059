"""Tell what each kind of file means: its bytes to rows of one fact table, with findings, or a ParseError."""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .firing_counts import FiringCounts, FiringCountsError, read_firing_counts
from .json_text import JsonTextError, NotFinite, load_json, name_type
from .redact import redact, redact_text, shorten

STAGES = {
    "explanation_time_seconds": "explainer",
    "scoring_time_seconds": "scoring",
    "total_time_seconds": "total",
}
_STATS = ("total_time", "prompt_tokens", "completion_tokens", "count")
# Whole numbers in the database have 64 bits.
_MAX_WHOLE = 2**63 - 1
# Beyond it JSON's numbers are not exact everywhere (RFC 8259), and no run took so long or so many tokens.
_MOST = 2**53
# delphi's configs and stats have a few KB, some sixty settings and no text of a thousand characters. Views
# hold every setting in which runs differ for every run.
_MAX_BYTES = 1 << 20
_MAX_SETTINGS = 1000
_MAX_TEXT = 1000


class ParseError(ValueError):
    """Say what was found, what was wanted and what to do; the caller adds the file's name."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class Finding(NamedTuple):
    """Say what is odd about a file that is loaded all the same."""

    kind: str
    detail: str


class StatsRow(NamedTuple):
    """Hold the totals of one explainer or scorer; times in seconds, null where unknown."""

    key: str
    total_time_s: float | None
    prompt_tokens: int | None
    completion_tokens: int | None
    n_calls: int | None


class TimingRow(NamedTuple):
    """Hold the wall-clock seconds of one stage of a run."""

    stage: str
    wall_time_s: float | None


class Parsed(NamedTuple):
    """Hold the rows of one fact table, without the file's id, and what is odd about the file."""

    table: str
    rows: list[tuple[Any, ...]]
    findings: list[Finding]


def parse_config(data: bytes) -> Parsed:
    """Parse a `run_config.json`: one row, the whole of it as JSON text with secrets redacted."""
    config = _load_object(data)
    findings: list[Finding] = []
    if (n_settings := _count_settings(config)) > _MAX_SETTINGS:
        raise ParseError(
            "too large",
            f"found {n_settings:,} settings, wanted at most {_MAX_SETTINGS:,}; take out what is no setting",
        )
    config = _replace_odd(config, "", findings)
    clean = redact(config)
    return Parsed("config_facts", [(json.dumps(clean, ensure_ascii=False),)], findings)


def parse_explanation(data: bytes) -> Parsed:
    """Parse an explanation file, which holds one JSON string, or an object that has it for `explanation`."""
    text = _load(data)
    if isinstance(text, dict) and "explanation" in text:
        text = text["explanation"]
    if not isinstance(text, str) or isinstance(text, NotFinite):
        raise ParseError(
            "wrong shape",
            f"found {name_type(text)}, wanted a string, the explanation, or it in an object; {_RERUN}",
        )
    clean = redact_text(text)
    findings = [] if clean == text else [Finding("redacted", "found a secret in the explanation; taken out")]
    return Parsed("explanation_facts", [(clean,)], findings)


def parse_stats(data: bytes) -> Parsed:
    """Parse an `explainer_stats.json` or `<score type>_stats.json`: a row an explainer or scorer."""
    loaded = _load_object(data)
    findings: list[Finding] = []
    rows: list[tuple[Any, ...]] = []
    for key, stats in loaded.items():
        name = shorten(redact_text(key), _MAX_TEXT)
        if not isinstance(stats, dict):
            raise ParseError("wrong shape", f"{name}: found {name_type(stats)}, wanted an object; {_RERUN}")
        take = _taker(name, stats, findings)
        total_time, *numbers = (take(field, whole=field != "total_time") for field in _STATS)
        # The provider returned none: 0 means unknown.
        prompt_tokens, completion_tokens = (number or None for number in numbers[:2])
        rows.append(StatsRow(name, total_time, prompt_tokens, completion_tokens, numbers[2]))
    if not rows:
        raise ParseError(
            "missing key", f"found an empty object, wanted an explainer's or scorer's totals; {_RERUN}"
        )
    return Parsed("stats_facts", rows, findings)


def parse_timing(data: bytes) -> Parsed:
    """Parse a `timing.json` or `scoring_timing.json`: a row per stage that it times."""
    loaded = _load_object(data)
    findings: list[Finding] = []
    take = _taker("", loaded, findings)
    rows = [TimingRow(stage, take(key, whole=False)) for key, stage in STAGES.items() if key in loaded]
    if not rows:
        raise ParseError(
            "missing key",
            f"found the keys {_names(loaded)}, wanted one of {', '.join(STAGES)}; {_RERUN}",
        )
    return Parsed("timing_facts", list(rows), findings)


def parse_firing_counts(data: bytes) -> list[FiringCounts]:
    """Parse a `hookpoint_firing_counts.pt`."""
    try:
        return read_firing_counts(data)
    except FiringCountsError as error:
        raise ParseError("bad firing counts", str(error)) from error


PARSERS: dict[str, Callable[[bytes], Parsed]] = {
    "config": parse_config,
    "explanation": parse_explanation,
    "stats": parse_stats,
    "timing": parse_timing,
}

_RERUN = "run delphi again, or remove the file"


def _load(data: bytes) -> Any:
    try:
        return load_json(data)
    except JsonTextError as error:
        raise ParseError("not JSON", str(error)) from error


def _load_object(data: bytes) -> dict[str, Any]:
    if len(data) > _MAX_BYTES:
        raise ParseError("too large", f"found {len(data):,} bytes, wanted at most {_MAX_BYTES:,}; {_RERUN}")
    loaded = _load(data)
    if not isinstance(loaded, dict):
        raise ParseError("wrong shape", f"found {name_type(loaded)}, wanted an object; {_RERUN}")
    return loaded


def _taker(name: str, found: dict[str, Any], findings: list[Finding]) -> Callable[..., Any]:
    """Return a function that takes a number of 0 or more from an object, null if nobody can mean it."""

    def take(key: str, *, whole: bool) -> float | int | None:
        where = f"{name}, {key}" if name else key
        if key not in found:
            raise ParseError(
                "missing key", f"{name}: found the keys {_names(found)}, wanted {key} too; {_RERUN}"
            )
        value = found[key]
        if isinstance(value, NotFinite):
            findings.append(Finding("not finite", f"{where}: found {value}, taken as unknown"))
            return None
        wanted = "a whole number of 0 or more" if whole else "a number of 0 or more"
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or value < 0 or (whole and (value != int(value) or value > _MAX_WHOLE)):
            raise ParseError("wrong type", f"{where}: found {name_type(value)}, wanted {wanted}; {_RERUN}")
        if value > _MOST:
            findings.append(Finding("too large", f"{where}: found {name_type(value)}, taken as unknown"))
            return None
        return int(value) if whole else float(value)

    return take


def _names(found: dict[str, Any]) -> str:
    return shorten(", ".join(map(str, found)), 200) or "none"


def _count_settings(value: Any) -> int:
    """Count the values of an object and of those in it; a list is one."""
    return sum(map(_count_settings, value.values())) if isinstance(value, dict) and value else 1


def _replace_odd(value: Any, where: str, findings: list[Finding]) -> Any:
    """Replace what nobody can mean: numbers that are not finite, texts without end."""
    match value:
        case NotFinite():
            findings.append(Finding("not finite", f"{redact_text(where)}: found {value}, stored as null"))
            return None
        case list():
            return [_replace_odd(item, f"{where}[{i}]", findings) for i, item in enumerate(value)]
        case dict():
            inside: Iterator[tuple[str, str]] = ((key, f"{where}.{key}" if where else key) for key in value)
            return {key: _replace_odd(value[key], place, findings) for key, place in inside}
        case str() if len(value) > _MAX_TEXT:
            # Redacted whole, since half of a secret is not known for one.
            name, said = (
                redact_text(where),
                f"found {len(value):,} characters, stored as {_MAX_TEXT:,} of them",
            )
            findings.append(Finding("too long", f"{name}: {said}"))
            return shorten(redact_text(value), _MAX_TEXT)
        case _:
            return value
