"""Intervention scorers: how much likelier the explanation is of what a model writes if steered."""

from collections.abc import Sequence
from typing import Any

from ..parse import Finding
from .shapes import ANYTHING, NUMBER, TEXT, Nullable, shaped_family

# Keys of classifiers, which delphi fills in so that its other parts find them.
_PLACEHOLDERS = ("distance", "activating", "prediction", "correct", "probability", "activations")
_OPTIONAL = ("str_tokens", "truncated_prompt", "tuned_strength", "target_kl", *_PLACEHOLDERS)


def _adapt(examples: Sequence[Any], findings: list[Finding]) -> list[Any]:
    """Give examples of all versions the same keys; delphi wrote 0 at a divergence of 0 of no prompt."""
    return [_adapted(example, findings) if isinstance(example, dict) else example for example in examples]


def _adapted(example: dict[str, Any], findings: list[Finding]) -> dict[str, Any]:
    row: dict[str, Any] = {**dict.fromkeys(_OPTIONAL), **example}
    if "score" in example and "avg_kl" in example:
        score, divergence = example["score"], example["avg_kl"]
        if score == divergence == 0:
            findings.append(Finding("no prompts", "found 0, as delphi wrote of no prompts; taken as unknown"))
            score = divergence = None
        row |= {"final_score": score, "avg_kl_divergence": divergence}
    return row


FAMILY = shaped_family(
    "surprisal_intervention",
    shape={
        "str_tokens": Nullable([TEXT]),
        "truncated_prompt": Nullable(TEXT),
        "final_score": Nullable(NUMBER),
        "avg_kl_divergence": Nullable(NUMBER),
        "tuned_strength": Nullable(NUMBER),
        "target_kl": Nullable(NUMBER),
        **dict.fromkeys(_PLACEHOLDERS, ANYTHING),
    },
    keys=[frozenset({"final_score", "avg_kl_divergence"}), frozenset({"score", "avg_kl"})],
    table="surprisal_intervention_facts",
    columns=[
        "array_to_string(e.str_tokens, '')",
        "e.truncated_prompt",
        "e.final_score",
        "e.avg_kl_divergence",
        "e.tuned_strength",
        "e.target_kl",
    ],
    adapt=_adapt,
)
