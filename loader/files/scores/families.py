"""List the score families, and tell by its content which of them a score file is of.

A new family is a module beside this one and a line here. Directory names tell nothing: users make their own.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..json_text import JsonTextError, load_json, name_type
from ..parse import Finding
from . import (
    classifier,
    embedding,
    example_embedding,
    intruder,
    simulation,
    surprisal,
    surprisal_intervention,
    value,
)
from .checks import REMEDY
from .family import Family, ScoreError

# A file is of the first that fits it; the commonest stands as early as it can.
FAMILIES = (
    surprisal_intervention.FAMILY,
    classifier.FAMILY,
    simulation.FAMILY,
    intruder.FAMILY,
    embedding.FAMILY,
    example_embedding.FAMILY,
    surprisal.FAMILY,
    value.FAMILY,
)
# Known by their keys, and not yet loaded.
UNSUPPORTED = {"output_intervention": {"score", "explanation", "example_text"}}


class UnsupportedScoresError(ValueError):
    """Say which family of scores a file holds that is not yet loaded."""


class Scores(NamedTuple):
    """Hold a score file's family, its examples as the family's `insert` takes them, and what is odd."""

    family: Family
    examples: str
    findings: list[Finding]


def with_parser() -> list[Family]:
    """Return the families whose fast way reads the files itself."""
    return [family for family in FAMILIES if family.fast.read is not None]


def by_family(files: Mapping[int, bytes]) -> dict[Family, dict[int, bytes]]:
    """Sort files, id -> bytes, by the family whose newest keys they hold; classifiers' if there is none.

    It looks for the keys anywhere in a file: what that really is, `read_scores` tells.
    """
    sorted_files: dict[Family, dict[int, bytes]] = {}
    for file_id, data in files.items():
        family = next((family for family in FAMILIES if _may_be_of(family, data)), classifier.FAMILY)
        sorted_files.setdefault(family, {})[file_id] = data
    return sorted_files


def _may_be_of(family: Family, data: bytes) -> bool:
    return all(b'"%s":' % key.encode() in data for key in family.keys[0])


def read_scores(data: bytes) -> Scores:
    """Read a score file of any family and schema exactly; raises ScoreError, or UnsupportedScoresError."""
    try:
        loaded = load_json(data)
    except JsonTextError as error:
        raise ScoreError("not JSON", str(error)) from error
    if isinstance(loaded, dict) and "scored_simulation" in loaded:
        # OpenAI's own code writes the explanation beside it.
        loaded = loaded["scored_simulation"]
    if isinstance(loaded, dict) and _family_of(loaded) is not None:
        loaded = [loaded]
    if not isinstance(loaded, list):
        raise ScoreError("wrong shape", f"found {name_type(loaded)}, wanted a list of examples; {REMEDY}")
    if not loaded:
        raise ScoreError("no examples", f"found no examples, wanted at least one; {REMEDY}")
    # Of a file that fits none, the classifier says what is missing.
    family = _family_of(loaded[0]) or classifier.FAMILY
    examples, findings = family.read(loaded)
    return Scores(family, json.dumps(examples, ensure_ascii=False, separators=(",", ":")), findings)


def _family_of(first: Any) -> Family | None:
    found = first.keys() if isinstance(first, dict) else set()
    for name, keys in UNSUPPORTED.items():
        if keys <= found:
            raise UnsupportedScoresError(f"found {name} scores, which are not yet loaded")
    return next((family for family in FAMILIES if any(keys <= found for keys in family.keys)), None)
