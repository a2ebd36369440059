"""Say which two runs the page sets side by side first."""

from typing import TYPE_CHECKING, NamedTuple

from .headline import Frames

if TYPE_CHECKING:
    import pandas as pd


class Pair(NamedTuple):
    """Hold the names of two runs, the better one first, and the score type under which they are compared."""

    first: str
    second: str
    score_type: str


def top_pair(frames: Frames) -> Pair | None:
    """Return the highest two ranked runs that may be compared, under the first score type that has such.

    frames: the rows of the report's exhibits, as in headline
    """
    for name, score_type in sorted(key for key in frames if key[0] == "comparison" and key[1] is not None):
        ranking = frames.get(("accuracy_bar", score_type))
        if ranking is not None and score_type is not None:
            found = _highest(frames[name, score_type], ranking[ranking["is_ranked"]])
            if found is not None:
                return Pair(*found, score_type)
    return None


def _highest(pairs: "pd.DataFrame", ranked: "pd.DataFrame") -> tuple[str, str] | None:
    """Name the pair whose better run ranks highest, then the other; those judged alike come before others."""
    place_of = {run_id: place for place, run_id in enumerate(ranked["run_id"])}
    name_of = dict(zip(ranked["run_id"], ranked["run_name"], strict=True))
    known = pairs[
        pairs["difference"].notna() & pairs["run_id_a"].isin(place_of) & pairs["run_id_b"].isin(place_of)
    ]
    found = [
        (differs == differs and differs is not None, *sorted((place_of[a], place_of[b])), a, b)
        for a, b, differs in zip(known["run_id_a"], known["run_id_b"], known["differs"], strict=True)
    ]
    if not found:
        return None
    first, second = sorted(min(found)[-2:], key=place_of.__getitem__)
    return name_of[first], name_of[second]
