"""Say in words what the report found, claiming no more than the views do."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..exhibit import CLASSIFIER, OTHER
from ..labels import percent, whole
from ..warehouse import Families
from ..wording import names, plural
from .margins import above_controls
from .order import judged_alike, order
from .rare import turned_round

if TYPE_CHECKING:
    import pandas as pd


class Statement(NamedTuple):
    """Hold one thing that the report says at its head: what about, and a sentence or two."""

    about: str
    text: str


Frames = Mapping[tuple[str, str | None], "pd.DataFrame"]


def headline(frames: Frames, families: Families) -> list[Statement]:
    """Say who is ahead under each scorer and how surely, at what cost, and how whole the data are.

    frames: the rows of the report's exhibits, by the exhibit's name and the score type it is about, if any;
        without those that could not be made
    """
    of_types: list[_Part] = [
        (f"Under {score_type}", said, [(name, score_type) for name in needed])
        for family, said, needed in (
            (CLASSIFIER, _under, _OF_A_CLASSIFIER),
            (OTHER, _under_other, ("other_scores",)),
        )
        for score_type in families.get(family, ())
    ]
    coverage: list[_Part] = [("Coverage", _coverage, [("coverage", None)])]
    parts: list[_Part] = [
        *of_types,
        ("Cost", _cost, [("total_tokens_usage", None), ("coverage", None)]),
        *(coverage if CLASSIFIER in families or not families else []),
        ("Worst in the data", _data, [("data_quality", None)]),
        ("Problems", _problems, [("problems", None)]),
    ]
    said = ((about, _said(sentences, frames, needed)) for about, sentences, needed in parts)
    return [Statement(about, text) for about, text in said if text]


_OF_A_CLASSIFIER = ("accuracy_bar", "policy_reversals", "f1_bar", "control_margins", "prevalence")
# What a part is about, what makes its sentences of exhibits' rows, "" for none, and which exhibits.
_Part = tuple[str, Callable[..., str], list[tuple[str, str | None]]]


def _said(sentences: Callable[..., str], frames: Frames, needed: list[tuple[str, str | None]]) -> str:
    missing = [name for name, score_type in needed if (name, score_type) not in frames]
    if missing:
        return f"Not known, since {' and '.join(missing)} could not be made."
    return sentences(*(frames[key] for key in needed))


def _under(
    ranking: "pd.DataFrame",
    reversals: "pd.DataFrame",
    chance: "pd.DataFrame",
    margins: "pd.DataFrame",
    prevalence: "pd.DataFrame",
) -> str:
    said = [
        *order(ranking),
        *_reversals(ranking, reversals),
        *_chance(ranking, chance),
        *above_controls(margins),
        *turned_round(ranking, prevalence),
    ]
    return " ".join(said)


def _under_other(scores: "pd.DataFrame") -> str:
    """Say who is ahead by the measure that stands first."""
    ranked = scores[scores["policy"] == "valid"]
    if ranked.empty:
        return "Nothing to rank by was measured."
    measure = ranked["measure"].iloc[0]
    return " ".join(order(ranked[ranked["measure"] == measure], measure.replace("_", " ")))


def _reversals(ranking: "pd.DataFrame", reversals: "pd.DataFrame") -> list[str]:
    if reversals.empty:
        return []
    begin = "Failures counted as wrong turn the order of"
    ranked = ranking[ranking["is_ranked"]]
    together = ranked if ranked.empty else judged_alike(ranked)
    both = reversals[["run_id_a", "run_id_b"]].isin(set(together["run_id"])).all(axis=1)
    named = reversals[both & reversals["both_are_ranked"]]
    if named.empty:
        pairs = plural(len(reversals), "pair")
        return [f"{begin} {pairs} of runs round that may not be ranked together."]
    a, b = named[["run_label_a", "run_label_b"]].iloc[0]
    rest = len(reversals) - 1
    others = f", and that of {plural(rest, 'other pair')}" if rest else ""
    return [f"{begin} {a} and {b} round{others}."]


def _chance(ranking: "pd.DataFrame", chance: "pd.DataFrame") -> list[str]:
    said = []
    known = ranking.loc[ranking["against_chance"].notna(), "against_chance"]
    if len(known) == len(ranking) and set(known) == {"above"}:
        said.append("By balanced accuracy every run is above chance.")
    elif len(known):
        counts = {
            "above chance": (known == "above").sum(),
            "below it": (known == "below").sum(),
            "not told apart from it": (known == "not told apart").sum(),
        }
        parts = ", ".join(f"{_are(number)} {where}" for where, number in counts.items() if number)
        said.append(f"By balanced accuracy, of {plural(len(known), 'run')} with an interval, {parts}.")
    below = (chance["against_always_positive"] == "below").sum()
    if below:
        of_whom = f"of {plural(len(chance), 'run')}"
        said.append(f"By F1, {of_whom}, {_are(below)} below a scorer that always says yes.")
    return said


def _are(number: int) -> str:
    return f"{number:,} {'is' if number == 1 else 'are'}"


def _cost(usage: "pd.DataFrame", scored: "pd.DataFrame") -> str:
    known = usage[(usage["stage"] == "explainer") & usage["tokens_per_latent"].notna()]
    if known.empty:
        return ""
    n_all = len({*usage["run_id"], *scored["run_id"]})
    of_those = "" if len(known) == n_all else f"Tokens are known of {len(known)} of {n_all} runs. "
    per_latent = known["tokens_per_latent"]
    least, most = known[per_latent == per_latent.min()], known[per_latent == per_latent.max()]
    used = f"{whole(per_latent.min())} tokens per latent"
    if per_latent.min() == per_latent.max():
        return f"{of_those}The {_explainers(known)} used {used}."
    text = f"{of_those}The {_explainers(least)} used the fewest, {used}; the {_explainers(most)} the most,"
    return f"{text} {whole(per_latent.max())}."


def _explainers(rows: "pd.DataFrame") -> str:
    return f"explainer{'s' * (len(rows) > 1)} of {names(rows)}"


def _coverage(counts: "pd.DataFrame") -> str:
    n_examples, n_failed = int(counts["n_examples"].sum()), int(counts["n_failed"].sum())
    if n_examples == 0:
        return "No scores are loaded."
    if n_failed == 0:
        return f"Every one of {n_examples:,} examples was answered."
    text = f"{n_failed:,} of {n_examples:,} examples ({percent(n_failed / n_examples)}) were not answered"
    most = counts["failed_share"].astype(float).max()
    return text + (f", and up to {percent(most)} of a run's under one scorer." if len(counts) > 1 else ".")


def _data(findings: "pd.DataFrame") -> str:
    if findings.empty:
        return ""
    worst = findings.iloc[0]
    alike = findings[findings["kind"] == worst["kind"]]
    text = f"{worst['run_label']}: {worst['finding']} {worst['meaning']}"
    others = alike[alike["run_id"] != worst["run_id"]]
    if len(others):
        text += f" The same kind of finding: {names(others)}."
    rest = len(findings) - len(alike)
    if rest:
        text += f" {rest:,} other finding{'s' * (rest != 1)} under Data quality."
    return text


def _problems(problems: "pd.DataFrame") -> str:
    failed, unsupported, findings = (
        int((problems["severity"] == severity).sum()) for severity in ("failed", "unsupported", "finding")
    )
    parts = []
    if failed:
        parts.append(f"{failed:,} file{'s' * (failed != 1)} could not be used")
    if unsupported:
        parts.append(f"{unsupported:,} of a kind not yet loaded")
    if findings:
        parts.append(f"{findings:,} finding{'s' * (findings != 1)} about the rest")
    return "; ".join(parts) + "." if parts else ""
