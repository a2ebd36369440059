"""Read what a model's tokens cost from a CSV or JSON file."""

import csv
import json
from pathlib import Path
from typing import Any, NamedTuple

WANTED = "model, prompt_per_million, completion_per_million"


class PricesError(ValueError):
    """Say which file and row is at fault, what was found and what was wanted."""


class Price(NamedTuple):
    """Hold what a million prompt and a million completion tokens of a model cost, in one currency."""

    model: str
    prompt_per_million: float
    completion_per_million: float


def read_prices(path: Path) -> list[Price]:
    """Read a CSV with a header, or a JSON list of objects, of those three names. Raises PricesError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = json.loads(text) if path.suffix.lower() == ".json" else list(csv.DictReader(text.splitlines()))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise PricesError(f"{path} cannot be read: {error}; wanted CSV or JSON of {WANTED}") from error
    if not isinstance(rows, list) or not rows:
        raise PricesError(f"{path} holds no rows; wanted CSV or JSON of {WANTED}")
    return [_price(path, number, row) for number, row in enumerate(rows, start=1)]


def _price(path: Path, number: int, row: Any) -> Price:
    try:
        model, prompt, completion = (row[name.strip()] for name in WANTED.split(","))
        price = Price(str(model), float(prompt), float(completion))
    except (KeyError, TypeError, ValueError) as error:
        raise PricesError(f"{path}, row {number}: found {row!r}; wanted {WANTED}") from error
    if not (
        0 <= price.prompt_per_million < float("inf") and 0 <= price.completion_per_million < float("inf")
    ):
        raise PricesError(f"{path}, row {number}: found {row!r}; wanted prices of 0 or more")
    return price
