"""Hold what the figures share: a bare figure, a row or a column a run, names and values on them."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from ..labels import axis_label, in_figure
from ..style import NEUTRAL, Look, Looks

ROW_HEIGHT = 30
PANEL_WIDTH = 230
VALUE_FONT = {"size": 12}


def new_figure(height: int, min_width: int = 480) -> go.Figure:
    """Make a figure without a theme: who shows it adds that. min_width: pixels below which it scrolls."""
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


def name_columns(figure: go.Figure, labels: Sequence[str]) -> None:
    """Give each run a column, the first at the left."""
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(labels))),
        ticktext=[axis_label(label) for label in labels],
        range=[-0.6, len(labels) - 0.4],
        showgrid=False,
        tickangle=0 if len(labels) <= 3 else -35,
    )


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
    """Make plotly's error bar from a frame's value and the ends of its interval; none where they are null."""
    return {
        "type": "data",
        "symmetric": False,
        "array": (frame[high] - frame[value]).tolist(),
        "arrayminus": (frame[value] - frame[low]).tolist(),
        "color": NEUTRAL,
        "thickness": 1.5,
        "width": 4,
    }
