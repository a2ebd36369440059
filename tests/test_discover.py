"""Which runs and files a walk finds, in every layout."""

import os
from pathlib import Path

import pytest
from run_files import examples, write, write_run

from loader.find.places import Places
from loader.find.walk import discover

ONE = {"fuzz": {"layers.1_latent1": examples(tp=1)}}


def found_runs(root: Path, **settings: bool) -> list[str]:
    root = root.resolve()
    return [str(run.path.relative_to(root)) for run in discover(Places([root], **settings)).runs]


def problem_kinds(root: Path, **settings: bool) -> list[tuple[str, str, str]]:
    root = root.resolve()
    found = discover(Places([root], **settings))
    return [(str(Path(p.path).relative_to(root)), p.kind, p.severity) for p in found.problems]


def test_runs_lie_at_any_depth_and_are_sorted(tmp_path: Path) -> None:
    write_run(tmp_path / "b_explanation_comparison", ONE, config={})
    write_run(tmp_path / "sparse model" / "group one" / "run", ONE, config={})
    write_run(tmp_path / "archive", ONE)
    assert found_runs(tmp_path) == ["archive", "b_explanation_comparison", "sparse model/group one/run"]


def test_the_results_directory_itself_may_be_a_run_with_others_inside(tmp_path: Path) -> None:
    write_run(tmp_path, ONE)
    write_run(tmp_path / "inner", ONE)
    assert found_runs(tmp_path) == [".", "inner"]


@pytest.mark.parametrize("content", ["config", "explanations"])
def test_an_incomplete_run_is_a_run(tmp_path: Path, content: str) -> None:
    if content == "config":
        write_run(tmp_path / "run", config={"model": "m"})
    else:
        write_run(tmp_path / "run", explanations={"layers.1_latent1": "years"})
    assert found_runs(tmp_path) == ["run"]


def test_a_foreign_scores_folder_is_no_run(tmp_path: Path) -> None:
    write(tmp_path / "training" / "scores" / "epoch1" / "model.pt", b"\x80")
    write(tmp_path / "exam" / "scores" / "results.csv", "a,b")
    write(tmp_path / "empty" / "scores" / "fuzz" / ".keep", "")
    assert found_runs(tmp_path) == []


def test_no_run_is_looked_for_in_a_cache_or_in_scores(tmp_path: Path) -> None:
    write_run(tmp_path / "cache_m" / "latents" / "x", ONE)
    write_run(tmp_path / "run" / "scores" / "fuzz" / "nested", ONE)
    write_run(tmp_path / "run", ONE)
    assert found_runs(tmp_path) == ["run"]


def test_the_files_of_a_run_are_listed_with_what_their_names_say(tmp_path: Path) -> None:
    write_run(
        tmp_path / "run",
        {"fuzz": {"backbone.layers.1_latent1": "[]"}, "fuzz active": {"a--b_latent2": "[]"}},
        {"layers.1_latent1": "x"},
        {},
        explainer_stats="{}", fuzz_stats="{}", timing="{}", scoring_timing="{}", other="{}",
    )  # fmt: skip
    write(tmp_path / "run" / "cached_dataframe.pkl", b"never opened")
    root = tmp_path.resolve() / "run"
    rows = [
        (str(Path(s.path).relative_to(root)), s.kind, s.score_type, s.hookpoint, s.latent_idx)
        for s in discover(Places([root])).sources
    ]
    assert rows == [
        ("explainer_stats.json", "stats", None, None, None),
        ("explanations/layers.1_latent1.txt", "explanation", None, "layers.1", 1),
        ("fuzz_stats.json", "stats", "fuzz", None, None),
        ("run_config.json", "config", None, None, None),
        ("scores/fuzz active/a--b_latent2.txt", "score", "fuzz active", "a/b", 2),
        ("scores/fuzz/backbone.layers.1_latent1.txt", "score", "fuzz", "backbone.layers.1", 1),
        ("scoring_timing.json", "timing", None, None, None),
        ("timing.json", "timing", None, None, None),
    ]


def test_files_that_name_no_latent_are_listed_as_problems(tmp_path: Path) -> None:
    write_run(tmp_path / "run", ONE)
    write(tmp_path / "run" / "scores" / "fuzz" / "notes.md", "")
    write(tmp_path / "run" / "scores" / "summary.csv", "")
    assert problem_kinds(tmp_path) == [
        ("run/scores/fuzz/notes.md", "unknown name", "unsupported"),
        ("run/scores/summary.csv", "stray file", "unsupported"),
    ]


def test_one_latent_under_two_names_is_taken_once(tmp_path: Path) -> None:
    scores = {"fuzz": {"layers.1_latent1": "[]", "layers.1_feature1": "[]", "layers.1_latent01": "[]"}}
    write_run(tmp_path / "run", scores)
    (source,) = discover(Places([tmp_path.resolve()])).sources
    # As delphi writes it today, without a zero before the number.
    assert Path(source.path).name == "layers.1_latent1.txt"
    assert [kind for _, kind, _ in problem_kinds(tmp_path)] == ["duplicate latent"] * 2


class TestLinks:
    """A link inside the given directories is followed, one that leads out only when asked."""

    def test_a_link_out_is_a_finding_and_not_followed(self, tmp_path: Path) -> None:
        outside = write_run(tmp_path / "outside" / "run", ONE)
        results = tmp_path / "results"
        write_run(results / "own", ONE)
        (results / "linked").symlink_to(outside)
        assert found_runs(results) == ["own"]
        assert problem_kinds(results) == [("linked", "link not followed", "finding")]

    def test_a_link_out_is_followed_when_asked(self, tmp_path: Path) -> None:
        outside = write_run(tmp_path / "outside" / "run", ONE).resolve()
        results = tmp_path / "results"
        results.mkdir()
        (results / "linked").symlink_to(outside)
        assert [run.path for run in discover(Places([results.resolve()], follow=True)).runs] == [outside]

    def test_a_link_inside_makes_no_second_run(self, tmp_path: Path) -> None:
        run = write_run(tmp_path / "run", ONE)
        (tmp_path / "latest").symlink_to(run)
        assert found_runs(tmp_path) == ["run"]

    def test_a_loop_ends(self, tmp_path: Path) -> None:
        run = write_run(tmp_path / "run", ONE)
        (run / "again").symlink_to(tmp_path)
        (run / "scores" / "loop").symlink_to(run / "scores")
        assert found_runs(tmp_path) == ["run"]

    def test_a_score_file_may_be_a_link_inside(self, tmp_path: Path) -> None:
        run = write_run(tmp_path / "run", ONE)
        link = run / "scores" / "fuzz" / "layers.1_latent2.txt"
        link.symlink_to(run / "scores" / "fuzz" / "layers.1_latent1.txt")
        assert [s.latent_idx for s in discover(Places([tmp_path.resolve()])).sources] == [1, 2]

    def test_a_broken_link_in_place_of_a_score_file_failed(self, tmp_path: Path) -> None:
        run = write_run(tmp_path / "run", ONE)
        (run / "scores" / "fuzz" / "layers.1_latent2.txt").symlink_to(tmp_path / "nowhere")
        (tmp_path / "latest").symlink_to(tmp_path / "nowhere")
        assert problem_kinds(tmp_path) == [
            ("latest", "broken link", "finding"),
            ("run/scores/fuzz/layers.1_latent2.txt", "broken link", "failed"),
        ]


class TestCaches:
    """Firing counts lie in the run, or beside it or beside its parents, within the given directories."""

    COUNTS = Path("log", "hookpoint_firing_counts.pt")

    def caches(self, root: Path, run: str) -> list[list[str]]:
        root = root.resolve()
        (found,) = [r for r in discover(Places([root])).runs if r.path == root / run]
        return [[os.path.relpath(path, root) for path in level] for level in found.caches]

    def test_in_the_run(self, tmp_path: Path) -> None:
        write_run(tmp_path / "run", ONE)
        write(tmp_path / "run" / self.COUNTS, b"")
        assert self.caches(tmp_path, "run") == [["run/log/hookpoint_firing_counts.pt"]]

    def test_beside_the_run_and_beside_its_parents(self, tmp_path: Path) -> None:
        write_run(tmp_path / "sparse" / "group" / "run", ONE)
        for cache in ("sparse/group/cache_m", "sparse/cache", "cache_far"):
            write(tmp_path / cache / self.COUNTS, b"")
        assert self.caches(tmp_path, "sparse/group/run") == [
            ["sparse/group/cache_m/log/hookpoint_firing_counts.pt"],
            ["sparse/cache/log/hookpoint_firing_counts.pt"],
            ["cache_far/log/hookpoint_firing_counts.pt"],
        ]

    def test_beside_a_run_that_was_given_itself(self, tmp_path: Path) -> None:
        write_run(tmp_path / "results" / "run", ONE)
        write(tmp_path / "results" / "cache_m" / self.COUNTS, b"")
        write(tmp_path / "cache_far" / self.COUNTS, b"")
        assert self.caches(tmp_path / "results" / "run", ".") == [
            ["../cache_m/log/hookpoint_firing_counts.pt"]
        ]


def test_a_name_that_is_not_utf8_failed(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", ONE)
    with open(os.fsencode(run / "scores" / "fuzz") + b"/layers.1\xff_latent2.txt", "w"):  # noqa: PTH123
        pass
    (problem,) = discover(Places([tmp_path.resolve()])).problems
    assert (problem.kind, problem.severity) == ("bad name", "failed")
    assert problem.path.endswith("layers.1\\xff_latent2.txt")
    assert problem.run_id == discover(Places([tmp_path.resolve()])).runs[0].run_id
