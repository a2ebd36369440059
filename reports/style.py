"""Give every model one colour, and every figure one look in a light and a dark theme."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import pandas as pd

# Okabe and Ito's colours, which people of every kind of colour vision tell apart, without black, which a dark
# page would swallow: https://jfly.uni-koeln.de/color/
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442")
# No twenty colours can be told apart: of more models than FEW, those of a family share its colour and differ
# by marks, then by shades; where there is no telling families, colours come again with another mark.
FEW = 8
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "cross", "star")
# What a colour is mixed with, and how much of that.
SHADES = (("#000000", 0.0), ("#FFFFFF", 0.45), ("#000000", 0.4), ("#FFFFFF", 0.7), ("#000000", 0.65))

NEUTRAL = "#8A8F98"
FONT = 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'


class Look(NamedTuple):
    """Hold what a run is drawn with: its model's colour and symbol, which a bar has at its foot.

    family: what its colour stands for; "" if that is the model alone
    """

    colour: str
    symbol: str
    family: str = ""


UNKNOWN = Look(NEUTRAL, SYMBOLS[0])
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
    models = sorted(set(runs["model"]))
    families = sorted({_family(model) for model in models})
    if len(models) > FEW and 1 < len(families) <= len(COLOURS):
        looks = _looks_of_families(models, families)
    else:
        looks = {model: _look(number) for number, model in enumerate(models)}
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


def _family(model: str) -> str:
    """Return the word that a model's name begins with, without its publisher: qwen of org/Qwen3-14B."""
    word = re.match(r"[^\W\d_]+", model.rpartition("/")[2])
    return (word[0] if word else model).lower()


def _looks_of_families(models: Sequence[str], families: Sequence[str]) -> dict[str, Look]:
    looks = {}
    for family, colour in zip(families, COLOURS, strict=False):
        for number, model in enumerate(model for model in models if _family(model) == family):
            shade, symbol = divmod(number, len(SYMBOLS))
            mixed = _mixed(colour, *SHADES[shade % len(SHADES)])
            looks[model] = Look(mixed, SYMBOLS[symbol], family)
    return looks


def _mixed(colour: str, other: str, share: float) -> str:
    parts = (
        round((1 - share) * int(colour[at : at + 2], 16) + share * int(other[at : at + 2], 16))
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02X}" for part in parts)


def _look(number: int) -> Look:
    turn, colour = divmod(number, len(COLOURS))
    return Look(COLOURS[colour], SYMBOLS[turn % len(SYMBOLS)])
