"""Loading: what ends up in the tables, once and again, and what a change on disk does."""

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Load, Query
from run_files import dump, example, examples, write, write_run

from loader.files.firing_counts import write_firing_counts
from loader.files.scores import families
from loader.files.scores.classifier import FAMILY
from loader.intake import parts
from loader.load import NoRunsError, Settings, load
from loader.records import Source
from loader.store.rows import append

pytestmark = pytest.mark.usefixtures("no_rows_kept")

# Old enough that size and time alone tell whether a file has changed.
LONG_AGO = 1_600_000_000


def age(root: Path) -> None:
    """Give every file a modification time of long ago."""
    for path in root.rglob("*"):
        if not path.is_symlink():
            os.utime(path, (LONG_AGO, LONG_AGO))


def content(warehouse: Path) -> dict[str, list[Any]]:
    """Return every relation, sorted, without loaded_at and file ids: what METRICS calls the same content."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = 'main' and table_name <> 'current_files'"
        ).fetchall()
        found = {}
        for (name,) in names:
            result = connection.execute(f'select * from "{name}"')
            kept = [
                i for i, column in enumerate(result.description) if column[0] not in ("file_id", "loaded_at")
            ]
            found[name] = sorted(repr([row[i] for i in kept]) for row in result.fetchall())
        return found


def test_a_run_is_loaded_whole(tiny_run: Path, load_into: Load, query: Query) -> None:
    summary = load_into(tiny_run.parent)
    assert (summary.n_runs, summary.n_loaded, summary.n_failed, summary.n_examples) == (1, 5, 0, 9)
    assert query("select run_name, model, subject_model, n_score_files, run_path from runs") == [
        ("tiny", "Explainer-7B", "org/subject", 2, str(tiny_run.resolve()))
    ]
    counts = "latent_idx, tp, fp, tn, fn, n_failed, n_failed_activating"
    assert query(f"select {counts} from latent_metrics order by latent_idx") == [
        (3, 3, 1, 2, 1, 1, 1),
        (7, 1, 0, 0, 0, 0, 0),
    ]
    assert query("select latent_idx, explanation, is_placeholder from explanations order by latent_idx") == [
        (3, "years", False),
        (7, "No explanation found", True),
    ]


def test_examples_keep_their_order_and_know_their_prompt(
    tiny_run: Path, load_into: Load, query: Query
) -> None:
    load_into(tiny_run)
    rows = query(
        "select example_idx, prompt_idx, activating, prediction from examples where latent_idx = 3 order by 1"
    )
    assert [row[1] for row in rows] == [0, 0, 0, 0, 1, 1, 1, 1]
    assert [row[2:] for row in rows] == (
        [(True, True)] * 3 + [(False, True)] + [(False, False)] * 2 + [(True, False), (True, None)]
    )


@pytest.mark.parametrize("source", [None, "neighbours", "random", "FAISS"])
def test_distance_is_a_quantile_or_a_neighbours_distance(
    tmp_path: Path, load_into: Load, query: Query, source: str | None
) -> None:
    distances = [(True, 4), (True, 1.5), (False, -1.0), (False, -0.25)]
    config = {"constructor_cfg": {"non_activating_source": source}} if source else None
    write_run(
        tmp_path / "run",
        {"fuzz": {"layers.1_latent1": [example(label, distance=distance) for label, distance in distances]}},
        config=config,
    )
    load_into(tmp_path)
    minus_one = 1.0 if source == "neighbours" else None
    assert query("select quantile, neighbour_distance from examples order by example_idx") == [
        (4, None),
        (None, None),
        (None, minus_one),
        (None, 0.25),
    ]


@pytest.mark.usefixtures("rows_kept")
def test_loading_twice_is_loading_once(
    tmp_path: Path, tiny_run: Path, load_into: Load, warehouse: Path
) -> None:
    write(tiny_run / "scores" / "fuzz" / "layers.1_latent9.txt", "[")
    write(tmp_path / "results" / "cache_x" / "log" / "hookpoint_firing_counts.pt", b"")
    write_firing_counts(
        tmp_path / "results" / "cache_x" / "log" / "hookpoint_firing_counts.pt", {"layers.1": [0, 1, 2, 5]}
    )
    first = load_into(tiny_run.parent)
    before = content(warehouse)
    again = load_into(tiny_run.parent)
    assert (first.n_loaded, first.n_failed, again.n_loaded, again.n_failed) == (6, 1, 0, 1)
    assert again.n_unchanged == 7
    assert content(warehouse) == before


def test_an_unchanged_file_is_not_read_again(tiny_run: Path, load_into: Load, query: Query) -> None:
    age(tiny_run)
    load_into(tiny_run)
    file = tiny_run / "scores" / "fuzz" / "layers.1_latent7.txt"
    # Other content, same size and time: who does not read it cannot know.
    file.write_text(file.read_text().replace('"prediction":true', '"prediction":null'))
    os.utime(file, (LONG_AGO, LONG_AGO))
    assert load_into(tiny_run).n_loaded == 0
    os.utime(file, (LONG_AGO + 1, LONG_AGO + 1))
    assert load_into(tiny_run).n_loaded == 1
    assert query("select tp, n_failed from latent_metrics where latent_idx = 7") == [(0, 1)]


def test_a_file_as_young_as_its_load_is_judged_by_its_content(
    tiny_run: Path, load_into: Load, query: Query
) -> None:
    file = tiny_run / "scores" / "fuzz" / "layers.1_latent7.txt"
    # As by a clock that is ahead, so that no load is too slow for the file to be young.
    soon = time.time() + 3600
    os.utime(file, (soon, soon))
    load_into(tiny_run)
    file.write_text(file.read_text().replace('"prediction":true', '"prediction":null'))
    os.utime(file, (soon, soon))
    assert load_into(tiny_run).n_loaded == 1
    assert query("select tp, n_failed from latent_metrics where latent_idx = 7") == [(0, 1)]


def test_a_file_written_again_with_the_same_content_is_unchanged(tiny_run: Path, load_into: Load) -> None:
    age(tiny_run)
    load_into(tiny_run)
    os.utime(tiny_run / "run_config.json", (LONG_AGO + 50, LONG_AGO + 50))
    again = load_into(tiny_run)
    assert (again.n_loaded, again.n_unchanged) == (0, 5)


def test_a_changed_file_is_replaced_whole(tiny_run: Path, load_into: Load, query: Query) -> None:
    load_into(tiny_run)
    write(tiny_run / "scores" / "fuzz" / "layers.1_latent3.txt", examples(fn=2))
    write(tiny_run / "explanations" / "layers.1_latent3.txt", dump("months"))
    assert load_into(tiny_run).n_loaded == 2
    assert query("select tp, fn, n_examples from latent_metrics where latent_idx = 3") == [(0, 2, 2)]
    assert query("select explanation from explanations where latent_idx = 3") == [("months",)]
    assert query("select count(*), count(distinct path) from source_files") == [(5, 5)]
    assert query("select count(*) from example_facts") == [(3,)]


def test_a_file_that_turned_bad_takes_its_old_rows_with_it(
    tiny_run: Path, load_into: Load, query: Query
) -> None:
    load_into(tiny_run)
    write(tiny_run / "scores" / "fuzz" / "layers.1_latent3.txt", "[{")
    assert load_into(tiny_run).n_failed == 1
    assert query("select latent_idx from latent_metrics") == [(7,)]
    # It is still failed when nothing has changed, and mended when it is whole again.
    assert load_into(tiny_run).n_failed == 1
    write(tiny_run / "scores" / "fuzz" / "layers.1_latent3.txt", examples(tp=1))
    assert load_into(tiny_run).n_failed == 0
    assert query("select kind from load_problems where severity = 'failed'") == []


def test_a_file_that_is_gone_is_left_out_and_reported_each_time(
    tiny_run: Path, load_into: Load, query: Query
) -> None:
    load_into(tiny_run)
    gone = tiny_run / "scores" / "fuzz" / "layers.1_latent3.txt"
    text = gone.read_text()
    gone.unlink()
    for _ in range(2):
        assert load_into(tiny_run).n_gone == 1
        assert query("select latent_idx from latent_metrics") == [(7,)]
        assert query("select path, severity from load_problems where kind = 'gone'") == [
            (str(gone.resolve()), "finding")
        ]
    gone.write_text(text)
    assert load_into(tiny_run).n_gone == 0
    assert query("select latent_idx from latent_metrics order by 1") == [(3,), (7,)]


def test_what_is_odd_about_a_file_is_a_finding(tmp_path: Path, load_into: Load, query: Query) -> None:
    stats = '{"Explainer": {"total_time": NaN, "prompt_tokens": 1, "completion_tokens": 1, "count": 1}}'
    secret = {"layers.1_latent1": "it failed (Authorization: Bearer abc123.def)"}
    write_run(tmp_path / "run", None, secret, '{"seed": Infinity}', explainer_stats=stats)
    summary = load_into(tmp_path)
    assert (summary.n_loaded, summary.n_failed, summary.n_findings) == (3, 0, 3)
    rows = query(
        "select parse_filename(path), kind, severity, detail"
        " from behind_the_views.loading_problems order by path"
    )
    assert rows == [
        (
            "explainer_stats.json",
            "not finite",
            "finding",
            "Explainer, total_time: found NaN, taken as unknown",
        ),
        ("layers.1_latent1.txt", "redacted", "finding", "found a secret in the explanation; taken out"),
        ("run_config.json", "not finite", "finding", "seed: found Infinity, stored as null"),
    ]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        # Severity and detail, or severity and kind, in each other's place.
        ("scan_problems", (None, "/r", "gone", "it is gone", "finding")),
        ("scan_problems", (None, "/r", "finding", "gone", "it is gone")),
        ("scan_problems", (None, "/r", "found a list, wanted an object", "failed", "wrong shape")),
        ("file_problems", (1, "gone", "warning", "it is gone")),
        ("run_links", ("0", "/r/explanations", "explanation")),
    ],
)
def test_a_value_in_the_place_of_a_kind_is_refused(
    new_warehouse: Path, table: str, row: tuple[Any, ...]
) -> None:
    with (
        duckdb.connect(new_warehouse, read_only=True) as connection,
        pytest.raises(ValueError, match="wanted"),
    ):
        append(connection, table, [row])


class TestPrune:
    """Only `--prune` forgets a run, and only one that is gone from under a given directory."""

    @pytest.fixture
    def results(self, tmp_path: Path) -> Path:
        for name in ("a", "b"):
            write_run(tmp_path / "results" / name, {"fuzz": {"layers.1_latent1": examples(tp=1)}}, config={})
        return tmp_path / "results"

    def test_a_run_that_is_gone_stays_until_it_is_pruned(
        self, results: Path, load_into: Load, query: Query
    ) -> None:
        load_into(results)
        shutil.rmtree(results / "a")
        load_into(results)
        assert query("select run_name from runs order by 1") == [("a",), ("b",)]
        assert query("select path, kind from load_problems where kind = 'run gone'") == [
            (str(results.resolve() / "a"), "run gone")
        ]
        assert load_into(results, prune=True).n_pruned_runs == 1
        assert query("select run_name from runs") == [("b",)]
        assert query("select count(*) from example_facts") == [(1,)]
        assert query("select count(*) from load_problems where kind = 'run gone'") == [(0,)]

    def test_a_run_elsewhere_is_not_pruned(self, results: Path, load_into: Load, query: Query) -> None:
        load_into(results)
        shutil.rmtree(results / "a")
        assert load_into(results / "b", prune=True).n_pruned_runs == 0
        assert query("select run_name from runs order by 1") == [("a",), ("b",)]

    def test_the_last_run_can_be_pruned(self, results: Path, load_into: Load, query: Query) -> None:
        load_into(results)
        shutil.rmtree(results / "a")
        shutil.rmtree(results / "b")
        assert load_into(results, prune=True).n_pruned_runs == 2
        assert query("select count(*) from runs") == [(0,)]

    def test_a_directory_that_is_no_run_any_more_is_not_forgotten(
        self, results: Path, load_into: Load, query: Query
    ) -> None:
        load_into(results)
        shutil.rmtree(results / "a" / "scores")
        (results / "a" / "run_config.json").unlink()
        assert load_into(results, prune=True).n_pruned_runs == 0
        assert query("select run_name from runs order by 1") == [("a",), ("b",)]
        assert query("select kind from load_problems") == [("run gone",)]


class TestNames:
    """Run names, labels and display names."""

    def write(self, root: Path, *names: str, model: str = "org/M-1B") -> None:
        for name in names:
            scores = {"fuzz": {"layers.1_latent1": examples(tp=1)}}
            write_run(root / name, scores, config={"explainer_model": model})

    def test_two_runs_of_one_model_are_told_apart(
        self, tmp_path: Path, load_into: Load, query: Query
    ) -> None:
        self.write(tmp_path, "one", "two")
        self.write(tmp_path, "three", model="org/M-2B")
        load_into(tmp_path)
        assert query("select run_name, model, run_label from runs order by 1") == [
            ("one", "M-1B", "M-1B (one)"),
            ("three", "M-2B", "M-2B"),
            ("two", "M-1B", "M-1B (two)"),
        ]
        assert query("select count(*) from run_metrics") == [(3,)]

    def test_a_name_once_given_is_kept(self, tmp_path: Path, load_into: Load, query: Query) -> None:
        self.write(tmp_path / "a", "run")
        load_into(tmp_path / "a")
        self.write(tmp_path / "b", "run")
        load_into(tmp_path)
        assert query("select run_name from runs order by 1") == [("b/run",), ("run",)]

    def test_relative_absolute_and_linked_paths_are_one_run(
        self, tmp_path: Path, load_into: Load, query: Query, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.write(tmp_path, "run")
        (tmp_path / "link").symlink_to(tmp_path / "run")
        monkeypatch.chdir(tmp_path)
        for path in (Path("run"), tmp_path / "run", Path("link"), Path("run", "..", "run")):
            load_into(path)
        assert query("select count(*) from runs") == [(1,)]

    @pytest.mark.parametrize(
        ("directory", "model"),
        [
            ("gemma_3_4b_it_quantized_w4a16_explanation_comparison", "Gemma-3-4B-IT"),
            ("Other_7B_explanation_comparison", "Other_7B"),
            ("pythiaST_Some-Model_random_baseline_quantiles", "Some-Model"),
            ("pythiaST_Some-Model_random_baseline_quantiles_thinking", "Some-Model"),
            ("plain", "plain"),
        ],
    )
    def test_without_a_config_the_directory_names_the_model(
        self, tmp_path: Path, load_into: Load, query: Query, directory: str, model: str
    ) -> None:
        write_run(tmp_path / directory, {"fuzz": {"layers.1_latent1": examples(tp=1)}})
        load_into(tmp_path)
        assert query("select model from runs") == [(model,)]

    def test_the_five_built_in_names_are_those_of_the_original(
        self, shared_data: Path, tmp_path: Path, load_into: Load, query: Query
    ) -> None:
        names = json.loads((shared_data / "seed" / "expected.json").read_text())["directory_names"]
        for name in names:
            write_run(tmp_path / name, config={"explainer_model": "whatever/it-says"})
        load_into(tmp_path)
        assert dict(query("select run_name, model from runs")) == names

    def test_an_edited_name_beats_the_file_and_the_file_beats_the_built_in(
        self, tmp_path: Path, load_into: Load, query: Query, warehouse: Path
    ) -> None:
        built_in = "Qwen3_4B_quantized_w4a16_explanation_comparison"
        self.write(tmp_path, built_in, "run")
        load_into(tmp_path)
        assert query("select model from runs order by run_name") == [("Qwen3-4B",), ("M-1B",)]
        load_into(tmp_path, model_names={built_in: "From file", "org/M-1B": "From file too"})
        assert query("select model from runs order by run_name") == [("From file",), ("From file too",)]
        # A load without the file keeps what the file said.
        load_into(tmp_path)
        assert query("select model from runs order by run_name") == [("From file",), ("From file too",)]
        with duckdb.connect(warehouse) as connection:
            connection.execute("update model_names set name = 'Edited' where key = ?", [built_in])
            connection.execute("insert into model_names values ('M-1B', 'By last part')")
        load_into(tmp_path, model_names={built_in: "From file again"})
        assert query("select model from runs order by run_name") == [("Edited",), ("From file too",)]

    def test_a_deleted_name_stays_deleted(
        self, tmp_path: Path, load_into: Load, query: Query, warehouse: Path
    ) -> None:
        self.write(tmp_path, "Qwen3_4B_quantized_w4a16_explanation_comparison")
        load_into(tmp_path)
        with duckdb.connect(warehouse) as connection:
            connection.execute("delete from model_names")
        load_into(tmp_path)
        assert query("select model from runs") == [("M-1B",)]

    def test_two_rows_of_one_key_do_not_double_a_run(
        self, tmp_path: Path, load_into: Load, query: Query, warehouse: Path
    ) -> None:
        self.write(tmp_path, "run")
        load_into(tmp_path)
        with duckdb.connect(warehouse) as connection:
            connection.execute("insert into model_names values ('run', 'B'), ('run', 'A')")
        assert query("select model from runs") == [("A",)]


class TestFiringCounts:
    """Counts come from the nearest cache, are stored once, and belong to every run that the cache serves."""

    def write(self, root: Path, *caches: str, model: str = "org/pythia-160m") -> None:
        for name in ("a", "b"):
            scores = {"fuzz": {"layers.1_latent1": examples(tp=1)}}
            config = {"model": model, "cache_cfg": {"n_tokens": 1000}}
            write_run(root / name, scores, config=config)
        for n, cache in enumerate(caches):
            path = write(root / cache / "log" / "hookpoint_firing_counts.pt", b"")
            write_firing_counts(path, {"layers.1": [n, n + 10], "layers.10": [7]})

    def test_a_shared_cache_is_stored_once(self, tmp_path: Path, load_into: Load, query: Query) -> None:
        self.write(tmp_path, "cache_pythia-160m")
        load_into(tmp_path)
        rows = query("select run_name, hookpoint, latent_idx, firing_count, firing_counts.n_tokens "
                     "from firing_counts join runs using (run_id) order by all")  # fmt: skip
        assert rows == [
            (run, *row, 1000)
            for run in "ab"
            for row in [("layers.1", 0, 0), ("layers.1", 1, 10), ("layers.10", 0, 7)]
        ]
        assert query("select count(*) from firing_facts") == [(3,)]

    def test_of_several_caches_the_subject_models_is_used(
        self, tmp_path: Path, load_into: Load, query: Query
    ) -> None:
        self.write(tmp_path, "cache_gemma", "cache_pythia_160m")
        load_into(tmp_path)
        assert query("select distinct firing_count from firing_counts where latent_idx = 1") == [(11,)]

    @pytest.mark.parametrize(
        "caches", [("cache_one", "cache_two"), ("cache_pythia-160m", "cache_pythia_160m", "cache_gemma")]
    )
    def test_several_caches_of_which_none_or_several_are_named_are_a_finding(
        self, tmp_path: Path, load_into: Load, query: Query, caches: tuple[str, ...]
    ) -> None:
        self.write(tmp_path, *caches)
        summary = load_into(tmp_path)
        assert query("select count(*) from firing_counts") == [(0,)]
        assert query(
            "select run_name, severity from load_problems where kind = 'several caches' order by 1"
        ) == [
            ("a", "finding"),
            ("b", "finding"),
        ]
        assert summary.n_failed == 0

    def test_a_path_in_the_config_is_followed_inside_the_results(
        self, tmp_path: Path, load_into: Load, query: Query
    ) -> None:
        self.write(tmp_path / "results", "far/store")
        for name in ("a", "b"):
            config = {"model": "m", "shared_cache_path": "results/far/store"}
            write_run(tmp_path / "results" / name, config=config)
        load_into(tmp_path / "results")
        assert query("select count(*) from firing_counts") == [(6,)]

    def test_a_path_in_the_config_that_leads_out_is_followed_only_when_asked(
        self, tmp_path: Path, load_into: Load, query: Query
    ) -> None:
        self.write(tmp_path / "outside", "store")
        config = {"shared_cache_path": str(tmp_path / "outside" / "store")}
        write_run(tmp_path / "results" / "run", {"fuzz": {"layers.1_latent1": examples(tp=1)}}, config=config)
        load_into(tmp_path / "results")
        assert query("select count(*) from firing_counts") == [(0,)]
        assert query("select kind, severity from load_problems where kind = 'path not followed'") == [
            ("path not followed", "finding")
        ]
        load_into(tmp_path / "results", follow=True)
        assert query("select count(*) from firing_counts") == [(3,)]

    def test_a_pickle_that_would_run_code_is_refused_and_listed(
        self, tmp_path: Path, load_into: Load, query: Query
    ) -> None:
        self.write(tmp_path, "cache_pythia-160m")
        target = tmp_path / "cache_pythia-160m" / "log" / "hookpoint_firing_counts.pt"
        target.write_bytes(b"\x80\x02cos\nsystem\nX\x05\x00\x00\x00touch\x85R.")
        assert load_into(tmp_path).n_failed == 1
        assert query("select path, severity, kind from load_problems where severity = 'failed'") == [
            (str(target.resolve()), "failed", "bad firing counts")
        ]


def test_explanations_that_runs_share_are_used_where_a_run_has_none(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    results = tmp_path / "results"
    write(results / "common" / "layers.1_latent1.txt", dump("shared one"))
    write(results / "common" / "layers.1_latent2.txt", dump("shared two"))
    config = {"shared_explanations_path": "common"}
    write_run(results / "a", explanations={"layers.1_latent1": "own"}, config=config)
    write_run(results / "b", {"fuzz": {"layers.1_latent1": examples(tp=1)}}, config=config)
    load_into(results)
    assert query("select run_name, latent_idx, explanation from explanations order by all") == [
        ("a", 1, "own"),
        ("a", 2, "shared two"),
        ("b", 1, "shared one"),
        ("b", 2, "shared two"),
    ]


def test_hookpoints_that_begin_alike_stay_apart(tmp_path: Path, load_into: Load, query: Query) -> None:
    stems = {"layers.1": 1, "layers.10": 2, "backbone.layers.1": 3}
    scores = {f"{hookpoint}_latent5": examples(tp=n) for hookpoint, n in stems.items()}
    explanations = {f"{hookpoint}_latent5": hookpoint for hookpoint in stems}
    write_run(tmp_path / "run", {"fuzz": scores}, explanations, {"hookpoints": ["layers.1"]})
    load_into(tmp_path)
    rows = query(
        "select hookpoint, tp, explanation "
        "from latent_metrics join explanations using (run_id, hookpoint, latent_idx)"
    )
    assert sorted(rows) == [(h, n, h) for h, n in sorted(stems.items())]


def test_stats_and_timings_are_loaded_by_stage(tmp_path: Path, load_into: Load, query: Query) -> None:
    totals = {"total_time": 30.0, "prompt_tokens": 200, "completion_tokens": 0, "count": 2}
    write_run(
        tmp_path / "run",
        {"fuzz": {"layers.1_latent1": examples(tp=1)}},
        explainer_stats={"DefaultExplainer": totals},
        fuzz_stats={"fuzz": totals | {"count": 9}},
        timing={"explanation_time_seconds": 4.0, "scoring_time_seconds": 5.0, "total_time_seconds": 9.0},
    )
    load_into(tmp_path)
    columns = "stage, total_time_s, prompt_tokens, completion_tokens, n_calls, n_examples, wall_time_s"
    assert query(f"select {columns} from stage_stats order by stage") == [
        ("explainer", 30.0, 200, None, 2, None, 4.0),
        ("fuzz", 30.0, 200, None, None, 9, None),
        ("scoring", None, None, None, None, None, 5.0),
        ("total", None, None, None, None, None, 9.0),
    ]


def test_scores_of_another_family_are_listed_as_not_yet_loaded(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    other = {"score": 1, "explanation": "a", "example_text": "b"}
    write_run(tmp_path / "run", {"fuzz_active": {"layers.1_latent1": [other], "layers.1_latent2": other}})
    summary = load_into(tmp_path)
    assert (summary.n_failed, summary.n_unsupported) == (0, 2)
    assert query("select distinct kind, severity, detail from load_problems") == [
        ("not yet loaded", "unsupported", "found output_intervention scores, which are not yet loaded")
    ]


def test_a_bad_file_costs_its_neighbours_nothing(tmp_path: Path, load_into: Load, query: Query) -> None:
    scores: dict[str, Any] = {f"layers.1_latent{i}": examples(tp=1) for i in range(5)}
    scores |= {
        "layers.1_latent5": b"\xff\xfe",
        "layers.1_latent6": "",
        "layers.1_latent7": dump([example()]).replace("0.5", "NaN"),
        "layers.1_latent8": "[]",
        "layers.1_latent9": dump([example()])[:-9],
    }
    run = write_run(
        tmp_path / "run", {"fuzz": scores}, {"layers.1_latent0": b"{}"}, "{", fuzz_stats="[]", timing="{}"
    )
    (run / "scores" / "fuzz" / "layers.1_latent10.txt").mkdir()
    os.mkfifo(run / "scores" / "fuzz" / "layers.1_latent11.txt")
    summary = load_into(tmp_path)
    assert (summary.n_loaded, summary.n_failed) == (5, 11)
    assert query("select count(*) from latent_metrics where tp = 1") == [(5,)]
    problems = query("select path, kind, detail from load_problems where severity = 'failed'")
    assert {Path(path).name: kind for path, kind, _ in problems} == {
        "layers.1_latent5.txt": "not JSON",
        "layers.1_latent6.txt": "not JSON",
        "layers.1_latent7.txt": "wrong type",
        "layers.1_latent8.txt": "no examples",
        "layers.1_latent9.txt": "not JSON",
        "layers.1_latent10.txt": "unreadable",
        "layers.1_latent11.txt": "unreadable",
        "layers.1_latent0.txt": "wrong shape",
        "run_config.json": "not JSON",
        "fuzz_stats.json": "wrong shape",
        "timing.json": "missing key",
    }
    assert [detail for _, _, detail in problems if "wanted" not in detail] == []


def test_files_are_cut_into_parts_by_number_and_by_size() -> None:
    kinds = ["config"] * 2 + ["explanation"] * 5000 + ["score"] * 600
    sources = [Source("run", f"{place}.txt", kind, 1, 0) for place, kind in enumerate(kinds)]
    cut = list(parts.cut(enumerate(sources)))
    assert [len(part) for part in cut] == [4096, 906, 512, 88]
    assert [file_id for part in cut for file_id in part] == list(range(len(kinds)))
    large = [source._replace(size=10 << 20) for source in sources[-5:]]
    assert [len(part) for part in parts.cut(enumerate(large))] == [2, 2, 1]
    (alone,) = parts.cut(enumerate([large[0]._replace(size=99 << 20)]))
    assert list(alone) == [0]


def test_a_file_that_duckdb_refuses_costs_its_neighbours_nothing(
    tmp_path: Path, load_into: Load, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No content is known that DuckDB refuses, so it is told to: a statement fails for all that it serves.
    poisoned = "from files where text <> 'poison' or error('poison')"
    fast = FAMILY.fast
    assert "from files" in fast.insert
    fast = fast._replace(insert=fast.insert.replace("from files", poisoned))
    monkeypatch.setattr(families, "FAMILIES", (FAMILY._replace(fast=fast),))
    monkeypatch.setattr(parts, "PART_FILES", 4)
    scores = {f"layers.1_latent{i}": examples(tp=1, tn=1) for i in range(11)}
    scores["layers.1_latent6"] = [example(tokens=["poison"], activations=[1])]
    write_run(tmp_path / "run", {"fuzz": scores}, {"layers.1_latent0": "one"})
    summary = load_into(tmp_path / "run")
    assert (summary.n_loaded, summary.n_failed) == (11, 1)
    assert query("select latent_idx from latent_metrics order by all") == [(i,) for i in range(11) if i != 6]
    assert query("select distinct tp, fp, tn, fn from latent_metrics") == [(1, 0, 1, 0)]
    assert query("select count(*) from example_facts") == [(20,)]
    ((path, kind, detail),) = query("select path, kind, detail from load_problems where severity = 'failed'")
    assert (Path(path).name, kind) == ("layers.1_latent6.txt", "refused")
    assert detail.startswith("DuckDB could not take it: ")
    assert detail.endswith("poison")
    assert query("select count(*) from source_files where content_hash is null") == [(0,)]


def test_no_secret_of_a_config_is_in_the_database_file(
    tmp_path: Path, load_into: Load, warehouse: Path
) -> None:
    secret = "hf_QwErTyUiOpAsDfGh12345"
    config = {"hf_token": secret, "deep": [{"api_key": "s3cretS3cret"}], "url": f"http://h/?token={secret}"}
    write_run(tmp_path / "run", {"fuzz": {"layers.1_latent1": examples(tp=1)}}, config=config)
    write_run(
        tmp_path / "run2",
        explanations={"layers.1_latent1": f"failed (Authorization: Bearer {secret})"},
        explainer_stats={secret: {"total_time": secret}},
    )
    load_into(tmp_path)
    data = warehouse.read_bytes()
    assert secret.encode() not in data
    assert b"s3cretS3cret" not in data
    assert b"[redacted]" in data


def test_a_directory_without_runs_says_what_a_run_looks_like(tmp_path: Path, warehouse: Path) -> None:
    with pytest.raises(NoRunsError, match=r"found no run; a run is a directory with a run_config\.json"):
        load(warehouse, [tmp_path], Settings())
    assert not warehouse.exists()


def test_a_directory_inside_a_run_is_told_of_the_run(tiny_run: Path, load_into: Load) -> None:
    with pytest.raises(NoRunsError, match=f"did you mean {tiny_run.resolve()}"):
        load_into(tiny_run / "scores" / "fuzz")


def test_every_kind_of_layout_of_one_results_directory(tmp_path: Path, load_into: Load, query: Query) -> None:
    one = {"detection": {"layers.1_latent1": examples(tp=1, tn=1)}}
    write_run(tmp_path / "M_explanation_comparison", one, config={"explainer_model": "M"})
    write_run(tmp_path / "sparse 1" / "group" / "run", one, config={"explainer_model": "N"})
    write_run(tmp_path / "archive", one, {"layers.1_latent1": "x"})
    write_run(tmp_path / "planned", config={"explainer_model": "P"})
    write_run(tmp_path / "explained", explanations={"layers.1_latent1": "x"})
    write(tmp_path / "foreign" / "scores" / "a" / "b.pt", b"")
    summary = load_into(tmp_path)
    assert (summary.n_runs, summary.n_failed) == (5, 0)
    assert query("select run_name, n_score_files from runs order by 1") == [
        ("M_explanation_comparison", 1),
        ("archive", 1),
        ("explained", 0),
        ("planned", 0),
        ("run", 1),
    ]


def test_views_of_another_version_leave_no_ghost(
    tiny_run: Path, load_into: Load, query: Query, warehouse: Path
) -> None:
    load_into(tiny_run)
    with duckdb.connect(warehouse) as connection:
        connection.execute("create view old_name as select 1 as x")
        connection.execute("insert into column_docs values ('old_name', null, 0, 'an old view')")
        connection.execute("create view my_own as select run_name from runs")
        connection.execute("update warehouse_info set value = 'old' where key = 'sql_hash'")
    load_into(tiny_run)
    names = [name for (name,) in query("select view_name from duckdb_views() where not internal")]
    assert "old_name" not in names
    assert query("from my_own") == [("tiny",)]


def test_filters_narrow_every_view(demo: duckdb.DuckDBPyConnection) -> None:
    demo.execute("set variable selected_runs = (select list(run_id) from runs where model like 'Qwen%')")
    demo.execute("set variable selected_score_types = ['fuzz']")
    try:
        assert demo.execute("select distinct model from latent_metrics order by 1").fetchall() == [
            ("Qwen3-14B",),
            ("Qwen3-4B",),
        ]
        assert demo.execute("select score_type, model, rank from model_ranking order by rank").fetchall() == [
            ("fuzz", "Qwen3-14B", 1),
            ("fuzz", "Qwen3-4B", 2),
        ]
    finally:
        demo.execute("reset variable selected_runs")
        demo.execute("reset variable selected_score_types")


def test_what_is_odd_about_a_score_file_is_a_finding(tmp_path: Path, load_into: Load, query: Query) -> None:
    odd = example()
    odd["activations"][1] = None
    write_run(tmp_path / "run", {"fuzz": {"layers.1_latent1": [odd]}})
    assert load_into(tmp_path).n_findings == 1
    detail = "found null, 1 in all, as delphi writes what is not a number; taken as unknown"
    assert query("select kind, severity, detail from load_problems") == [
        ("null activation", "finding", detail)
    ]


def test_scores_of_2024_are_loaded_as_they_were_meant(
    shared_data: Path, load_into: Load, query: Query
) -> None:
    cases = shared_data / "cases"
    for case in ("int-predictions", "article-version-schema", "probability-zero", "null-activation", "bom"):
        assert load_into(cases / case).n_failed == 0
    assert query(
        """
        select regexp_extract(run_path, 'cases/(.*)/run', 1), latent_idx, tp, fp, tn, fn, n_failed, auc, brier
        from latent_metrics
        join runs using (run_id)
        where run_path not like '%probability-zero%' or latent_idx = 0
        order by 1, 2
        """
    ) == [
        ("article-version-schema/article", 0, 1, 1, 0, 0, 0, None, None),
        ("article-version-schema/article-bool", 0, 1, 1, 0, 0, 0, None, None),
        ("article-version-schema/july-2024", 0, 1, 0, 1, 0, 0, None, None),
        ("bom", 0, 2, 1, 1, 1, 0, None, None),
        ("int-predictions", 0, 2, 1, 1, 1, 0, None, None),
        # probabilities 0.9 of an activating example and 0.2 of another: (0.1^2 + 0.2^2) / 2
        ("int-predictions", 1, 1, 0, 1, 0, 1, 1.0, pytest.approx(0.025)),
        ("null-activation", 0, 2, 1, 1, 1, 0, None, None),
        ("null-activation", 1, 2, 1, 1, 1, 0, None, None),
        ("probability-zero", 0, 2, 1, 2, 1, 0, None, None),
    ]
