"""Draw values as points with their intervals, a row per run; and quality against cost."""

import pandas as pd

from ..labels import in_figure
from ..style import NEUTRAL, Looks
from .grid import add_panels
from .plain import Figure, listed
from .shared import (
    dot_marker,
    hover_names,
    hover_values,
    interval,
    legend_of,
    n_in_legend,
    name_rows,
    new_figure,
    rows_height,
    runs_in_order,
)

LEGEND_ROW = 22
TITLE_SIZE = 13
# In pixels, where the axis has no title.
UNDER_TICKS = 28


def dot_rows(frame: pd.DataFrame, looks: Looks, axis_title: str, *, is_share: bool = True) -> Figure:
    """Draw a panel per value of `panel`, a row per run, each value as a point with its interval.

    frame: panel, run_id, run_label, value, low, high
    axis_title: "" where the panels' titles say what it is
    is_share: the axes run from 0 to 1
    """
    runs = runs_in_order(frame)
    panels = list(dict.fromkeys(frame["panel"]))
    around = 100 if axis_title else 64
    figure = new_figure(
        rows_height(len(runs), row_height=26, around=around), min_width=120 + 180 * len(panels)
    )
    titles = [in_figure(panel) for panel in panels]
    add_panels(figure, titles, TITLE_SIZE, len(panels), column_gap=0.08 / len(panels))
    row_of = {run_id: row for row, (run_id, _) in enumerate(runs)}
    for column, panel in enumerate(panels, start=1):
        rows = frame[(frame["panel"] == panel) & frame["value"].notna()]
        figure.add(
            "scatter",
            column,
            x=rows["value"].tolist(),
            y=[row_of[run_id] for run_id in rows["run_id"]],
            mode="markers",
            marker=dot_marker(rows, looks),
            error_x=interval(rows, "value", "low", "high"),
            customdata=hover_values(rows),
            hovertemplate="%{customdata}<extra></extra>",
        )
    ends = {"range": [-0.02, 1.02], "dtick": 0.5} if is_share else {"nticks": 4}
    figure.set_axes("x", **ends, title={"text": axis_title})
    name_rows(figure, [label for _, label in runs])
    if not axis_title:
        figure.set_layout(margin={"b": UNDER_TICKS})
    return figure.set_layout(showlegend=False)


def quality_against_cost(frame: pd.DataFrame, looks: Looks, y_title: str) -> Figure:
    """Draw a panel per kind of cost, a point per run with its interval, and the line of what nothing beats.

    frame: panel, axis_title, run_id, run_label, cost, value, low, high, on_frontier
    """
    panels = list(dict.fromkeys(zip(frame["panel"], frame["axis_title"], strict=True)))
    runs = runs_in_order(frame)
    n_legend_rows = -(-n_in_legend(looks, runs) // 4)
    figure = new_figure(350 + LEGEND_ROW * n_legend_rows, min_width=80 + 230 * len(panels))
    titles = [in_figure(panel) for panel, _ in panels]
    add_panels(figure, titles, TITLE_SIZE, len(panels), column_gap=0.05)
    named: set[str] = set()
    for column, (panel, axis_title) in enumerate(panels, start=1):
        rows = frame[(frame["panel"] == panel) & (frame["axis_title"] == axis_title)]
        _add_frontier(figure, rows[rows["on_frontier"]].sort_values("cost"), column)
        for run_id, label in runs:
            row = rows[rows["run_id"] == run_id]
            if row.empty:
                continue
            figure.add(
                "scatter",
                column,
                x=listed(row["cost"]),
                y=listed(row["value"]),
                mode="markers",
                marker=dot_marker(row, looks, size=11),
                error_y=interval(row, "value", "low", "high") | _thin(looks[run_id].colour),
                **legend_of(looks[run_id], run_id, label, named),
                customdata=hover_names(row),
                hovertemplate="%{customdata}: %{x:,.4~g}, %{y:.3f}<extra></extra>",
            )
        figure.set_axis("x", column, title={"text": axis_title}, nticks=4)
    figure.set_axis("y", 1, title={"text": y_title})
    return figure.set_layout(
        legend={"y": -0.22, "yanchor": "top"}, margin={"t": 40, "b": 64 + LEGEND_ROW * n_legend_rows}
    )


def _thin(colour: str) -> dict[str, object]:
    return {"color": colour, "thickness": 1, "width": 0}


def _add_frontier(figure: Figure, rows: pd.DataFrame, column: int) -> None:
    figure.add(
        "scatter",
        column,
        x=listed(rows["cost"]),
        y=listed(rows["value"]),
        mode="lines",
        line={"color": NEUTRAL, "width": 1.5, "dash": "dot", "shape": "hv"},
        name="not beaten",
        showlegend=column == 1,
        legendgroup="not beaten",
        hoverinfo="skip",
    )
