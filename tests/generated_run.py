"""Write a run with probabilities, ties, failures and firing counts, to compare with other implementations."""

from pathlib import Path
from random import Random

from run_files import Example, example, write, write_run

from loader.files.firing_counts import write_firing_counts

# None of them is part of another: delphi finds a hookpoint's files by `*{hookpoint}*`.
HOOKPOINTS = ("layers.2.mlp", "layers.5.mlp", "layers.7.attn")
SCORE_TYPES = ("fuzz", "detection")
PROMPT_SIZE = 5


def write_generated_run(run: Path, seed: int = 1) -> dict[tuple[str, str, int], list[Example]]:
    """Write the run; return its examples by score type, hookpoint and latent. Every F1 is defined."""
    rng = Random(seed)
    latents = {hookpoint: rng.sample(range(40), 12) for hookpoint in HOOKPOINTS}
    written = {
        (score_type, hookpoint, latent): _examples(rng)
        for score_type in SCORE_TYPES
        for hookpoint in HOOKPOINTS
        for latent in latents[hookpoint]
    }
    scores: dict[str, dict[str, list[Example]]] = {}
    for (score_type, hookpoint, latent), examples in written.items():
        scores.setdefault(score_type, {})[f"{hookpoint}_latent{latent}"] = examples
    config = {"explainer_model": "org/E", "num_examples_per_scorer_prompt": PROMPT_SIZE}
    write_run(run, scores, config=config)
    counts = {hookpoint: [int(10 ** (5 * rng.random())) for _ in range(40)] for hookpoint in HOOKPOINTS}
    write_firing_counts(write(run / "log" / "hookpoint_firing_counts.pt", b""), counts)
    return written


def _examples(rng: Random) -> list[Example]:
    skill = rng.random()
    examples = []
    for prompt in range(6):
        failed = prompt > 0 and rng.random() < 0.2
        for place in range(PROMPT_SIZE):
            # The first prompt holds an activating example that is answered.
            activating = place == 0 if prompt == 0 else rng.random() < 0.5
            # One decimal: many ties.
            probability = round(
                min(1.0, max(0.0, rng.gauss(0.5 + 0.3 * skill * (1 if activating else -1), 0.3))), 1
            )
            answer = None if failed else probability >= 0.5
            examples.append(example(activating, answer, probability=None if failed else probability))
    return examples
