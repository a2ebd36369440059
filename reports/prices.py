"""Read what a model's tokens cost from a CSV or JSON file."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

MOST_BYTES = 10_000_000
MOST_PER_MILLION = 1_000_000_000
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
        if path.stat().st_size > MOST_BYTES:
            raise PricesError(f"{path} is larger than {MOST_BYTES:,} bytes; wanted CSV or JSON of {WANTED}")
        text = path.read_text(encoding="utf-8-sig")
        rows = json.loads(text) if path.suffix.lower() == ".json" else list(csv.DictReader(text.splitlines()))
    except PricesError:
        raise
    # A ValueError, be it no UTF-8, no JSON or a number of thousands of digits.
    except (OSError, ValueError, RecursionError, csv.Error) as error:
        raise PricesError(f"{path} cannot be read: {error}; wanted CSV or JSON of {WANTED}") from error
    if not isinstance(rows, list) or not rows:
        raise PricesError(f"{path} holds no rows; wanted CSV or JSON of {WANTED}")
    prices = [_price(path, number, row) for number, row in enumerate(rows, start=1)]
    counted = Counter(price.model for price in prices)
    if twice := [model for model, n in counted.items() if n > 1]:
        raise PricesError(f"{path}: found more than one price of {twice[0]!r}; keep one")
    return prices


def _price(path: Path, number: int, row: Any) -> Price:
    try:
        model, prompt, completion = (row[name.strip()] for name in WANTED.split(","))
        price = Price(model, float(prompt), float(completion))
        model.encode()
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise PricesError(f"{path}, row {number}: found {_short(row)}; wanted {WANTED}") from error
    if not all(0 <= amount <= MOST_PER_MILLION for amount in price[1:]):
        wanted = f"prices of 0 or more, and at most {MOST_PER_MILLION:,}"
        raise PricesError(f"{path}, row {number}: found {_short(row)}; wanted {wanted}")
    return price


def _short(row: Any) -> str:
    text = repr(row)
    return text if len(text) <= 200 else f"{text[:200]}..."
