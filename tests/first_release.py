"""Write the results that the warehouse of 0.1.0 in `data/` was made from; see `data/README.md`."""

import shutil
from pathlib import Path
from random import Random

from run_files import Example, example, write_run

DATA = Path(__file__).parent / "data"
PACKED = DATA / "warehouse-0.1.0.duckdb.xz"
# Those whose latents `plain.pt` counts.
COUNTED = ("layers.3.mlp", "layers.10.mlp")


def write_first_results(results: Path) -> None:
    """Write two runs of the same latents, and one with firing counts and a file that cannot be read."""
    rng = Random(1)
    shared = {"model": "org/subject", "sparse_model": "org/sae", "num_examples_per_scorer_prompt": 4}
    for name, explainer in (("first", "org/Explainer-7B"), ("second", "org/Explainer-70B")):
        scores = {
            score_type: {f"layers.0_latent{latent}": _examples(rng) for latent in range(12)}
            for score_type in ("fuzz", "detection")
        }
        explanations = {f"layers.0_latent{latent}": f"{name} on {latent}" for latent in range(12)}
        write_run(
            results / name,
            scores,
            explanations,
            {**shared, "explainer_model": explainer, "hf_token": "hf_abcdefghijklmnop"},
            explainer_stats={"DefaultExplainer": {"total_time": 9.5, "prompt_tokens": 900,
                                                  "completion_tokens": 90, "count": 12}},
            timing={"explanation_time_seconds": 30.5, "total_time_seconds": 61.0},
        )  # fmt: skip
    counted = {f"{hookpoint}_latent{latent}": _examples(rng) for hookpoint in COUNTED for latent in range(3)}
    run = write_run(results / "counted", {"fuzz": {**counted, "layers.3.mlp_latent9": "[{"}})
    (run / "log").mkdir()
    shutil.copy(DATA / "plain.pt", run / "log" / "hookpoint_firing_counts.pt")


def _examples(rng: Random) -> list[Example]:
    skill = rng.random()
    answers = []
    for place in range(12):
        activating = place % 2 == 0
        probability = round(
            min(1.0, max(0.0, rng.gauss(0.5 + 0.3 * skill * (1 if activating else -1), 0.3))), 1
        )
        failed = rng.random() < 0.1
        prediction = None if failed else probability >= 0.5
        answers.append(example(activating, prediction, probability=None if failed else probability))
    return answers
