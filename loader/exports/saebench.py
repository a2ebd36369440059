"""Read SAEBench's results of its evaluation `autointerp`: one file a sparse autoencoder with its latents.

https://github.com/adamkarvonen/SAEBench, sae_bench/evals/autointerp. Each latent's score is the share of some
sequences of which a scorer, shown the explanation, told rightly whether the latent is active.
"""

from collections.abc import Iterator
from typing import Any

from .member import ExportError, Member, as_json, given_score, whole_number

SCORE_TYPE = "autointerp"
_LATENT, _TEXT, _SCORE = "latent", "explanation", "score"


def is_saebench(loaded: Any) -> bool:
    """Tell whether a JSON value is the result of the evaluation."""
    if not isinstance(loaded, dict):
        return False
    metrics = loaded.get("eval_result_metrics")
    return loaded.get("eval_type_id") == SCORE_TYPE or (isinstance(metrics, dict) and SCORE_TYPE in metrics)


def read_saebench(loaded: dict[str, Any]) -> Iterator[Member]:
    """Yield the members of a result; raises ExportError."""
    config = loaded.get("eval_config")
    config = config if isinstance(config, dict) else {}
    release, sae = loaded.get("sae_lens_release_id"), loaded.get("sae_lens_id")
    sparse_model = "/".join(str(part) for part in (release, sae) if part)
    settings = {**config, "model": config.get("model_name"), "sparse_model": sparse_model or None}
    yield Member("", "config", as_json({key: value for key, value in settings.items() if value is not None}))
    hookpoint = str(_hook(loaded) or sae or release or SCORE_TYPE)
    for place, latent in enumerate(_latents(loaded)):
        where = f"latent {place} of the results"
        if not isinstance(latent, dict) or _LATENT not in latent:
            raise ExportError(f"{where}: found no key {_LATENT}, wanted what SAEBench writes of a latent")
        idx = whole_number(latent[_LATENT], where)
        if isinstance(text := latent.get(_TEXT), str):
            yield Member("", "explanation", as_json(text), None, hookpoint, idx)
        score = latent.get(_SCORE)
        if isinstance(score, int | float) and not isinstance(score, bool):
            yield given_score("", SCORE_TYPE, hookpoint, idx, [score])


def _hook(loaded: dict[str, Any]) -> Any:
    config = loaded.get("sae_cfg_dict")
    return config.get("hook_name") if isinstance(config, dict) else None


def _latents(loaded: dict[str, Any]) -> list[Any]:
    """Return what is said of each latent, by whichever of two keys."""
    for key in ("eval_result_unstructured", "eval_result_details"):
        found = loaded.get(key)
        if isinstance(found, dict) and found:
            return [
                {_LATENT: idx, **latent} if isinstance(latent, dict) else latent
                for idx, latent in found.items()
            ]
        if isinstance(found, list) and found:
            return found
    raise ExportError("found no latent, wanted some in eval_result_unstructured or eval_result_details")
