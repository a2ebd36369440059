"""Read results of OpenAI's neuron explainer: one file a latent, with its scored explanations.

https://github.com/openai/automated-interpretability, neuron_explainer/explanations/explanations.py.
"""

from collections.abc import Iterator
from typing import Any

from .member import ExportError, Member, as_json, whole_number

SCORE_TYPE = "simulation"


def is_openai(loaded: Any) -> bool:
    """Tell whether a JSON value is the result of one latent."""
    return isinstance(loaded, dict) and "scored_explanations" in loaded


def read_openai(loaded: dict[str, Any]) -> Iterator[Member]:
    """Yield the members of a result; raises ExportError."""
    neuron, explanations = loaded.get("neuron_id"), loaded["scored_explanations"]
    if not isinstance(neuron, dict) or not isinstance(explanations, list):
        raise ExportError("found no neuron_id or no list of scored_explanations, wanted both")
    hookpoint = f"layers.{whole_number(neuron.get('layer_index'), 'layer_index')}"
    idx = whole_number(neuron.get("neuron_index"), "neuron_index")
    for candidate, scored in enumerate(explanations):
        number = candidate if len(explanations) > 1 else None
        if not isinstance(scored, dict):
            raise ExportError(f"scored explanation {candidate}: found no object, wanted one")
        if isinstance(text := scored.get("explanation"), str):
            yield Member("", "explanation", as_json(text), None, hookpoint, idx, number)
        if (simulation := scored.get("scored_simulation")) is not None:
            yield Member("", "score", as_json(simulation), SCORE_TYPE, hookpoint, idx, number)
