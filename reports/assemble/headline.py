"""Say in words what the report found, claiming no more than the views do."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..labels import is_missing, percent, ratio, whole
from ..wording import names, plural

if TYPE_CHECKING:
    import pandas as pd


class Statement(NamedTuple):
    """Hold one thing that the report says at its head: what about, and a sentence or two."""

    about: str
    text: str


Frames = Mapping[tuple[str, str | None], "pd.DataFrame"]


def headline(frames: Frames, score_types: Sequence[str]) -> list[Statement]:
    """Say who is ahead under each scorer and how surely, at what cost, and how whole the data are.

    frames: the rows of the report's exhibits, by the exhibit's name and the score type it is about, if any
    """
    statements = [
        Statement(
            f"Under {score_type}",
            _who_is_ahead(frames["accuracy_bar", score_type]) + _chance(frames["f1_bar", score_type]),
        )
        for score_type in score_types
    ]
    statements += _cost(frames["total_tokens_usage", None])
    statements.append(Statement("Coverage", _coverage(frames["coverage", None])))
    return statements + _data(frames["data_quality", None]) + _problems(frames["problems", None])


def _who_is_ahead(ranking: "pd.DataFrame") -> str:
    defined = ranking[ranking["value"].notna()]
    if defined.empty:
        return "No run has an accuracy: no example was answered."
    first = defined[defined["rank"] == 1]
    rest = defined[defined["rank"] > 1]
    best = first.iloc[0]
    said = f"{ratio(best['value'])}{_interval(best)} over {whole(best['n_latents'])} latents"
    if len(first) > 1:
        return f"{names(first)} share the highest accuracy, {said}.{_how_sure(rest, 'them')}"
    if rest.empty:
        return f"{best['run_label']} is the only run with an accuracy, {said}."
    second = rest.iloc[0]
    ahead = _ahead(best["value"] - second["value"])
    text = f"{best['run_label']} has the highest accuracy, {said}, {ahead} {second['run_label']}."
    return text + _how_sure(rest, "it")


def _how_sure(rest: "pd.DataFrame", best: str) -> str:
    is_tied = [None if is_missing(value) else bool(value) for value in rest["tied_with_best"]]
    tied, behind, unknown = (rest[[value is wanted for value in is_tied]] for wanted in (True, False, None))
    said = ""
    if len(tied):
        said += f" The data do not tell {best} apart from {names(tied)} (latent by latent, Holm, 5 %)."
    if len(behind):
        said += f" Significantly behind {best}: {names(behind)}."
    if len(unknown):
        said += f" There is no test of {best} against {names(unknown)}; Run against run says why."
    return said


def _chance(chance: "pd.DataFrame") -> str:
    known = chance[chance["against_always_positive"].notna()]
    if known.empty:
        return ""
    below, above = (known[known["against_always_positive"] == where] for where in ("below", "above"))
    if len(above) == len(known):
        return " By F1 every run is above a scorer that always says yes."
    text = f" By F1, of {plural(len(known), 'run')}, {_are(below)} below a scorer that always says yes"
    return f"{text}, {_are(above)} above it."


def _are(rows: "pd.DataFrame") -> str:
    return f"{len(rows) or 'none'} {'is' if len(rows) < 2 else 'are'}"


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


def _data(findings: "pd.DataFrame") -> list[Statement]:
    if findings.empty:
        return []
    worst = findings.iloc[0]
    alike = findings[findings["kind"] == worst["kind"]]
    text = f"{worst['run_label']}: {worst['finding']} {worst['meaning']}"
    others = alike[alike["run_id"] != worst["run_id"]]
    if len(others):
        text += f" The same kind of finding: {names(others)}."
    rest = len(findings) - len(alike)
    if rest:
        text += f" {rest:,} other finding{'s' * (rest != 1)} under Data quality."
    return [Statement("Worst in the data", text)]


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
    if is_missing(row["low"]):
        return ""
    return f" (95 % interval {ratio(row['low'])} to {ratio(row['high'])})"


def _ahead(difference: float) -> str:
    shown = f"{difference:.3f}"
    return f"{shown if float(shown) else 'less than 0.001'} above"
