"""Give every model one colour, and every figure one look in a light and a dark theme."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

# Okabe and Ito's colours, which people of every kind of colour vision tell apart, without black, which a dark
# page would swallow: https://jfly.uni-koeln.de/color/
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442")
# No twenty colours can be told apart: from the eighth model on the colours come again with another mark.
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "star")
PATTERNS = ("", "/", "x", ".", "-", "+")

NEUTRAL = "#8A8F98"
FONT = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'


class Look(NamedTuple):
    """Hold what a run is drawn with: its model's colour, a marker's symbol and a bar's pattern."""

    colour: str
    symbol: str
    pattern: str


Looks = Mapping[str, Look]


class Theme(NamedTuple):
    """Hold the colours of what surrounds the data."""

    ink: str
    quiet: str
    grid: str
    paper: str


LIGHT = Theme(ink="#1F2328", quiet="#59636E", grid="#E4E7EB", paper="#FFFFFF")
DARK = Theme(ink="#E6EAF0", quiet="#9BA5B1", grid="#2C333C", paper="#14181D")


def looks_of(runs: "pd.DataFrame") -> Looks:
    """Give each run its model's look, by the number of the model among all of the warehouse, sorted by name.

    runs: run_id and model of every run, also of those the report leaves out: no filter changes a colour
    """
    numbers = {model: number for number, model in enumerate(sorted(set(runs["model"])))}
    looks = {model: _look(number) for model, number in numbers.items()}
    return dict(zip(runs["run_id"], runs["model"].map(looks), strict=True))


def template(theme: Theme) -> dict[str, Any]:
    """Make the plotly template of a theme, as plain data."""
    axis = {
        "gridcolor": theme.grid,
        "linecolor": theme.grid,
        "tickcolor": theme.grid,
        "zeroline": False,
        "automargin": True,
        "title": {"font": {"size": 13, "color": theme.quiet}, "standoff": 10},
        "tickfont": {"size": 12, "color": theme.quiet},
    }
    bars = {"color": theme.ink}
    return {
        "layout": {
            "font": {"family": FONT, "size": 13, "color": theme.ink},
            "paper_bgcolor": theme.paper,
            "plot_bgcolor": theme.paper,
            "colorway": list(COLOURS),
            "margin": {"l": 60, "r": 24, "t": 32, "b": 52},
            "xaxis": axis,
            "yaxis": axis,
            "hoverlabel": {"font": {"family": FONT, "size": 13}, "align": "left"},
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
            "annotationdefaults": {"font": {"size": 13, "color": theme.ink}},
            "bargap": 0.3,
        },
        "data": {
            "bar": [{"error_x": bars, "error_y": bars}],
            "scatter": [{"error_x": bars, "error_y": bars, "line": {"color": theme.ink}}],
        },
    }


def _look(number: int) -> Look:
    turn, colour = divmod(number, len(COLOURS))
    return Look(COLOURS[colour], SYMBOLS[turn % len(SYMBOLS)], PATTERNS[turn % len(PATTERNS)])
