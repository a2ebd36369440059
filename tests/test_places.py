"""Where a load looks and where not: links that lead out, and places that the system keeps it from."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from ordinary_user import as_ordinary_user
from run_files import dump, examples, write, write_run

from loader.files.firing_counts import write_firing_counts
from loader.load import NoRunsError, Settings, Summary, load
from loader.store.connect import WarehouseError

pytestmark = pytest.mark.usefixtures("no_rows_kept")

ONE = {"fuzz": {"layers.1_latent1": examples(tp=1)}}
COUNTS = Path("log", "hookpoint_firing_counts.pt")


def ask(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute("set search_path = 'main,behind_the_views'")
        return connection.execute(sql).fetchall()


def write_counts(cache: Path, count: int = 5) -> None:
    (cache / "log").mkdir(parents=True, exist_ok=True)
    write_firing_counts(cache / COUNTS, {"layers.1": [0, count]})


class TestLinksOut:
    """Whatever leads to a place: if it lies outside the given directories, nothing of it is read."""

    @pytest.fixture
    def outside(self, tmp_path: Path) -> Path:
        """Write what no load of the results may read."""
        outside = tmp_path / "outside"
        write_counts(outside / "cache")
        write_run(outside / "run", ONE, {"layers.1_latent1": "from outside"}, {"model": "from outside"})
        return outside

    @pytest.fixture
    def results(self, tmp_path: Path) -> Path:
        results = tmp_path / "results"
        write_run(results / "run", {"detection": {"layers.1_latent2": examples(tp=1)}}, config={"model": "m"})
        return results

    def link(self, results: Path, outside: Path, how: str) -> None:
        """Link something in the results to something outside them."""
        run = results / "run"
        match how:
            case "a config's cache, its log":
                (results / "store").mkdir()
                (results / "store" / "log").symlink_to(outside / "cache" / "log")
                write_run(run, config={"shared_cache_path": "store"})
            case "a config's cache, its file":
                (results / "store" / "log").mkdir(parents=True)
                (results / "store" / COUNTS).symlink_to(outside / "cache" / COUNTS)
                write_run(run, config={"shared_cache_path": "store"})
            case "a config's cache, its file without log":
                (results / "store").mkdir()
                (results / "store" / COUNTS.name).symlink_to(outside / "cache" / COUNTS)
                write_run(run, config={"shared_cache_path": "store"})
            case "a config's cache, with dots":
                write_run(run, config={"shared_cache_path": "../run/../../outside/cache"})
            case "a config's explanations":
                (results / "store").mkdir()
                (results / "store" / "explanations").symlink_to(outside / "run" / "explanations")
                write_run(run, config={"shared_explanations_path": "store"})
            case "a config's explanations, one file":
                (results / "store").mkdir()
                file = outside / "run" / "explanations" / "layers.1_latent1.txt"
                (results / "store" / file.name).symlink_to(file)
                write_run(run, config={"shared_explanations_path": "store"})
            case "the run's log":
                (run / "log").symlink_to(outside / "cache" / "log")
            case "the run's firing counts":
                (run / "log").mkdir()
                (run / COUNTS).symlink_to(outside / "cache" / COUNTS)
            case "a cache beside the run":
                (results / "cache_m").symlink_to(outside / "cache")
            case "the log of a cache beside the run":
                (results / "cache_m").mkdir()
                (results / "cache_m" / "log").symlink_to(outside / "cache" / "log")
            case "the run's explanations":
                (run / "explanations").symlink_to(outside / "run" / "explanations")
            case "a score type":
                (run / "scores" / "fuzz").symlink_to(outside / "run" / "scores" / "fuzz")
            case "a hookpoint's directory":
                (run / "scores" / "detection" / "layers.7").symlink_to(outside / "run" / "scores" / "fuzz")
            case "through a link inside":
                (results / "way").symlink_to(outside)
                (run / "scores" / "fuzz").symlink_to(results / "way" / "run" / "scores" / "fuzz")

    @pytest.mark.parametrize(
        "how",
        [
            "a config's cache, its log",
            "a config's cache, its file",
            "a config's cache, its file without log",
            "a config's cache, with dots",
            "a config's explanations",
            "a config's explanations, one file",
            "the run's log",
            "the run's firing counts",
            "a cache beside the run",
            "the log of a cache beside the run",
            "the run's explanations",
            "a score type",
            "a hookpoint's directory",
            "through a link inside",
        ],
    )
    def test_a_link_out_is_listed_and_not_followed(
        self, results: Path, outside: Path, new_warehouse: Path, warehouse: Path, how: str
    ) -> None:
        self.link(results, outside, how)
        shutil.copy(new_warehouse, warehouse)
        load(warehouse, [results], Settings())
        real = {str(Path(path).resolve()) for (path,) in ask(warehouse, "select path from source_files")}
        assert [path for path in real if not path.startswith(str(results))] == []
        assert ask(warehouse, "select * from firing_counts") == []
        assert ask(warehouse, "select * from explanations") == []
        kinds = ask(warehouse, "select distinct kind from loading_problems")
        assert {("link not followed",), ("path not followed",)} & set(kinds), kinds
        # Whoever asks for it gets it.
        load(warehouse, [results], Settings(follow=True))
        got = ask(
            warehouse,
            "select (select count(*) from firing_facts) + (select count(*) from explanation_facts)"
            " + (select count(*) from score_files where score_type = 'fuzz' or hookpoint like 'layers.7/%')",
        )
        assert got > [(0,)]

    def test_what_was_found_outside_is_listed_once(
        self, results: Path, outside: Path, new_warehouse: Path, warehouse: Path
    ) -> None:
        (results / "linked").symlink_to(outside)
        write(outside / "notes" / "layers.1_latent1.txt", "[]")
        shutil.copy(new_warehouse, warehouse)
        for _ in range(3):
            load(warehouse, [results], Settings(follow=True))
            problems = "select parse_filename(path), kind from loading_problems where severity = 'failed'"
            assert ask(warehouse, problems) == [("layers.1_latent1.txt", "misplaced")]


ODD_PATHS: dict[str, Any] = {
    "a null character": "store\0",
    "a name that is too long": "x" * 300,
    "a path that is too long": "x/" * 3000,
    "a great number of dots": "../" * 1000 + "etc",
    "an empty one": " ",
    "no text": 5,
    "a file": "run_config.json",
    "a control character": "store\x1b[31m\n",
    "a loop": "loop",
    "a home": "~/store",
}


@pytest.mark.parametrize("odd", ODD_PATHS)
@pytest.mark.parametrize("key", ["shared_cache_path", "shared_explanations_path"])
def test_a_path_in_a_config_that_can_be_none_stops_nothing(
    tmp_path: Path, new_warehouse: Path, warehouse: Path, key: str, odd: str
) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "loop").symlink_to("loop")
    write_run(tmp_path / "results" / "odd", ONE, config={key: ODD_PATHS[odd]})
    write_run(tmp_path / "results" / "other", ONE, config={})
    shutil.copy(new_warehouse, warehouse)
    summary = load(warehouse, [tmp_path / "results"], Settings())
    assert (summary.n_loaded, summary.n_failed) == (4, 0)
    problems = ask(
        warehouse,
        "select kind, length(detail) < 500 from loading_problems where kind like 'path%'",
    )
    named = isinstance(ODD_PATHS[odd], str) and ODD_PATHS[odd].strip()
    assert len(problems) == (1 if named else 0)
    assert all(short for _, short in problems)


class TestHidden:
    """What cannot be looked at is listed, stops nothing else, and is not taken for gone."""

    @pytest.fixture
    def results(self, public_directory: Path, new_warehouse: Path) -> Iterator[Path]:
        shutil.copy(new_warehouse, public_directory / "w.duckdb")
        (public_directory / "w.duckdb").chmod(0o666)
        results = public_directory / "results"
        config = {"model": "m", "shared_explanations_path": "common"}
        scores = ONE | {"detection": {"layers.1_latent1": examples(tp=1), ".h.0_latent2": examples(tn=1)}}
        write_run(results / "run", scores, {"layers.1_latent1": "one"}, config)
        write(results / "common" / "layers.1_latent9.txt", dump("shared"))
        write_run(results / "other", ONE)
        write_counts(results / "cache_m")
        yield results
        # Else it cannot be removed.
        for path in [results, *results.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755)

    def load(self, results: Path, **settings: Any) -> Summary:
        with as_ordinary_user():
            return load(results.parent / "w.duckdb", [results], Settings(**settings))

    def held(self, results: Path) -> dict[str, list[tuple[Any, ...]]]:
        """Return what the views hold."""
        names = ("score_files", "explanations", "firing_counts", "latent_measures")
        return {
            name: ask(results.parent / "w.duckdb", f"select * exclude (run_id) from {name} order by all")
            for name in names
        }

    @pytest.mark.parametrize(
        ("hidden", "mode"),
        [
            ("run/scores", 0o000),
            ("run/scores", 0o444),
            ("run/scores/detection", 0o000),
            ("run/scores/detection", 0o444),
            ("run/explanations", 0o000),
            ("run", 0o000),
            ("run", 0o444),
            ("common", 0o000),
            ("cache_m", 0o000),
            ("cache_m", 0o444),
            ("cache_m/log", 0o000),
            ("cache_m/log/hookpoint_firing_counts.pt", 0o000),
            ("run/scores/fuzz/layers.1_latent1.txt", 0o000),
            ("run/run_config.json", 0o000),
            (".", 0o444),
        ],
    )
    def test_what_is_hidden_stays_loaded(self, results: Path, hidden: str, mode: int) -> None:
        assert self.load(results).n_failed == 0
        before = self.held(results)
        assert all(before.values())
        for path in results.rglob("*"):
            if path.is_file():
                os.utime(path, ns=(0, path.stat().st_mtime_ns + 10**9))
        (results / hidden).chmod(mode)
        summary = self.load(results, prune=True)
        assert summary.n_failed >= 1
        assert (summary.n_gone, summary.n_pruned_runs) == (0, 0)
        assert self.held(results) == before
        listed = ask(
            results.parent / "w.duckdb",
            "select distinct kind, severity from loading_problems where kind <> 'no explanations'",
        )
        assert listed == [("unreadable", "failed")]
        (results / hidden).chmod(0o755)
        assert self.load(results).n_failed == 0
        assert self.held(results) == before

    @pytest.mark.parametrize("hidden", ["run/scores", "run", "cache_m", "cache_m/log", "common"])
    def test_a_first_load_takes_what_it_can(self, results: Path, hidden: str) -> None:
        (results / hidden).chmod(0)
        summary = self.load(results)
        assert summary.n_failed >= 1
        runs = ask(results.parent / "w.duckdb", "select run_name from runs order by 1")
        assert ("other",) in runs

    def test_what_was_hidden_and_is_gone_is_gone(self, results: Path) -> None:
        self.load(results)
        (results / "run" / "scores" / "detection").chmod(0)
        assert self.load(results).n_gone == 0
        shutil.rmtree(results / "run" / "scores" / "detection")
        assert self.load(results).n_gone == 2

    def test_a_link_into_a_place_that_may_not_be_looked_into(self, results: Path) -> None:
        secret = results.parent / "secret"
        (secret / "inner").mkdir(parents=True)
        secret.chmod(0)
        (results / "linked").symlink_to(secret / "inner")
        (results / "run" / "scores" / "fuzz" / "layers.1_latent5.txt").symlink_to(secret / "inner" / "x")
        try:
            for follow, kind, severity in (
                (False, "link not followed", "finding"),
                (True, "unreadable", "failed"),
            ):
                self.load(results, follow=follow)
                problems = ask(
                    results.parent / "w.duckdb",
                    "select parse_filename(path), kind, severity from loading_problems order by 1",
                )
                assert problems == [(name, kind, severity) for name in ("layers.1_latent5.txt", "linked")]
        finally:
            secret.chmod(0o755)

    def test_a_warehouse_in_a_hidden_directory_is_one_clear_error(self, results: Path) -> None:
        place = results.parent / "place"
        place.mkdir()
        place.chmod(0)
        with (
            as_ordinary_user(),
            pytest.raises(WarehouseError, match=r"w\.duckdb: could not be looked at \(Perm"),
        ):
            load(place / "w.duckdb", [results], Settings())
        place.chmod(0o755)

    def test_results_in_a_hidden_directory_are_one_clear_error(self, results: Path) -> None:
        results.chmod(0)
        with (
            as_ordinary_user(),
            pytest.raises(NoRunsError, match=r"run: found nothing to look at \(Permission"),
        ):
            load(results.parent / "w.duckdb", [results / "run"], Settings())

    def test_results_that_cannot_be_listed_are_a_problem(self, results: Path) -> None:
        results.chmod(0)
        summary = self.load(results)
        assert (summary.n_runs, summary.n_failed) == (0, 1)


def test_a_path_that_is_not_utf8_is_one_clear_error(tmp_path: Path, warehouse: Path) -> None:
    results = Path(os.fsdecode(os.fsencode(tmp_path) + b"/results\xff"))
    write_run(results / "run", ONE)
    with pytest.raises(NoRunsError, match=r"results\\xff': found a path that is not UTF-8; rename it"):
        load(warehouse, [results], Settings())


def test_explanations_that_left_a_shared_directory_are_gone(
    tmp_path: Path, new_warehouse: Path, warehouse: Path
) -> None:
    for latent in (1, 2):
        write(tmp_path / "r" / "common" / f"layers.1_latent{latent}.txt", dump("shared"))
    write_run(tmp_path / "r" / "run", ONE, config={"shared_explanations_path": "common"})
    shutil.copy(new_warehouse, warehouse)
    load(warehouse, [tmp_path / "r"], Settings())
    (tmp_path / "r" / "common" / "layers.1_latent2.txt").unlink()
    assert load(warehouse, [tmp_path / "r"], Settings()).n_gone == 1
    assert ask(warehouse, "select latent_idx from explanations") == [(1,)]


def test_explanations_of_another_run_stay_its_own(
    tmp_path: Path, new_warehouse: Path, warehouse: Path
) -> None:
    write_run(tmp_path / "owner", ONE, {"layers.1_latent1": "mine"})
    write_run(tmp_path / "user", ONE, config={"shared_explanations_path": "owner"})
    shutil.copy(new_warehouse, warehouse)
    for _ in range(2):
        load(warehouse, [tmp_path], Settings(reread=True))
        assert ask(warehouse, "select run_name, explanation from explanations order by 1") == [
            ("owner", "mine"),
            ("user", "mine"),
        ]
    assert ask(warehouse, "select kind from loading_problems") == []


def test_a_config_that_is_gone_is_not_followed_any_more(
    tmp_path: Path, new_warehouse: Path, warehouse: Path
) -> None:
    write_counts(tmp_path / "store")
    write_run(tmp_path / "run", ONE, config={"shared_cache_path": "store"})
    shutil.copy(new_warehouse, warehouse)
    load(warehouse, [tmp_path], Settings())
    assert len(ask(warehouse, "select * from firing_counts")) == 2
    (tmp_path / "run" / "run_config.json").unlink()
    load(warehouse, [tmp_path], Settings())
    assert ask(warehouse, "select * from firing_counts") == []
