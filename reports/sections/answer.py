"""Say in words what the report found, claiming no more than the views do."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ..labels import is_missing, percent, ratio, whole

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 4


class Statement(NamedTuple):
    """Hold one thing that the report says at its head: what about, and a sentence or two."""

    about: str
    text: str


def answer(rankings: "Mapping[str, pd.DataFrame]", frames: "Mapping[str, pd.DataFrame]") -> list[Statement]:
    """Say who is ahead under each scorer and how surely, at what cost, and how whole the data are.

    rankings: the rows of accuracy_bar by score type
    frames: the rows of coverage, total_tokens_usage and problems, by exhibit
    """
    statements = [
        Statement(f"Under {score_type}", _who_is_ahead(ranking)) for score_type, ranking in rankings.items()
    ]
    statements += _cost(frames["total_tokens_usage"])
    statements.append(Statement("Coverage", _coverage(frames["coverage"])))
    return statements + _problems(frames["problems"])


def _who_is_ahead(ranking: "pd.DataFrame") -> str:
    defined = ranking[ranking["accuracy"].notna()]
    if defined.empty:
        return "No run has an accuracy: no example was answered."
    first = defined[defined["rank"] == 1]
    rest = defined[defined["rank"] > 1]
    best = first.iloc[0]
    said = f"{ratio(best['accuracy'])}{_interval(best)} over {whole(best['n_latents'])} latents"
    if len(first) > 1:
        text = f"{_names(first)} share the highest accuracy, {said}."
    elif rest.empty:
        return f"{best['run_label']} is the only run, with accuracy {said}."
    else:
        second = rest.iloc[0]
        ahead = best["accuracy"] - second["accuracy"]
        text = f"{best['run_label']} has the highest accuracy, {said}, {_ahead(ahead)} {second['run_label']}."
    return text + _how_sure(rest)


def _how_sure(rest: "pd.DataFrame") -> str:
    tied = rest[rest["tied_with_best"].map(lambda value: not is_missing(value) and bool(value))]
    behind = rest[rest["tied_with_best"].map(lambda value: not is_missing(value) and not value)]
    unknown = rest[rest["tied_with_best"].map(is_missing)]
    said = ""
    if len(tied):
        said += f" The data do not tell it apart from {_names(tied)} (paired by latent, Holm-adjusted, 5 %)."
    if len(behind):
        said += f" It is significantly ahead of {_names(behind)}."
    if len(unknown):
        said += f" It cannot be compared with {_names(unknown)}: no latents that are known to be the same."
    return said


def _cost(usage: "pd.DataFrame") -> list[Statement]:
    known = usage[(usage["stage"] == "explainer") & usage["tokens_per_latent"].notna()]
    if known.empty:
        return []
    usage = known.sort_values(["tokens_per_latent", "run_label"])
    least, most = usage.iloc[0], usage.iloc[-1]
    text = f"{least['run_label']}'s explainer used the fewest tokens, "
    text += f"{whole(least['tokens_per_latent'])} a latent"
    if len(usage) > 1:
        text += f"; {most['run_label']}'s the most, {whole(most['tokens_per_latent'])}"
    return [Statement("Cost", text + ".")]


def _coverage(counts: "pd.DataFrame") -> str:
    n_examples, n_failed = int(counts["n_examples"].sum()), int(counts["n_failed"].sum())
    if n_examples == 0:
        return "No scores are loaded."
    if n_failed == 0:
        return f"Every one of {n_examples:,} examples was answered."
    return f"{n_failed:,} of {n_examples:,} examples ({percent(n_failed / n_examples)}) were not answered."


def _problems(problems: "pd.DataFrame") -> list[Statement]:
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
    return [Statement("Problems", "; ".join(parts) + ".")] if parts else []


def _interval(row: "pd.Series") -> str:
    if is_missing(row["accuracy_low"]):
        return ""
    return f" (95 % interval {ratio(row['accuracy_low'])} to {ratio(row['accuracy_high'])})"


def _ahead(difference: float) -> str:
    shown = f"{difference:.3f}"
    return f"{shown if float(shown) else 'less than 0.001'} above"


def _names(rows: "pd.DataFrame") -> str:
    names = list(rows["run_label"])
    if len(names) > MOST_NAMED:
        return ", ".join(names[:MOST_NAMED]) + f" and {len(names) - MOST_NAMED} more"
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
