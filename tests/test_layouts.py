"""Which runs, score types and latents are found in people's layouts, and what is refused out loud."""

import os
import shutil
from pathlib import Path

import pytest
from conftest import Load, Query
from run_files import dump, examples, write

from loader.find.places import Places
from loader.find.walk import discover
from loader.load import NoRunsError

pytestmark = pytest.mark.usefixtures("no_rows_kept")

CONFIG = "experiment_config.json"


def touch(root: Path, *files: str) -> Path:
    """Write empty files; a walk opens none."""
    for file in files:
        write(root / file, b"")
    return root.resolve()


def found(root: Path) -> dict[str, list[str]]:
    """Return each run's files: run -> ["score type: hookpoint idx", ...], explanations without score type."""
    walk = discover(Places([root]))
    names = {run.run_id: os.path.relpath(run.path, root) for run in walk.runs}
    by_run: dict[str, list[str]] = {name: [] for name in names.values()}
    for source in walk.sources:
        if source.kind in ("score", "explanation"):
            latent = f"{source.hookpoint} {source.latent_idx}"
            text = f"{source.score_type}: {latent}" if source.score_type else latent
        else:
            text = source.kind
        by_run[names[source.run_id or ""]].append(text)
    return {name: sorted(files) for name, files in by_run.items()}


def problems(root: Path) -> list[tuple[str, str, str]]:
    return [
        (os.path.relpath(problem.path, root), problem.kind, problem.severity)
        for problem in discover(Places([root])).problems
    ]


def test_hookpoints_may_begin_with_a_dot(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "run/scores/fuzz/.model.layers.10_latent5.txt",
        "run/scores/fuzz/embed_latent5.txt",
        "run/scores/detection/.model.layers.10/5.json",
        "run/explanations/.model.layers.10_latent5.txt",
        # Other programs' hidden files.
        "run/scores/fuzz/._embed_latent5.txt",
        "run/scores/fuzz/._.model.layers.10_latent5.txt",
        "run/scores/fuzz/.DS_Store",
        "run/scores/fuzz/.gitkeep",
        "run/scores/fuzz/.ipynb_checkpoints/embed_latent6.txt",
        "run/scores/fuzz/.ipynb_checkpoints/7.json",
        "run/scores/fuzz/.git/embed_latent8.txt",
        "run/scores/.ipynb_checkpoints/embed_latent9.txt",
        "run/scores/fuzz/.backup/embed_latent9.txt",
        "run/.git/scores/fuzz/embed_latent9.txt",
        ".ipynb_checkpoints/run/scores/fuzz/embed_latent9.txt",
    )
    assert found(root) == {
        "run": [
            ".model.layers.10 5",
            "detection: .model.layers.10 5",
            "fuzz: .model.layers.10 5",
            "fuzz: embed 5",
        ]
    }
    assert problems(root) == []


@pytest.mark.parametrize("kind", ["scores/my scores", "explanations"])
def test_a_run_of_dotted_names_alone_is_a_run(tmp_path: Path, kind: str) -> None:
    root = touch(tmp_path, f"run/{kind}/.transformer.h.0_feature5.txt")
    assert [files[0][-18:] for files in found(root).values()] == [".transformer.h.0 5"]


def test_a_directory_may_be_named_after_the_hookpoint(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "run/scores/fuzz/layers.3.mlp/0.json",
        "run/scores/fuzz/layers.3.mlp/1.txt",
        "run/scores/fuzz/a/b/2.json",
        "run/scores/fuzz/a--b/3.json",
        "run/explanations/layers.3.mlp/layers.3.mlp_latent0.txt",
        "run/explanations/layers.3.mlp/1.json",
    )
    assert found(root) == {
        "run": [
            "fuzz: a/b 2",
            "fuzz: a/b 3",
            "fuzz: layers.3.mlp 0",
            "fuzz: layers.3.mlp 1",
            "layers.3.mlp 0",
            "layers.3.mlp 1",
        ]
    }


def test_a_slash_in_a_hookpoint_makes_a_directory_of_explanations(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "run/scores/fuzz/layer_13--width_16k--l0_82_latent7.txt",
        "run/explanations/layer_13/width_16k/l0_82_latent7.txt",
    )
    assert found(root) == {"run": ["fuzz: layer_13/width_16k/l0_82 7", "layer_13/width_16k/l0_82 7"]}


class TestExperiments:
    """The predecessor's layout: one pair of scores/ and explanations/ for all SAEs and experiments."""

    def test_each_experiment_is_a_run(self, tmp_path: Path) -> None:
        latent = ".model.layers.0_feature3.txt"
        root = touch(
            tmp_path,
            f"results/explanations/gemma/16k/default/{latent}",
            f"results/explanations/gemma/16k/default/{CONFIG}",
            f"results/scores/gemma/16k/default/fuzz/{latent}",
            f"results/scores/gemma/16k/default/fuzz/{CONFIG}",
            f"results/scores/gemma/16k/default/detection/{latent}",
            # The same explanations under another scorer, and one that writes beside its score types.
            f"results/scores/gemma/16k/default_scorer_8b/fuzz/{latent}",
            f"results/scores/llama/random/simulation/{latent}",
            f"results/explanations/llama/simulated/{latent}",
            f"results/scores/llama/simulated/{latent}",
        )
        assert found(root) == {
            "results/explanations/gemma/16k/default": [
                ".model.layers.0 3",
                "config",
                "config",
                "detection: .model.layers.0 3",
                "fuzz: .model.layers.0 3",
            ],
            "results/scores/gemma/16k/default_scorer_8b": ["fuzz: .model.layers.0 3"],
            "results/scores/llama/random": ["simulation: .model.layers.0 3"],
            "results/explanations/llama/simulated": [".model.layers.0 3", "simulated: .model.layers.0 3"],
        }
        assert problems(root) == []

    def test_without_explanations_and_known_names(self, tmp_path: Path) -> None:
        root = touch(
            tmp_path,
            "scores/sae/experiment/mine/layers.0_latent3.txt",
            "scores/sae/other/layers.0_latent3.txt",
        )
        assert found(root) == {
            "scores/sae/experiment": ["mine: layers.0 3"],
            "scores/sae/other": ["other: layers.0 3"],
        }

    def test_beside_delphis_config_directories_are_hookpoints(self, tmp_path: Path) -> None:
        root = touch(
            tmp_path,
            "run_config.json",
            "scores/mine/layer_13/w_latent3.txt",
            "explanations/layer_13/w_latent3.txt",
        )
        assert found(root) == {".": ["config", "layer_13/w 3", "mine: layer_13/w 3"]}

    def test_explanations_alone_with_their_config(self, tmp_path: Path) -> None:
        root = touch(
            tmp_path, f"explanations/sae/default/{CONFIG}", "explanations/sae/default/layers.0_latent3.txt"
        )
        assert found(root) == {"explanations/sae/default": ["config", "layers.0 3"]}

    def test_its_config_is_read_once(self, tmp_path: Path, load_into: Load, query: Query) -> None:
        for place in ("explanations/sae/default", "scores/sae/default/fuzz", "scores/sae/default/detection"):
            content = dump("years") if place.startswith("exp") else examples(tp=1)
            write(tmp_path / place / "layers.0_latent3.txt", content)
            write(tmp_path / place / CONFIG, {"example_ctx_len": 32})
        summary = load_into(tmp_path)
        assert (summary.n_loaded, summary.n_failed) == (6, 0)
        assert query("select run_name, config ->> '$.example_ctx_len' from runs") == [("default", "32")]
        assert query("select score_type, tp from latent_metrics order by 1") == [
            ("detection", 1),
            ("fuzz", 1),
        ]
        assert query("select explanation from explanations") == [("years",)]


class TestSides:
    """The first layout: score types and explanations beside each other, with one name before them."""

    def test_one_name_makes_one_run(self, tmp_path: Path) -> None:
        latent = ".transformer.h.0_feature0.txt"
        names = (
            "gpt2_explanations",
            "gpt2_fuzz",
            "gpt2_recall",
            "gpt2_small_fuzz",
            "gpt2_small_explanations",
        )
        root = touch(tmp_path, *(f"results/{name}/{latent}" for name in (*names, "pythia_detection_v2")))
        assert found(root) == {
            "results/gpt2_explanations": [
                ".transformer.h.0 0",
                "fuzz: .transformer.h.0 0",
                "recall: .transformer.h.0 0",
            ],
            "results/gpt2_small_explanations": [".transformer.h.0 0", "fuzz: .transformer.h.0 0"],
            "results/pythia_detection_v2": ["detection_v2: .transformer.h.0 0"],
        }
        assert problems(root) == []

    def test_score_types_without_scores_belong_to_the_directory_around_them(self, tmp_path: Path) -> None:
        root = touch(
            tmp_path,
            "run/explanations/h_latent0.txt",
            "run/fuzz/h_latent0.txt",
            "run/detection/h_latent0.txt",
        )
        assert found(root) == {"run": ["detection: h 0", "fuzz: h 0", "h 0"]}

    def test_other_directories_of_latents_are_refused_file_by_file(self, tmp_path: Path) -> None:
        root = touch(tmp_path, "a/h_latent0.txt", "a/h_latent1.txt", "a/notes.txt", "b/h_latent0.json")
        assert found(root) == {}
        assert problems(root) == [
            ("a/h_latent0.txt", "misplaced", "failed"),
            ("a/h_latent1.txt", "misplaced", "failed"),
        ]


def test_what_looks_like_scores_and_is_not_loaded_fails_file_by_file(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "a/scores/layers.1_latent0.txt",
        "a/scores/fuzz/layers.1_latent1.txt",
        "b/scores/fuzz/layer1-neuron5.txt",
        "b/scores/fuzz/layer1-neuron6.json",
        "b/scores/fuzz/plot.png",
        "c/scores/fuzz/0.json",
        "d/run_config.json",
        "d/scores/mine/part.json",
        "d/scores/fuzz/layers.1_latent1.txt",
        "d/scores/fuzz/readme.txt",
        "d/scores/fuzz/old/scores/fuzz/layers.1_latent1.txt",
        # Not ours.
        "e/scores/epoch/model.pt",
        "e/scores/2024/05/1.json",
    )
    assert sorted(found(root)) == ["a", "b", "c", "d"]
    assert problems(root) == [
        ("a/scores/layers.1_latent0.txt", "misplaced", "failed"),
        ("b/scores/fuzz/layer1-neuron5.txt", "unknown name", "failed"),
        ("b/scores/fuzz/layer1-neuron6.json", "unknown name", "failed"),
        ("b/scores/fuzz/plot.png", "unknown name", "unsupported"),
        ("c/scores/fuzz/0.json", "unknown name", "failed"),
        ("d/scores/fuzz/old/scores/fuzz/layers.1_latent1.txt", "misplaced", "failed"),
        ("d/scores/fuzz/readme.txt", "unknown name", "unsupported"),
        ("d/scores/mine/part.json", "unknown name", "failed"),
    ]


def test_of_two_names_of_a_latent_delphis_own_wins(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "run/scores/fuzz/h_latent01.txt",
        "run/scores/fuzz/h_latent1.txt",
        "run/scores/fuzz/h_latent1.json",
        "run/scores/fuzz/h_feature1.txt",
        "run/scores/fuzz/h/1.json",
        "run/scores/fuzz/h_latent02.txt",
    )
    walk = discover(Places([root]))
    assert [Path(source.path).name for source in walk.sources] == ["h_latent02.txt", "h_latent1.txt"]
    assert [kind for _, kind, _ in problems(root)] == ["duplicate latent"] * 4


def test_a_directory_of_scores_is_read_once_whatever_links_lead_to_it(tmp_path: Path) -> None:
    root = touch(tmp_path, "run/scores/fuzz/h_latent1.txt", "other/scores/detection/h_latent1.txt")
    scores = root / "run" / "scores"
    (scores / "a_loop").symlink_to(root / "run")
    (scores / "again").symlink_to(scores / "fuzz")
    (scores / "fuzz" / "up").symlink_to(scores)
    # Those of another run are not in the tree themselves.
    (scores / "borrowed").symlink_to(root / "other" / "scores" / "detection")
    assert found(root)["run"] == ["borrowed: h 1", "fuzz: h 1"]
    assert problems(root) == [
        (f"run/scores/{name}", "link not followed", "finding") for name in ("a_loop", "again", "fuzz/up")
    ]


def test_many_links_in_a_circle_end(tmp_path: Path) -> None:
    root = touch(tmp_path, *(f"run/scores/t{i}/h_latent1.txt" for i in range(12)))
    for i in range(12):
        for j in range(12):
            (root / "run" / "scores" / f"t{i}" / f"to{j}").symlink_to(root / "run" / "scores" / f"t{j}")
    assert len(found(root)["run"]) == 12
    assert len(problems(root)) == 144


def test_scores_that_are_nowhere_else_make_exit_1(tmp_path: Path, load_into: Load, query: Query) -> None:
    touch(tmp_path, "results/odd/h_latent0.txt", "results/odd/h_latent1.txt")
    summary = load_into(tmp_path / "results")
    assert (summary.n_runs, summary.n_failed) == (0, 2)
    assert query("select count(*) from load_problems where severity = 'failed'") == [(2,)]


@pytest.mark.parametrize("inside", ["scores", "scores/fuzz", "explanations"])
def test_a_directory_inside_a_run_is_told_of_the_run(tmp_path: Path, load_into: Load, inside: str) -> None:
    run = touch(tmp_path, "run/scores/fuzz/h_latent0.txt", "run/explanations/h_latent0.txt") / "run"
    with pytest.raises(NoRunsError, match=f"did you mean {run}"):
        load_into(run / inside)


def test_what_only_a_link_leads_to_is_named(tmp_path: Path, load_into: Load) -> None:
    touch(tmp_path, "outside/run/scores/fuzz/h_latent0.txt")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "linked").symlink_to(tmp_path / "outside")
    with pytest.raises(
        NoRunsError, match=r"linked: found a link to .*outside, outside the given directories"
    ):
        load_into(tmp_path / "results")


@pytest.mark.parametrize(
    ("case", "loaded", "failed", "latents"),
    [
        ("dot-names", 23, 0, {"fuzz": 12}),
        ("bom", 2, 0, {"fuzz": 1}),
        ("explanation-object", 4, 0, {"fuzz": 1}),
        ("layout-module-dirs", 8, 0, {"fuzz": 3, "detection": 3}),
        ("layout-article", 5, 0, {"fuzz": 1, "detection": 1}),
        ("slash-explanation", 3, 0, {"fuzz": 1}),
        ("zero-padded", 2, 1, {"fuzz": 1}),
        ("explanations-only", 1, 0, {}),
    ],
)
def test_the_shared_cases_load(
    shared_data: Path,
    load_into: Load,
    query: Query,
    case: str,
    loaded: int,
    failed: int,
    latents: dict[str, int],
) -> None:
    summary = load_into(shared_data / "cases" / case)
    assert (summary.n_loaded, summary.n_failed) == (loaded, failed)
    assert dict(query("select score_type, count(*) from latent_metrics group by all")) == latents
    # Each latent that was scored has its explanation, where there are any.
    if case in ("layout-article", "slash-explanation"):
        rows = query(
            "select count(*) from latent_metrics left join explanations using (run_id, hookpoint, latent_idx)"
            " where explanation is null"
        )
        assert rows == [(0,)]


def test_the_same_size_and_time_is_read_when_asked(
    shared_data: Path, tmp_path: Path, load_into: Load, query: Query
) -> None:
    cases = shared_data / "cases" / "same-size-mtime"
    results = tmp_path / "results"
    shutil.copytree(cases / "a", results)
    for file in results.rglob("*.txt"):
        os.utime(file, (1_600_000_000, 1_600_000_000))
    load_into(results)
    before = query("select hookpoint, latent_idx, tp, fp from latent_metrics order by all")
    for file in results.rglob("*.txt"):
        shutil.copy(cases / "b" / file.relative_to(results), file)
        os.utime(file, (1_600_000_000, 1_600_000_000))
    assert load_into(results).n_loaded == 0
    assert query("select hookpoint, latent_idx, tp, fp from latent_metrics order by all") == before
    again = load_into(results, reread=True)
    assert again.n_loaded > 0
    assert query("select hookpoint, latent_idx, tp, fp from latent_metrics order by all") != before
    assert load_into(results, reread=True).n_loaded == 0
