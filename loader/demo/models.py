"""Hold the demo's five explainer models and the confusion counts that its results sum to."""

from collections.abc import Mapping
from typing import NamedTuple


class Counts(NamedTuple):
    """One run's counts for one score type; `failed` examples have no prediction."""

    tp: int
    fn: int
    fp: int
    tn: int
    failed: int = 0
    failed_activating: int = 0


class Model(NamedTuple):
    """One explainer model and how it does."""

    key: str
    """What its run directory is named after."""
    explainer_model: str
    skill: int
    """How exact its explanations are: 0 (vague) to 4."""
    n_instruction_tokens: int
    """Tokens of the prompt before the examples, by its own tokenizer."""
    n_thinking_tokens: int
    """Tokens it writes before the explanation."""
    tokens_per_second: float
    confidence: float
    """How far from 1/2 the scorer's probabilities go: about 0.3 is calibrated, more is too sure."""
    totals: Mapping[str, Counts]


# 156 latents x (50 activating + 50 other) examples: the counts behind the published comparison of five
# explainers, score type by score type.
MODELS = (
    Model(
        key="gemma_3_4b_it_quantized_w4a16",
        explainer_model="RedHatAI/gemma-3-4b-it-quantized.w4a16",
        skill=0,
        n_instruction_tokens=846,
        n_thinking_tokens=58,
        tokens_per_second=97.0,
        confidence=0.48,
        totals={
            "fuzz": Counts(tp=6455, fn=1345, fp=6445, tn=1355),
            "detection": Counts(tp=4861, fn=2720, fp=4286, tn=3333, failed=400, failed_activating=219),
        },
    ),
    Model(
        key="Qwen3_4B_quantized_w4a16",
        explainer_model="RedHatAI/Qwen3-4B-quantized.w4a16",
        skill=1,
        n_instruction_tokens=903,
        n_thinking_tokens=116,
        tokens_per_second=101.0,
        confidence=0.44,
        totals={
            "fuzz": Counts(tp=5800, fn=2000, fp=4852, tn=2948),
            "detection": Counts(tp=4950, fn=2850, fp=3711, tn=4089),
        },
    ),
    Model(
        key="gemma_3_12b_it_quantized_w4a16",
        explainer_model="RedHatAI/gemma-3-12b-it-quantized.w4a16",
        skill=2,
        n_instruction_tokens=846,
        n_thinking_tokens=84,
        tokens_per_second=49.0,
        confidence=0.37,
        totals={
            "fuzz": Counts(tp=4227, fn=3573, fp=2103, tn=5697),
            "detection": Counts(tp=5646, fn=2154, fp=3895, tn=3905),
        },
    ),
    Model(
        key="Qwen3_14B_quantized_w4a16",
        explainer_model="RedHatAI/Qwen3-14B-quantized.w4a16",
        skill=3,
        n_instruction_tokens=903,
        n_thinking_tokens=163,
        tokens_per_second=45.0,
        confidence=0.33,
        totals={
            "fuzz": Counts(tp=2957, fn=4843, fp=827, tn=6973),
            "detection": Counts(tp=5317, fn=2483, fp=3466, tn=4334),
        },
    ),
    Model(
        key="gemma_3_27b_it_quantized_w4a16",
        explainer_model="RedHatAI/gemma-3-27b-it-quantized.w4a16",
        skill=4,
        n_instruction_tokens=858,
        n_thinking_tokens=121,
        tokens_per_second=24.0,
        confidence=0.31,
        totals={
            "fuzz": Counts(tp=5949, fn=1843, fp=4080, tn=3713, failed=15, failed_activating=8),
            "detection": Counts(tp=5929, fn=1871, fp=4005, tn=3795),
        },
    ),
)
