"""`loader metadata`: what users know of their runs, from files and real stores, joined to the runs."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from commands import answer, refusal, run
from conftest import Load, Query
from run_files import examples, write_run

pytestmark = pytest.mark.usefixtures("no_rows_kept")

STORE = Path(__file__).parent / "mlflow_store.py"
SCORES = {"fuzz": {"layers.1_latent1": examples(tp=3, tn=2, fn=1)}}
ENRICHED = "select run_name, {} from runs_enriched order by run_name"


@pytest.fixture(autouse=True)
def results(tmp_path: Path, load_into: Load) -> Path:
    """Load the runs `first`, `second` and `007`."""
    for name, model in (("first", "org/A"), ("second", "org/B"), ("007", "org/B")):
        write_run(tmp_path / "results" / name, SCORES, config={"explainer_model": model})
    load_into(tmp_path / "results")
    return tmp_path / "results"


def bring(tmp_path: Path, *arguments: object) -> tuple[str, list[str]]:
    """Run `loader metadata`; return what it printed, and said on stderr."""
    done = run("loader", "metadata", *arguments, cwd=tmp_path)
    assert done.exit_code == 0, done.stderr
    return done.stdout, done.stderr.splitlines()


def test_a_csv_file_joins_by_run_name_and_says_what_did_not_match(tmp_path: Path, query: Query) -> None:
    (tmp_path / "experiments.csv").write_text(
        "run_name,bits,when,note,done\n"
        'first,4,2026-01-02,"a, b",true\n007,8,2026-02-03,,false\nsecnd,2,,x,true\n'
    )
    printed, said = bring(tmp_path, "experiments.csv")
    assert printed == "experiments: 3 rows, 5 columns; 2 of 3 runs matched by run_name\n"
    assert said == ["Runs without a row: second", "No run is called 'secnd'; did you mean second?"]
    columns = "experiments_bits, strftime(experiments_when, '%d %m %Y'), experiments_note, experiments_done"
    assert query(ENRICHED.format(columns)) == [
        ("007", 8, "03 02 2026", None, False),
        ("first", 4, "02 01 2026", "a, b", True),
        ("second", None, None, None, None),
    ]


@pytest.mark.parametrize("name", ["t.tsv", "t.parquet", "t.json", "t.ndjson", "t.jsonl.gz", "t.csv.gz"])
def test_every_format_gives_the_same_rows(tmp_path: Path, query: Query, name: str) -> None:
    rows = [
        {"run_name": "first", "n": 1, "x": 0.5, "s": "é|"},
        {"run_name": "007", "n": None, "x": 2, "s": "1e5x"},
    ]
    path = tmp_path / name
    ending = next(suffix for suffix in path.suffixes if suffix != ".gz")
    text = "run_name,n,x,s\nfirst,1,0.5,é|\n007,,2,1e5x\n"
    match ending:
        case ".json":
            text = json.dumps(rows)
        case ".ndjson" | ".jsonl":
            text = "".join(json.dumps(row) + "\n" for row in rows)
        case ".tsv":
            text = text.replace(",", "\t")
    data = text.encode()
    if ending == ".parquet":
        (tmp_path / "text.json").write_text(json.dumps(rows))
        duckdb.execute(f"copy (from '{tmp_path}/text.json') to '{path}'")
    else:
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    printed, _ = bring(tmp_path, name, "--name", "t")
    assert printed == "t: 2 rows, 4 columns; 2 of 3 runs matched by run_name\n"
    assert query("select run_name, n, x, s from metadata.t order by x") == [
        ("first", 1, 0.5, "é|"),
        ("007", None, 2.0, "1e5x"),
    ]


def test_nested_values_become_columns_and_lists_json(tmp_path: Path, query: Query) -> None:
    rows = [
        {
            "name": "first",
            "config": {"lr": 0.1, "sampler": {"k": 3}, "tags": ["a", "b"]},
            "summary": {"loss": 1},
        },
        {"name": "second", "config": {"lr": 1, "sampler": None}, "summary": {"loss": 0.5}},
    ]
    (tmp_path / "runs.json").write_text(json.dumps(rows))
    bring(tmp_path, "runs.json", "--name", "wandb")
    columns = "wandb_config_lr, wandb_config_sampler_k, wandb_config_tags, wandb_summary_loss"
    assert query(ENRICHED.format(columns))[1:] == [
        ("first", 0.1, 3, '["a", "b"]', 1.0),
        ("second", 1.0, None, None, 0.5),
    ]


def test_an_export_of_wandb_joins_by_its_names_and_the_newest_of_a_name_counts(
    tmp_path: Path, query: Query
) -> None:
    # As the runs table's "Download CSV" writes it.
    (tmp_path / "wandb.csv").write_text(
        '"Name","State","Notes","User","Tags","Created","Runtime","Sweep","temperature","eval/loss"\n'
        '"first","finished","-","ada","","2026-03-01T10:00:00.000Z","12","","0.5","0.25"\n'
        '"first","crashed","-","ada","","2026-02-01T10:00:00.000Z","3","","0.9",""\n'
    )
    printed, said = bring(tmp_path, "wandb.csv")
    assert printed == "wandb: 1 rows, 10 columns; 1 of 3 runs matched by Name\n"
    assert said[0] == "Left out, for a newer row of the same run: 1 rows"
    assert query(ENRICHED.format('wandb_temperature, "wandb_eval/loss"'))[1] == ("first", 0.5, 0.25)


@pytest.mark.parametrize("store", ["mlflow.db", "mlruns"])
def test_a_store_that_mlflow_made_is_read_without_it(tmp_path: Path, query: Query, store: str) -> None:
    place = tmp_path / store
    uri = f"sqlite:///{place}" if store.endswith(".db") else place.as_uri()
    subprocess.run(
        [sys.executable, STORE, uri],
        check=True,
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "MLFLOW_ALLOW_FILE_STORE": "true"},
    )
    printed, said = bring(tmp_path, store, "--name", "mlflow")
    assert printed.endswith("; 2 of 3 runs matched by run_name\n")
    assert said == ["Left out, for a newer row of the same run: 1 rows", "Runs without a row: 007"]
    columns = "experiment, status, params_temperature, params_prompt, params_note, metrics_loss, tags_team"
    assert query(f"select run_name, {columns} from metadata.mlflow order by run_name") == [
        ("first", "explain: it", "FINISHED", 0.7, "a: b", "[redacted]", 0.25, "x"),
        ("second", "explain: it", "FINISHED", 2.0, None, None, 0.125, "y's"),
    ]
    times = query(
        "select end_time >= start_time, start_time > now()::timestamp - interval 1 hour from metadata.mlflow"
    )
    assert times == [(True, True)] * 2
    assert query("select typeof(mlflow_start_time) from runs_enriched limit 1") == [("TIMESTAMP",)]
    if store.endswith(".db"):
        with closing(sqlite3.connect(place)) as connection, connection:
            connection.execute("update runs set lifecycle_stage = 'deleted'")
        message = refusal("loader", "metadata", store, "--name", "mlflow", cwd=tmp_path)
        assert message.endswith("found an MLflow store without a run, wanted one with runs to match by name")


def test_a_table_by_model_joins_every_run_of_the_model(tmp_path: Path, query: Query) -> None:
    (tmp_path / "sizes.csv").write_text("model,billions\nA,7\nB,70\nC,1\n")
    printed, said = bring(tmp_path, "sizes.csv", "--key", "model")
    assert printed == "sizes: 3 rows, 2 columns; 3 of 3 runs matched by model\n"
    assert said == ["No run is called 'C'"]
    assert query(ENRICHED.format("sizes_billions")) == [("007", 70), ("first", 7), ("second", 70)]


@pytest.mark.parametrize("called", ["first", "A", "{results}/first", "{results}/first/"])
def test_a_key_is_a_name_a_label_or_a_path(tmp_path: Path, query: Query, results: Path, called: str) -> None:
    (tmp_path / "t.csv").write_text(f"which,v\n{called.format(results=results)},1\n")
    bring(tmp_path, "t.csv", "--key", "which")
    assert query(ENRICHED.format("t_v")) == [("007", None), ("first", 1), ("second", None)]


def test_two_rows_that_call_one_run_differently_do_not_double_it(tmp_path: Path, query: Query) -> None:
    (tmp_path / "t.csv").write_text("run,v\nA,1\nfirst,2\n")
    bring(tmp_path, "t.csv")
    assert query(ENRICHED.format("t_v")) == [("007", None), ("first", 2), ("second", None)]


def test_it_replaces_itself_and_survives_loads_and_refreshes(
    tmp_path: Path, query: Query, results: Path, load_into: Load
) -> None:
    (tmp_path / "t.csv").write_text("run,v,w\nfirst,1,x\nthird,3,z\n")
    bring(tmp_path, "t.csv")
    (tmp_path / "t.csv").write_text("run,v\nfirst,2\nthird,3\n")
    bring(tmp_path, "t.csv")
    write_run(results / "third", SCORES)
    load_into(results)
    wanted = [("007", None), ("first", 2), ("second", None), ("third", 3)]
    assert query(ENRICHED.format("t_v")) == wanted
    answer("loader", "refresh", cwd=tmp_path)
    assert query(ENRICHED.format("t_v")) == wanted
    added = "select column_name, description from column_docs where starts_with(column_name, 't_')"
    assert query(added) == [("t_v", "v of metadata.t")]
    described = (
        "select column_name from column_docs where relation = 'runs_enriched' and position > 0"
        " order by position"
    )
    assert [name for (name,) in query(described)] == [row[0] for row in query("describe runs_enriched")]


def test_a_column_is_described_once_however_many_tables_come(tmp_path: Path, query: Query) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.csv").write_text("run_name,bits\nfirst,4\n")
        run("loader", "metadata", f"{name}.csv", cwd=tmp_path)
    described = "select column_name from column_docs where relation = 'runs_enriched' order by all"
    added = [name for (name,) in query(described) if (name or "").endswith("_bits")]
    assert added == ["one_bits", "two_bits"]


def test_tables_are_listed_and_dropped(tmp_path: Path, query: Query) -> None:
    (tmp_path / "t.csv").write_text("run,v\nfirst,1\n")
    bring(tmp_path, "t.csv")
    bring(tmp_path, "t.csv", "--name", "u")
    listed = json.loads(answer("loader", "metadata", "--json", cwd=tmp_path))
    assert [(t["name"], t["n_rows"], t["key_column"]) for t in listed] == [("t", 1, "run"), ("u", 1, "run")]
    assert answer("loader", "metadata", "--drop", "t", cwd=tmp_path) == "dropped t\n"
    assert [row[0] for row in query("describe runs_enriched")][-1] == "u_v"
    assert query("select table_name from duckdb_tables() where schema_name = 'metadata'") == [("u",)]
    assert "found no metadata 't', there is u" in refusal("loader", "metadata", "--drop", "t", cwd=tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "more", "message"),
    [
        ("none.csv", None, [], "none.csv: found nothing, wanted CSV"),
        ("t.xlsx", "x", [], "found a file that ends with .xlsx, wanted CSV, TSV, Parquet"),
        ("t.json", "{", [], "t.json: could not be read ("),
        ("t.db", "SQLite format 3\0", [], "wanted a store of MLflow's"),
        (
            "t.csv",
            "a,b\n1,2\n",
            [],
            "found the columns a, b, wanted one with the runs' names (run_name, Name,",
        ),
        ("t.csv", "run,b\n1,2\n", ["--key", "c"], "found no column 'c', there are run, b"),
        ("t.csv", "run,b\n", [], "t.csv: found no row, wanted one per run"),
        ("t.csv", "run,b\nx,1\nx,2\n", [], "found several rows of x, wanted one per run"),
        ("my table.csv", "run,b\nx,1\n", [], "found 'my table' as a name for the table"),
    ],
)
def test_what_cannot_be_used_is_said(
    tmp_path: Path, query: Query, name: str, text: str | None, more: list[str], message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert message in refusal("loader", "metadata", name, *more, cwd=tmp_path)
    assert query("from metadata_sources") == []


def test_two_columns_of_one_name_are_refused(tmp_path: Path, query: Query) -> None:
    (tmp_path / "a.csv").write_text("run,b_c\nfirst,1\n")
    (tmp_path / "a_b.csv").write_text("run,C\nfirst,1\n")
    bring(tmp_path, "a.csv")
    message = refusal("loader", "metadata", "a_b.csv", cwd=tmp_path)
    assert "would have two columns named a_b_C, a_b_c; give the table another name" in message
    assert query("select name from metadata_sources") == [("a",)]
    assert query("select table_name from duckdb_tables() where schema_name = 'metadata'") == [("a",)]


def test_secrets_do_not_come_in(tmp_path: Path, warehouse: Path, query: Query) -> None:
    env = {"x": [{"token": "zyx"}]}
    rows = [{"run": "first", "api_key": "abc", "env": env, "n": "sk-" + "a" * 20}]
    (tmp_path / "t.json").write_text(json.dumps(rows))
    bring(tmp_path, "t.json")
    assert query("select api_key, env_x, n from metadata.t") == [
        ("[redacted]", '[{"token": "[redacted]"}]', "[redacted]")
    ]
