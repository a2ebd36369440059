"""Configs, names and stats beyond all sense: bounded, listed, and no harm to the runs beside them."""

import json
from pathlib import Path

from commands import run
from conftest import Load, Query
from run_files import examples, write, write_run

SCORES = {"fuzz": {"layers.1_latent1": examples(tp=2, tn=1)}}
STATS = {"total_time": 1.5, "prompt_tokens": 1, "completion_tokens": 1, "count": 1}
PROBLEMS = "select run_name, kind, severity, detail from load_problems where kind like 'too %' order by all"


def test_a_config_of_too_many_bytes_or_settings_is_listed_and_its_run_loads(
    tmp_path: Path, load_into: Load, query: Query
) -> None:
    results = tmp_path / "results"
    write_run(results / "good", SCORES, config={f"key{i}": i for i in range(998)} | {"of": {"a": 1, "b": 2}})
    write_run(results / "many", SCORES, config={f"key{i}": i for i in range(999)} | {"of": {"a": 1, "b": 2}})
    write_run(results / "listing", SCORES, config={"latents": list(range(5000))})
    write_run(results / "large", SCORES, config={"notes": " " * (1 << 20)})
    assert load_into(results).n_failed == 2
    size = (results / "large" / "run_config.json").stat().st_size
    assert query(PROBLEMS) == [
        (
            "large",
            "too large",
            "failed",
            f"found {size:,} bytes, wanted at most 1,048,576; run delphi again, or remove the file",
        ),
        (
            "many",
            "too large",
            "failed",
            "found 1,001 settings, wanted at most 1,000; take out what is no setting",
        ),
    ]
    assert query("select count(*) from run_metrics") == [(4,)]
    assert query("select count(*) from run_settings") == [(1001,)]


def test_a_name_without_end_is_cut(tmp_path: Path, load_into: Load, query: Query) -> None:
    name = "org/" + "m" * 900_000
    secret = "x" * 990 + " sk-ant-api03-" + "a1B2" * 20
    config = {"explainer_model": name, "nested": {"notes": [secret]}}
    write_run(tmp_path / "results" / "run", SCORES, config=config)
    assert load_into(tmp_path / "results").n_failed == 0
    assert query(PROBLEMS) == [
        ("run", "too long", "finding", f"{where}: found {n:,} characters, stored as 1,000 of them")
        for where, n in (("explainer_model", len(name)), ("nested.notes[0]", len(secret)))
    ]
    [(label, config_text)] = query("select explainer_model, config from runs")
    assert (label[:1000], len(label)) == (name[:1000], len("...") + 1000)
    assert "a1B2" not in config_text
    assert "sk-ant" not in config_text
    done = run("reports", "show", "summary", cwd=tmp_path)
    assert (done.exit_code, len(done.stdout) < 20_000) == (0, True)


def test_stats_of_too_many_keys_are_listed(tmp_path: Path, load_into: Load, query: Query) -> None:
    stats = {f"key{i}": STATS for i in range(20_000)}
    write_run(tmp_path / "results" / "run", SCORES, explainer_stats=stats, fuzz_stats={"k" * 5000: STATS})
    assert load_into(tmp_path / "results").n_failed == 1
    assert [row[1:3] for row in query(PROBLEMS)] == [("too large", "failed")]
    assert query("select count(*), max(length(key)) from stats_facts") == [(1, 1003)]


def test_display_names_are_bounded(tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "run", SCORES)
    for name, content in {
        "deep": "[" * 100_000,
        "deeper": '{"a":' * 100_000,
        "huge": f'{{"run": {"9" * 100_000}}}',
        "long": json.dumps({"run": "n" * 1_000_000}),
        "twice": '[{"key": "run", "name": "One"}, {"key": "run", "name": "Two"}]',
        "list": "[1, 2]",
    }.items():
        file = write(tmp_path / f"{name}.json", content)
        done = run("loader", "load", "results", "--model-names", file, cwd=tmp_path)
        assert (done.exit_code, done.stdout) == (2, ""), name
        message = done.stderr.partition("Error: ")[2].strip()
        assert message.startswith(f"{file}: found "), message
        assert (len(message) < 500, message.count("\n")) == (True, 0), message


def test_prices_are_bounded(tmp_path: Path, load_into: Load) -> None:
    write_run(tmp_path / "results" / "run", SCORES, config={"explainer_model": "org/A"})
    load_into(tmp_path / "results")
    price = {"prompt_per_million": 1, "completion_per_million": 2}
    for name, content in {
        "deep": "[" * 100_000,
        "huge": f'[{{"model": "A", "prompt_per_million": {"9" * 100_000}, "completion_per_million": 1}}]',
        "twice": json.dumps([{"model": "A", **price}, {"model": "A", **price, "prompt_per_million": 3}]),
    }.items():
        file = write(tmp_path / f"{name}.json", content)
        done = run("reports", "show", "summary", "--prices", file, cwd=tmp_path)
        assert (done.exit_code, done.stdout) == (1, ""), name
        message = done.stderr.removeprefix("Error: ").strip()
        assert (len(message) < 500, message.count("\n")) == (True, 0), message
    file = write(tmp_path / "unknown.json", json.dumps([{"model": "A", **price}, {"model": "Z", **price}]))
    done = run("reports", "show", "summary", "--prices", file, cwd=tmp_path)
    assert (done.exit_code, done.stderr) == (
        0,
        f"Warning: {file} has prices of models that no run has: Z\n",
    )
