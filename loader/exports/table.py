"""Read a table of scores that has no format of its own: a row a score, its columns named by the user."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from explainer_warehouse.nearest import did_you_mean

from .member import ExportError, Member, given_score

# What a row says, in the order in which columns may be named without it.
ROLES = ("run", "hookpoint", "latent", "score_type", "value")
# Twelve decimals beside them are what sums of measures hold.
_MOST = 100_000


class Read(NamedTuple):
    """Hold a table's scores by latent, and how many of its rows have none."""

    members: list[Member]
    n_empty: int


def columns_of(wanted: str, score_type: str | None) -> dict[str, str]:
    """Return the column of each role, from `run=name,latent=feature,...` or the columns alone, in order.

    A role that is not named is a column of its own name. Raises ExportError.
    """
    roles = [role for role in ROLES if score_type is None or role != "score_type"]
    found = {role: role for role in roles}
    for place, part in enumerate(filter(None, map(str.strip, wanted.split(",")))):
        role, is_named, column = part.partition("=")
        if not is_named:
            role, column = roles[place] if place < len(roles) else "", part
        if role not in roles:
            raise ExportError(f"--columns: found {part!r}, wanted columns of {', '.join(roles)}")
        found[role] = column
    return found


def read_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], score_type: str | None) -> Read:
    """Return the scores of a table; several of a latent are its judges'. Raises ExportError."""
    there = list(rows[0]) if rows else []
    for role, column in columns.items():
        if column not in there:
            hint = did_you_mean(column, there) or f"; there are {', '.join(there) or 'none'}"
            raise ExportError(f"found no column {column!r} for {role}{hint}; say which it is with --columns")
    scores: dict[tuple[str, str, str, int], list[float]] = {}
    n_empty = 0
    for place, row in enumerate(rows, start=1):
        if row[columns["value"]] is None:
            n_empty += 1
            continue
        run, hookpoint = (_text(row[columns[role]], place, role) for role in ("run", "hookpoint"))
        of_type = score_type or _text(row[columns["score_type"]], place, "score_type")
        latent = _latent(row[columns["latent"]], place)
        value = _value(row[columns["value"]], place)
        scores.setdefault((run, of_type, hookpoint, latent), []).append(value)
    members = [given_score(*latent, values) for latent, values in scores.items()]
    return Read(members, n_empty)


def _text(value: Any, place: int, role: str) -> str:
    if value is None or not str(value).strip():
        raise ExportError(f"row {place}: found no {role}, wanted one")
    return str(value)


def _latent(value: Any, place: int) -> int:
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    if (is_whole and 0 <= value < 2**63) or (isinstance(value, str) and value.isdecimal()):
        return int(value)
    raise ExportError(f"row {place}: found {value!r} as latent, wanted its number")


def _value(value: Any, place: int) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not abs(number) < _MOST:
        raise ExportError(f"row {place}: found {value!r} as value, wanted a number below {_MOST:,}")
    return number
