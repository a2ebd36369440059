"""Hold what the figures share: a bare figure, a row or a column a run, names and values on them."""

from collections.abc import Sequence
from math import cos, radians
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ..labels import LONGEST_LABEL, LONGEST_NARROW_LABEL, axis_label, in_figure
from ..style import Look, Looks

ROW_HEIGHT = 30
PANEL_WIDTH = 230
COLUMN_WIDTH = 42
COLUMN_ANGLE = 35
CHARACTER_WIDTH = 6.4
VALUE_FONT = {"size": 12}


def new_figure(height: int, min_width: int = 320) -> go.Figure:
    """Make a figure without a theme: who shows it adds that. min_width: pixels below which it scrolls.

    Its `meta` tells the page that, and under `narrow` what of the layout to replace on a narrow screen.
    """
    return go.Figure(
        layout={"height": height, "meta": {"min_width": min_width}, "template": go.layout.Template()}
    )


def rows_height(n_rows: int, row_height: int = ROW_HEIGHT, around: int = 100) -> int:
    """Give the height of a figure with one row a run."""
    return around + row_height * max(n_rows, 2)


def runs_in_order(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """List run_id and run_label in the order in which the frame names them first."""
    return list(dict.fromkeys(zip(frame["run_id"], frame["run_label"], strict=True)))


def name_rows(figure: go.Figure, labels: Sequence[str], **axis: Any) -> None:
    """Give each run a row, the first on top. Rows are numbers: shortened names may be equal."""
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(labels))),
        ticktext=[axis_label(label) for label in labels],
        range=[len(labels) - 0.4, -0.6],
        showgrid=False,
        ticklabelstandoff=6,
        **axis,
    )
    narrow = {"yaxis.ticktext": [axis_label(label, LONGEST_NARROW_LABEL) for label in labels]}
    figure.update_layout(meta={**figure.layout.meta, "narrow": narrow})


def name_columns(figure: go.Figure, labels: Sequence[str]) -> None:
    """Give each run a column, the first at the left."""
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(labels))),
        ticktext=[axis_label(label) for label in labels],
        range=[-0.6, len(labels) - 0.4],
        showgrid=False,
        tickangle=-COLUMN_ANGLE,
        ticklabeloverflow="allow",
    )
    figure.update_layout(margin_l=max(60, *(_sticks_out(place, label) for place, label in enumerate(labels))))


def _sticks_out(place: int, label: str) -> int:
    """Give the pixels by which a slanted label reaches beyond its axis' left end, at the least width."""
    along = min(len(label), LONGEST_LABEL) * CHARACTER_WIDTH * cos(radians(COLUMN_ANGLE))
    return round(along - (place + 0.5) * COLUMN_WIDTH)


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
        "array": (frame[high] - frame[value]).tolist(),
        "arrayminus": (frame[value] - frame[low]).tolist(),
        "thickness": 1.5,
        "width": 4,
    }
