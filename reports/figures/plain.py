"""A figure as plain data, as plotly.js takes it.

plotly's own classes check every number and name again, which took most of the time of a report; the tests
have them check each kind of figure.
"""

from base64 import b64encode
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Figure(NamedTuple):
    """Hold traces and layout, without a theme."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]

    def add(self, kind: str, cell: int = 0, **properties: Any) -> None:
        """Add a trace, without properties that are None; cell: the panel, if there are several."""
        given = {name: value for name, value in properties.items() if value is not None}
        axes = {"xaxis": axis_id("x", cell), "yaxis": axis_id("y", cell)} if cell else {}
        self.data.append({"type": kind, **given, **axes})

    def set_layout(self, **parts: Any) -> "Figure":
        """Set parts of the layout; of a part that is a mapping, only the entries given."""
        _merge(self.layout, parts)
        return self

    def set_axes(self, letter: str, **parts: Any) -> None:
        """Set parts of all axes of that letter."""
        for name, axis in self.layout.items():
            if name.startswith(f"{letter}axis"):
                _merge(axis, parts)

    def set_axis(self, letter: str, cell: int, **parts: Any) -> None:
        """Set parts of one panel's axis."""
        _merge(self.layout[axis_name(letter, cell)], parts)


def axis_id(letter: str, cell: int) -> str:
    """Name a panel's axis as a trace does; panels count from 1."""
    return letter if cell == 1 else f"{letter}{cell}"


def axis_name(letter: str, cell: int) -> str:
    """Name a panel's axis as the layout does."""
    return axis_id(f"{letter}axis", cell)


def listed(values: "pd.Series") -> list[Any]:
    """List a column, what is missing as None, which JSON knows and NaN is not."""
    return [None if value != value else value for value in values.tolist()]


def packed_array(values: "np.ndarray") -> dict[str, str]:
    """Write a matrix of bytes as plotly.js reads it: a fraction of the text of its numbers."""
    raw = values.astype("u1").tobytes()
    return {"dtype": "u1", "bdata": b64encode(raw).decode(), "shape": ", ".join(map(str, values.shape))}


def _merge(into: dict[str, Any], parts: Mapping[str, Any]) -> None:
    for name, value in parts.items():
        if isinstance(value, Mapping) and isinstance(into.get(name), dict):
            _merge(into[name], value)
        else:
            into[name] = value
