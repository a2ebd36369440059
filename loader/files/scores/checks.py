"""Check single values of score files, and say what was found where."""

from collections.abc import Callable, Sequence
from typing import Any

from ..json_text import NotFinite, name_type
from ..secrets import shorten
from .family import ScoreError

REMEDY = "run delphi again for this latent"

# Takes the value of the first of the keys that an example has; what it may be, and how to say that.
Take = Callable[[Sequence[str], Callable[[Any], bool], str], Any]


def taker(where: str, example: Any) -> Take:
    """Return a function that takes values from an object of a file and raises ScoreError on what is wrong."""
    if not isinstance(example, dict):
        raise ScoreError("wrong shape", f"{where}: found {name_type(example)}, wanted an object; {REMEDY}")

    def take(keys: Sequence[str], admits: Callable[[Any], bool], wanted: str) -> Any:
        key = next((key for key in keys if key in example), None)
        if key is None:
            raise ScoreError(
                "missing key",
                f"{where}: found the keys {shorten(', '.join(sorted(example)), 200)}, "
                f"wanted {keys[0]} too; {REMEDY}",
            )
        if not admits(example[key]):
            raise ScoreError(
                "wrong type", f"{where}, {key}: found {describe(example[key])}, wanted {wanted}; {REMEDY}"
            )
        return example[key]

    return take


def describe(value: Any) -> str:
    """Return what a value is, for a message: of a list also what it holds."""
    if isinstance(value, list):
        items = list(dict.fromkeys(map(name_type, value)))
        return f"a list of {', '.join(items[:4])}{' ...' if len(items) > 4 else ''}"
    return name_type(value)


def is_bool(value: Any) -> bool:
    """Tell whether a value is true or false."""
    return isinstance(value, bool)


def is_bool_or_null(value: Any) -> bool:
    """Tell whether a value is true, false or null."""
    return value is None or isinstance(value, bool)


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_number_or_null(value: Any) -> bool:
    """Tell whether a value is a finite number or null."""
    return value is None or is_number(value)


def is_numbers_or_null(value: Any) -> bool:
    """Tell whether a value is a list of finite numbers and nulls."""
    return isinstance(value, list) and all(map(is_number_or_null, value))


def is_text(value: Any) -> bool:
    """Tell whether a value is a string."""
    return isinstance(value, str) and not isinstance(value, NotFinite)


def is_texts(value: Any) -> bool:
    """Tell whether a value is a list of strings."""
    return isinstance(value, list) and all(map(is_text, value))
