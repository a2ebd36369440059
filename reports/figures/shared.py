"""Hold what the figures share: a bare figure, a row or a column a run, names and values on them."""

from collections.abc import Sequence
from math import cos, radians, sin
from typing import Any

import pandas as pd

from ..labels import LONGEST_LABEL, LONGEST_NARROW_LABEL, axis_label, axis_lines, in_figure
from ..style import Look, Looks
from .plain import Figure, listed

ROW_HEIGHT = 30
PANEL_WIDTH = 230
COLUMN_WIDTH = 42
COLUMN_ANGLE = 35
CHARACTER_WIDTH = 7
# Of a figure whose place is not narrow, as the page sees it (640 px), what is left at least for all columns.
COLUMNS_WIDTH = 550
MOST_LINES = 3
LINE_HEIGHT = 16
# Beside a row's name, and under the lines of a column's: ticks and air. What has to grow is drawn twice.
BESIDE_LABEL = 32
UNDER_LABEL = 22
LEAST_MARGIN = 60
# Above a figure whose legend stands there.
LEGEND_MARGIN = 52
VALUE_FONT = {"size": 12}


def new_figure(height: int, min_width: int = 320) -> Figure:
    """Make a figure without a theme: who shows it adds that. min_width: pixels below which it scrolls.

    Its `meta` tells the page that, and under `narrow` what of the layout to replace on a narrow screen.
    """
    layout = {"height": height, "meta": {"min_width": min_width}, "xaxis": {}, "yaxis": {}, "margin": {}}
    return Figure([], layout)


def rows_height(n_rows: int, row_height: int = ROW_HEIGHT, around: int = 100) -> int:
    """Give the height of a figure with one row a run."""
    return around + row_height * max(n_rows, 2)


def runs_in_order(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """List run_id and run_label in the order in which the frame names them first."""
    runs = frame[["run_id", "run_label"]].drop_duplicates()
    return list(zip(runs["run_id"].tolist(), runs["run_label"].tolist(), strict=True))


def rows_of_runs(frame: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Give the rows of each run, in the order in which the frame names them first."""
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
    """Give each run a row, the first on top. Rows are numbers: shortened names may be equal."""
    figure.set_axes(
        "y",
        tickmode="array",
        tickvals=list(range(len(labels))),
        ticktext=[axis_label(label) for label in labels],
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
        ticklabelstandoff=6,
        ticklabeloverflow="allow",
        **axis,
    )
    figure.set_layout(margin={"l": _beside(labels, LONGEST_LABEL)})
    _when_narrow(
        figure,
        {
            "yaxis.ticktext": [axis_label(label, LONGEST_NARROW_LABEL) for label in labels],
            "margin.l": _beside(labels, LONGEST_NARROW_LABEL),
        },
    )


def _beside(labels: Sequence[str], longest: int) -> int:
    """Give the margin that rows' names take."""
    longest = min(longest, max(map(len, labels), default=0))
    return max(LEAST_MARGIN, round(BESIDE_LABEL + CHARACTER_WIDTH * longest))


def name_columns(figure: Figure, labels: Sequence[str], edge: float = 0.6) -> None:
    """Give each run a column, the first at the left: its name level where all have room, else slanted.

    edge: how far the axis reaches beyond the middle of the first column and of the last
    """
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
    """Give the layout of slanted names, by the paths of its parts."""
    longest = min(LONGEST_LABEL, max(map(len, labels), default=0))
    down = longest * CHARACTER_WIDTH * sin(radians(COLUMN_ANGLE))
    return {
        "xaxis.ticktext": [axis_label(label) for label in labels],
        "xaxis.tickangle": -COLUMN_ANGLE,
        "margin.b": round(UNDER_LABEL + LINE_HEIGHT + down),
        "margin.l": max(left, *(_sticks_out(place, label) for place, label in enumerate(labels))),
    }


def _sticks_out(place: int, label: str) -> int:
    """Give the pixels by which a slanted label reaches beyond its axis' left end, at the least width."""
    along = min(len(label), LONGEST_LABEL) * CHARACTER_WIDTH * cos(radians(COLUMN_ANGLE))
    return round(along - (place + 0.5) * COLUMN_WIDTH)


def _replace(figure: Figure, parts: dict[str, Any]) -> None:
    for path, value in parts.items():
        part, name = path.split(".")
        figure.layout[part][name] = value


def _when_narrow(figure: Figure, parts: dict[str, Any]) -> None:
    """Tell the page what of the layout to replace on a narrow screen."""
    figure.layout["meta"].setdefault("narrow", {}).update(parts)


def hover_names(frame: pd.DataFrame) -> list[str]:
    """Give the whole name of each row's run, for a hover text."""
    return [in_figure(label) for label in frame["run_label"]]


def colours_of(frame: pd.DataFrame, looks: Looks) -> list[str]:
    """Give each row its model's colour."""
    return [looks[run_id].colour for run_id in frame["run_id"]]


def bar_marker(look: Look) -> dict[str, Any]:
    """Dress a trace of bars. One look a trace: plotly.js takes no list of colours beside patterns."""
    pattern = {"shape": look.pattern, "fillmode": "overlay", "size": 6, "solidity": 0.2}
    return {"color": look.colour} | ({"pattern": pattern} if look.pattern else {})


def dot_marker(frame: pd.DataFrame, looks: Looks, size: int = 10) -> dict[str, Any]:
    """Dress points, one a row of frame, in their models' colours and symbols."""
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
