"""Read Neuronpedia's exports: JSON Lines, one latent or explanation a line.

https://github.com/hijohnnylin/neuronpedia, apps/webapp/prisma/schema.prisma: a latent has explanations, and
these have scores, each with a value and, in `jsonDetails`, the scorer's examples as text.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..files.scores.families import UnsupportedScoresError, read_scores
from ..files.scores.family import ScoreError
from .member import Member, as_json, given_score, whole_number


class _Score(NamedTuple):
    """Hold a score: its run, what it is of, its value, and the examples, if they are there."""

    run: str
    score_type: str
    hookpoint: str
    latent_idx: int
    value: float | None
    examples: bytes | None


def is_neuronpedia(line: Any) -> bool:
    """Tell whether a line of JSON is one of Neuronpedia's, of a latent or an explanation."""
    return isinstance(line, dict) and "index" in line and ("explanations" in line or "description" in line)


def read_neuronpedia(lines: Iterable[dict[str, Any]], source: str) -> Iterator[Member]:
    """Yield the members of an export; `source` stands for a layer that lines do not name.

    Each explainer with each of its scorers is a run. Raises ExportError.
    """
    configs: dict[str, dict[str, Any]] = {}
    scores: list[_Score] = []
    said: dict[tuple[str, str, int], list[str]] = {}
    for place, line in enumerate(lines, start=1):
        where = f"line {place}"
        hookpoint = str(line.get("layer") or source)
        latent = whole_number(line.get("index"), where)
        for explanation in line.get("explanations", [line]):
            runs = set()
            for score in explanation.get("scores") or ():
                run = _run(explanation, score, line, hookpoint, configs)
                runs.add(run)
                scores.append(_score(run, hookpoint, latent, score))
            for run in runs or {_run(explanation, {}, line, hookpoint, configs)}:
                if isinstance(text := explanation.get("description"), str):
                    said.setdefault((run, hookpoint, latent), []).append(text)
    for run, config in configs.items():
        yield Member(run, "config", as_json(config))
    for (run, hookpoint, latent), texts in said.items():
        for candidate, text in enumerate(texts):
            number = candidate if len(texts) > 1 else None
            yield Member(run, "explanation", as_json(text), None, hookpoint, latent, number)
    yield from _members(scores)


def _run(
    explanation: dict[str, Any],
    score: dict[str, Any],
    line: dict[str, Any],
    hookpoint: str,
    configs: dict[str, dict[str, Any]],
) -> str:
    """Return the name of the run of an explainer and a scorer, and keep its settings."""
    explainer, method = explanation.get("explanationModelName"), explanation.get("typeName")
    scorer = score.get("explanationScoreModelName")
    name = " ".join(str(part) for part in (explainer or "unknown", method) if part)
    name += f" scored by {scorer}" if scorer else ""
    configs[name] = {
        "model": line.get("modelId") or explanation.get("modelId"),
        "sparse_model": hookpoint,
        "explainer": method,
        "explainer_model": explainer,
        "scorer_model": scorer or "unknown",
    }
    return name.replace("/", "--")


def _score(run: str, hookpoint: str, latent: int, score: dict[str, Any]) -> _Score:
    value = score.get("value")
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    score_type = str(score.get("explanationScoreTypeName") or "score")
    return _Score(
        run, score_type, hookpoint, latent, value if is_number else None, _examples(score.get("jsonDetails"))
    )


def _examples(details: Any) -> bytes | None:
    """Return the examples of a score, if they are of a family that is known."""
    text = details if isinstance(details, str) else json.dumps(details)
    try:
        read_scores(text.encode())
    except (ScoreError, UnsupportedScoresError):
        return None
    return text.encode()


def _members(scores: Iterable[_Score]) -> Iterator[Member]:
    """Yield scores as examples where these are there, else as values, which then have a score type apart."""
    scores = list(scores)
    with_examples = {(score.run, score.score_type) for score in scores if score.examples}
    times: dict[tuple[Any, ...], int] = {}
    for score in scores:
        of = score[:4]
        candidate = times[of] = times.get(of, -1) + 1
        number = candidate or None
        if score.examples:
            yield Member(score.run, "score", score.examples, *of[1:], number)
        elif score.value is not None:
            score_type = score.score_type + "_value" * (of[:2] in with_examples)
            member = given_score(score.run, score_type, score.hookpoint, score.latent_idx, [score.value])
            yield member._replace(candidate_idx=number)
