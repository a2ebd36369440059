"""Draw tables of colour: how pairs of runs differ, and which latents each run scored."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..labels import DASH, in_figure, is_missing, ratio
from ..style import LIGHT
from .plain import Figure, packed_array
from .shared import (
    LEGEND_MARGIN,
    latent_names,
    name_columns,
    name_rows,
    new_figure,
    rows_height,
    runs_in_order,
)

CELL_WIDTH = 44
JUDGE_WIDTH = 110
SIGNIFICANT = 0.05
# Blue and orange differ for every kind of colour vision; all are light, for dark text in either theme.
DIVERGING = ((0, "#E69F00"), (0.5, "#ECEEF1"), (1, "#56B4E9"))
# From what is quiet in either theme to what stands out.
SEQUENTIAL = ((0, "#ECEEF1"), (1, "#56B4E9"))
# The states of a latent under a scorer, and the colours of them, light to dark as well as by hue.
STATES = (
    ("scored", "#56B4E9"),
    ("partly failed", "#E69F00"),
    ("all failed", "#8A3B00"),
    ("not scored", "rgba(138,143,152,0.18)"),
)
NOT_SCORED = len(STATES) - 1
# Of a latent that is at no hookpoint of the run.
NOTHING = len(STATES)


def comparison_matrix(frame: pd.DataFrame, runs: Sequence[tuple[str, str]]) -> Figure:
    """Draw how much each run, a row, is above each other run, a column; a star marks what is significant.

    frame: each pair once, with run_id_a, run_id_b, difference, low, high, p_adjusted, n_latents_shared,
        reason and differs
    runs: run_id and label of each run, in their order
    """
    number_of = {run_id: number for number, (run_id, _) in enumerate(runs)}
    size = len(runs)
    values: list[list[float | None]] = [[None] * size for _ in range(size)]
    cells = [[""] * size for _ in range(size)]
    hovers = [[""] * size for _ in range(size)]
    once = frame.to_dict("records")
    for pair in once + [_turned(pair) for pair in once]:
        row, column = number_of[pair["run_id_a"]], number_of[pair["run_id_b"]]
        names = f"{in_figure(runs[row][1])} against {in_figure(runs[column][1])}"
        if is_missing(pair["difference"]):
            hovers[row][column] = f"{names}<br>{in_figure(str(pair['reason']))}"
            continue
        values[row][column] = pair["difference"]
        cells[row][column] = _cell(pair["difference"], pair["p_adjusted"])
        hovers[row][column] = f"{names}<br>{_said(pair)}"
    largest = max((abs(value) for line in values for value in line if value is not None), default=0) or 1
    figure = new_figure(rows_height(size, around=190), min_width=160 + CELL_WIDTH * size)
    figure.add(
        "heatmap",
        z=values,
        text=cells,
        texttemplate="%{text}",
        textfont={"size": 10, "color": LIGHT.ink},
        customdata=hovers,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorscale=[list(stop) for stop in DIVERGING],
        zmin=-largest,
        zmax=largest,
        xgap=2,
        ygap=2,
        showscale=False,
    )
    labels = [label for _, label in runs]
    name_rows(figure, labels)
    name_columns(figure, labels, edge=0.5)
    figure.set_axes("x", side="bottom")
    return figure


def judge_matrix(frame: pd.DataFrame) -> Figure:
    """Draw explainers as rows and scorers as columns, coloured by accuracy; a star marks who judged itself.

    frame: explainer, scorer, lowest, highest (accuracy of their runs), n_runs, n_self
    """
    explainers, scorers = (sorted(set(frame[name])) for name in ("explainer", "scorer"))
    values: list[list[float | None]] = [[None] * len(scorers) for _ in explainers]
    cells = [[""] * len(scorers) for _ in explainers]
    hovers = [[""] * len(scorers) for _ in explainers]
    for pair in frame.to_dict("records"):
        row, column = explainers.index(pair["explainer"]), scorers.index(pair["scorer"])
        hovers[row][column] = f"{in_figure(pair['explainer'])}, judged by {in_figure(pair['scorer'])}"
        if is_missing(pair["highest"]):
            continue
        values[row][column] = (pair["lowest"] + pair["highest"]) / 2
        ends = dict.fromkeys(ratio(pair[end]) for end in ("lowest", "highest"))
        cells[row][column] = DASH.join(ends) + "*" * bool(pair["n_self"])
        hovers[row][column] += f"<br>{cells[row][column]}, {pair['n_runs']} run{'s' * (pair['n_runs'] > 1)}"
    figure = new_figure(rows_height(len(explainers), around=190), min_width=200 + JUDGE_WIDTH * len(scorers))
    figure.add(
        "heatmap",
        z=values,
        text=cells,
        texttemplate="%{text}",
        textfont={"size": 11, "color": LIGHT.ink},
        customdata=hovers,
        hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False,
        colorscale=[list(stop) for stop in SEQUENTIAL],
        zmin=0,
        zmax=1,
        xgap=2,
        ygap=2,
        showscale=False,
    )
    name_rows(figure, explainers)
    name_columns(figure, scorers, edge=0.5)
    figure.set_axes("x", title={"text": "scorer"})
    return figure


def coverage_matrix(frame: pd.DataFrame) -> Figure:
    """Draw each run as a row and each latent as a column, coloured by what became of it.

    frame: run_id, run_label, hookpoint, latent_idx, status, of what is scored; runs in their order
    """
    runs = runs_in_order(frame)
    latents = frame[["hookpoint", "latent_idx"]].drop_duplicates().sort_values(["hookpoint", "latent_idx"])
    values = np.full((len(runs), len(latents)), NOTHING, "u1")
    rows = frame.groupby("run_id", sort=False).ngroup()
    for hookpoint, of_hookpoint in rows.groupby(frame["hookpoint"]):
        values[np.ix_(of_hookpoint.unique(), latents["hookpoint"] == hookpoint)] = NOT_SCORED
    columns = frame.groupby(["hookpoint", "latent_idx"]).ngroup()
    values[rows, columns] = frame["status"].map({status: code for code, (status, _) in enumerate(STATES)})
    figure = new_figure(rows_height(len(runs), row_height=24, around=110))
    figure.add(
        "heatmap",
        x=latent_names(latents),
        z=packed_array(values),
        hovertemplate="%{x}<extra></extra>",
        colorscale=_steps([*(colour for _, colour in STATES), "rgba(0,0,0,0)"]),
        zmin=-0.5,
        zmax=NOTHING + 0.5,
        ygap=2,
        showscale=False,
    )
    for status, colour in STATES:
        figure.add(
            "scatter",
            x=[None],
            y=[None],
            mode="markers",
            marker={"color": colour, "symbol": "square", "size": 11},
            name=status,
        )
    name_rows(figure, [label for _, label in runs])
    figure.set_axes(
        "x",
        type="category",
        showticklabels=False,
        ticks="",
        showgrid=False,
        title={"text": f"{len(latents):,} latents"},
    )
    return figure.set_layout(showlegend=True, margin={"t": LEGEND_MARGIN})


def _steps(colours: Sequence[str]) -> list[list[float | str]]:
    """Make a colour scale of flat steps."""
    width = 1 / len(colours)
    return [
        [end, colour]
        for number, colour in enumerate(colours)
        for end in (number * width, (number + 1) * width)
    ]


def _turned(pair: dict[str, Any]) -> dict[str, Any]:
    """Look at a pair from the other run's side."""
    turned = {"run_id_a": pair["run_id_b"], "run_id_b": pair["run_id_a"]}
    for end, other in (("difference", "difference"), ("low", "high"), ("high", "low")):
        turned[end] = None if is_missing(pair[other]) else -pair[other]
    return pair | turned


def _cell(difference: float, p_adjusted: float | None) -> str:
    star = "*" if not is_missing(p_adjusted) and p_adjusted < SIGNIFICANT else ""
    # Without the zero before the point: twenty columns leave room for six characters.
    return f"{difference:+.3f}".replace("-", "\N{MINUS SIGN}").replace("0.", ".", 1) + star


def _said(pair: dict[str, Any]) -> str:
    said = f"difference {_cell(pair['difference'], None)}"
    if not is_missing(pair["low"]):
        said += f", 95 % from {ratio(pair['low'])} to {ratio(pair['high'])}"
    if not is_missing(pair["p_adjusted"]):
        said += f"<br>adjusted p {pair['p_adjusted']:.2g}"
    elif not is_missing(pair["reason"]):
        said += f"<br>{in_figure(str(pair['reason']))}"
    said += f"<br>{pair['n_latents_shared']} latents"
    if not is_missing(pair["differs"]):
        said += f"<br>explainer and scorer together: {in_figure(pair['differs'])} differ"
    return said
