"""Best of k: several explanations of a latent, each with its scores, and one that measures are about."""

from pathlib import Path

from conftest import Load, Query
from run_files import examples, write_run
from score_files import embedded


def test_every_candidate_is_loaded_and_the_first_counts(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    write_run(
        tmp_path / "run",
        {
            "fuzz": {
                "layers.1_latent1_0": examples(tp=3, fn=1),
                "layers.1_latent1_1": examples(tp=4),
                "layers.1_latent2": examples(tp=1, fn=1),
            },
            "near": {
                # The file of the first one was lost.
                "layers.1_latent1_1": [embedded(0, 0.9), embedded(-1, 0.1)],
                "layers.1_latent1_2": [embedded(0, 0.1), embedded(-1, 0.9)],
            },
        },
        {
            "layers.1_latent1_0": "first",
            "layers.1_latent1_1": "second",
            "layers.1_latent1_10": "eleventh",
            "layers.1_latent2": "alone",
        },
    )
    summary = load_into(tmp_path)
    assert (summary.n_loaded, summary.n_failed, summary.n_unsupported) == (9, 0, 0)
    found = query(
        "select latent_idx, candidate_idx, is_used, explanation from explanations"
        " order by latent_idx, candidate_idx"
    )
    assert found == [
        (1, 0, True, "first"),
        (1, 1, False, "second"),
        (1, 10, False, "eleventh"),
        (2, None, True, "alone"),
    ]
    assert query("select latent_idx, accuracy from latent_metrics order by all") == [(1, 0.75), (2, 0.5)]
    assert query("select value from run_measures where score_type = 'near' and name = 'auc'") == [(1.0,)]
    assert query("select n_latents, accuracy from run_metrics where score_type = 'fuzz'") == [(2, 4 / 6)]
    candidates = query(
        "select score_type, candidate_idx, is_used, value from candidate_metrics"
        " where measure in ('accuracy', 'auc') order by all"
    )
    assert candidates == [
        ("fuzz", 0, True, 0.75),
        ("fuzz", 1, False, 1.0),
        ("near", 1, True, 1.0),
        ("near", 2, False, 0.0),
    ]
    assert query("select candidate_idx, count(*) from examples group by all order by all") == [
        (0, 4), (1, 4), (None, 2),
    ]  # fmt: skip
    # Again is the same, and what is gone leaves the next one.
    assert load_into(tmp_path).n_loaded == 0
    (tmp_path / "run" / "scores" / "fuzz" / "layers.1_latent1_0.txt").unlink()
    load_into(tmp_path)
    assert query("select latent_idx, accuracy from latent_metrics order by all") == [(1, 1.0), (2, 0.5)]


def test_a_file_without_a_number_comes_before_candidates(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    stems = {"layers.1_latent1_0": examples(fn=1), "layers.1_latent1": examples(tp=1)}
    write_run(tmp_path / "run", {"fuzz": stems})
    load_into(tmp_path)
    assert query("select accuracy from latent_metrics") == [(1.0,)]


def test_a_candidate_that_cannot_be_read_leaves_the_next(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    write_run(tmp_path / "run", {"fuzz": {"layers.1_latent1_0": "[{", "layers.1_latent1_1": examples(tp=1)}})
    assert load_into(tmp_path).n_failed == 1
    assert query("select accuracy from latent_metrics") == [(1.0,)]
