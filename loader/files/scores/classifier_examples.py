"""Read a classifier's examples exactly: older schemas become the present one, all else is refused.

What delphi and its predecessor wrote, by its keys:

    June 2024    text, quantile, highlighted, activates, marked; or text, quantile, ground_truth, predicted
    July 2024    id, distance, ground_truth, prediction (whether the answer was right), highlighted, text
    August 2024  text, distance, ground_truth, prediction (1, 0 or -1), highlighted, correct
    October 2024 str_tokens, activations, distance, ground_truth, prediction, highlighted, probability,
                 correct
    April 2025   str_tokens, activations, distance, activating, prediction, probability, correct
    a branch     text, activating, correct
"""

from collections.abc import Sequence
from typing import Any

from ..parse import Finding
from .checks import (
    REMEDY,
    Take,
    is_bool,
    is_bool_or_null,
    is_number,
    is_number_or_null,
    is_numbers_or_null,
    is_text,
    is_texts,
    taker,
)
from .family import Read, ScoreError

# A key of today, and what it was called before.
_LABELS = ("activating", "ground_truth", "activates")
_ANSWERS = ("prediction", "predicted", "marked")
_DISTANCES = ("distance", "quantile")
NO_LOG_PROBS = Finding(
    "no probability", "found 0 everywhere, as delphi once wrote without log probs; taken as unknown"
)


def read_examples(examples: Sequence[Any]) -> Read:
    """Return a classifier's examples with the keys of `example_facts`; raises ScoreError."""
    read = [_example(place, example) for place, example in enumerate(examples)]
    findings = []
    if n := sum(example["distance"] is None for example in read):
        findings.append(
            Finding("no distance", f"found none in {n} of {len(read)} examples; taken as unknown")
        )
    if n := sum((example["activations"] or []).count(None) for example in read):
        detail = f"found null, {n} in all, as delphi writes what is not a number; taken as unknown"
        findings.append(Finding("null activation", detail))
    if n := sum(_is_odd(example.get(key)) for example in examples for key in _ANSWERS):
        detail = f"found {n} answers that are neither yes nor no; taken as failed"
        findings.append(Finding("odd answer", detail))
    if any(example["text"] is None and example["str_tokens"] is None for example in read):
        findings.append(Finding("no text", "found examples without a text; measures need none"))
    if all(map(_is_old, examples)) and all(example["probability"] == 0 for example in read):
        for example in read:
            example["probability"] = None
        findings.append(NO_LOG_PROBS)
    return Read(read, findings)


def _example(place: int, example: Any) -> dict[str, Any]:
    take = taker(f"example {place}", example)
    is_new = not _is_old(example) and "text" not in example
    found = {"activating": take(_LABELS, is_bool, "true or false")}
    found |= _answer(take, example, found["activating"])
    wanted = "a number from 0 to 1, or null (-1 in old files)"
    probability = (
        take(["probability"], _is_probability, wanted) if is_new or "probability" in example else None
    )
    found["probability"] = None if _is_minus_one(probability) else probability
    has_distance = is_new or not example.keys().isdisjoint(_DISTANCES)
    found["distance"] = take(_DISTANCES, is_number_or_null, "a number") if has_distance else None
    if "str_tokens" not in example and not is_new:
        text = take(["text"], is_text, "a string") if "text" in example else None
        return found | {"text": text, "str_tokens": None, "activations": None}
    tokens = take(["str_tokens"], is_texts, "a list of strings")
    activations = take(["activations"], is_numbers_or_null, "a list of numbers")
    if len(tokens) != len(activations):
        raise ScoreError(
            "lengths differ",
            f"example {place}: found {len(tokens)} str_tokens and {len(activations)} activations, "
            f"wanted one activation a token; {REMEDY}",
        )
    return found | {"text": None, "str_tokens": tokens, "activations": activations}


def _answer(take: Take, example: dict[str, Any], activating: bool) -> dict[str, bool | None]:
    """Return what the scorer answered, and what the file says of its being right."""
    if "text" in example and example.keys().isdisjoint(_ANSWERS):
        correct = take(["correct"], is_bool_or_null, "true, false or null")
        return {"prediction": None if correct is None else activating == correct, "correct": correct}
    if not _is_old(example):
        answer = take(_ANSWERS, _is_answer, "true, false or null (1, 0 or -1 in old files)")
    else:
        # The scorer's own words: old versions did not look what it said.
        answer = take(_ANSWERS, _is_single, "true or false (1, 0 or -1 in old files)")
    prediction = bool(answer) if _is_yes_or_no(answer) else None
    if _is_old(example) and "correct" not in example:
        # Where both are there, one of them is the answer itself.
        says_if_right = isinstance(example.get("prediction"), bool) and "predicted" not in example
        return {"prediction": activating == prediction if says_if_right else prediction, "correct": None}
    correct = take(["correct"], _is_answer, "true, false or null (1, 0 or -1 in old files)")
    # Old files say false if there is no prediction to be wrong.
    is_known = _is_yes_or_no(correct) and (answer is None or prediction is not None)
    return {"prediction": prediction, "correct": bool(correct) if is_known else None}


def _is_old(example: dict[str, Any]) -> bool:
    return "activating" not in example and ("ground_truth" in example or "activates" in example)


def _is_yes_or_no(value: Any) -> bool:
    return isinstance(value, bool) or (is_number(value) and value in (0, 1))


def _is_minus_one(value: Any) -> bool:
    return is_number(value) and value == -1


def _is_answer(value: Any) -> bool:
    return value is None or _is_yes_or_no(value) or _is_minus_one(value)


def _is_single(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _is_odd(value: Any) -> bool:
    return not _is_answer(value)


def _is_probability(value: Any) -> bool:
    return value is None or (is_number(value) and (0 <= value <= 1 or value == -1))
