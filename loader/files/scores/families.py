"""List the score families, and tell by its content which of them a score file is of.

A new family is a module beside this one and a line here. Directory names tell nothing: users make their own.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..json_text import JsonTextError, load_json, name_type
from ..parse import Finding
from . import classifier
from .family import Family, ScoreError

# A file is of the first that fits it, or of the last if none does: that one says what is missing.
FAMILIES = (classifier.FAMILY,)
# Known by their keys, and not yet loaded.
UNSUPPORTED = {
    "simulation": {"ev_correlation_score", "scored_sequence_simulations"},
    "intruder": {"interpretation", "correct_index"},
    "embedding": {"text", "similarity"},
    "example_embedding": {"delta_plus", "delta_minus"},
    "surprisal": {"no_explanation", "explanation"},
}
_REMEDY = "run delphi again for this latent"


class UnsupportedScoresError(ValueError):
    """Say which family of scores a file holds that is not yet loaded."""


class Scores(NamedTuple):
    """Hold a score file's family, its examples as the family's `insert` takes them, and what is odd."""

    family: Family
    examples: str
    findings: list[Finding]


def by_family(files: Mapping[int, bytes]) -> dict[Family, dict[int, bytes]]:
    """Sort files, id -> bytes, by the family whose keys they hold, the last one if there is none.

    It looks for the keys anywhere, also in texts: what a file really is, `read_scores` tells.
    """
    sorted_files: dict[Family, dict[int, bytes]] = {}
    for file_id, data in files.items():
        family = next((family for family in FAMILIES if _may_be_of(family, data)), FAMILIES[-1])
        sorted_files.setdefault(family, {})[file_id] = data
    return sorted_files


def _may_be_of(family: Family, data: bytes) -> bool:
    return all(b'"%s"' % key.encode() in data for key in family.keys)


def read_scores(data: bytes) -> Scores:
    """Read a score file of any family and schema exactly; raises ScoreError, or UnsupportedScoresError."""
    try:
        loaded = load_json(data)
    except JsonTextError as error:
        raise ScoreError("not JSON", str(error)) from error
    if not isinstance(loaded, list):
        raise ScoreError("wrong shape", f"found {name_type(loaded)}, wanted a list of examples; {_REMEDY}")
    if not loaded:
        raise ScoreError("no examples", f"found no examples, wanted at least one; {_REMEDY}")
    family = _family_of(loaded[0])
    examples, findings = family.read(loaded)
    return Scores(family, json.dumps(examples, ensure_ascii=False, separators=(",", ":")), findings)


def _family_of(first: Any) -> Family:
    found = first.keys() if isinstance(first, dict) else set()
    for name, keys in UNSUPPORTED.items():
        if keys <= found:
            raise UnsupportedScoresError(f"found {name} scores, which are not yet loaded")
    return next((family for family in FAMILIES if family.keys <= found), FAMILIES[-1])
