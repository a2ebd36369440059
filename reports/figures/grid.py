"""Lay out several panels in one figure."""

from collections.abc import Sequence
from typing import Any

from .plain import Figure, axis_id, axis_name

IN_THE_MIDDLE = 0.5
# Pixels between the panels and the titles that all of them share.
X_TITLE_SHIFT = -30
Y_TITLE_SHIFT = -40


def add_panels(
    figure: Figure,
    titles: Sequence[str],
    title_size: int,
    n_columns: int,
    n_rows: int = 1,
    column_gap: float = 0.0,
    row_gap: float = 0.0,
    shared_x: bool = False,
) -> None:
    """Give a figure panels, row by row from the top, with titles above them; y axes match, and x if shared.

    titles: as markup; the last panels may have none
    column_gap, row_gap: as shares of the figure
    """
    width = (1 - column_gap * (n_columns - 1)) / n_columns
    height = (1 - row_gap * (n_rows - 1)) / n_rows
    # plotly.js lays matching axes out as the first, whose labels show: below and at the left
    first = (n_rows - 1) * n_columns + 1
    notes = []
    for number in range(n_rows * n_columns):
        row, column = divmod(number, n_columns)
        cell = number + 1
        across = _domain(column, width, column_gap)
        upwards = _domain(n_rows - 1 - row, height, row_gap)
        x_axis: dict[str, Any] = {"anchor": axis_id("y", cell), "domain": across}
        y_axis: dict[str, Any] = {"anchor": axis_id("x", cell), "domain": upwards}
        if cell != first:
            y_axis["matches"] = axis_id("y", first)
        if column > 0:
            y_axis["showticklabels"] = False
        if shared_x and cell != first:
            x_axis["matches"] = axis_id("x", first)
        if shared_x and row < n_rows - 1:
            x_axis["showticklabels"] = False
        figure.layout[axis_name("x", cell)] = x_axis
        figure.layout[axis_name("y", cell)] = y_axis
        if number < len(titles) and titles[number]:
            notes.append(_note(titles[number], title_size, sum(across) / 2, upwards[1], yanchor="bottom"))
    figure.layout["annotations"] = notes


def add_shared_titles(figure: Figure, x_title: str, y_title: str, size: int, used: float = 1.0) -> None:
    """Title the axes of all panels at once, below them and at their left.

    used: the share of the width in which there are panels
    """
    figure.layout["annotations"] += [
        _note(x_title, size, used / 2, 0, yanchor="top", yshift=X_TITLE_SHIFT),
        _note(
            y_title,
            size,
            0,
            IN_THE_MIDDLE,
            xanchor="right",
            yanchor="middle",
            textangle=-90,
            xshift=Y_TITLE_SHIFT,
        ),
    ]


def _domain(number: int, size: float, gap: float) -> list[float]:
    start = sum([size] * number) + number * gap
    # sums of shares may end a little above all
    return [start, min(1.0, start + size)]


def _note(text: str, size: int, x: float, y: float, **more: Any) -> dict[str, Any]:
    """Write a line on the figure as a whole."""
    return {
        "text": text,
        "font": {"size": size},
        "showarrow": False,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "xanchor": "center",
        **more,
    }
