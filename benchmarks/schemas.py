"""Write a corpus as delphi wrote it before, for `python -m benchmarks.speed schemas DIR`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Example = dict[str, Any]


def october_2024(example: Example) -> Example:
    """Return an example with the label under its older name."""
    old = {"ground_truth" if key == "activating" else key: value for key, value in example.items()}
    return old | {"highlighted": example["activating"]}


def without_log_probs(example: Example) -> Example:
    """Return one with a probability of 0, as was written then."""
    return october_2024(example) | {"probability": 0.0}


def august_2024(example: Example) -> Example:
    """Return one with a text, and answers that are whole numbers."""
    answer = -1 if example["prediction"] is None else int(example["prediction"])
    return {
        "text": "".join(example["str_tokens"]),
        "distance": example["distance"],
        "ground_truth": example["activating"],
        "prediction": answer,
        "highlighted": False,
        "correct": bool(example["correct"]),
    }


def july_2024(example: Example) -> Example:
    """Return one whose prediction says whether the answer was right."""
    old = {"id": 7} | august_2024(example) | {"prediction": example["correct"]}
    del old["correct"]
    return old


SCHEMAS: dict[str, Callable[[Example], Example]] = {
    "today's": lambda example: example,
    "October 2024": october_2024,
    "October 2024, no log probs": without_log_probs,
    "August 2024, text": august_2024,
    "July 2024, text": july_2024,
}


def rewrite(corpus: Path, schema: str, directory: Path) -> None:
    """Write the score files of a corpus again, in another schema, and nothing else."""
    for file in sorted(corpus.glob("*/scores/*/*.txt")):
        examples = [SCHEMAS[schema](example) for example in json.loads(file.read_bytes())]
        place = directory / file.relative_to(corpus)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(examples, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
