"""Make the demo's run_config.json, statistics and timing as delphi's fork writes them."""

import math
from collections.abc import Sequence
from random import Random
from typing import Any

from .counts import PROMPT_SIZE
from .models import Counts, Model
from .text import CTX_LEN, N_EACH, N_QUANTILES

SUBJECT_MODEL = "EleutherAI/pythia-160m"
SPARSE_MODEL = "EleutherAI/Pythia-160m-SST-k32-32k"
SCORER_MODEL = "hugging-quants/Meta-Llama-3.1-70B-Instruct-AWQ-INT4"
HOOKPOINTS = ("layers.1.mlp", "layers.4.mlp", "layers.7.mlp", "layers.10.mlp")
WIDTH = 32_768  # latents of the sparse model at each hookpoint
MAX_LATENTS = 45  # of each hookpoint, of which those that fire MIN_EXAMPLES times are explained
MIN_EXAMPLES = 200
N_TOKENS = 10_000_000
N_TRAIN = 40

# Tokens of the scorer's instructions, and around each example.
SCORER_PROMPT, AROUND_EXAMPLE = 780, 6
TOKENS_PER_CHARACTER = 0.26
# Calls at once on one machine.
N_EXPLAINER_CALLS, N_SCORER_CALLS = 8, 32


def make_config(model: Model) -> dict[str, Any]:
    """Return a run's run_config.json."""
    return {
        "cache_cfg": {
            "dataset_repo": "EleutherAI/SmolLM2-135M-10B",
            "dataset_split": "train[:1%]",
            "dataset_name": "",
            "dataset_column": "text",
            "batch_size": 32,
            "cache_ctx_len": 256,
            "n_tokens": N_TOKENS,
            "n_splits": 5,
        },
        "constructor_cfg": {
            "faiss_embedding_model": "sentence-transformers/all-MiniLM-L6-v2",
            "faiss_embedding_cache_dir": ".embedding_cache",
            "faiss_embedding_cache_enabled": True,
            "example_ctx_len": CTX_LEN,
            "min_examples": MIN_EXAMPLES,
            "n_non_activating": N_EACH,
            "center_examples": True,
            "non_activating_source": "random",
            "neighbours_type": "co-occurrence",
        },
        "sampler_cfg": {
            "n_examples_train": N_TRAIN,
            "n_examples_test": N_EACH,
            "n_quantiles": N_QUANTILES,
            "train_type": "quantiles",
            "test_type": "quantiles",
            "ratio_top": 0.2,
        },
        "model": SUBJECT_MODEL,
        "sparse_model": SPARSE_MODEL,
        "hookpoints": list(HOOKPOINTS),
        "explainer_model": model.explainer_model,
        "explainer_model_max_len": 5120,
        "explainer_provider": "offline",
        "explainer": "default",
        "scorer_model": SCORER_MODEL,
        "scorers": list(model.totals),
        "name": f"{model.key}_explanation_comparison",
        "max_latents": MAX_LATENTS,
        "filter_bos": False,
        "log_probs": True,
        "load_in_8bit": False,
        "pipeline_num_proc": 4,
        "num_gpus": 1,
        "seed": 22,
        "verbose": True,
        "num_examples_per_scorer_prompt": PROMPT_SIZE,
        "overwrite": [],
    }


def make_explainer_stats(model: Model, explanations: Sequence[str], rng: Random) -> dict[str, Any]:
    """Return the totals of one call per latent."""
    seconds, prompt_tokens, completion_tokens = [], 0, 0
    for explanation in explanations:
        n_prompt = model.n_instruction_tokens + sum(
            AROUND_EXAMPLE + CTX_LEN + int(3 * rng.random()) for _ in range(N_TRAIN)
        )
        n_thinking = int(model.n_thinking_tokens * (0.6 + 0.8 * rng.random()))
        n_completion = n_thinking + _count_tokens(explanation)
        seconds.append(n_prompt / 4000 + n_completion / model.tokens_per_second)
        prompt_tokens += n_prompt
        completion_tokens += n_completion
    return _stats("DefaultExplainer", seconds, prompt_tokens, completion_tokens, len(explanations))


def make_scorer_stats(
    score_type: str, totals: Counts, explanations: Sequence[str], rng: Random
) -> dict[str, Any]:
    """Return the totals of one call for each prompt; `count` is examples, not calls, as in delphi's fork."""
    n_examples = totals.tp + totals.fn + totals.fp + totals.tn + totals.failed
    n_prompts = n_examples // PROMPT_SIZE
    # fuzz marks the activating tokens in each example.
    n_marks = 4 if score_type == "fuzz" else 0
    seconds, prompt_tokens, completion_tokens = [], 0, 0
    for i in range(n_prompts):
        explanation = explanations[i * len(explanations) // n_prompts]
        n_prompt = (
            SCORER_PROMPT + _count_tokens(explanation) + PROMPT_SIZE * (AROUND_EXAMPLE + CTX_LEN + n_marks)
        )
        # "[1, 0, 0, 1, 1]", and one answer in ten with a word more.
        n_completion = 2 * PROMPT_SIZE + 1 + 6 * (rng.random() < 0.1)
        seconds.append(n_prompt / 2500 + n_completion / (18 + 8 * rng.random()))
        prompt_tokens += n_prompt
        completion_tokens += n_completion
    return _stats(score_type, seconds, prompt_tokens, completion_tokens, n_examples)


def make_timing(explainer_seconds: float, scorer_seconds: float) -> dict[str, float]:
    """Return wall-clock times, from the latencies summed over concurrent calls."""
    explanation_time = explainer_seconds / N_EXPLAINER_CALLS
    scoring_time = scorer_seconds / N_SCORER_CALLS
    return {
        "explanation_time_seconds": explanation_time,
        "scoring_time_seconds": scoring_time,
        "total_time_seconds": explanation_time + scoring_time,
    }


def _count_tokens(text: str) -> int:
    return int(len(text) * TOKENS_PER_CHARACTER) + 1


def _stats(
    key: str, seconds: Sequence[float], prompt_tokens: int, completion_tokens: int, count: int
) -> dict[str, Any]:
    return {
        key: {
            "total_time": math.fsum(seconds),
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "count": count,
        }
    }
