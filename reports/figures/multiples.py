"""Draw a small panel per run, all on the same axes: curves, clouds of latents, bars."""

import math
from collections import Counter
from typing import NamedTuple

import pandas as pd

from ..labels import axis_label, in_figure
from ..style import NEUTRAL, Look, Looks
from .grid import add_panels, add_shared_titles
from .plain import Figure, listed
from .shared import hover_names, latent_names, new_figure, rows_of_runs, runs_in_order

PANELS_PER_ROW = 5
LONGEST_TITLE = 22
MOST_MARKERS = 20
TITLE_SIZE = 12
POINT_SIZE = 4
LARGEST_POINT = 16
PANEL_WIDTH = 170
PANEL_HEIGHT = 190
UNIT = {"range": [-0.04, 1.04], "tickvals": [0, 0.5, 1]}


def curves(
    frame: pd.DataFrame,
    looks: Looks,
    x_title: str,
    y_title: str,
    diagonal: bool = False,
    unit_x: bool = False,
) -> Figure:
    """Draw a run's values over x, from 0 to 1, with their intervals.

    frame: run_id, run_label, x, value, low, high, note (written under the run's name)
    diagonal: also draw the line on which value and x are equal
    """
    figure = _panels(frame, x_title, y_title)
    for cell, (run_id, of_run) in enumerate(rows_of_runs(frame).items(), start=1):
        rows = of_run.dropna(subset="value")
        if diagonal:
            _add_diagonal(figure, cell)
        figure.add(
            "scatter",
            cell,
            x=listed(rows["x"]),
            y=rows["value"].tolist(),
            mode="lines+markers" if len(rows) <= MOST_MARKERS else "lines",
            line={"color": looks[run_id].colour, "width": 2},
            marker={"size": 5, "symbol": looks[run_id].symbol},
            error_y=_intervals(rows),
            customdata=hover_names(rows),
            hovertemplate="%{customdata}<br>%{x}: %{y:.3f}<extra></extra>",
        )
    figure.set_axes("y", **UNIT)
    if unit_x:
        figure.set_axes("x", **UNIT)
    return figure


def clouds(
    frame: pd.DataFrame, looks: Looks, x_title: str, y_title: str, diagonal: bool = False, log_x: bool = False
) -> Figure:
    """Draw a point per latent; latents of equal values are one point, the larger the more they are.

    frame: run_id, run_label, hookpoint, latent_idx, x, value, note (written under the run's name)
    """
    figure = _panels(frame, x_title, y_title)
    for cell, (run_id, of_run) in enumerate(rows_of_runs(frame).items(), start=1):
        if diagonal:
            _add_diagonal(figure, cell)
        points = _together(of_run.dropna(subset=["x", "value"]))
        figure.add(
            "scatter",
            cell,
            x=[point.x for point in points],
            y=[point.y for point in points],
            mode="markers",
            marker={
                "color": looks[run_id].colour,
                "size": [_size(point.n) for point in points],
                "opacity": 0.55,
            },
            customdata=[point.name if point.n == 1 else f"{point.n:,} latents" for point in points],
            hovertemplate="%{customdata}: %{x:.3g}, %{y:.3f}<extra></extra>",
        )
    figure.set_axes("y", **UNIT)
    if log_x:
        figure.set_axes("x", type="log", dtick=1, exponentformat="SI")
    else:
        figure.set_axes("x", **UNIT)
    return figure


class Point(NamedTuple):
    """Hold the latents of equal values: how many, and the name of the first."""

    x: float
    y: float
    n: int
    name: str


def _together(rows: pd.DataFrame) -> list[Point]:
    """Make latents of equal values one point; large points first, under the others."""
    values = list(zip(rows["x"].tolist(), rows["value"].tolist(), strict=True))
    names = dict(zip(reversed(values), reversed(latent_names(rows)), strict=True))
    points = [Point(*value, n, names[value]) for value, n in Counter(values).items()]
    return sorted(points, key=lambda point: -point.n)


def _size(n: int) -> float:
    """Give a point's size: its area grows with the number, up to what a small panel bears."""
    return round(min(POINT_SIZE * math.sqrt(n), LARGEST_POINT), 1)


def bars(frame: pd.DataFrame, looks: Looks, x_title: str, y_title: str) -> Figure:
    """Draw shares as bars over x; those that the frame calls muted are grey.

    frame: run_id, run_label, x, value, muted, hover, note (written under the run's name)
    """
    figure = _panels(frame, x_title, y_title)
    for cell, (run_id, rows) in enumerate(rows_of_runs(frame).items(), start=1):
        figure.add(
            "bar",
            cell,
            x=listed(rows["x"]),
            y=listed(rows["value"]),
            marker={"color": [_bar_colour(looks[run_id], muted) for muted in rows["muted"]]},
            customdata=rows["hover"].tolist(),
            hovertemplate="%{customdata}<extra></extra>",
        )
    figure.set_axes("y", range=[0, 1], tickvals=[0, 0.5, 1], tickformat=".0%")
    return figure.set_layout(bargap=0.1)


def _bar_colour(look: Look, muted: bool) -> str:
    return NEUTRAL if muted else look.colour


def _panels(frame: pd.DataFrame, x_title: str, y_title: str) -> Figure:
    """Lay out a panel per run, in the frame's order."""
    runs = runs_in_order(frame)
    n_columns = min(PANELS_PER_ROW, max(len(runs), 3))
    n_rows = -(-len(runs) // n_columns)
    notes = frame.drop_duplicates("run_id")["note"].tolist()
    height = 70 + PANEL_HEIGHT * n_rows
    figure = new_figure(height, min_width=70 + PANEL_WIDTH * n_columns)
    add_panels(
        figure,
        [
            axis_label(label, LONGEST_TITLE) + (f"<br>{in_figure(note)}" if note else "")
            for (_, label), note in zip(runs, notes, strict=True)
        ],
        TITLE_SIZE,
        n_columns,
        n_rows,
        column_gap=0.025,
        row_gap=0.0 if n_rows == 1 else 62 / height,
        shared_x=True,
    )
    add_shared_titles(figure, x_title, y_title, TITLE_SIZE)
    return figure.set_layout(showlegend=False, margin={"l": 66, "t": 46, "b": 56})


def _add_diagonal(figure: Figure, cell: int) -> None:
    figure.add(
        "scatter",
        cell,
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": NEUTRAL, "width": 1, "dash": "dot"},
        hoverinfo="skip",
    )


def _intervals(rows: pd.DataFrame) -> dict[str, object]:
    return {
        "visible": bool(rows["low"].notna().any()),
        "type": "data",
        "symmetric": False,
        "array": (rows["high"] - rows["value"]).fillna(0).tolist(),
        "arrayminus": (rows["value"] - rows["low"]).fillna(0).tolist(),
        "thickness": 1,
        "width": 0,
    }
