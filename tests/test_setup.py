"""What the runs were set to: `setup_facts`, its card on the page, and a column per setting that differs."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Load, Query
from run_files import examples, write_run

from loader.load import Settings, load
from reports.assemble.fill import fill_once, placements
from reports.assemble.filled import Shown
from reports.exhibit import cell
from reports.sections.contents import exhibit_named
from reports.style import looks_of
from reports.warehouse import Selection, open_warehouse

LATENTS = {"layers.10_latent1": examples(tp=1, tn=1), "layers.2_latent7": examples(tp=1, tn=1)}
CONFIG = {
    "model": "org/subject",
    "sparse_model": "/models/sae",
    "explainer_model": "org/E",
    "num_examples_per_scorer_prompt": 5,
    "cache_cfg": {"n_tokens": 1_500_000},
    "constructor_cfg": {"non_activating_source": "random"},
}


@pytest.fixture
def three_runs(tmp_path: Path, load_into: Load) -> None:
    """Load two runs of two latents, under one scorer and two, and one of one latent without a config."""
    results = tmp_path / "results"
    write_run(results / "a", {"fuzz": LATENTS}, config=CONFIG)
    write_run(
        results / "b", {"fuzz": LATENTS, "detection": LATENTS}, config=CONFIG | {"explainer_model": "org/F"}
    )
    write_run(results / "c", {"fuzz": {"layers.2_latent7": examples(tp=1, tn=1)}})
    load_into(results)


def shown(warehouse: Path, name: str, selection: Selection = Selection()) -> Shown:  # noqa: B008
    with open_warehouse(warehouse, selection) as opened:
        (placement,) = placements(exhibit_named(name), opened.families)
        return fill_once(placement, opened, looks_of(opened.all_runs), "valid")


def said(card: Shown) -> dict[str, str]:
    """Return what the card says of each fact."""
    fact, text = card.columns
    return {cell(fact, row): cell(text, row) for row in card.frame.to_dict("records")}


@pytest.mark.usefixtures("three_runs")
def test_a_fact_is_a_row_per_value_with_the_number_of_runs(query: Query) -> None:
    assert query("select * from setup_facts order by position, value") == [
        (1, "subject model", "org/subject", 2),
        (1, "subject model", None, 1),
        (2, "sparse model", "/models/sae", 2),
        (2, "sparse model", None, 1),
        (3, "hookpoint", "layers.10", 2),
        (3, "hookpoint", "layers.2", 3),
        (4, "latents", "1", 1),
        (4, "latents", "2", 2),
        (5, "explainer", "org/E", 1),
        (5, "explainer", "org/F", 1),
        (5, "explainer", None, 1),
        (6, "scorer", "org/E", 1),
        (6, "scorer", "org/F", 1),
        (6, "scorer", None, 1),
        (7, "score type", "detection", 1),
        (7, "score type", "fuzz", 3),
        (8, "examples per prompt", "5", 2),
        (8, "examples per prompt", None, 1),
        (9, "negatives", "random", 2),
        (9, "negatives", None, 1),
        (10, "tokens cached", "1,500,000", 2),
        (10, "tokens cached", None, 1),
    ]


@pytest.mark.usefixtures("three_runs")
def test_the_card_says_how_many_runs_where_not_all_say_the_same(warehouse: Path, query: Query) -> None:
    facts = said(shown(warehouse, "setup"))
    loaded = query("select strftime(max(loaded_at), '%Y-%m-%d %H:%M UTC (load 1)') from load_history")
    assert facts.pop("loaded") == loaded[0][0]
    assert facts.pop("made by").startswith("loader ")
    assert facts == {
        "subject model": "org/subject (2 runs), not told",
        "sparse model": "sae (2 runs), not told",
        "hookpoint": "layers.2, layers.10 (2 runs)",
        "latents": "2 (2 runs), 1",
        "explainer": "org/E, org/F, not told",
        "scorer": "org/E, org/F, not told",
        "score type": "fuzz, detection",
        "examples per prompt": "5 (2 runs), not told",
        "negatives": "random (2 runs), not told",
        "tokens cached": "1,500,000 (2 runs), not told",
    }


@pytest.mark.usefixtures("three_runs")
def test_the_card_is_of_the_selected_runs_and_leaves_out_what_none_says(warehouse: Path) -> None:
    assert said(shown(warehouse, "setup", Selection(runs=("c",)))).keys() == {
        "hookpoint", "latents", "score type", "loaded", "made by",
    }  # fmt: skip


# DuckDB numbers names that are taken.
@pytest.mark.parametrize(
    ("setting", "heading"),
    [("temperature", "temperature"), ("run_label", "run_label_1"), ("Run_ID", "Run_ID_1")],
)
def test_settings_that_differ_are_columns_whatever_they_are_called(
    tmp_path: Path, load_into: Load, warehouse: Path, setting: str, heading: str
) -> None:
    configs: list[dict[str, Any]] = [{"n": 1, setting: "low"}, {"n": 1, setting: "high"}, {"n": 1}]
    for name, config in zip("abc", configs, strict=True):
        write_run(tmp_path / "results" / name, {"fuzz": LATENTS}, config=config)
    load_into(tmp_path / "results")
    table = shown(warehouse, "config_differences")
    assert [column.heading for column in table.columns] == ["Run", heading]
    rows = [[cell(column, row) for column in table.columns] for row in table.frame.to_dict("records")]
    assert rows == [["a", "low"], ["b", "high"], ["c", "\N{EN DASH}"]]


def test_a_strict_measure_that_repeats_the_plain_one_is_left_out(tmp_path: Path) -> None:
    def headings(name: str, n_failed: int) -> list[str]:
        place = tmp_path / name
        write_run(place / "results" / "a", {"fuzz": {"h_latent1": examples(tp=2, tn=1, failed=n_failed)}})
        load(place / "warehouse.duckdb", [place / "results"], Settings())
        with open_warehouse(place / "warehouse.duckdb") as opened:
            (placement,) = placements(exhibit_named("accuracy_bar"), opened.families)
            table = fill_once(placement, opened, None, "valid")
        return [column.heading for column in table.columns if "trict" in column.heading]

    assert headings("all answered", 0) == []
    assert headings("one failed", 1) == ["Strict", "F1 strict"]
