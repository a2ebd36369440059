"""Write the tables of exhibits in a format that a user asks for."""

import json
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..assemble.filled import Shown
from ..labels import is_missing
from .files import csv_text
from .latex import latex_table
from .markdown import markdown_table
from .terminal import table_text


def tables_as(form: str, tables: Sequence[Shown], width: int | None = None) -> str:
    """Write tables as text, csv, json, md or latex; those of several score types come one after another.

    width: of the terminal, into which text is made to fit; None for no limit
    """
    match form:
        case "csv":
            frame = pd.concat([shown.frame for shown in tables], ignore_index=True)
            return csv_text(tables[0]._replace(frame=frame))
        case "json":
            return _json(tables)
        case "md":
            return "\n".join(markdown_table(shown) for shown in tables)
        case "latex":
            return "\n".join(latex_table(shown) for shown in tables)
        case _:
            return "\n".join(table_text(shown, width) for shown in tables)


def _json(tables: Sequence[Shown]) -> str:
    rows = [
        {"score_type": shown.score_type} | row if shown.score_type else row
        for shown in tables
        for row in shown.frame.to_dict("records")
    ]
    plain = [{str(name): _plain(value) for name, value in row.items()} for row in rows]
    return json.dumps(plain, ensure_ascii=False, indent=2, allow_nan=False, default=str) + "\n"


def _plain(value: Any) -> Any:
    """Give what JSON has a word for: no NumPy, and null for what is missing."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return None if is_missing(value) else value
