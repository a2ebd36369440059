"""Draw small bars side by side: costs in a panel per stage, failures in a panel per score type."""

from collections.abc import Callable, Sequence

import pandas as pd

from ..labels import in_figure
from ..style import Looks
from .grid import add_panels
from .plain import Figure
from .shared import (
    PANEL_WIDTH,
    VALUE_FONT,
    hover_names,
    mark_bars,
    name_rows,
    new_figure,
    rows_height,
    runs_in_order,
)

# Room at the right of the longest bar for its printed value, as a share of that bar.
VALUE_ROOM = 0.45
TITLE_SIZE = 14


def panel_bars(
    frame: pd.DataFrame,
    looks: Looks,
    axis_titles: Sequence[str],
    show: Callable[[float | None], str],
    tickformat: str | None = None,
    is_one_scale: bool = False,
) -> Figure | None:
    """Draw a panel per value of `panel`, with a bar per run and its value in print. None without a value.

    frame: panel, run_id, run_label, value; panels and runs stand in the frame's order
    axis_titles: what the values are, per panel
    is_one_scale: the panels' values are of one kind, and as long where they are equal
    """
    frame = frame[frame["value"].notna()]
    if frame.empty:
        return None
    runs = runs_in_order(frame)
    panels = list(dict.fromkeys(frame["panel"]))
    figure = new_figure(rows_height(len(runs)), min_width=120 + PANEL_WIDTH * len(panels))
    titles = [in_figure(panel) for panel in panels]
    add_panels(figure, titles, TITLE_SIZE, len(panels), column_gap=0.12 / len(panels))
    row_of = {run_id: row for row, (run_id, _) in enumerate(runs)}
    for column, (panel, axis_title) in enumerate(zip(panels, axis_titles, strict=True), start=1):
        rows = frame[frame["panel"] == panel]
        for run_id, value, hover in zip(rows["run_id"], rows["value"], hover_names(rows), strict=True):
            figure.add(
                "bar",
                column,
                y=[row_of[run_id]],
                x=[value],
                orientation="h",
                marker={"color": looks[run_id].colour},
                text=[show(value)],
                textposition="outside",
                textfont=VALUE_FONT,
                cliponaxis=False,
                customdata=[hover],
                hovertemplate="%{customdata}: %{text}<extra></extra>",
            )
        end = (1 + VALUE_ROOM) * ((frame if is_one_scale else rows)["value"].max() or 1)
        places = [row_of[run_id] for run_id in rows["run_id"]]
        looks_of_bars = (looks[run_id] for run_id in rows["run_id"])
        mark_bars(figure, zip(places, rows["value"], looks_of_bars, strict=True), end, column, lie=True)
        figure.set_axis(
            "x",
            column,
            range=[0, end],
            nticks=4,
            **({"tickformat": tickformat} if tickformat else {}),
            title={"text": axis_title},
        )
    name_rows(figure, [label for _, label in runs])
    return figure.set_layout(showlegend=False, barmode="overlay")
