"""Guess which name was meant if there is none of the name that was given."""

from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], at_most: int = 3) -> list[str]:
    """Return the known names that are most like a name, the nearest first, whatever their case."""
    from difflib import get_close_matches

    by_lower = {other.lower(): other for other in known}
    return [by_lower[found] for found in get_close_matches(name.lower(), by_lower, at_most)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a half sentence that goes on with the nearest names; "" if none is near."""
    found = nearest(name, known)
    return f"; did you mean {' or '.join(found)}?" if found else ""
