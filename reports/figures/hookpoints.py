"""Draw a measure over hookpoints, which follow one another as layers do."""

import pandas as pd

from ..labels import ratio
from ..style import FEW, Looks
from .plain import Figure, listed
from .shared import (
    LEGEND_MARGIN,
    hover_names,
    interval,
    legend_of,
    name_columns,
    new_figure,
    rows_of_runs,
)

HEIGHT = 340


def over_hookpoints(frame: pd.DataFrame, looks: Looks, y_title: str) -> Figure:
    """Draw a line per run from 0 to 1, of few runs with the intervals.

    frame: run_id, run_label, hookpoint, value, low, high; the hookpoints stand in the frame's order
    """
    hookpoints = list(dict.fromkeys(frame["hookpoint"]))
    of_runs = rows_of_runs(frame)
    figure = new_figure(HEIGHT)
    named: set[str] = set()
    for run_id, rows in of_runs.items():
        look = looks[run_id]
        is_few = len(of_runs) <= FEW
        figure.add(
            "scatter",
            x=[hookpoints.index(hookpoint) for hookpoint in rows["hookpoint"]],
            y=listed(rows["value"]),
            mode="lines+markers",
            line={"color": look.colour, "width": 1},
            marker={"color": look.colour, "symbol": look.symbol, "size": 7},
            error_y=interval(rows, "value", "low", "high") | {"color": look.colour, "width": 0}
            if is_few
            else None,
            customdata=[
                f"{name}: {ratio(value)}"
                for name, value in zip(hover_names(rows), rows["value"], strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
            **legend_of(look, run_id, rows["run_label"].iloc[0], named),
        )
    name_columns(figure, hookpoints, edge=0.3)
    figure.set_axes("y", range=[0, 1], dtick=0.2, title={"text": y_title})
    return figure.set_layout(showlegend=True, margin={"t": LEGEND_MARGIN})
