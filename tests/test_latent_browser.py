"""Which latents are one, and which examples of them a page carries."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from run_files import Example, example, write_run

from loader.load import Settings, load
from reports.cli import cli
from reports.latents.browser import LatentBrowser, latent_groups, natural, read_browser
from reports.latents.carried import carried
from reports.style import looks_of
from reports.warehouse import open_warehouse

CONFIG = {"model": "subject", "sparse_model": "sae"}


def browser_of(directory: Path, runs: dict[str, dict[str, list[Example]]], n_examples: int) -> LatentBrowser:
    """Write runs of one latent, by score type, load them and read the browser's data."""
    for name, scores in runs.items():
        files = {score_type: {"layers.1_latent3": listed} for score_type, listed in scores.items()}
        write_run(directory / "results" / name, files, {"layers.1_latent3": name}, CONFIG)
    load(directory / "w.duckdb", [directory / "results"], Settings())
    with open_warehouse(directory / "w.duckdb") as warehouse:
        return read_browser(warehouse, looks_of(warehouse.all_runs), n_examples)


def examples_of(data: LatentBrowser) -> dict[str, Any]:
    (latent,) = json.loads(data.example_chunks[0])
    return latent


def said(text: str, activating: bool, prediction: bool | None, strength: float = 0.0, **more: Any) -> Example:
    return example(activating, prediction, tokens=[text, "."], activations=[strength, 0.0], **more)


def test_the_strongest_the_wrongest_and_the_clearest_come_in_turn(tmp_path: Path) -> None:
    listed = [
        said("weak, right", True, True, 1.0),
        said("strong, right", True, True, 9.0),
        said("middle, missed", True, False, 5.0),
        said("false alarm", False, True),
        said("quiet", False, False),
        said("failed", False, None),
    ]
    expected = {
        1: {"strong, right"},
        2: {"strong, right", "middle, missed"},
        3: {"strong, right", "middle, missed", "quiet"},
        # the second strongest is there already, and so the second most wrongly judged comes next
        4: {"strong, right", "middle, missed", "quiet", "false alarm"},
        9: {"strong, right", "middle, missed", "quiet", "false alarm", "weak, right", "failed"},
    }
    for n_examples, texts in expected.items():
        latent = examples_of(browser_of(tmp_path / str(n_examples), {"one": {"fuzz": listed}}, n_examples))
        assert latent["n"] == 6
        assert latent["peak"] == 9.0
        assert {shown["text"].removesuffix(".") for shown in latent["examples"]} == texts


def test_a_text_that_runs_share_is_one_example_with_every_verdict(tmp_path: Path) -> None:
    shared: dict[str, Any] = {"activating": True, "strength": 2.0}
    runs = {
        "one": {
            "detection": [said("shared", **shared, prediction=True, probability=0.9)],
            # twice in one file
            "fuzz": [said("shared", **shared, prediction=answer) for answer in (True, False)],
        },
        "two": {
            "detection": [
                said("shared", **shared, prediction=None),
                said("other", True, True, 1.0),
                # the same text, active elsewhere, is another example
                said("shared", True, True, 3.0),
            ]
        },
    }
    data = browser_of(tmp_path, runs, 10)
    latent = examples_of(data)
    assert [(slot["run"], slot["scoreType"]) for slot in data.overview["slots"]] == [
        (0, "detection"),
        (0, "fuzz"),
        (1, "detection"),
    ]
    found = {(shown["text"], shown["strengths"][0]): shown["verdicts"] for shown in latent["examples"]}
    assert found == {
        ("shared.", 2.0): [
            [0, "right", 0.9],
            [1, "right", None],
            [1, "wrong", None],
            [2, "failed", None],
        ],
        ("other.", 1.0): [[2, "right", None]],
        ("shared.", 3.0): [[2, "right", None]],
    }
    assert latent["n"] == 3


def test_no_examples_are_carried_where_none_are_asked_for(tmp_path: Path) -> None:
    data = browser_of(tmp_path, {"one": {"fuzz": [said("text", True, True, 1.0)]}}, 0)
    assert data.example_chunks == []
    assert data.n_latents == 1


def test_an_explained_latent_without_scores_is_there(tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "run", explanations={"layers.1_latent3": "years"}, config=CONFIG)
    load(tmp_path / "w.duckdb", [tmp_path / "results"], Settings())
    with open_warehouse(tmp_path / "w.duckdb") as warehouse:
        data = read_browser(warehouse, looks_of(warehouse.all_runs))
    assert data.overview["texts"] == ["years"]
    assert data.overview["explanations"] == [[0]]
    assert data.overview["slots"] == []


def test_hookpoints_sort_by_their_numbers(tmp_path: Path) -> None:
    names = ["layers.10.mlp", "layers.2.mlp", "layers.2.attn", "10", "layers"]
    ordered = ["layers", "layers.2.attn", "layers.2.mlp", "layers.10.mlp", "10"]
    assert sorted(names, key=natural) == ordered
    write_run(
        tmp_path / "results" / "run", None, {f"{name}_latent{i}": "text" for name in names for i in (10, 9)}
    )
    load(tmp_path / "w.duckdb", [tmp_path / "results"], Settings())
    with open_warehouse(tmp_path / "w.duckdb") as warehouse:
        overview = read_browser(warehouse, {}).overview
    assert overview["hookpoints"] == ordered
    assert overview["latents"]["hookpoint"] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert overview["latents"]["index"] == [9, 10] * 5


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=12))
def test_groups_are_the_connected_runs(pairs: list[tuple[int, int]]) -> None:
    runs = [f"run{number}" for number in range(9)]
    groups = latent_groups(runs, [(runs[one], runs[other]) for one, other in pairs])
    reached = {run: {run} for run in runs}
    for _ in runs:
        for one, other in pairs:
            both = reached[runs[one]] | reached[runs[other]]
            for run in both:
                reached[run] = both
    for run, others in reached.items():
        assert {other for other in runs if groups[other] == groups[run]} == others
    first_seen = list(dict.fromkeys(groups[run] for run in runs))
    assert first_seen == list(range(len(first_seen)))


@pytest.mark.parametrize("n_examples", [1, 7])
def test_the_same_warehouse_gives_the_same_data(demo_warehouse: Path, n_examples: int) -> None:
    read = []
    for _ in range(2):
        with open_warehouse(demo_warehouse) as warehouse:
            read.append(read_browser(warehouse, looks_of(warehouse.all_runs), n_examples))
    assert read[0] == read[1]
    latents = json.loads(read[0].example_chunks[0])
    assert all(len(latent["examples"]) == n_examples for latent in latents)


# Of latents in rows 0 to 5: 4 is worst, then 1, 0, 3; 5 fires most, then 1, 2, 0, 3.
SCORED = {"row": [0, 1, 3, 4, 0, 1], "accuracy": [0.9, 0.8, 0.7, 0.1, 0.6, 0.5], "brier": [0, 3, 4, 1, 2, 0]}
FIRING = {"row": [0, 1, 2, 3, 5, 1], "firing_count": [20, 30, 40, 10, 60, 50]}


@pytest.mark.parametrize(
    ("measure", "at_most", "rows"),
    [
        ("accuracy", 0, []),
        ("accuracy", 1, [4]),
        ("accuracy", 2, [4, 5]),
        ("accuracy", 3, [1, 4, 5]),
        ("accuracy", 5, [0, 1, 2, 4, 5]),
        ("accuracy", 6, [0, 1, 2, 3, 4, 5]),
        # of a loss the greatest is the worst: 3, then 1
        ("brier", 2, [3, 5]),
        ("brier", 3, [1, 3, 5]),
    ],
)
def test_the_worst_and_the_most_frequent_carry_examples_by_turns(
    measure: str, at_most: int, rows: list[int]
) -> None:
    scores, firing = pd.DataFrame(SCORED), pd.DataFrame(FIRING)
    found = carried(scores, firing, measure, is_loss=measure == "brier", n_latents=6, at_most=at_most)
    assert found == rows


def test_latents_of_which_nothing_is_known_come_last() -> None:
    scores = pd.DataFrame({"row": [1, 3], "accuracy": [None, 0.5]}, dtype="float64")
    firing = pd.DataFrame({"row": [], "firing_count": []}, dtype="float64")
    rows = [
        carried(scores, firing, "accuracy", is_loss=False, n_latents=4, at_most=at_most)
        for at_most in range(4)
    ]
    assert rows == [[], [3], [0, 3], [0, 1, 3]]


def test_other_latents_carry_none_and_the_page_says_so(demo_warehouse: Path) -> None:
    with open_warehouse(demo_warehouse) as warehouse:
        looks = looks_of(warehouse.all_runs)
        every, some, none = (read_browser(warehouse, looks, 2, n_carried=n) for n in (2000, 7, 0))
    assert (every.left_out, every.n_carried) == ("", every.n_latents)
    assert some.overview == every.overview
    left, whole = (
        [latent for chunk in data.example_chunks for latent in json.loads(chunk)] for data in (some, every)
    )
    assert len(left) == some.n_latents
    assert sum(latent is not None for latent in left) == 7
    assert all(one in (None, same) for one, same in zip(left, whole, strict=True))
    assert some.left_out.startswith(f"The page carries examples of 7 of {some.n_latents} latents: by turns")
    assert (none.example_chunks, none.left_out) == ([], "The page carries no examples.")


def test_the_command_and_the_page_say_what_is_left_out(demo_warehouse: Path, tmp_path: Path) -> None:
    arguments = ["build", "-w", str(demo_warehouse), "-o", str(tmp_path), "--format", "html"]
    for options, is_said in (
        (["--latents", "7"], True),
        ([], False),
        (["--latents", "7", "--examples", "0"], False),
    ):
        result = CliRunner().invoke(cli, [*arguments, *options], catch_exceptions=False)
        assert result.exit_code == 0
        assert ("examples of 7 of" in result.stderr) == is_said
        assert ("examples of 7 of" in (tmp_path / "report.html").read_text()) == is_said
