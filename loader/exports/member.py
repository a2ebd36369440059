"""Say what an export holds: many latents' scores and explanations, each like a file that delphi writes."""

import json
from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

from ..errors import LoaderError


class ExportError(LoaderError):
    """Say what is wrong with an export, what was wanted and what to do; the caller adds the file's name."""


class Member(NamedTuple):
    """Hold what a file of a run would hold, and what its name and place would say.

    run: the run's name among those of the export; empty for an export that is one run
    candidate_idx: which of several explanations of the latent
    """

    run: str
    kind: Literal["config", "explanation", "score"]
    data: bytes
    score_type: str | None = None
    hookpoint: str | None = None
    latent_idx: int | None = None
    candidate_idx: int | None = None

    @property
    def name(self) -> str:
        """Return what tells it from the other members of its export."""
        latent = () if self.latent_idx is None else (f"{self.hookpoint}_latent{self.latent_idx}",)
        candidate = () if self.candidate_idx is None else (str(self.candidate_idx),)
        parts = (self.run, self.kind, self.score_type, *latent, *candidate)
        return "/".join(part for part in parts if part)


def as_json(value: Any) -> bytes:
    """Write what a file would hold."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def given_score(
    run: str, score_type: str, hookpoint: str, latent_idx: int, values: Iterable[float]
) -> Member:
    """Return a latent's scores of which only the values are known."""
    data = as_json([{"value": value} for value in values])
    return Member(run, "score", data, score_type, hookpoint, latent_idx)


def whole_number(value: Any, where: str) -> int:
    """Return a latent's index; raises ExportError."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).isdecimal():
        raise ExportError(f"{where}: found {value!r}, wanted the number of a latent")
    return int(value)
