"""Say who is ahead under a scorer, among runs that may be ranked and were judged alike, and how surely."""

from typing import TYPE_CHECKING

from ..labels import is_missing, ratio
from ..wording import names, plural

if TYPE_CHECKING:
    import pandas as pd

# Nobody scores so many; beyond it two runs are as good as equal.
MANY_LATENTS = 100_000


def order(ranking: "pd.DataFrame", measure: str = "accuracy") -> list[str]:
    """Give the sentences; ranking: the rows of the exhibit of that name, the ranked runs first."""
    if ranking["value"].isna().all():
        return [f"No run has an {measure}: no example was answered."]
    ranked = ranking[ranking["is_ranked"]]
    if ranked.empty:
        return ["No run can be ranked.", *_unranked(ranking)]
    alike = judged_alike(ranked)
    if len(alike) == 1 < len(ranked):
        none = f"No two of the {len(ranked)} runs that may be ranked were judged alike: they have no order."
        return [none, *_unranked(ranking)]
    said = [_who_is_first(alike, len(ranking), measure), *_judges(alike), *_how_sure(alike), *_bounds(alike)]
    if len(alike) < len(ranked):
        said.append(f"Judged otherwise, and not in this order: {plural(len(ranked) - len(alike), 'run')}.")
    return said + _unranked(ranking)


def judged_alike(ranked: "pd.DataFrame") -> "pd.DataFrame":
    """Give the ranked runs of the judging that most of them share; rows of the ranking, at least one."""
    most_common = ranked.loc[ranked["n_in_judging"].idxmax(), "judging"]
    return ranked[ranked["judging"] == most_common]


def _who_is_first(alike: "pd.DataFrame", n_all: int, measure: str) -> str:
    first, rest = alike[alike["rank_in_judging"] == 1], alike[alike["rank_in_judging"] > 1]
    best = first.iloc[0]
    called = measure + ", failures counted as wrong" * (best["policy"] == "strict")
    value = f"{ratio(best['value'])}{interval(best['low'], best['high'])} over {_latents(best)}"
    if len(alike) == 1:
        only = "" if n_all == 1 else " that may be ranked"
        return f"{best['run_label']} is the only run{only}; its {called}: {value}."
    of_whom = "" if len(alike) == n_all else f"Of {len(alike)} ranked runs that were judged alike, "
    if len(first) > 1:
        return f"{of_whom}{names(first)} share the highest {called}, {value}."
    text = f"{of_whom}{best['run_label']} has the highest {called}, {value}"
    second = rest.iloc[0]
    ahead = second["behind_in_judging"]
    if is_missing(ahead) or ahead <= 0:
        return text + "."
    shared = plural(int(second["n_latents_shared"]), "latent")
    return f"{text}, {_amount(ahead)} above {second['run_label']} on the {shared} that both scored."


def _judges(alike: "pd.DataFrame") -> list[str]:
    if len(alike) == 1 or _had_one_judge(alike):
        return []
    if alike["scorer"].isna().any():
        return ["Which models judged is not known: explainer and judge are ranked together."]
    return ["Every one of these explainers judged itself: explainer and judge are ranked together."]


def _had_one_judge(alike: "pd.DataFrame") -> bool:
    return bool(alike["scorer"].notna().all()) and alike["scorer"].nunique() == 1


def _how_sure(alike: "pd.DataFrame") -> list[str]:
    best = "it" if (alike["rank_in_judging"] == 1).sum() == 1 else "them"
    tied, behind, better, unknown = (
        alike[alike["against_best_in_judging"] == verdict]
        for verdict in ("tied", "behind", "better on shared latents", "not comparable")
    )
    said = []
    if len(tied):
        said.append(f"The data do not tell {best} apart from {names(tied)} (latent by latent, Holm, 5 %).")
        said += _needed(tied)
    if len(behind):
        together = "" if _had_one_judge(alike) else ", explainer and judge together"
        said.append(f"Significantly behind {best}{together}: {names(behind)}.")
    if len(better):
        one = len(better) == 1
        which = f"{names(better)} {'is' if one else 'are'} better"
        by = f" by {_amount(-better['behind_in_judging'].iloc[0])}" if one else ""
        said.append(
            f"On the latents that both scored {which}{by}: the order is one of latents, not of explainers."
        )
    if len(unknown):
        said.append(f"There is no test of {best} against {names(unknown)}; Run against run says why.")
    return said


def _needed(tied: "pd.DataFrame") -> list[str]:
    """Say how many latents would tell runs apart that the data do not."""
    known = tied["n_latents_needed"].dropna()
    if known.empty:
        return []
    least, most = _some(int(known.min())), _some(int(known.max()))
    number = least if least == most else f"{least} to {most}"
    seems = "difference is what it seems" if len(known) == 1 else "differences are what they seem"
    return [f"If the {seems}, that takes {number} latents (at a power of 80 %)."]


def _some(number: int) -> str:
    """Write a number with two digits, rounded up: no plan is surer than that."""
    if number > MANY_LATENTS:
        return f"more than {MANY_LATENTS:,}"
    step: int = 10 ** max(0, len(str(number)) - 2)
    return f"{-(-number // step) * step:,}"


def _bounds(alike: "pd.DataFrame") -> list[str]:
    if "n_failed" not in alike:
        return []
    first = alike[(alike["rank_in_judging"] == 1) & (alike["n_failed"] > 0)]
    return [
        f"Had {row['run_label']} all answers, its accuracy would lie between"
        f" {ratio(row['accuracy_lowest'])} and {ratio(row['accuracy_highest'])}."
        for row in first.to_dict("records")
    ]


def _unranked(ranking: "pd.DataFrame") -> list[str]:
    """Count the runs that are not ranked, by reason; none by name, a single one with its value."""
    rest = ranking[~ranking["is_ranked"]]
    if rest.empty:
        return []
    if len(rest) == 1:
        row = rest.iloc[0]
        value = "" if is_missing(row["value"]) else f", {ratio(row['value'])} over {_latents(row)}"
        return [f"1 run is not ranked{value}: {row['reason']}."]
    counts = sorted(rest["reason"].value_counts().items())
    reasons = ", ".join(f"{number:,} ({reason})" for reason, number in counts)
    return [f"{len(rest):,} runs are not ranked: {reasons}."]


def _latents(row: "pd.Series") -> str:
    return plural(int(row["n_latents"]), "latent")


def interval(low: float | None, high: float | None) -> str:
    """Write a value's interval behind it, if it has one."""
    return "" if is_missing(low) else f" (95 % interval {ratio(low)} to {ratio(high)})"


def _amount(difference: float) -> str:
    shown = f"{difference:.3f}"
    return shown if float(shown) else "less than 0.001"
