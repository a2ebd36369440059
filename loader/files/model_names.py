"""Hold the display names of models: those built in, those of a user's file, and those edited with SQL."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

from ..errors import LoaderError
from .secrets import shorten

# The five explainers of the published comparison, by the directories of their runs.
BUILT_IN: Mapping[str, str] = {
    "gemma_3_4b_it_quantized_w4a16_explanation_comparison": "Gemma-3-4B-IT",
    "gemma_3_12b_it_quantized_w4a16_explanation_comparison": "Gemma-3-12B-IT",
    "gemma_3_27b_it_quantized_w4a16_explanation_comparison": "Gemma-3-27B-IT",
    "Qwen3_4B_quantized_w4a16_explanation_comparison": "Qwen3-4B",
    "Qwen3_14B_quantized_w4a16_explanation_comparison": "Qwen3-14B",
}
MOST_BYTES = 10_000_000
MOST_CHARACTERS = 1000
_WANTED = "wanted a CSV file with the columns key and name, or a JSON object of key to name"


class ModelNamesError(LoaderError):
    """Say what is wrong with a file of display names, and what was wanted."""


def read_model_names(path: Path) -> dict[str, str]:
    """Read a user's display names, key -> name, from CSV or JSON (an object, or a list of {key, name})."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelNamesError(f"{path}: found more than {MOST_BYTES:,} bytes, {_WANTED}")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelNamesError(f"{path}: could not be read as UTF-8 ({error}); {_WANTED}") from error
    if text.lstrip().startswith(("{", "[")):
        pairs = _from_json(path, text)
    else:
        rows = csv.DictReader(io.StringIO(text), skipinitialspace=True)
        if not {"key", "name"} <= set(rows.fieldnames or []):
            raise ModelNamesError(f"{path}: found the columns {rows.fieldnames}, {_WANTED}")
        try:
            pairs = [(row["key"], row["name"]) for row in rows]
        except csv.Error as error:
            raise ModelNamesError(f"{path}: found no CSV ({error}), {_WANTED}") from error
    names: dict[str, str] = {}
    for key, name in pairs:
        if not (isinstance(key, str) and isinstance(name, str) and key.strip() and name.strip()):
            found = f"key {shorten(repr(key), 100)} with name {shorten(repr(name), 100)}"
            raise ModelNamesError(f"{path}: found {found}, wanted text in both")
        if not (_is_utf_8(key) and _is_utf_8(name)):
            raise ModelNamesError(f"{path}: found half a character in {key!r} or {name!r}, wanted UTF-8")
        if len(name) > MOST_CHARACTERS:
            found = f"a name of {len(name):,} characters for key {shorten(repr(key), 100)}"
            raise ModelNamesError(f"{path}: found {found}, wanted at most {MOST_CHARACTERS:,}")
        if names.get(key, name) != name:
            raise ModelNamesError(
                f"{path}: found two names of {key!r}, {names[key]!r} and {name!r}; keep one"
            )
        names[key] = name
    return names


def _is_utf_8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def merge_names(
    present: Mapping[str, str], given: Mapping[str, str], wanted: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what `model_names` and `given_model_names` shall hold.

    `present` and `given` are what they hold; where they differ, a user has edited or deleted the row with
    SQL, and it stays so. `wanted`, a user's file, beats what was given before, and that the built-in names.
    """
    new_given = {**BUILT_IN, **given, **wanted}
    new_present = dict(present)
    for key, name in new_given.items():
        if present.get(key) == given.get(key):
            new_present[key] = name
    return new_present, new_given


def _from_json(path: Path, text: str) -> list[tuple[object, object]]:
    try:
        loaded = json.loads(text)
    # A ValueError, be it no JSON or a number of thousands of digits.
    except (ValueError, RecursionError) as error:
        raise ModelNamesError(f"{path}: found no JSON ({error}); {_WANTED}") from error
    if isinstance(loaded, dict):
        return list(loaded.items())
    if all(isinstance(row, dict) and {"key", "name"} <= row.keys() for row in loaded):
        return [(row["key"], row["name"]) for row in loaded]
    raise ModelNamesError(f"{path}: found a list of other things than {{key, name}}; {_WANTED}")
