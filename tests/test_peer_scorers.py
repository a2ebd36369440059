"""Score files that delphi's own scorer classes make, without models: read whole, measured as by delphi."""

from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

import pytest
from conftest import Load, Query
from run_files import write
from sklearn.metrics import roc_auc_score

pytestmark = [
    pytest.mark.peers,
    # delphi leaves these to its users: correlations with what does not vary, and old calls.
    pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning", "ignore::UserWarning"),
]

NAMES = ("simulation", "intruder", "embedding", "example_embedding", "surprisal", "fuzz", "detection")


@pytest.fixture(scope="module")
def scores() -> dict[tuple[str, int], Any]:
    """Have each of delphi's scorers score three latents."""
    from delphi_scorers import scores_of

    return {
        (name, latent): scores_of(name, Random(f"{name} {latent}")) for name in NAMES for latent in range(3)
    }


@pytest.fixture
def found(
    scores: dict[tuple[str, int], Any], tmp_path: Path, load_into: Load, query: Query
) -> dict[tuple[Any, ...], float]:
    """Load what was scored; return the measures by score type, latent, measure and quantile."""
    from delphi_scorers import written

    for (name, latent), score in scores.items():
        write(tmp_path / "run" / "scores" / name / f"layers.1_latent{latent}.txt", written(score))
    summary = load_into(tmp_path)
    assert (summary.n_loaded, summary.n_failed, summary.n_unsupported) == (len(scores), 0, 0)
    rows = query(
        """
        select score_type, latent_idx, measure, quantile, a / b
        from measure_facts
        join current_files using (file_id)
        """
    )
    return {tuple(row[:4]): row[4] for row in rows}


def close(value: float) -> Any:
    return pytest.approx(value, abs=1e-11)


def test_correlations_are_delphis(
    scores: dict[tuple[str, int], Any], found: dict[tuple[Any, ...], float]
) -> None:
    for latent in range(3):
        groups = {group.distance: group.ev_correlation_score for group in scores["simulation", latent]}
        assert set(groups) == {0, 1, 2, 3}
        for distance, theirs in groups.items():
            quantile = None if distance == 0 else distance - 1
            assert found["simulation", latent, "correlation", quantile] == close(theirs)


def test_the_intruders_found_are_delphis(
    scores: dict[tuple[str, int], Any], found: dict[tuple[Any, ...], float]
) -> None:
    for latent in range(3):
        sets = scores["intruder", latent]
        answered = [one for one in sets if one.sample is not None]
        assert 0 < len(answered) < len(sets)
        assert found["intruder", latent, "accuracy", None] == close(fmean(one.correct for one in answered))
        assert found["intruder", latent, "accuracy_strict", None] == close(fmean(one.correct for one in sets))
        assert found["intruder", latent, "chance", None] == close(1 / 4)


def test_areas_are_those_of_delphis_similarities_and_losses(
    scores: dict[tuple[str, int], Any], found: dict[tuple[Any, ...], float]
) -> None:
    for latent in range(3):
        texts = scores["embedding", latent]
        area = roc_auc_score([text.distance >= 0 for text in texts], [text.similarity for text in texts])
        assert found["embedding", latent, "auc", None] == close(area)
        pairs = scores["example_embedding", latent]
        deltas = [delta for pair in pairs for delta in (pair.delta_plus, pair.delta_minus)]
        assert found["example_embedding", latent, "auc", None] == close(
            roc_auc_score([1, 0] * len(pairs), deltas)
        )
        texts = scores["surprisal", latent]
        gains = [fmean(text.no_explanation) - fmean(text.explanation) for text in texts]
        assert found["surprisal", latent, "gain", None] == close(fmean(gains))
        area = roc_auc_score([text.distance >= 0 for text in texts], gains)
        assert found["surprisal", latent, "auc", None] == close(area)


def test_classifiers_answers_are_counted_as_delphi_gave_them(
    scores: dict[tuple[str, int], Any], found: dict[tuple[Any, ...], float], query: Query
) -> None:
    for name in ("fuzz", "detection"):
        for latent in range(3):
            pairs = [(one.activating, one.prediction) for one in scores[name, latent]]
            counts = [
                pairs.count(pair) for pair in ((True, True), (False, True), (False, False), (True, False))
            ]
            failed = sum(prediction is None for _, prediction in pairs)
            assert query(
                f"""
                select tp, fp, tn, fn, n_failed
                from latent_metrics
                where score_type = '{name}' and latent_idx = {latent}
                """
            ) == [(*counts, failed)]
