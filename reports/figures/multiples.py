"""Draw a small panel per run, all on the same axes: curves, clouds of latents, bars."""

import math
from collections import Counter
from typing import NamedTuple

import pandas as pd

from ..distinct import distinct
from ..labels import in_figure
from ..style import FEW, NEUTRAL, Look, Looks
from .grid import add_panels, add_shared_titles
from .plain import Figure, listed
from .shared import (
    LEGEND_MARGIN,
    hover_names,
    latent_names,
    legend_of,
    new_figure,
    rows_of_runs,
    runs_in_order,
    translucent,
)

MOST_MARKERS = 20
TITLE_SIZE = 12
POINT_SIZE = 4
LARGEST_POINT = 16
# Panels in a row, the width and height of each, the longest title and the size of the note under it: of few
# runs, and of many.
SMALL = (5, 170, 190, 22, TITLE_SIZE)
SMALLER = (7, 130, 150, 16, 10)
# Of all runs' lines in one panel.
TOGETHER_HEIGHT = 350
UNIT = {"range": [-0.04, 1.04], "tickvals": [0, 0.5, 1]}
MOST_POWERS = 3
# Shares below it are drawn on an axis of their own size.
SMALL_SHARE = 0.25


def curves(
    frame: pd.DataFrame,
    looks: Looks,
    x_title: str,
    y_title: str,
    diagonal: bool = False,
    unit_x: bool = False,
) -> Figure:
    """Draw a run's values over x, from 0 to 1, with their intervals; many runs in one panel, without them.

    frame: run_id, run_label, x, value, low, high, note (written under the run's name)
    diagonal: also draw the line on which value and x are equal
    """
    of_runs = rows_of_runs(frame)
    is_apart = len(of_runs) <= FEW
    figure = _panels(frame, x_title, y_title) if is_apart else _one_panel(x_title, y_title)
    if diagonal and not is_apart:
        _add_diagonal(figure, 1)
    named: set[str] = set()
    for cell, (run_id, of_run) in enumerate(of_runs.items(), start=1):
        rows = of_run.dropna(subset="value")
        look = looks[run_id]
        if diagonal and is_apart:
            _add_diagonal(figure, cell)
        figure.add(
            "scatter",
            cell if is_apart else 1,
            x=listed(rows["x"]),
            y=rows["value"].tolist(),
            mode="lines+markers" if len(rows) <= MOST_MARKERS else "lines",
            line={"color": look.colour, "width": 2 if is_apart else 1},
            marker={"size": 5, "symbol": look.symbol},
            error_y=_intervals(rows) if is_apart else None,
            **({} if is_apart else legend_of(look, run_id, of_run["run_label"].iloc[0], named)),
            customdata=_hovers(rows),
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
                "color": translucent(looks[run_id].colour, 0.55),
                # Points of many sizes would get one of their own.
                "opacity": 1,
                "size": [_size(point.n) for point in points],
            },
            customdata=[point.name if point.n == 1 else f"{point.n:,} latents" for point in points],
            hovertemplate="%{customdata}: %{x:.3g}, %{y:.3f}<extra></extra>",
        )
    figure.set_axes("y", **UNIT)
    if log_x:
        figure.set_axes("x", type="log", dtick=_decades_a_tick(frame["x"]), tickangle=0, exponentformat="SI")
    else:
        figure.set_axes("x", **UNIT)
    return figure


def _decades_a_tick(values: pd.Series) -> int:
    """Say how many powers of ten to go on from tick to tick, so that a small panel has room for them."""
    positive = values[values > 0]
    if positive.empty:
        return 1
    low, high = math.log10(positive.min()), math.log10(positive.max())
    # plotly.js leaves less room than that beside the points.
    room = 0.1 * (high - low)
    n_powers = math.floor(high + room) - math.ceil(low - room) + 1
    return max(1, math.ceil(n_powers / MOST_POWERS))


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
    largest = frame["value"].max()
    if 0 < largest < SMALL_SHARE:
        figure.set_axes("y", range=[0, 1.2 * largest], nticks=4, tickformat="~%")
    else:
        figure.set_axes("y", range=[0, 1], tickvals=[0, 0.5, 1], tickformat=".0%")
    return figure.set_layout(bargap=0.1)


def _bar_colour(look: Look, muted: bool) -> str:
    return NEUTRAL if muted else look.colour


def _panels(frame: pd.DataFrame, x_title: str, y_title: str) -> Figure:
    """Lay out a panel per run, in the frame's order."""
    runs = runs_in_order(frame)
    per_row, width, panel_height, longest, size = SMALL if len(runs) <= FEW else SMALLER
    n_columns = min(per_row, max(len(runs), 3))
    n_rows = -(-len(runs) // n_columns)
    notes = frame.drop_duplicates("run_id")["note"].tolist()
    titles = distinct([label for _, label in runs], longest)
    height = 70 + panel_height * n_rows
    figure = new_figure(height, min_width=70 + width * n_columns)
    add_panels(
        figure,
        [
            f"{in_figure(label)}<br><span style='font-size:{size}px'>{in_figure(note)}</span>"
            if note
            else in_figure(label)
            for label, note in zip(titles, notes, strict=True)
        ],
        TITLE_SIZE,
        n_columns,
        n_rows,
        column_gap=0.025,
        row_gap=0.0 if n_rows == 1 else 62 / height,
        shared_x=True,
    )
    add_shared_titles(figure, x_title, y_title, TITLE_SIZE, used=min(1.0, len(runs) / n_columns))
    return figure.set_layout(showlegend=False, margin={"l": 66, "t": 46, "b": 56})


def _one_panel(x_title: str, y_title: str) -> Figure:
    """Lay out one panel for all runs, whose families the legend names."""
    figure = new_figure(TOGETHER_HEIGHT)
    figure.set_axes("x", title={"text": x_title})
    figure.set_axes("y", title={"text": y_title})
    return figure.set_layout(showlegend=True, margin={"t": LEGEND_MARGIN})


def _hovers(rows: pd.DataFrame) -> list[str]:
    """Name each row's run, with its note."""
    return [
        f"{name}, {in_figure(note)}" if note else name
        for name, note in zip(hover_names(rows), rows["note"], strict=True)
    ]


def _add_diagonal(figure: Figure, cell: int) -> None:
    figure.add(
        "scatter",
        cell,
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": NEUTRAL, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        showlegend=False,
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
