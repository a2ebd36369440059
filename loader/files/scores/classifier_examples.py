"""Read a classifier's examples exactly: older schemas become the present one, all else is refused."""

from collections.abc import Callable, Sequence
from typing import Any

from ..json_text import NotFinite, name_type
from .family import ScoreError

_REMEDY = "run delphi again for this latent"


def read_examples(examples: Sequence[Any]) -> list[dict[str, Any]]:
    """Return a classifier's examples with the keys of `example_facts`; raises ScoreError.

    Older schemas are understood: `ground_truth` for `activating`, -1 for a failed prediction or probability,
    and `text` in place of tokens.
    """
    return [_example(place, example) for place, example in enumerate(examples)]


def _example(place: int, example: Any) -> dict[str, Any]:
    if not isinstance(example, dict):
        raise ScoreError(
            "wrong shape", f"example {place}: found {name_type(example)}, wanted an object; {_REMEDY}"
        )

    def take(key: str, admits: Callable[[Any], bool], wanted: str) -> Any:
        if key not in example:
            raise ScoreError(
                "missing key",
                f"example {place}: found the keys {', '.join(sorted(example))[:200]}, wanted {key} too; "
                f"{_REMEDY}",
            )
        if not admits(example[key]):
            raise ScoreError(
                "wrong type",
                f"example {place}, {key}: found {_describe(example[key])}, wanted {wanted}; {_REMEDY}",
            )
        return example[key]

    label = "ground_truth" if "ground_truth" in example and "activating" not in example else "activating"
    activating = take(label, _is_bool, "true or false")
    prediction = take("prediction", _is_answer, "true, false or null (-1 in old files)")
    failed = prediction is None or _is_minus_one(prediction)
    probability = take("probability", _is_probability, "a number from 0 to 1, or null (-1 in old files)")
    correct = take("correct", _is_bool_or_null, "true, false or null")
    found = {
        "activating": activating,
        "prediction": None if failed else prediction,
        "probability": None if _is_minus_one(probability) else probability,
        # Old files say false where there is no prediction to be wrong.
        "correct": None if _is_minus_one(prediction) else correct,
        "distance": take("distance", _is_number, "a number"),
    }
    if "str_tokens" not in example and "text" in example:
        text = take("text", _is_text, "a string")
        return found | {"text": text, "str_tokens": None, "activations": None}
    tokens = take("str_tokens", _is_texts, "a list of strings")
    activations = take("activations", _is_numbers, "a list of numbers")
    if len(tokens) != len(activations):
        raise ScoreError(
            "lengths differ",
            f"example {place}: found {len(tokens)} str_tokens and {len(activations)} activations, "
            f"wanted one activation a token; {_REMEDY}",
        )
    return found | {"text": None, "str_tokens": tokens, "activations": activations}


def _describe(value: Any) -> str:
    if isinstance(value, list):
        items = list(dict.fromkeys(map(name_type, value)))
        return f"a list of {', '.join(items[:4])}{' ...' if len(items) > 4 else ''}"
    return name_type(value)


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_bool_or_null(value: Any) -> bool:
    return value is None or isinstance(value, bool)


def _is_minus_one(value: Any) -> bool:
    return _is_number(value) and value == -1


def _is_answer(value: Any) -> bool:
    return _is_bool_or_null(value) or _is_minus_one(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_probability(value: Any) -> bool:
    return value is None or (_is_number(value) and (0 <= value <= 1 or value == -1))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, NotFinite)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_number, value))
