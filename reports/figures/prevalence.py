"""Draw F1 against the share of texts that activate a latent."""

import pandas as pd

from ..labels import in_figure
from ..style import FEW, NEUTRAL, Looks
from .plain import Figure, listed
from .shared import (
    dot_marker,
    interval,
    legend_of,
    n_in_legend,
    new_figure,
    rows_of_runs,
    with_interval,
)

LEGEND_ROW = 22
SHARES = {0.001: "1 in 1,000", 0.01: "1 in 100", 0.1: "1 in 10", 0.5: "1 in 2"}


def against_prevalence(frame: pd.DataFrame, looks: Looks) -> Figure:
    """Draw a line per run over both axes' logarithms, its values with their intervals, and where lines cross.

    frame: part (curve, value or crossing), run_id, run_label, q, f1, low, high; of a crossing the label names
    both runs
    """
    runs = rows_of_runs(frame[frame["part"] == "curve"])
    labels = [(run_id, curve["run_label"].iloc[0]) for run_id, curve in runs.items()]
    n_legend_rows = -(-n_in_legend(looks, labels) // 4)
    named: set[str] = set()
    figure = new_figure(370 + LEGEND_ROW * n_legend_rows)
    values = rows_of_runs(frame[frame["part"] == "value"])
    for run_id, curve in runs.items():
        label = curve["run_label"].iloc[0]
        name = in_figure(label)
        figure.add(
            "scatter",
            x=listed(curve["q"]),
            y=_above_zero(curve["f1"]),
            mode="lines",
            line={"color": looks[run_id].colour, "width": 2 if len(runs) <= FEW else 1},
            legendgroup=looks[run_id].family or run_id,
            showlegend=False,
            hoverinfo="skip",
        )
        rows = values[run_id]
        figure.add(
            "scatter",
            x=listed(rows["q"]),
            y=_above_zero(rows["f1"]),
            mode="markers",
            marker=dot_marker(rows, looks, size=9),
            error_y=interval(rows, "f1", "low", "high"),
            **legend_of(looks[run_id], run_id, label, named),
            customdata=with_interval(rows.rename(columns={"f1": "value"})),
            hovertemplate=f"{name}: %{{customdata}}<extra></extra>",
        )
    crossings = frame[frame["part"] == "crossing"]
    figure.add(
        "scatter",
        x=listed(crossings["q"]),
        y=listed(crossings["f1"]),
        mode="markers",
        marker={"color": NEUTRAL, "symbol": "circle-open", "size": 9, "line": {"width": 1.5}},
        name="order turns round",
        customdata=[in_figure(label) for label in crossings["run_label"]],
        hovertemplate="%{customdata}: 1 text in %{x:.3g}<extra></extra>",
    )
    figure.set_axes(
        "x",
        type="log",
        tickvals=list(SHARES),
        ticktext=list(SHARES.values()),
        title={"text": "texts that activate a latent"},
    )
    figure.set_axes("y", type="log", dtick="D2", title={"text": "F1"})
    return figure.set_layout(
        legend={"y": -0.2, "yanchor": "top"}, margin={"b": 64 + LEGEND_ROW * n_legend_rows}
    )


def _above_zero(values: pd.Series) -> list[float | None]:
    """List values for a logarithmic axis, which has no place for 0."""
    return [value or None for value in listed(values)]
