"""Draw a measure over each setting that takes numbers, a point per run with its interval."""

import pandas as pd

from ..distinct import distinct
from ..labels import in_figure
from ..style import Looks
from .grid import add_panels
from .plain import Figure, listed
from .shared import dot_marker, hover_values, interval, new_figure

PANELS_PER_ROW = 3
PANEL_HEIGHT = 260
TITLE_SIZE = 13
LONGEST_TITLE = 24


def against_settings(frame: pd.DataFrame, looks: Looks, y_title: str) -> Figure:
    """Draw a panel per setting, from 0 to 1.

    frame: setting, number, run_id, run_label, value, low, high
    """
    settings = list(dict.fromkeys(frame["setting"]))
    n_columns = min(len(settings), PANELS_PER_ROW)
    n_rows = -(-len(settings) // n_columns)
    figure = new_figure(60 + PANEL_HEIGHT * n_rows, min_width=80 + 200 * n_columns)
    titles = [in_figure(setting) for setting in distinct(settings, LONGEST_TITLE)]
    add_panels(figure, titles, TITLE_SIZE, n_columns, n_rows, column_gap=0.06, row_gap=0.2 / n_rows)
    for cell, setting in enumerate(settings, start=1):
        rows = frame[frame["setting"] == setting]
        figure.add(
            "scatter",
            cell,
            x=listed(rows["number"]),
            y=listed(rows["value"]),
            mode="markers",
            marker=dot_marker(rows, looks),
            error_y=interval(rows, "value", "low", "high"),
            customdata=hover_values(rows),
            hovertemplate="%{customdata}, at %{x}<extra></extra>",
        )
    figure.set_axes("y", range=[-0.04, 1.04], tickvals=[0, 0.5, 1])
    figure.set_axis("y", 1, title={"text": y_title})
    return figure.set_layout(showlegend=False)
