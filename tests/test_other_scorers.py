"""The report of scorers that are no classifiers: tables, figures, the head, the latent browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import duckdb
import pytest
from click.testing import CliRunner
from run_files import examples, write_run
from score_files import RANDOM_FILES

from loader.load import Settings, load
from reports.assemble.filled import Report
from reports.assemble.report import assemble
from reports.cli import cli
from reports.exhibit import CLASSIFIER, OTHER
from reports.latents.browser import SCALE
from reports.warehouse import Selection, open_warehouse

CONFIG = {"model": "subject", "sparse_model": "sae", "scorer_model": "org/Judge"}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, new_warehouse: Path) -> Path:
    """Load two runs that have scores of every family; return the warehouse."""
    rng, directory = Random(3), tmp_path_factory.mktemp("others")
    for run in ("one", "two"):
        scores = {
            name: {f"layers.1_latent{latent}": make(rng) for latent in range(12)}
            for name, make in RANDOM_FILES.items()
        }
        scores["fuzz"] = {f"layers.1_latent{latent}": examples(3, 1, 2, 2) for latent in range(12)}
        write_run(directory / run, scores, config=CONFIG | {"explainer_model": f"org/{run}"})
    warehouse = Path(shutil.copy(new_warehouse, directory / "warehouse.duckdb"))
    load(warehouse, [directory], Settings())
    return warehouse


@pytest.fixture(scope="module")
def report(results: Path) -> Iterator[Report]:
    """Assemble the report of the families that are no classifiers'."""
    with open_warehouse(results, Selection(score_types=tuple(RANDOM_FILES))) as warehouse:
        yield assemble(warehouse, "Others")


def test_score_types_are_told_by_what_their_files_are(results: Path) -> None:
    with open_warehouse(results) as warehouse:
        assert warehouse.families == {CLASSIFIER: ("fuzz",), OTHER: tuple(sorted(RANDOM_FILES))}


def test_each_scorer_has_its_table_its_figure_and_its_pairs(report: Report) -> None:
    (section,) = (filled for filled in report.sections if filled.section.name == "others")
    assert [(shown.exhibit.name, shown.score_type) for shown in section.shown] == [
        (name, score_type)
        for name in ("other_scores", "other_comparison")
        for score_type in sorted(RANDOM_FILES)
    ]
    for shown in section.shown[: len(RANDOM_FILES)]:
        assert shown.figure is not None
        assert shown.frame["value"].notna().all()
        assert shown.frame["against_best"].dropna().isin(["best", "tied", "behind"]).all()
    steering = next(shown for shown in section.shown if shown.score_type == "surprisal_intervention")
    # What is neither better nor worse has no rank and stands last.
    assert steering.frame["measure"].tolist() == ["final_score"] * 2 + ["avg_kl_divergence"] * 2
    assert steering.frame["rank"].isna().tolist() == [False, False, True, True]


def test_the_head_says_who_is_first_by_each_scorers_own_measure(report: Report) -> None:
    said = {statement.about: statement.text for statement in report.statements}
    for score_type, measure in (
        ("simulation", "correlation"),
        ("intruder", "accuracy"),
        ("embedding", "auc"),
        ("surprisal", "gain"),
        ("surprisal_intervention", "final score"),
    ):
        assert f"has the highest {measure}, " in said[f"Under {score_type}"]
    # No classifier's example is among these.
    assert "Coverage" not in said


def test_the_latent_browser_has_their_measures(report: Report, results: Path) -> None:
    overview = report.latents.overview
    assert "gain_other" in [measure["name"] for measure in overview["measures"] if measure["isLoss"]]
    assert overview["measure"] in [measure["name"] for measure in overview["measures"]]
    with duckdb.connect(results, read_only=True) as connection:
        expected = connection.execute(
            "select value from latent_scores where run_name = 'two' and measure = 'correlation'"
            " and quantile is null order by latent_idx"
        ).fetchall()
    (slot,) = (
        slot
        for slot in overview["slots"]
        if slot["scoreType"] == "simulation" and overview["runs"][slot["run"]]["name"] == "two"
    )
    assert slot["measures"] == {"correlation": [round(value * SCALE) for (value,) in expected]}
    assert slot["counts"]["tp"] == [None] * 12


def test_the_ranking_shows_every_family(results: Path) -> None:
    shown = CliRunner().invoke(cli, ["show", "ranking", "-w", str(results)])
    assert shown.exit_code == 0, shown.output
    for title in ("Accuracy under fuzz", "Measures under intruder", "Measures under surprisal"):
        assert title in shown.output
