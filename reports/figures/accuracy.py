"""Draw how right the scorers were, run by run and latent by latent."""

from collections.abc import Mapping

import pandas as pd

from ..labels import in_figure, ratio
from ..style import FEW, Looks
from .plain import Figure, listed
from .shared import (
    COLUMN_WIDTH,
    LEGEND_MARGIN,
    VALUE_FONT,
    hover_names,
    interval,
    latent_names,
    mark_bars,
    name_columns,
    name_rows,
    new_figure,
    rows_height,
    rows_of_runs,
    runs_in_order,
    with_interval,
)

# More points than this run together and make the page slow: then the curves stand alone.
MOST_POINTS = 6000
# Fewer latents have no shape: their points stand alone.
LEAST_FOR_CURVE = 20
# In units of the axis from 0 to 1: the height of a printed value, and the room around a line.
TEXT_HEIGHT = 0.07
LINE_ROOM = 0.01


def value_bars(
    frame: pd.DataFrame, looks: Looks, axis_title: str, levels: Mapping[str, str] | None = None
) -> Figure:
    """Draw a bar per run from 0 to 1, in the frame's order, with its value in print and its interval.

    frame: run_id, run_label, value, low, high
    levels: columns of the frame to draw as a line across each bar, and what to call them
    """
    height = 370 if len(frame) <= FEW else 400
    figure = new_figure(height, min_width=90 + COLUMN_WIDTH * len(frame))
    hovers = zip(hover_names(frame), with_interval(frame), strict=True)
    for column, (run_id, hover) in enumerate(zip(frame["run_id"], hovers, strict=True)):
        row = frame.iloc[[column]]
        figure.add(
            "bar",
            x=[column],
            y=listed(row["value"]),
            marker={"color": looks[run_id].colour},
            error_y=interval(row, "value", "low", "high"),
            showlegend=False,
            customdata=[hover],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
        )
    looks_of_bars = (looks[run_id] for run_id in frame["run_id"])
    mark_bars(figure, zip(range(len(frame)), frame["value"], looks_of_bars, strict=True), end=1)
    figure.add(
        "scatter",
        x=list(range(len(frame))),
        y=_heights_of_values(frame, list(levels or {})),
        mode="text",
        text=[ratio(value) for value in frame["value"]],
        textposition="top center",
        textfont=VALUE_FONT,
        hoverinfo="skip",
        cliponaxis=False,
        showlegend=False,
    )
    for dash, (level, name) in zip(("solid", "dot"), (levels or {}).items(), strict=False):
        _add_levels(figure, frame[level], name, dash)
    name_columns(figure, frame["run_label"].tolist())
    figure.set_axes("y", range=[0, 1], dtick=0.2, title={"text": axis_title})
    if levels:
        figure.set_layout(showlegend=True, margin={"t": LEGEND_MARGIN})
    return figure.set_layout(barmode="overlay")


def _heights_of_values(frame: pd.DataFrame, levels: list[str]) -> list[float]:
    """Say how high each bar's value is printed: above its interval, and above a level that would cross it."""
    tops = frame["high"].fillna(frame["value"]).fillna(0)
    for level in frame[sorted(levels, key=lambda name: frame[name].mean())].T.values if levels else ():
        is_crossed = (level > tops - LINE_ROOM) & (level < tops + TEXT_HEIGHT)
        tops = tops.where(~is_crossed, level + LINE_ROOM)
    return list(tops)


def _add_levels(figure: Figure, levels: pd.Series, name: str, dash: str) -> None:
    """Draw a short line across each bar at its level."""
    ends = [(column - 0.45, column + 0.45, None) for column in range(len(levels))]
    figure.add(
        "scatter",
        x=[x for end in ends for x in end],
        y=[y for level in listed(levels) for y in (level, level, None)],
        mode="lines",
        line={"width": 2, "dash": dash},
        name=name,
        hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>",
    )


def latent_distribution(frame: pd.DataFrame, looks: Looks, axis_title: str) -> Figure:
    """Draw the density of a measure over each run's latents, with a point per latent and the mean.

    frame: run_id, run_label, hookpoint, latent_idx, value; runs are drawn in the frame's order
    """
    runs = runs_in_order(frame)
    points = "all" if len(frame) <= MOST_POINTS else False
    figure = new_figure(height=rows_height(len(runs), row_height=58, around=84))
    rows_of = rows_of_runs(frame)
    for row, (run_id, label) in enumerate(runs):
        rows = rows_of[run_id].dropna(subset="value")
        look = looks[run_id]
        is_curve = len(rows) >= LEAST_FOR_CURVE
        figure.add(
            "violin",
            x=rows["value"].tolist(),
            y0=row,
            orientation="h",
            side="negative",
            width=1.1 if points else 1.6,
            spanmode="hard",
            scalemode="width",
            points=points,
            pointpos=0.28,
            jitter=0.36,
            meanline={"visible": True, "color": look.colour, "width": 1.5},
            line={"color": look.colour, "width": 1.5 if is_curve else 0},
            fillcolor=None if is_curve else "rgba(0,0,0,0)",
            marker={"color": look.colour, "symbol": look.symbol, "size": 4, "opacity": 0.5},
            name=in_figure(label),
            customdata=latent_names(rows) if points else None,
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
            hoveron="points",
        )
    name_rows(figure, [label for _, label in runs])
    figure.set_axes("x", range=[-0.02, 1.02], dtick=0.2, title={"text": axis_title})
    return figure.set_layout(showlegend=False, violinmode="overlay")
