"""The demo: its counts are the published ones to the last example, and its bytes never change."""

import hashlib
import json
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from loader.demo.models import MODELS
from loader.demo.write import Demo, DemoError, write_demo
from loader.files.firing_counts import read_firing_counts

PROJECT = Path(__file__).parents[1]
SEED = PROJECT.parent / "shared" / "data" / "seed"
RUNS = [f"{model.key}_explanation_comparison" for model in MODELS]
SCORE_TYPES = ("fuzz", "detection")


# (run, score type) -> file name -> examples
Scores = dict[tuple[str, str], dict[str, list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def demo(demo_results: Path) -> Path:
    return demo_results


@pytest.fixture(scope="module")
def scores(demo: Path) -> Scores:
    return {
        (run, score_type): {
            path.name: json.loads(path.read_bytes())
            for path in sorted((demo / run / "scores" / score_type).iterdir())
        }
        for run in RUNS
        for score_type in SCORE_TYPES
    }


def seed(name: str) -> Any:
    if not SEED.is_dir():
        pytest.skip(f"needs the published counts in {SEED.relative_to(SEED.parents[2])} beside the project")
    return json.loads((SEED / name).read_bytes())


def digests(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*"))
        if path.is_file()
    }


def test_counts_are_exactly_the_published_ones(scores: Scores) -> None:
    wanted, names = seed("confusion_counts.json"), seed("expected.json")["directory_names"]
    assert set(RUNS) == set(names)
    for (run, score_type), files in scores.items():
        counts = Counter(
            (example["activating"], example["prediction"])
            for examples in files.values()
            for example in examples
        )
        assert {
            "tp": counts[True, True],
            "fn": counts[True, False],
            "fp": counts[False, True],
            "tn": counts[False, False],
            "failed": counts[True, None] + counts[False, None],
            "failed_activating": counts[True, None],
        } == wanted["models"][names[run]][score_type]


def test_every_latent_has_fifty_examples_of_each_label(scores: Scores) -> None:
    for files in scores.values():
        assert len(files) == 156
        for examples in files.values():
            assert Counter(example["activating"] for example in examples) == {True: 50, False: 50}


def test_failures_come_in_whole_prompts_of_five(scores: Scores) -> None:
    n_failed = 0
    for files in scores.values():
        for examples in files.values():
            for start in range(0, 100, 5):
                failed = {example["prediction"] is None for example in examples[start : start + 5]}
                assert len(failed) == 1
                n_failed += failed == {True}
    assert n_failed == 83


def test_examples_are_what_delphi_writes(scores: Scores) -> None:
    keys = ["str_tokens", "activations", "distance", "activating", "prediction", "probability", "correct"]
    for files in scores.values():
        for example in (example for examples in files.values() for example in examples):
            assert list(example) == keys
            assert len(example["str_tokens"]) == len(example["activations"]) == 8
            assert any(example["activations"]) == example["activating"]
            assert example["distance"] in (range(10) if example["activating"] else [-1])
            if example["prediction"] is None:
                assert example["probability"] is example["correct"] is None
            else:
                assert example["prediction"] == (example["probability"] > 0.5)
                assert example["correct"] == (example["prediction"] == example["activating"])
                assert 0 <= example["probability"] <= 1


def test_all_runs_and_score_types_see_the_same_examples(scores: Scores) -> None:
    seen = {
        json.dumps(
            {
                name: [(example["str_tokens"], example["activations"]) for example in examples]
                for name, examples in files.items()
            }
        )
        for files in scores.values()
    }
    assert len(seen) == 1


def test_latents_differ_and_runs_agree_on_the_hard_ones(scores: Scores) -> None:
    accuracy = {
        key: [
            statistics.fmean(example["correct"] for example in examples if example["correct"] is not None)
            for examples in files.values()
        ]
        for key, files in scores.items()
    }
    # Between latents of 100 examples, chance alone makes 0.05.
    for values in accuracy.values():
        assert 0.03 < statistics.stdev(values) < 0.15
    first, *others = (accuracy[run, "detection"] for run in RUNS)
    for other in others:
        assert 0.3 < statistics.correlation(first, other) < 0.9


def test_layout_is_that_of_the_original_analysis(demo: Path) -> None:
    assert {path.name for path in demo.iterdir()} == {*RUNS, "cache_pythia-160m", "README.txt"}
    for run in RUNS:
        assert {path.name for path in (demo / run).iterdir()} == {
            "detection_stats.json",
            "explainer_stats.json",
            "explanations",
            "fuzz_stats.json",
            "run_config.json",
            "scores",
            "scoring_timing.json",
            "timing.json",
        }
        names = {path.name for path in (demo / run / "explanations").iterdir()}
        assert len(names) == 156
        assert Counter(name.partition("_latent")[0] for name in names) == {
            "layers.1.mlp": 39,
            "layers.4.mlp": 39,
            "layers.7.mlp": 39,
            "layers.10.mlp": 39,
        }
        for score_type in SCORE_TYPES:
            assert {path.name for path in (demo / run / "scores" / score_type).iterdir()} == names


def test_configs_name_the_models_and_hold_no_secret(demo: Path) -> None:
    configs = [json.loads((demo / run / "run_config.json").read_bytes()) for run in RUNS]
    assert [config["explainer_model"] for config in configs] == [model.explainer_model for model in MODELS]
    assert len({config["scorer_model"] for config in configs}) == 1
    for config in configs:
        assert config["num_examples_per_scorer_prompt"] == 5
        assert config["log_probs"] is True
        assert config["cache_cfg"]["n_tokens"] == 10_000_000
        assert not {"hf_token", "explainer_api_key"} & set(config)


def test_explanations_are_texts_and_three_are_placeholders(demo: Path) -> None:
    texts = [
        json.loads(path.read_bytes())
        for run in RUNS
        for path in sorted((demo / run / "explanations").iterdir())
    ]
    assert all(isinstance(text, str) and text for text in texts)
    assert texts.count("Explanation could not be parsed.") == 3


def test_larger_models_are_slower_and_the_larger_of_a_family_writes_more(demo: Path) -> None:
    def stats(key: str, name: str, stage: str) -> dict[str, float]:
        return json.loads((demo / f"{key}_explanation_comparison" / name).read_bytes())[stage]

    explainers = {model.key: stats(model.key, "explainer_stats.json", "DefaultExplainer") for model in MODELS}
    assert {each["count"] for each in explainers.values()} == {156}
    for small, large in [
        ("Qwen3_4B_quantized_w4a16", "Qwen3_14B_quantized_w4a16"),
        ("gemma_3_4b_it_quantized_w4a16", "gemma_3_12b_it_quantized_w4a16"),
        ("gemma_3_12b_it_quantized_w4a16", "gemma_3_27b_it_quantized_w4a16"),
    ]:
        assert explainers[small]["total_time"] < explainers[large]["total_time"]
        assert explainers[small]["completion_tokens"] < explainers[large]["completion_tokens"]
    for model in MODELS:
        for score_type in SCORE_TYPES:
            assert stats(model.key, f"{score_type}_stats.json", score_type)["count"] == 15_600
        timing = json.loads((demo / f"{model.key}_explanation_comparison" / "timing.json").read_bytes())
        assert set(timing) == {"explanation_time_seconds", "scoring_time_seconds", "total_time_seconds"}
        assert all(seconds > 0 for seconds in timing.values())


def test_every_explained_latent_fired_often_enough(demo: Path, scores: Scores) -> None:
    path = demo / "cache_pythia-160m" / "log" / "hookpoint_firing_counts.pt"
    counts = {hookpoint: list(numbers) for hookpoint, numbers in read_firing_counts(path.read_bytes())}
    assert {hookpoint: len(numbers) for hookpoint, numbers in counts.items()} == {
        "layers.1.mlp": 32_768,
        "layers.4.mlp": 32_768,
        "layers.7.mlp": 32_768,
        "layers.10.mlp": 32_768,
    }
    explained = set(scores[RUNS[0], "fuzz"])
    for hookpoint, numbers in counts.items():
        # k = 32 latents fire on each of the tokens, at most.
        assert sum(numbers) < 32 * 10_000_000
        for index in range(45):
            assert (numbers[index] >= 200) == (f"{hookpoint}_latent{index}.txt" in explained)
        assert max(numbers) > 100 * sorted(numbers)[len(numbers) // 2]


def test_summary_counts_what_is_there_and_it_is_small(tmp_path: Path) -> None:
    summary = write_demo(tmp_path / "a" / "demo")
    sizes = [path.stat().st_size for path in (tmp_path / "a").rglob("*") if path.is_file()]
    assert summary == Demo(n_runs=5, n_latents=156, n_files=len(sizes), n_bytes=sum(sizes))
    assert sum(sizes) < 40_000_000


def test_bytes_are_the_same_again_elsewhere_and_in_place(demo: Path, tmp_path: Path) -> None:
    write_demo(tmp_path)
    first = digests(demo)
    assert digests(tmp_path) == first
    # A file of the user's among them is kept, and not counted.
    (tmp_path / "warehouse.duckdb").touch()
    assert write_demo(tmp_path).n_files == len(first)
    (tmp_path / "warehouse.duckdb").unlink()
    assert digests(tmp_path) == first
    # On every machine and Python; whoever means to change the demo changes the number in the README and this.
    whole = hashlib.sha256(json.dumps(first, sort_keys=True).encode()).hexdigest()
    assert whole == "936106f1d6517950b2b1355947a651e8ef4a6e0539c6c7b1b333d4a71760a02d"


def test_what_is_not_the_demo_is_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / RUNS[0] / "run_config.json"
    mine.parent.mkdir()
    mine.write_text("{}")
    with pytest.raises(DemoError, match="files that are not this demo's, wanted a new or empty directory"):
        write_demo(tmp_path)
    (tmp_path / "README.txt").write_text("Sample results, made by an older version.")
    with pytest.raises(DemoError, match="files that are not this demo's"):
        write_demo(tmp_path)
    assert mine.read_text() == "{}"
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["README.txt", RUNS[0]])


def test_place_that_cannot_hold_the_demo_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DemoError, match="file: found a file, wanted a directory"):
        write_demo(file)
    with pytest.raises(DemoError, match="Not a directory, wanted to write the demo"):
        write_demo(file / "below")


def test_many_models_are_made_from_the_five(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.many_models", str(tmp_path), "6"]
    subprocess.run(command, check=True, cwd=PROJECT)
    variant = f"{MODELS[0].key}_v1_explanation_comparison"
    assert {path.name for path in tmp_path.iterdir()} == {*RUNS, variant, "cache_pythia-160m"}
    config = json.loads((tmp_path / variant / "run_config.json").read_bytes())
    assert config["explainer_model"] == f"{MODELS[0].explainer_model}-v1"
    examples = [
        example
        for path in (tmp_path / variant / "scores" / "detection").iterdir()
        for example in json.loads(path.read_bytes())
    ]
    totals = MODELS[0].totals["detection"]
    assert len(examples) == 15_600
    assert sum(example["prediction"] is None for example in examples) == totals.failed
    n_yes = sum(example["prediction"] is True for example in examples)
    assert n_yes != totals.tp + totals.fp
