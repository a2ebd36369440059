"""Write small runs as delphi leaves them on disk."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Example = dict[str, Any]


def example(
    activating: bool = True,
    prediction: bool | None = True,
    *,
    probability: float | None = None,
    tokens: Sequence[str] = (" a", "b"),
    activations: Sequence[float] = (0.5, -1.25),
    distance: float | None = None,
) -> Example:
    """Return one example of a classifier scorer, its keys in delphi's order."""
    return {
        "str_tokens": list(tokens),
        "activations": list(activations),
        "distance": (0 if activating else -1.0) if distance is None else distance,
        "activating": activating,
        "prediction": prediction,
        "probability": probability,
        "correct": None if prediction is None else prediction == activating,
    }


def examples(tp: int = 0, fp: int = 0, tn: int = 0, fn: int = 0, failed: int = 0) -> list[Example]:
    """Return examples with these counts; the failed ones are activating."""
    answers = [(True, True)] * tp + [(False, True)] * fp + [(False, False)] * tn + [(True, False)] * fn
    return [example(*answer) for answer in answers] + [example(True, None)] * failed


def dump(value: Any) -> str:
    """Return JSON as delphi's orjson writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(path: Path, content: Any) -> Path:
    """Write a file, and the directories above it: bytes and text as they are, all else as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else dump(content), encoding="utf-8")
    return path


def write_run(
    run: Path,
    scores: Mapping[str, Mapping[str, Any]] | None = None,
    explanations: Mapping[str, Any] | None = None,
    config: Any = None,
    **files: Any,
) -> Path:
    """Write a run: scores by score type and file stem, explanations by file stem; `files` end in .json."""
    for score_type, by_stem in (scores or {}).items():
        for stem, content in by_stem.items():
            write(run / "scores" / score_type / f"{stem}.txt", content)
    for stem, content in (explanations or {}).items():
        # A string is one JSON string; bytes are written as they are.
        write(run / "explanations" / f"{stem}.txt", dump(content) if isinstance(content, str) else content)
    if config is not None:
        write(run / "run_config.json", config if isinstance(config, str) else json.dumps(config, indent=4))
    for name, content in files.items():
        write(run / f"{name}.json", content)
    return run


def write_tiny_run(run: Path) -> Path:
    """Write a run of two latents under one scorer."""
    return write_run(
        run,
        {
            "fuzz": {
                "layers.1_latent3": examples(tp=3, fp=1, tn=2, fn=1, failed=1),
                "layers.1_latent7": examples(tp=1),
            }
        },
        {"layers.1_latent3": "years", "layers.1_latent7": "No explanation found"},
        {"explainer_model": "org/Explainer-7B", "model": "org/subject", "num_examples_per_scorer_prompt": 4},
    )
