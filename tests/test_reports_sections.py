"""Every section on real and on awkward warehouses, under both policies; and its SQL gives its rows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from run_files import Example, example, examples, write_run

from loader.load import Settings, load
from reports.assemble.fill import fill, placements
from reports.assemble.filled import Report
from reports.assemble.report import assemble
from reports.latents.browser import COUNTS, MEASURES, SCALE, read_browser
from reports.prices import Price
from reports.render.page import write_page
from reports.sections.contents import SECTIONS, exhibit_named
from reports.warehouse import Selection, open_warehouse

POLICIES = ("valid", "strict")
PRICES = (Price("Qwen3-14B", 0.1, 0.4), Price("O'Neill", 1.0, 2.0))
CONFIG = {"model": "subject", "sparse_model": "sae", "num_examples_per_scorer_prompt": 3}


def spread(flip: int, neighbours: bool = False) -> list[Example]:
    """Return 12 examples of both classes, their probabilities spread, one in `flip` judged wrongly."""
    return [
        example(
            place % 2 == 0,
            (place % 2 == 0) != (place % flip == 0),
            probability=(place * 7 % 12) / 11,
            distance=place // 2 % 3 if place % 2 == 0 else -0.1 * place if neighbours else -1.0,
        )
        for place in range(12)
    ]


def one_class(results: Path) -> None:
    write_run(results / "run", {"fuzz": {f"layers.1_latent{n}": examples(tp=3, fn=1) for n in range(3)}})


def all_failed(results: Path) -> None:
    write_run(results / "run", {"fuzz": {"layers.1_latent3": examples(failed=7)}}, config=CONFIG)


def one_latent(results: Path) -> None:
    write_run(results / "run", {"fuzz": {"layers.1_latent3": examples(tp=3, fp=1, tn=2, fn=1, failed=1)}})


def nothing_scored(results: Path) -> None:
    write_run(results / "run", explanations={"layers.1_latent3": "years"}, config=CONFIG)


def probabilities_and_neighbours(results: Path) -> None:
    source = {"constructor_cfg": {"non_activating_source": "neighbours"}}
    for name, flip in (("one", 3), ("two", 5)):
        scores = {f"layers.1_latent{n}": spread(flip + n % 2, neighbours=True) for n in range(12)}
        write_run(results / name, {"fuzz": scores, "odd {name}": scores}, config=CONFIG | source)


def ragged_tails(results: Path) -> None:
    for name, latents in (("one", 4), ("two", 2)):
        answers = examples(tp=2, fp=1, tn=2, fn=1, failed=2)
        write_run(
            results / name, {"fuzz": {f"layers.{n}_latent3": answers for n in range(latents)}}, {}, CONFIG
        )


AWKWARD: tuple[Callable[[Path], None], ...] = (
    one_class,
    all_failed,
    one_latent,
    nothing_scored,
    probabilities_and_neighbours,
    ragged_tails,
)


def check(report: Report) -> None:
    """Hold what is true of every report: it can be written, its ids differ, every exhibit speaks."""
    assert "<!doctype html>" in write_page(report)
    keys = [shown.key for shown in report.every_shown()]
    assert len(keys) == len(set(keys))
    for shown in report.every_shown():
        assert len(shown.caption) > 10
        assert "nan" not in shown.caption.lower().split()


@pytest.mark.parametrize(
    ("write", "policy"),
    [*((write, "valid") for write in AWKWARD), (all_failed, "strict"), (one_class, "strict")],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_an_awkward_warehouse_gives_a_report(
    tmp_path: Path, write: Callable[[Path], None], policy: str
) -> None:
    path = tmp_path / "w.duckdb"
    write(tmp_path / "results")
    load(path, [tmp_path / "results"], Settings())
    with open_warehouse(path) as warehouse:
        report = assemble(warehouse, "Awkward", policy)
    check(report)


@pytest.mark.parametrize("policy", POLICIES)
def test_the_demo_gives_every_exhibit_rows(demo_warehouse: Path, policy: str) -> None:
    with open_warehouse(demo_warehouse, Selection(prices=PRICES)) as warehouse:
        report = assemble(warehouse, "Demo", policy)
    check(report)
    without = {shown.exhibit.name for shown in report.every_shown() if shown.frame.empty}
    assert without <= {"roc_curve", "reliability_curve", "settings_accuracy", "problems"}
    drawn = {shown.exhibit.name for shown in report.every_shown() if shown.figure is not None}
    could = {exhibit.name for section in SECTIONS for exhibit in section.exhibits if exhibit.figure}
    classifiers = could - {"other_scores"}
    assert classifiers - drawn <= {"roc_curve", "reliability_curve", "settings_accuracy", "judge_matrix"}


@pytest.mark.parametrize(
    ("policy", "exhibits"), [("valid", None), ("strict", {"accuracy_bar", "f1_bar", "comparison"})]
)
def test_a_copied_query_gives_the_rows_that_are_shown(
    demo_warehouse: Path, policy: str, exhibits: set[str] | None
) -> None:
    filters = Selection(models=("Qwen3*", "Gemma-3-4B-IT"), score_types=("fuzz",), prices=PRICES)
    with open_warehouse(demo_warehouse, filters) as warehouse:
        report = assemble(warehouse, "Demo", policy)
    for shown in report.every_shown():
        if exhibits is None or shown.exhibit.name in exhibits:
            with duckdb.connect(demo_warehouse, read_only=True) as connection:
                theirs = connection.execute(shown.sql).df()
            pd.testing.assert_frame_equal(theirs, shown.frame)


def test_the_copied_query_of_the_latents_gives_the_scores_that_are_shown(demo_warehouse: Path) -> None:
    filters = Selection(models=("Qwen3*",), score_types=("fuzz",))
    with open_warehouse(demo_warehouse, filters) as warehouse:
        shown = read_browser(warehouse, {}, n_examples=0)
    with duckdb.connect(demo_warehouse, read_only=True) as connection:
        theirs = connection.execute(shown.sql).df()
    overview = shown.overview
    columns = {**dict.fromkeys(COUNTS, 1), **dict.fromkeys(MEASURES, SCALE)}
    rows = {}
    for slot in overview["slots"]:
        values = {**slot["counts"], **slot["measures"]}
        for place, (hookpoint, latent) in enumerate(
            zip(overview["latents"]["hookpoint"], overview["latents"]["index"], strict=True)
        ):
            run = overview["runs"][slot["run"]]["label"]
            key = run, slot["scoreType"], overview["hookpoints"][hookpoint], latent
            rows[key] = [values[name][place] for name in columns]
    assert len(rows) == len(theirs) == 2 * 156
    for row in theirs.to_dict("records"):
        key = row["run_label"], row["score_type"], row["hookpoint"], row["latent_idx"]
        expected = [
            None if pd.isna(row[name]) else round(float(row[name]) * scale) for name, scale in columns.items()
        ]
        assert rows[key] == expected


def test_the_real_results_give_a_report(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    load(path, [shared_data / "real-results"], Settings())
    with open_warehouse(path) as warehouse:
        report = assemble(warehouse, "Real")
    check(report)
    (ranking,) = (s.frame for s in report.every_shown() if s.exhibit.name == "accuracy_bar")
    # base and fine-tuned models share indices, not latents
    assert set(ranking["against_best"]) == {"best", "not comparable", "not ranked"}
    assert "have no prediction" in dict(report.statements)["Worst in the data"]


def test_probabilities_and_distances_are_drawn(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    probabilities_and_neighbours(tmp_path / "results")
    load(path, [tmp_path / "results"], Settings())
    with open_warehouse(path) as warehouse:
        report = assemble(warehouse, "Probabilities")
    drawn = {shown.name for shown in report.every_shown() if shown.figure is not None}
    assert {"roc_curve_fuzz", "reliability_curve_fuzz", "false_alarm_rate_odd {name}"} <= drawn
    (sources,) = (s.frame["source"] for s in report.every_shown() if s.name == "false_alarm_rate_fuzz")
    assert sources.str.startswith("neighbours, ").all()


def test_the_strict_policy_ranks_by_what_counts_failures_as_wrong(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    few = examples(tp=4, tn=4, failed=8)
    many = examples(tp=5, fp=1, tn=5, fn=1)
    for name, answers in (("few answers", few), ("many answers", many)):
        scores = {f"layers.1_latent{n}": answers for n in range(12)}
        write_run(tmp_path / "results" / name, {"fuzz": scores}, config=CONFIG)
    load(path, [tmp_path / "results"], Settings())
    first = {}
    for policy in POLICIES:
        with open_warehouse(path) as warehouse:
            report = assemble(warehouse, "Policies", policy)
        (ranking,) = (s.frame for s in report.every_shown() if s.exhibit.name == "accuracy_bar")
        first[policy] = ranking["run_name"].iloc[0]
        assert ranking[["accuracy", "accuracy_strict"]].notna().all(axis=None)
    assert first == {"valid": "few answers", "strict": "many answers"}
    assert "counts as wrong" in report.scope


def test_who_knows_that_latents_are_the_same_can_say_so(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    for name, flip in (("one", 3), ("two", 5)):
        scores = {f"layers.1_latent{n}": spread(flip + n % flip) for n in range(12)}
        for answers in scores.values():
            for place, each in enumerate(answers):
                each["str_tokens"] = [name, str(place)]
        write_run(tmp_path / "results" / name, {"fuzz": scores})
    load(path, [tmp_path / "results"], Settings())
    verdicts = []
    for selection in (Selection(), Selection(same_latents=("*",))):
        with open_warehouse(path, selection) as warehouse:
            verdicts.append(warehouse.read("select tied_with_best from model_ranking order by rank"))
    assert verdicts[0]["tied_with_best"].isna().sum() == 1
    assert verdicts[1]["tied_with_best"].notna().all()


def test_an_exhibit_is_there_if_the_warehouse_has_its_family_of_scores() -> None:
    families = {"classifier": ("detection", "fuzz"), "simulation": ("sim",)}
    exhibit = exhibit_named("coverage")
    names = {
        (by_score_type, family): [
            placement.name
            for placement in placements(
                replace(exhibit, by_score_type=by_score_type, family=family), families
            )
        ]
        for by_score_type in (False, True)
        for family in (None, "simulation", "embedding")
    }
    assert names == {
        (False, None): ["coverage"],
        (False, "simulation"): ["coverage"],
        (False, "embedding"): [],
        (True, None): ["coverage_detection", "coverage_fuzz", "coverage_sim"],
        (True, "simulation"): ["coverage_sim"],
        (True, "embedding"): [],
    }


def test_the_ranking_says_how_many_latents_may_be_unlike_all_that_were_seen(demo_warehouse: Path) -> None:
    with open_warehouse(demo_warehouse, Selection(score_types=("fuzz",))) as warehouse:
        (shown,) = fill(exhibit_named("accuracy_bar"), warehouse)
    # 3 of 156
    assert "up to 1.9 % of the latents (3 / G) may be of a kind that was not seen." in shown.caption
