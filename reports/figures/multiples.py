"""Draw one small panel a run, all on the same axes: curves, clouds of latents, bars."""

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ..labels import axis_label, in_figure
from ..style import NEUTRAL, Look, Looks
from .shared import hover_names, new_figure, runs_in_order

PANELS_A_ROW = 5
LONGEST_TITLE = 22
MOST_MARKERS = 20
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
) -> go.Figure:
    """Draw a run's values over x, from 0 to 1, with their intervals.

    frame: run_id, run_label, x, value, low, high, note (written under the run's name)
    diagonal: also draw the line on which value and x are equal
    """
    figure, places = _panels(frame, x_title, y_title)
    for (run_id, _), (row, column) in places.items():
        rows = frame[(frame["run_id"] == run_id) & frame["value"].notna()]
        if diagonal:
            _add_diagonal(figure, row, column)
        figure.add_scatter(
            x=rows["x"].tolist(),
            y=rows["value"].tolist(),
            mode="lines+markers" if len(rows) <= MOST_MARKERS else "lines",
            line={"color": looks[run_id].colour, "width": 2},
            marker={"size": 5, "symbol": looks[run_id].symbol},
            error_y=_intervals(rows),
            customdata=hover_names(rows),
            hovertemplate="%{customdata}<br>%{x}: %{y:.3f}<extra></extra>",
            row=row,
            col=column,
        )
    figure.update_yaxes(UNIT)
    return figure.update_xaxes(UNIT) if unit_x else figure


def clouds(
    frame: pd.DataFrame, looks: Looks, x_title: str, y_title: str, diagonal: bool = False, log_x: bool = False
) -> go.Figure:
    """Draw one point a latent; those of equal values are one, the larger the more they are.

    frame: run_id, run_label, hookpoint, latent_idx, x, value, note (written under the run's name)
    """
    figure, places = _panels(frame, x_title, y_title)
    for (run_id, _), (row, column) in places.items():
        rows = _together(frame[(frame["run_id"] == run_id) & frame["value"].notna() & frame["x"].notna()])
        if diagonal:
            _add_diagonal(figure, row, column)
        figure.add_scatter(
            x=rows["x"].tolist(),
            y=rows["value"].tolist(),
            mode="markers",
            marker={"color": looks[run_id].colour, "size": rows["size"].tolist(), "opacity": 0.55},
            customdata=rows["named"].tolist(),
            hovertemplate="%{customdata}: %{x:.3g}, %{y:.3f}<extra></extra>",
            row=row,
            col=column,
        )
    figure.update_yaxes(UNIT)
    if log_x:
        return figure.update_xaxes(type="log", dtick=1, exponentformat="SI")
    return figure.update_xaxes(UNIT)


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    """Make latents of equal values one row: x, value, size, named; large points first, under the others."""
    points = rows.groupby(["x", "value"], sort=False).agg(
        n=("latent_idx", "size"), hookpoint=("hookpoint", "first"), latent_idx=("latent_idx", "first")
    )
    # The area grows with the number, up to what a small panel bears.
    points["size"] = (POINT_SIZE * points["n"] ** 0.5).clip(upper=LARGEST_POINT).round(1)
    points["named"] = [
        f"{in_figure(hookpoint)}, latent {latent_idx}" if n == 1 else f"{n:,} latents"
        for n, hookpoint, latent_idx in zip(
            points["n"], points["hookpoint"], points["latent_idx"], strict=True
        )
    ]
    return points.sort_values("n", ascending=False, kind="stable").reset_index()


def bars(frame: pd.DataFrame, looks: Looks, x_title: str, y_title: str) -> go.Figure:
    """Draw shares as bars over x; those that the frame calls muted are grey.

    frame: run_id, run_label, x, value, muted, hover, note (written under the run's name)
    """
    figure, places = _panels(frame, x_title, y_title)
    for (run_id, _), (row, column) in places.items():
        rows = frame[frame["run_id"] == run_id]
        figure.add_bar(
            x=rows["x"].tolist(),
            y=rows["value"].tolist(),
            marker={"color": [_bar_colour(looks[run_id], muted) for muted in rows["muted"]]},
            customdata=rows["hover"].tolist(),
            hovertemplate="%{customdata}<extra></extra>",
            row=row,
            col=column,
        )
    figure.update_yaxes(range=[0, 1], tickvals=[0, 0.5, 1], tickformat=".0%")
    return figure.update_layout(bargap=0.1)


def _bar_colour(look: Look, muted: bool) -> str:
    return NEUTRAL if muted else look.colour


def _panels(
    frame: pd.DataFrame, x_title: str, y_title: str
) -> tuple[go.Figure, dict[tuple[str, str], tuple[int, int]]]:
    """Lay out one panel a run, in the frame's order; give each its row and column."""
    runs = runs_in_order(frame)
    n_columns = min(PANELS_A_ROW, max(len(runs), 3))
    n_rows = -(-len(runs) // n_columns)
    notes = frame.groupby("run_id", sort=False)["note"].first()
    height = 70 + PANEL_HEIGHT * n_rows
    figure = make_subplots(
        rows=n_rows,
        cols=n_columns,
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.025,
        vertical_spacing=0.0 if n_rows == 1 else 62 / height,
        subplot_titles=[
            axis_label(label, LONGEST_TITLE) + (f"<br>{in_figure(notes[run_id])}" if notes[run_id] else "")
            for run_id, label in runs
        ],
        x_title=x_title,
        y_title=y_title,
        figure=new_figure(height, min_width=70 + PANEL_WIDTH * n_columns),
    )
    figure.update_annotations(font={"size": 12})
    figure.update_layout(showlegend=False, margin={"l": 66, "t": 46, "b": 56})
    places = {run: (place // n_columns + 1, place % n_columns + 1) for place, run in enumerate(runs)}
    return figure, places


def _add_diagonal(figure: go.Figure, row: int, column: int) -> None:
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        line={"color": NEUTRAL, "width": 1, "dash": "dot"},
        hoverinfo="skip",
        row=row,
        col=column,
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
