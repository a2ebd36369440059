"""Intruder scorers: whether the text that does not belong is found among activating ones, unexplained."""

from typing import Any

from .checks import REMEDY
from .family import ScoreError
from .shapes import ANYTHING, NUMBER, TEXT, Nullable, Shape, shaped_family

_SAMPLE: dict[str, Shape] = {
    "examples": [TEXT],
    "intruder_index": NUMBER,
    "chosen_quantile": NUMBER,
    "activations": ANYTHING,
    "tokens": ANYTHING,
    "intruder_distance": NUMBER,
}


def _check(where: str, example: dict[str, Any]) -> None:
    sample = example["sample"]
    if sample is None:
        return
    n = len(sample["examples"])
    for key, place in (("prediction", example["prediction"]), ("intruder_index", sample["intruder_index"])):
        if place not in range(n):
            raise ScoreError(
                "wrong type",
                f"{where}, {key}: found {place}, wanted the place of one of {n} examples; {REMEDY}",
            )


FAMILY = shaped_family(
    "intruder",
    shape={
        "interpretation": TEXT,
        "sample": Nullable(_SAMPLE),
        "prediction": NUMBER,
        "correct_index": NUMBER,
        "correct": ANYTHING,
    },
    keys=[frozenset({"interpretation", "correct_index"})],
    table="intruder_facts",
    columns=[
        "e.interpretation",
        "e.sample.examples",
        "e.sample.intruder_index",
        # Without a sample the scorer failed, and 0 is no answer.
        "case when e.sample is not null then e.prediction end",
        "e.sample.chosen_quantile",
        "e.sample.intruder_distance",
    ],
    is_possible=(
        "e.sample is null or (contains(range(len(e.sample.examples)), e.prediction) "
        "and contains(range(len(e.sample.examples)), e.sample.intruder_index))"
    ),
    check=_check,
)
