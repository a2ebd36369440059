"""Fill a warehouse with what results have that are not in order, so that views have their odd cases."""

from random import Random

from score_files import RANDOM_FILES
from small_warehouse import SmallWarehouse

CONFIG = {
    "model": "subject",
    "sparse_model": "sae",
    "explainer_model": "org/One",
    "constructor_cfg": {"non_activating_source": "random"},
}
NEIGHBOURS = {"source": "neighbours", "non_activating_source": "neighbours", "n_non_activating": 9}
Row = tuple[bool, bool | None, float | None]


def rows(rng: Random, n: int, *, probability: bool = True, failing: float = 0.1) -> list[Row]:
    """Return the answers of a scorer that is right more often than not, and fails at times."""
    found: list[Row] = []
    for i in range(n):
        activating = i % 2 == 0
        p = round(min(1, max(0, 0.3 + 0.4 * activating + rng.gauss(0, 0.25))), 2)
        failed = rng.random() < failing
        found.append((activating, None if failed else p >= 0.5, p if probability and not failed else None))
    return found


def fill_oddly(warehouse: SmallWarehouse) -> None:
    """Add runs of one model, without config, without scores, of one class, all failed, copied, superseded."""
    rng = Random(7)
    warehouse.run("whole", {**CONFIG, "num_examples_per_scorer_prompt": 3, "hookpoints": ["layers.1"]})
    warehouse.run("twin", {**CONFIG, "scorer_model": "org/Scorer", "cache_cfg": {"n_tokens": 1000}}, 10**15)
    warehouse.run("near", {**CONFIG, "explainer_model": "org/Two/", "constructor_cfg": NEIGHBOURS})
    for name in ("bare", "bare too", "empty"):
        warehouse.run(name)
    for score_type in ("fuzz", "detection"):
        for latent in range(14):
            answers = rows(rng, 12, probability=score_type == "fuzz")
            for run in ("whole", "twin"):
                copied = f"copy {latent}" if score_type == "fuzz" and latent < 3 else None
                answers = answers if copied else rows(rng, 12, probability=run == "whole")
                warehouse.examples(run, score_type, latent, answers, content_hash=copied)
            far = [0 if i % 2 == 0 else -rng.choice([0.05, 0.31, 0.99, 1, 1.7]) for i in range(12)]
            warehouse.examples("near", score_type, latent + 4, rows(rng, 12), far)
    for run in ("bare", "bare too"):
        for latent in range(4):
            texts = [f"text {place} of {latent}" for place in range(8)]
            warehouse.examples(
                run, "fuzz", latent, rows(rng, 8, failing=0.5), texts=texts, hookpoint="layers.2"
            )
    for name, make in RANDOM_FILES.items():
        for run in ("whole", "twin"):
            for latent in range(13):
                warehouse.scores(run, name, latent, make(rng))
    # Which is better depends on how often texts activate: one finds more, the other raises fewer alarms.
    warehouse.many_counts("whole", "turned", [(18, 4, 16, 2 + latent % 2) for latent in range(12)])
    warehouse.many_counts("twin", "turned", [(14, 1, 19, 6 + latent % 2) for latent in range(12)])
    warehouse.examples("bare", "one class", 1, [(True, True, 0.5), (True, False, 0.5), (True, None, None)])
    warehouse.examples("bare", "all failed", 1, [(True, None, None), (False, None, None)])
    for judge in ("org/Judge", "org/Other judge"):
        judged = warehouse.run(f"judged by {judge[4:]}", {**CONFIG, "scorer_model": judge})
        for latent in range(12):
            warehouse.explanation(judged, latent, "one explanation")
            warehouse.examples(judged, "judged", latent, rows(rng, 8))
    # What follows supersedes, fails, is gone, or is of no use.
    warehouse.examples("whole", "fuzz", 0, rows(rng, 20))
    warehouse.score_file("twin", "fuzz", 5, status="failed")
    warehouse.score_file("near", "detection", 6, status="gone")
    warehouse.insert("file_problems", [[warehouse.score_file("near", "fuzz", 99), "odd", "finding", "odd"]])
    warehouse.insert("scan_problems", [[None, "/r/x", "foreign", "finding", "no run"]])
    warehouse.insert("scan_problems", [["empty", "/r/empty/y", "empty", "finding", "no file"]])
    for run, text in (("whole", "years"), ("twin", "No explanation found"), ("empty", "never scored")):
        for latent in range(0, 20, 3):
            warehouse.explanation(run, latent, text)
    shared = warehouse.file(None, "/r/shared/layers.1_latent1.txt", "explanation", None, "layers.1", 1)
    warehouse.insert("explanation_facts", [[shared, "shared"]])
    warehouse.insert(
        "run_links", [["near", "explanation", "/r/shared"], ["whole", "explanation", "/r/shared"]]
    )
    counts = {("layers.1", latent): latent**2 for latent in range(12)}
    warehouse.firing(["whole", "near"], counts)
    warehouse.firing(["twin"], {**counts, ("layers.1", 12): 5, ("layers.1", 13): 5}, "/r/another.pt")
    for i, run in enumerate(("whole", "twin", "near", "empty")):
        explainer = warehouse.file(run, f"/r/{run}/explainer_stats.json", "stats")
        scorer = warehouse.file(run, f"/r/{run}/fuzz_stats.json", "stats", "fuzz")
        timing = warehouse.file(run, f"/r/{run}/timing.json", "timing")
        warehouse.insert(
            "stats_facts",
            [
                [explainer, "DefaultExplainer", 3.5 + i, 200 * i, 50, 2],
                [scorer, "fuzz", 8.5, 34, 5 if i else None, 17],
            ],
        )
        warehouse.insert("timing_facts", [[timing, "explainer", 5.0 - i], [timing, "total", 9.0]])
    warehouse.insert("model_names", [["One", "First"], ["One", "Another first"], ["bare", "First"]])
    for candidate in (0, 2):
        path = f"/r/bare/scores/best of/layers.1_latent1_{candidate}.txt"
        file_id = warehouse.file("bare", path, "score", "best of", "layers.1", 1)
        warehouse.insert("candidate_facts", [[file_id, candidate]])
        warehouse.insert("count_facts", [[file_id, 1 + candidate, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0]])
