"""Make the demo's score files: which examples fail, which get a yes, and with what probability."""

from collections.abc import Iterator, Sequence
from random import Random

from .counts import PROMPT_SIZE, Yes, fail_prompts, spread
from .models import Counts
from .text import Example

FAILED = '"prediction":null,"probability":null,"correct":null'


def make_scores(
    latents: Sequence[Sequence[Example]],
    ease: Sequence[float],
    totals: Counts,
    confidence: float,
    rng: Random,
) -> Iterator[str]:
    """Yield one latent's score file after another, as delphi writes it; together they hold `totals`."""
    prompts = [
        [
            sum(example.activating for example in examples[start : start + PROMPT_SIZE])
            for start in range(0, len(examples), PROMPT_SIZE)
        ]
        for examples in latents
    ]
    failed = fail_prompts(totals, prompts, rng)
    asked = [
        [i for i in range(len(examples)) if i // PROMPT_SIZE not in failed_here]
        for examples, failed_here in zip(latents, failed, strict=True)
    ]
    valid = []
    for examples, indices in zip(latents, asked, strict=True):
        n_activating = sum(examples[i].activating for i in indices)
        valid.append((n_activating, len(indices) - n_activating))
    for examples, indices, yes in zip(latents, asked, spread(totals, ease, valid, rng), strict=True):
        said_yes = _choose(examples, indices, yes, rng)
        answers = [FAILED] * len(examples)
        for i in indices:
            answers[i] = _answer(i in said_yes, examples[i].activating, confidence, rng)
        rows = (f"{example.head},{answer}}}" for example, answer in zip(examples, answers, strict=True))
        yield f"[{','.join(rows)}]"


def _choose(examples: Sequence[Example], indices: Sequence[int], yes: Yes, rng: Random) -> set[int]:
    """Return the examples that get a yes: by and large those with the strongest pull."""
    by_pull = sorted(indices, key=lambda i: -examples[i].pull - 0.5 * rng.random())
    activating = [i for i in by_pull if examples[i].activating]
    other = [i for i in by_pull if not examples[i].activating]
    return {*activating[: yes.activating], *other[: yes.other]}


def _answer(prediction: bool, activating: bool, confidence: float, rng: Random) -> str:
    """Return the end of an example's JSON; three answers in ten are surer if right, less sure if wrong.

    A prediction is true exactly when its probability exceeds 1/2. Four digits keep the demo small.
    """
    correct = prediction == activating
    sure = rng.random()
    if rng.random() < 0.3:
        sure = (max if correct else min)(sure, rng.random())
    digits = int(10_000 * (0.501 + confidence * sure))
    probability = (digits if prediction else 10_000 - digits) / 10_000
    return (
        f'"prediction":{"true" if prediction else "false"},'
        f'"probability":{probability},'
        f'"correct":{"true" if correct else "false"}'
    )
