"""Say whose order turns round where few texts activate a latent, among ranked runs that were judged alike."""

from itertools import combinations
from typing import TYPE_CHECKING

from ..labels import ratio
from ..wording import names
from .order import interval, judged_alike

if TYPE_CHECKING:
    import pandas as pd


def turned_round(ranking: "pd.DataFrame", table: "pd.DataFrame") -> list[str]:
    """Give the sentence, if there is one; table: F1 at rates of activating texts, a row per run."""
    ranked = ranking[ranking["is_ranked"]]
    if ranked.empty:
        return []
    rows = table[table["half"].notna() & table["run_id"].isin(judged_alike(ranked)["run_id"])]
    both = zip(rows["half"], rows["hundredth"], strict=True)
    if not any((a - b) * (a_rare - b_rare) < 0 for (a, a_rare), (b, b_rare) in combinations(both, 2)):
        return []
    first, before = (rows[rows[name] == rows[name].max()] for name in ("hundredth", "half"))
    best = first.iloc[0]
    value = ratio(best["hundredth"]) + interval(best["hundredth_low"], best["hundredth_high"])
    still = set(first["run_id"]) == set(before["run_id"])
    who = f"still {names(first)}, {value}" if still else f"{names(first)}, {value}, and not {names(before)}"
    return [
        "Where one text in a hundred activates a latent, and not one in two, the order by F1 of answered"
        f" examples is another; first is {who}."
    ]
