"""What several figures need: an empty figure, a row or column per run with its name, markers, error bars."""

from collections.abc import Iterable, Sequence
from math import cos, radians, sin
from typing import Any

import pandas as pd

from ..distinct import distinct
from ..labels import LONGEST_LABEL, LONGEST_NARROW_LABEL, axis_lines, in_figure, is_missing, ratio
from ..style import FEW, LIGHT, SYMBOLS, Look, Looks
from .plain import Figure, listed

ROW_HEIGHT = 30
# Rows of more runs than FEW are lower.
LEAST_ROW_HEIGHT = 18
SHRINK = 0.45
PANEL_WIDTH = 230
COLUMN_WIDTH = 42
COLUMN_ANGLE = 35
CHARACTER_WIDTH = 7
# The least width that all columns of a figure have, unless the page is narrow (below 640 px).
COLUMNS_WIDTH = 550
MOST_LINES = 3
LINE_HEIGHT = 16
# Room for ticks, beside a row's name and under a column's. plotly.js draws a figure again to widen a margin.
BESIDE_LABEL = 32
UNDER_LABEL = 22
LEAST_MARGIN = 60
# The margin at the top of a figure whose legend stands there.
LEGEND_MARGIN = 52
VALUE_FONT = {"size": 12}
# Where a bar's symbol is, as a share of the axis: as far from the foot as the symbol needs.
MARK_FOOT = 0.035


def new_figure(height: int, min_width: int = 320) -> Figure:
    """Make an empty figure without a theme, which whoever shows it adds.

    height, min_width: in pixels; a page that is narrower lets the figure scroll

    The layout's `meta` holds min_width for the page, and under `narrow` the parts of the layout that a narrow
    screen replaces.
    """
    layout = {"height": height, "meta": {"min_width": min_width}, "xaxis": {}, "yaxis": {}, "margin": {}}
    return Figure([], layout)


def rows_height(n_rows: int, row_height: int = ROW_HEIGHT, around: int = 100) -> int:
    """Give the height of a figure that has a row per run."""
    if n_rows > FEW:
        row_height = max(LEAST_ROW_HEIGHT, round(SHRINK * row_height))
    return around + row_height * max(n_rows, 2)


def runs_in_order(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """List run_id and run_label of the runs, in the order of their first rows."""
    runs = frame[["run_id", "run_label"]].drop_duplicates()
    return list(zip(runs["run_id"].tolist(), runs["run_label"].tolist(), strict=True))


def rows_of_runs(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the rows of each run; the runs in the order of their first rows."""
    return dict(iter(frame.groupby("run_id", sort=False)))


def latent_names(frame: pd.DataFrame) -> list[str]:
    """Name the latent of each row, for a hover text."""
    hookpoints = frame["hookpoint"].tolist()
    shown = {hookpoint: in_figure(hookpoint) for hookpoint in set(hookpoints)}
    return [
        f"{shown[hookpoint]}, latent {latent_idx}"
        for hookpoint, latent_idx in zip(hookpoints, frame["latent_idx"].tolist(), strict=True)
    ]


def name_rows(figure: Figure, labels: Sequence[str], **axis: Any) -> None:
    """Label the rows, the first on top. Their positions are numbers, since two runs may have one label."""
    wide, narrow = distinct(labels, LONGEST_LABEL), distinct(labels, LONGEST_NARROW_LABEL)
    figure.set_axes(
        "y",
        tickmode="array",
        tickvals=list(range(len(labels))),
        ticktext=[in_figure(label) for label in wide],
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
        ticklabelstandoff=6,
        ticklabeloverflow="allow",
        **axis,
    )
    figure.set_layout(margin={"l": _beside(wide)})
    _when_narrow(
        figure,
        {
            "yaxis.ticktext": [in_figure(label) for label in narrow],
            "margin.l": _beside(narrow),
        },
    )


def _beside(labels: Sequence[str]) -> int:
    """Give the width of the rows' labels."""
    longest = max(map(len, labels), default=0)
    return max(LEAST_MARGIN, round(BESIDE_LABEL + CHARACTER_WIDTH * longest))


def name_columns(figure: Figure, labels: Sequence[str], edge: float = 0.6) -> None:
    """Label the columns, the first at the left: level if all labels fit, else slanted.

    edge: how far the axis goes beyond the middle of the first and last columns
    """
    labels = distinct(labels, LONGEST_LABEL)
    width = int(COLUMNS_WIDTH / max(len(labels), 1) / CHARACTER_WIDTH)
    lines = [axis_lines(label, width) for label in labels]
    is_level = all(len(broken) <= MOST_LINES and max(map(len, broken)) <= width for broken in lines)
    slanted = _slanted(labels, figure.layout["margin"].get("l", LEAST_MARGIN))
    figure.set_axes(
        "x",
        tickmode="array",
        tickvals=list(range(len(labels))),
        range=[-edge, len(labels) - 1 + edge],
        showgrid=False,
        ticklabeloverflow="allow",
    )
    if not is_level:
        _replace(figure, slanted)
        return
    figure.set_axes("x", ticktext=["<br>".join(map(in_figure, broken)) for broken in lines], tickangle=0)
    figure.set_layout(margin={"b": UNDER_LABEL + LINE_HEIGHT * max(map(len, lines), default=1)})
    _when_narrow(figure, slanted)


def _slanted(labels: Sequence[str], left: int) -> dict[str, Any]:
    """Give the parts of the layout that slanted labels need, by their paths."""
    longest = max(map(len, labels), default=0)
    down = longest * CHARACTER_WIDTH * sin(radians(COLUMN_ANGLE))
    return {
        "xaxis.ticktext": [in_figure(label) for label in labels],
        "xaxis.tickangle": -COLUMN_ANGLE,
        "margin.b": round(UNDER_LABEL + LINE_HEIGHT + down),
        "margin.l": max(left, *(_overhang(column, label) for column, label in enumerate(labels))),
    }


def _overhang(column: int, label: str) -> int:
    """Give how far a slanted label goes beyond the axis at its left, in pixels, on the narrowest figure."""
    along = len(label) * CHARACTER_WIDTH * cos(radians(COLUMN_ANGLE))
    return round(along - (column + 0.5) * COLUMN_WIDTH)


def _replace(figure: Figure, parts: dict[str, Any]) -> None:
    for path, value in parts.items():
        part, name = path.split(".")
        figure.layout[part][name] = value


def _when_narrow(figure: Figure, parts: dict[str, Any]) -> None:
    """Add parts of the layout, by their paths, that a narrow screen replaces."""
    figure.layout["meta"].setdefault("narrow", {}).update(parts)


def hover_names(frame: pd.DataFrame) -> list[str]:
    """Give the full label of each row's run, for its hover text."""
    return [in_figure(label) for label in frame["run_label"]]


def hover_values(frame: pd.DataFrame) -> list[str]:
    """Give each row's run and value, for its hover text."""
    return [f"{name}: {ratio(value)}" for name, value in zip(hover_names(frame), frame["value"], strict=True)]


def with_interval(frame: pd.DataFrame) -> list[str]:
    """Give each row's value with its interval, for a hover text."""
    return [
        ratio(value) if is_missing(low) else f"{ratio(value)}, 95 % from {ratio(low)} to {ratio(high)}"
        for value, low, high in zip(frame["value"], frame["low"], frame["high"], strict=True)
    ]


def colours_of(frame: pd.DataFrame, looks: Looks) -> list[str]:
    """Give each row its model's colour."""
    return [looks[run_id].colour for run_id in frame["run_id"]]


def legend_of(look: Look, run_id: str, label: str, named: set[str]) -> dict[str, Any]:
    """Give a run's trace its place in the legend: its own or, if its colour is a family's, one for all of it.

    named: the runs and families that have theirs, to which it is added
    """
    group = look.family or run_id
    is_first = group not in named
    named.add(group)
    return {"name": in_figure(look.family or label), "legendgroup": group, "showlegend": is_first}


def n_in_legend(looks: Looks, runs: Sequence[tuple[str, str]]) -> int:
    """Count the entries of a legend of runs."""
    return len({looks[run_id].family or run_id for run_id, _ in runs})


def mark_bars(
    figure: Figure, bars: Iterable[tuple[int, float, Look]], end: float, cell: int = 0, *, lie: bool = False
) -> None:
    """Draw each model's symbol at the foot of its bar, if it is not the first one and the bar holds it.

    bars: place, value and look; end: of their axis; lie: they go from left to right
    A pattern would be pixels to Chrome: a PDF of twenty such bars is fifty times as long.
    """
    foot = MARK_FOOT * end
    marked = [
        (place, look.symbol) for place, value, look in bars if look.symbol != SYMBOLS[0] and value >= 2 * foot
    ]
    if not marked:
        return
    places, symbols = zip(*marked, strict=True)
    feet = [foot] * len(marked)
    figure.add(
        "scatter",
        cell,
        x=feet if lie else list(places),
        y=list(places) if lie else feet,
        mode="markers",
        marker={
            "symbol": list(symbols),
            "size": 8,
            "color": LIGHT.paper,
            "line": {"color": LIGHT.ink, "width": 1},
        },
        hoverinfo="skip",
        showlegend=False,
    )


def dot_marker(frame: pd.DataFrame, looks: Looks, size: int = 10) -> dict[str, Any]:
    """Give points their runs' colours and symbols, a point per row of frame."""
    return {
        "color": colours_of(frame, looks),
        "symbol": [looks[run_id].symbol for run_id in frame["run_id"]],
        "size": size,
    }


def interval(frame: pd.DataFrame, value: str, low: str, high: str) -> dict[str, Any]:
    """Make plotly's error bars from a frame's values and the ends of their intervals."""
    return {
        "visible": bool(frame[low].notna().any()),
        "type": "data",
        "symmetric": False,
        "array": listed(frame[high] - frame[value]),
        "arrayminus": listed(frame[value] - frame[low]),
        "thickness": 1.5,
        "width": 4,
    }


def translucent(colour: str, opacity: float) -> str:
    """Give a colour written as #rrggbb so much opacity: that of a marker is a layer of its own to Chrome.

    A PDF of ten thousand such points is ten times as long.
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red}, {green}, {blue}, {opacity})"
