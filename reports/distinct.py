"""Shorten names that stand beside one another, so that each is still told from the rest."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from .labels import shortened

# With the separator behind it.
_PART = re.compile(r"[^-_/.\s]+[-_/.\s]*|[-_/.\s]+")
# Of a part that is left out, where it stood between others.
_GAP = "…"


def distinct(names: Sequence[str], longest: int) -> list[str]:
    """Shorten names to that many characters, different names to different ones.

    While one is too long, all lose a part that most of them share, unless that would make two of them equal
    or leave nothing of one; what is still too long loses its middle.
    """
    parts = {name: _PART.findall(name) for name in names}
    for shared in _most_shared(parts):
        if all(len(_joined(each)) <= longest for each in parts.values()):
            break
        without = {name: [_GAP if part == shared else part for part in each] for name, each in parts.items()}
        shown = [_joined(each) for each in without.values()]
        if len(set(shown)) == len(shown) and all(set(each) - {_GAP} for each in without.values()):
            parts = without
    short = {name: shortened(_joined(each), longest) for name, each in parts.items()}
    return list(map((short | _numbered(short, longest)).__getitem__, names))


def _most_shared(parts: dict[str, list[str]]) -> list[str]:
    """List the parts that most names have: of most names first, of equally many the one further behind."""
    counts = Counter(part for each in parts.values() for part in set(each))
    place = {part: max(each.index(part) for each in parts.values() if part in each) for part in counts}
    shared = [part for part, n in counts.items() if 2 * n > len(parts)]
    return sorted(shared, key=lambda part: (-counts[part], -place[part]))


def _joined(parts: Sequence[str]) -> str:
    """Join parts; gaps side by side are one, and none is marked at either end."""
    text = re.sub(f"[-_/. ]*{_GAP}+", _GAP, "".join(parts))
    return text.strip(_GAP).rstrip("-_/. ") or "".join(parts)


def _numbered(short: dict[str, str], longest: int) -> dict[str, str]:
    """Number the names that are equal even so."""
    return {name: text for text in set(short.values()) for name, text in _of_one(short, text, longest)}


def _of_one(short: dict[str, str], text: str, longest: int) -> Iterator[tuple[str, str]]:
    alike = [name for name in short if short[name] == text]
    if len(alike) > 1:
        for number, name in enumerate(alike, start=1):
            yield name, f"{shortened(text, longest - len(str(number)) - 1)} {number}"
