"""Gather what the latent browser and the comparison of two runs show, as columns for the page to search.

Runs that are known to have the same latents form a group, and a latent is one row for all of its group:
equal hookpoints and indices alone prove nothing. The rows of a group stand together, and a run's column has
one value per row of its group.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Any, NamedTuple

from ..distinct import distinct
from ..style import UNKNOWN, Looks
from ..warehouse import Warehouse, literal
from .carried import N_CARRIED, carried
from .neuronpedia import address as neuronpedia

if TYPE_CHECKING:
    import pandas as pd

N_EXAMPLES = 10
LATENTS_A_CHUNK = 100
# Of a run, where many stand beside one another.
LONGEST_NAME = 18
# Measures travel as whole millionths.
SCALE = 1_000_000
COUNTS = ("tp", "fp", "tn", "fn", "n_failed")
MEASURES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "specificity": "Specificity",
    "f1": "F1",
    "mcc": "Matthews correlation",
    "auc": "AUC",
    "brier": "Brier score",
    "accuracy_strict": "Accuracy, failures wrong",
    "recall_strict": "Recall, failures wrong",
    "f1_strict": "F1, failures wrong",
}
LATENT = ["latent_group", "hookpoint", "latent_idx"]

SlotKey = tuple[str, str]


class LatentBrowser(NamedTuple):
    """Hold the data of the latent browser.

    overview: all but the examples, as plain data
    example_chunks: JSON texts, each the examples of LATENTS_A_CHUNK latents, null for a latent without any
    n_latents: how many latents there are
    n_carried: of how many of them there may be examples
    n_examples: how many examples a latent carries at most
    sql: the query of the scores, filters included
    failure: why there are none, though there should be
    """

    overview: dict[str, Any]
    example_chunks: list[str]
    n_latents: int
    n_carried: int
    n_examples: int
    sql: str
    failure: str = ""

    @property
    def left_out(self) -> str:
        """Say which latents' examples are left out, "" if none are."""
        if self.n_examples == 0 or self.n_carried == self.n_latents:
            return ""
        if self.n_carried == 0:
            return "The page carries no examples."
        return (
            f"The page carries examples of {self.n_carried:,} of {self.n_latents:,} latents: by turns of the"
            " worst and of those that fire on most tokens."
        )

    def emptied(self) -> "LatentBrowser":
        """Give it without any latent, for paper, which shows none."""
        return self._replace(overview=_overview(self.overview["measure"]), example_chunks=[])


def read_browser(
    warehouse: Warehouse,
    looks: Looks,
    n_examples: int = N_EXAMPLES,
    policy: str = "valid",
    n_carried: int = N_CARRIED,
) -> LatentBrowser:
    """Read all latents of the selected runs, and n_examples examples of n_carried of them; 0 leaves out."""
    import pandas as pd

    runs = warehouse.read(query_text("runs"))
    same = warehouse.read(query_text("same_latents"))
    groups = latent_groups(list(runs["run_id"]), same.itertuples(index=False, name=None))
    tables = [
        _with_group(warehouse.read(query_text(name)), groups)
        for name in ("scores", "other_scores", "explanations", "firing_counts")
    ]
    scores, others, explanations, firing = tables
    measures = _measures(scores, others)
    scores = _with_others(scores, others)
    latents = _rows(pd.concat([scores[LATENT], explanations[LATENT]]).drop_duplicates())
    scores, explanations, firing = (
        table.merge(latents, on=LATENT) for table in (scores, explanations, firing)
    )
    spans = _spans(latents["latent_group"].tolist(), groups)
    of_slot: dict[SlotKey, pd.DataFrame] = dict(iter(scores.groupby(["run_id", "score_type"])))
    place = {run_id: at for at, run_id in enumerate(spans)}
    slots = sorted(of_slot, key=lambda slot: (place[slot[0]], slot[1]))
    texts, said = _explanations(explanations, spans)
    hookpoints = list(dict.fromkeys(latents["hookpoint"]))
    measure = _first_measure(measures, _accuracy(policy))
    overview = _overview(measure) | {
        "runs": [
            {
                "name": run.run_name,
                "label": run.run_label,
                "short": short,
                "colour": looks.get(run.run_id, UNKNOWN).colour,
                "symbol": looks.get(run.run_id, UNKNOWN).symbol,
                "group": groups[run.run_id],
                "neuronpedia": None
                if pd.isna(run.sparse_model)
                else neuronpedia(None if pd.isna(run.subject_model) else run.subject_model, run.sparse_model),
            }
            for run, short in zip(
                runs.itertuples(), distinct(runs["run_label"].tolist(), LONGEST_NAME), strict=True
            )
        ],
        "scoreTypes": list(dict.fromkeys(sorted(score_type for _, score_type in slots))),
        "measures": measures,
        "hookpoints": hookpoints,
        "latents": {
            "group": latents["latent_group"].tolist(),
            "hookpoint": latents["hookpoint"].map({name: at for at, name in enumerate(hookpoints)}).tolist(),
            "index": latents["latent_idx"].tolist(),
        },
        "starts": list({groups[run_id]: span.start for run_id, span in spans.items()}.values()),
        "texts": texts,
        "placeholders": sorted({texts.index(text) for text in _placeholders(explanations)}),
        "explanations": said,
        "firing": _firing(firing, spans),
        "slots": [
            _slot(of_slot[slot], slot, spans, [measure["name"] for measure in measures]) for slot in slots
        ],
    }
    is_loss = any(found["isLoss"] for found in measures if found["name"] == measure)
    rows = carried(scores, firing, measure, is_loss=is_loss, n_latents=len(latents), at_most=n_carried)
    chunks = _example_chunks(warehouse, slots, groups, latents, rows, n_examples)
    return LatentBrowser(
        overview, chunks, len(latents), len(rows), n_examples, warehouse.settings + query_text("scores")
    )


def no_browser(failure: str, policy: str) -> LatentBrowser:
    """Hold no latent, and say why."""
    return LatentBrowser(_overview(_accuracy(policy)), [], 0, 0, 0, query_text("scores"), failure)


def _overview(measure: str) -> dict[str, Any]:
    """Give the overview of no latents."""
    return {
        "runs": [],
        "scoreTypes": [],
        "measures": [{"name": name, "heading": heading} for name, heading in MEASURES.items()],
        "measure": measure,
        "scale": SCALE,
        "hookpoints": [],
        "latents": {"group": [], "hookpoint": [], "index": []},
        "starts": [],
        "texts": [],
        "placeholders": [],
        "explanations": [],
        "firing": {"columns": [], "ofRun": []},
        "slots": [],
        "pair": None,
        "chunk": LATENTS_A_CHUNK,
    }


def _accuracy(policy: str) -> str:
    return "accuracy_strict" if policy == "strict" else "accuracy"


def query_text(name: str) -> str:
    """Read one of the queries beside this module."""
    return (files("reports") / "latents" / f"{name}.sql").read_text(encoding="utf-8")


def latent_groups(run_ids: Sequence[str], same: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Number the groups of runs that share their latents, in the order of run_ids; same: pairs that do."""
    leader = {run_id: run_id for run_id in run_ids}
    for one, other in same:
        joined, kept = leader[other], leader[one]
        leader = {run_id: kept if led == joined else led for run_id, led in leader.items()}
    numbers: dict[str, int] = {}
    return {run_id: numbers.setdefault(leader[run_id], len(numbers)) for run_id in run_ids}


def natural(name: str) -> list[tuple[int, str]]:
    """Give the key that sorts layers.2 before layers.10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]


def _with_group(frame: "pd.DataFrame", groups: dict[str, int]) -> "pd.DataFrame":
    return frame.assign(latent_group=frame["run_id"].map(groups))


def _rows(latents: "pd.DataFrame") -> "pd.DataFrame":
    """Sort the latents, and number them as the page will."""
    order = {name: number for number, name in enumerate(sorted(set(latents["hookpoint"]), key=natural))}
    ordered = latents.assign(order=latents["hookpoint"].map(order))
    ordered = ordered.sort_values(["latent_group", "order", "latent_idx"], ignore_index=True)
    return ordered[LATENT].assign(row=range(len(ordered)))


def _spans(group_of_row: Sequence[int], groups: dict[str, int]) -> dict[str, range]:
    """Give the rows of each run's group."""
    return {
        run_id: range(bisect_left(group_of_row, group), bisect_right(group_of_row, group))
        for run_id, group in groups.items()
    }


def _explanations(frame: "pd.DataFrame", spans: dict[str, range]) -> tuple[list[str], list[list[int | None]]]:
    """Give all different texts, and for each run the number of each latent's text."""
    texts = list(dict.fromkeys(frame["explanation"]))
    numbered = frame.assign(text=frame["explanation"].map({text: at for at, text in enumerate(texts)}))
    of_run = dict(iter(numbered.groupby("run_id")))
    return texts, [_column(of_run.get(run_id, numbered[:0]), "text", span) for run_id, span in spans.items()]


def _placeholders(frame: "pd.DataFrame") -> set[str]:
    return set(frame.loc[frame["is_placeholder"], "explanation"])


def _firing(frame: "pd.DataFrame", spans: dict[str, range]) -> dict[str, Any]:
    """Give the firing counts of each run, a cache that runs share once."""
    columns: list[list[int | None]] = []
    which = []
    of_run = dict(iter(frame.groupby("run_id")))
    for run_id, span in spans.items():
        column = _column(of_run.get(run_id, frame[:0]), "firing_count", span)
        if column not in columns:
            columns.append(column)
        which.append(columns.index(column))
    return {"columns": columns, "ofRun": which}


def _measures(scores: "pd.DataFrame", others: "pd.DataFrame") -> list[dict[str, Any]]:
    """Say which measures there are: those of classifiers unless all scorers are others, then the others'."""
    headings = MEASURES if others.empty or len(scores) else {}
    found = [
        {"name": name, "heading": heading, "isLoss": name == "brier"} for name, heading in headings.items()
    ]
    rest = others[["measure", "is_loss"]].drop_duplicates().itertuples(index=False, name=None)
    return found + [
        {"name": name, "heading": MEASURES.get(name, name.replace("_", " ").capitalize()), "isLoss": is_loss}
        for name, is_loss in rest
        if name not in headings
    ]


def _first_measure(measures: Sequence[dict[str, Any]], wanted: str) -> str:
    """Return the measure that the page shows first."""
    names = [str(measure["name"]) for measure in measures]
    return wanted if wanted in names else names[0]


def _with_others(scores: "pd.DataFrame", others: "pd.DataFrame") -> "pd.DataFrame":
    """Add rows of scorers that are no classifiers, without counts."""
    import pandas as pd

    if others.empty:
        return scores
    keys = ["run_id", "score_type", *LATENT]
    wide = others.pivot(index=keys, columns="measure", values="value").reset_index()
    return (
        pd.concat([scores, wide], ignore_index=True)
        if len(scores)
        else wide.reindex(columns=[*wide.columns, *COUNTS])
    )


def _slot(
    frame: "pd.DataFrame", slot: SlotKey, spans: dict[str, range], measures: Sequence[str]
) -> dict[str, Any]:
    """Give the counts and measures of a run's latents under a score type; no measure without a value."""
    run_id, score_type = slot
    return {
        "run": list(spans).index(run_id),
        "scoreType": score_type,
        "counts": {name: _column(frame, name, spans[run_id]) for name in COUNTS},
        "measures": {
            name: _column(frame, name, spans[run_id], SCALE) for name in measures if frame[name].notna().any()
        },
    }


def _column(frame: "pd.DataFrame", name: str, span: range, scale: int = 1) -> list[int | None]:
    """Give a value per row of the span, None for a row that the frame lacks."""
    column: list[int | None] = [None] * len(span)
    for row, value in zip(frame["row"].tolist(), frame[name].astype(float).tolist(), strict=True):
        if value == value:  # not NaN
            column[row - span.start] = round(value * scale)
    return column


def _example_chunks(
    warehouse: Warehouse,
    slots: Sequence[SlotKey],
    groups: dict[str, int],
    latents: "pd.DataFrame",
    rows: Sequence[int],
    n_examples: int,
) -> list[str]:
    if not slots or not rows or n_examples == 0:
        return []
    values = ",\n        ".join(
        f"({literal(run_id)}, {literal(score_type)}, {number}, {groups[run_id]})"
        for number, (run_id, score_type) in enumerate(slots)
    )
    # A list of numbers as one text, which takes a thousandth of the time to parse.
    indices = ",\n        ".join(
        f"({group}, {literal(hookpoint)}, '{found.tolist()}')"
        for (group, hookpoint), found in latents.iloc[rows].groupby(LATENT[:2])["latent_idx"]
    )
    query = Template(query_text("examples")).substitute(slots=values, latents=indices, n_examples=n_examples)
    texts = latents.merge(warehouse.read(query), on=LATENT, how="left").sort_values("row")["json"]
    filled = ["null" if text != text else text for text in texts]
    return [
        "[" + ",".join(filled[start : start + LATENTS_A_CHUNK]) + "]"
        for start in range(0, len(filled), LATENTS_A_CHUNK)
    ]
