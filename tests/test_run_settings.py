"""`run_settings`, `config_differences` and `run_keys`: what configs say, and what runs are called."""

from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import Load, Query
from run_files import examples, write_run

pytestmark = pytest.mark.usefixtures("no_rows_kept")

SCORES = {"fuzz": {"layers.1_latent1": examples(tp=3, tn=2, fn=1)}}
CONFIG = {
    "explainer_model": "org/E",
    "hookpoints": ["a", "b"],
    "sampler_cfg": {"n_quantiles": 10, "ratio": 0.5, "type": "top", "odd.key": {"x": None}},
    "list_of": [{"y": 1}, [2]],
    "empty": {},
    "verbose": True,
    "nothing": None,
}


@pytest.fixture
def load_configs(tmp_path: Path, load_into: Load) -> Any:
    """Return a function that loads a run per config, named a, b and so on."""

    def load(*configs: Any) -> None:
        for name, config in zip("abcd", configs, strict=False):
            write_run(tmp_path / "results" / name, SCORES, config=config)
        load_into(tmp_path / "results")

    return load


def test_a_config_is_a_row_per_setting(load_configs: Any, query: Query) -> None:
    load_configs(CONFIG)
    assert query("select setting, value, number from run_settings order by setting") == [
        ("empty", "{}", None),
        ("explainer_model", "org/E", None),
        ("hookpoints", '["a","b"]', None),
        ("list_of", '[{"y":1},[2]]', None),
        ("nothing", None, None),
        ("sampler_cfg.n_quantiles", "10", 10.0),
        ("sampler_cfg.odd.key.x", None, None),
        ("sampler_cfg.ratio", "0.5", 0.5),
        ("sampler_cfg.type", "top", None),
        ("verbose", "true", None),
    ]


def test_only_settings_that_differ_are_listed_for_every_run_with_a_config(
    load_configs: Any, query: Query
) -> None:
    same = {"explainer_model": "E", "n": 4}
    load_configs(
        {**same, "t": 0.5, "s": "x"}, {**same, "t": 1, "s": None}, {**same, "t": 0.5, "k": "v"}, None
    )
    columns = "setting, run_name, value, number, n_values, is_numeric"
    assert query(f"select {columns} from config_differences order by all") == [
        ("k", "a", None, None, 2, False),
        ("k", "b", None, None, 2, False),
        ("k", "c", "v", None, 2, False),
        ("s", "a", "x", None, 2, False),
        ("s", "b", None, None, 2, False),
        ("s", "c", None, None, 2, False),
        ("t", "a", "0.5", 0.5, 2, True),
        ("t", "b", "1", 1.0, 2, True),
        ("t", "c", "0.5", 0.5, 2, True),
    ]  # fmt: skip


def test_a_setting_that_one_run_alone_has_differs_and_null_is_none(load_configs: Any, query: Query) -> None:
    load_configs({"explainer_model": "E", "a": None}, {"explainer_model": "E"})
    assert query("from config_differences") == []


def test_differences_are_those_of_the_selected_runs(load_configs: Any, query: Query, warehouse: Path) -> None:
    load_configs({"t": 1, "u": 1}, {"t": 2, "u": 1}, {"t": 1, "u": 3})
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute(
            "set variable selected_runs = (select list(run_id) from run_directories where run_name <> 'c')"
        )
        found = connection.execute("select setting, run_name, value from config_differences order by all")
        assert found.fetchall() == [("t", "a", "1"), ("t", "b", "2")]
        found = connection.execute("select distinct run_name from run_settings order by all")
        assert found.fetchall() == [("a",), ("b",)]


def test_a_key_is_what_one_run_alone_is_called(tmp_path: Path, load_into: Load, query: Query) -> None:
    for place, model in (("x/base", "M"), ("y/base", "N"), ("other", "N")):
        write_run(tmp_path / "results" / place, SCORES, config={"explainer_model": model})
    load_into(tmp_path / "results")
    keys = query(
        "select key, run_name, precedence from behind_the_views.run_keys join run_directories using (run_id)"
        " where precedence in (1, 4, 5) order by all"
    )
    # Both directories are called base; `other` is first of all that run's name.
    assert keys == [
        ("M", "x/base", 5),
        ("N (other)", "other", 5),
        ("N (y/base)", "y/base", 5),
        ("other", "other", 1),
        ("x/base", "x/base", 1),
        ("y/base", "y/base", 1),
    ]
