"""`loader export`: files that `datasets` loads as they are, and none of it private under --public."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from commands import answer, refusal, run
from conftest import Load, Query
from run_files import examples, write_run

LOAD = Path(__file__).parent / "load_datasets.py"
SECRETS = ("hf_abcdefghijklmnop", "s3cret", "sk-" + "a" * 20)


@pytest.fixture
def private(tmp_path: Path, load_into: Load) -> Path:
    """Load a run from a home directory, with paths and secrets wherever there is room for them."""
    home = tmp_path / "home" / "ada lovelace"
    config = {
        "explainer_model": "org/E",
        "cache": str(home / "my cache" / "x.pt"),
        "note": "see C:\\Users\\ada\\notes.txt and /scratch/ada/x, or https://example.org/a/b",
        "api_key": "s3cret",
        "url": f"https://u:{SECRETS[2]}@example.org",
        "list": ["/mnt/disk/ada", "ratio 1/2/3"],
    }
    scores = {"fuzz": {"layers.1_latent1": examples(tp=3, tn=2, fn=1), "layers.1_latent2": "[{"}}
    run_path = write_run(
        home / "results" / "run", scores, {"layers.1_latent1": "paths like /usr/bin/env"}, config
    )
    load_into(home / "results")
    (tmp_path / "notes.csv").write_text(f"run,where,token\nrun,/scratch/ada/private,{SECRETS[0]}\n")
    done = run("loader", "metadata", "notes.csv", cwd=tmp_path)
    assert done.exit_code == 0
    return run_path


def load_all(directory: Path, cache: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, LOAD, directory, cache],
        capture_output=True,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(cache)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
@pytest.mark.usefixtures("private")
def test_datasets_loads_every_table(tmp_path: Path, query: Query, form: str) -> None:
    printed = answer("loader", "export", "out", "--format", form, cwd=tmp_path)
    n_rows = dict(re.findall(r"^out/(\w+)\.\w+: ([\d,]+) rows$", printed, re.MULTILINE))
    loaded = load_all(tmp_path / "out", tmp_path / "cache")
    assert {name: str(len(rows)) for name, rows in loaded["tables"].items()} == n_rows
    assert {"runs", "examples", "run_measures", "runs_enriched", "load_problems"} <= n_rows.keys()
    measures = query("select measure, average, value from run_measures order by all")
    assert [(r["measure"], r["average"], r["value"]) for r in sort(loaded["default"])] == measures
    (matrix,) = query("select tp, tn, fn, n_failed, accuracy from run_metrics")
    (row,) = loaded["tables"]["run_metrics"]
    assert tuple(row[name] for name in ("tp", "tn", "fn", "n_failed", "accuracy")) == matrix


def sort(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["measure"], row["average"]))


def texts(directory: Path) -> dict[str, str]:
    """Return what each file says, Parquet's too."""
    found = {}
    for path in directory.iterdir():
        if path.suffix == ".parquet":
            with duckdb.connect() as connection:
                found[path.name] = str(connection.execute(f"from '{path}'").fetchall())
        else:
            found[path.name] = path.read_text(encoding="utf-8")
    return found


@pytest.mark.parametrize("form", ["parquet", "csv", "json"])
def test_nothing_private_is_public(tmp_path: Path, private: Path, form: str) -> None:
    answer("loader", "export", "out", "--format", form, "--public", cwd=tmp_path)
    found = texts(tmp_path / "out")
    assert "runs_enriched" not in {Path(name).stem for name in found}
    for name, text in found.items():
        for word in (str(tmp_path), "lovelace", "/ada", "\\ada", "/mnt/", "C:\\", "/scratch", *SECRETS):
            assert word not in text, f"{word} in {name}"
    settings = next(text for name, text in found.items() if name.startswith("run_settings"))
    assert "https://example.org/a/b" in settings
    assert "ratio 1/2/3" in settings
    assert "org/E" in settings
    # What models and data sets say stays.
    assert any("/usr/bin/env" in text for name, text in found.items() if name.startswith("explanations"))


@pytest.mark.usefixtures("private")
def test_without_public_everything_is_there(tmp_path: Path) -> None:
    answer("loader", "export", "out", cwd=tmp_path)
    assert "/scratch/ada/private" in texts(tmp_path / "out")["runs_enriched.parquet"]


@pytest.mark.usefixtures("private")
def test_the_card_describes_each_file(tmp_path: Path) -> None:
    answer("loader", "export", "out", cwd=tmp_path)
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    for path in (tmp_path / "out").glob("*.parquet"):
        assert f"[{path.stem}]({path.name})" in card
    assert "Without rows, and so without a file: " in card
    assert "| E | org/E |" in card


@pytest.mark.usefixtures("private")
def test_nothing_is_overwritten_or_left_half_done(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").touch()
    assert "wanted an empty directory" in refusal("loader", "export", "full", cwd=tmp_path)
    assert "found no directory no" in refusal("loader", "export", "no/out", cwd=tmp_path)
    (tmp_path / "empty").mkdir()
    answer("loader", "export", "empty", cwd=tmp_path)
    assert not list(tmp_path.glob(".export-*"))
