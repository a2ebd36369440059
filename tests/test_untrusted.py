"""What comes from elsewhere: special files, files that change while they are read, hostile names, secrets."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from conftest import Load, Query
from run_files import dump, example, write, write_run

from explainer_warehouse.sql_files import sql_files
from loader.load import Settings, load
from loader.schema.headers import relations

pytestmark = pytest.mark.usefixtures("no_rows_kept")

ROOT = Path(__file__).parent.parent
NAMES = [
    "'; drop table source_files; --",
    'a"b',
    "line\nbreak",
    "<script>alert(1)</script>",
    "=1+1",
    "..",
    "%s {x}",
]
# Made up, each in the look of its kind.
SECRETS = {
    "config key": "plainpassword1",
    "config value": "hf_" + "AbCdEfGhIjKlMnOpQr",
    "url password": "urlpassword2",
    "url query": "queryvalue3",
    "stats key": "sk-proj-" + "0123456789abcdef",
    "header": "abcdefgh.ijklmn0p",
    "cache path": "cachepassword4",
    "explanation": "AKIA" + "ABCDEFGH23456789",
    "named": "namedvalue5",
    "private key": "MIIEvQIBADANBg",
    "cut message": "ghp_" + "abcdefghijklmnopqrst",
}


def test_special_files_are_listed_and_nothing_waits_for_them(
    tiny_run: Path, load_into: Load, query: Query
) -> None:
    scores = tiny_run / "scores" / "fuzz"
    os.mkfifo(scores / "fifo_latent1.txt")
    (scores / "loop_latent1.txt").symlink_to("loop_latent1.txt")
    (scores / "directory_latent1.txt").mkdir()
    (tiny_run / "scores" / "loop").symlink_to(tiny_run, target_is_directory=True)
    (scores / "zero_latent1.txt").symlink_to("/dev/zero")
    write(scores / "empty_latent1.txt", b"")
    with (scores / "huge_latent1.txt").open("wb") as file:
        file.truncate(100 << 20)
    assert load_into(tiny_run).n_failed == 5
    problems: dict[str, str] = dict(query("select parse_filename(path), detail from load_problems"))
    assert problems["fifo_latent1.txt"].startswith("found a directory, pipe or device")
    assert problems["directory_latent1.txt"].startswith("found a directory, pipe or device")
    assert problems["huge_latent1.txt"].startswith("found 104,857,600 bytes, wanted at most")
    assert problems["empty_latent1.txt"].startswith("found an empty file")
    assert problems["loop_latent1.txt"].startswith("found a link to")
    assert problems["zero_latent1.txt"].startswith("found a link to /dev/zero, outside")
    assert query("select count(*) from latent_metrics") == [(2,)]


def test_a_long_line_of_json_is_loaded(tmp_path: Path, load_into: Load, query: Query) -> None:
    n = 200_000
    row = example(tokens=["é"] * n, activations=[0.5] * n)
    write_run(tmp_path / "run", {"fuzz": {"layers.1_latent1": [row, {**row, "more": 1}]}})
    assert load_into(tmp_path / "run").n_failed == 0
    assert (
        query("select len(token_lengths), len(activations), length(text) from example_facts")
        == [(n, n, n)] * 2
    )


@pytest.mark.parametrize("change", ["gone", "longer", "replaced"])
def test_a_file_that_changes_while_it_is_read(
    tiny_run: Path, warehouse: Path, new_warehouse: Path, query: Query, change: str
) -> None:
    shutil.copy(new_warehouse, warehouse)
    changing = tiny_run / "scores" / "fuzz" / "layers.1_latent7.txt"

    def meddle(done: int, of: int) -> None:
        """Change the file between the walk, which listed it, and the reading."""
        if changing.exists() and done == 0 and of > 1:
            if change == "gone":
                changing.unlink()
            elif change == "longer":
                write(changing, [example(), example(prediction=False)])
            else:
                write(changing.with_suffix(".new"), [example(prediction=None)]).replace(changing)

    summary = load(warehouse, [tiny_run], Settings(), meddle)
    assert summary.n_failed == 0
    counts = query("select tp, fn, n_failed from latent_metrics where latent_idx = 7")
    assert counts == {"gone": [], "longer": [(1, 1, 0)], "replaced": [(0, 0, 1)]}[change]
    assert (summary.n_findings > 0) == (change == "gone")
    # What is known of the file is what was read: nothing is due but what is too young to tell.
    assert load(warehouse, [tiny_run], Settings()).n_loaded == 0


def test_hostile_names_stay_in_their_cells(tmp_path: Path, load_into: Load, query: Query) -> None:
    for name in (name for name in NAMES if name != ".."):
        hookpoint = f"{name}..".replace("/", "--")
        scores = {name.replace("/", "--"): {f"{hookpoint}_latent1": [example()]}}
        config = {"explainer_model": name, "shared_cache_path": "../../../../etc", "hookpoints": [name]}
        stats = {name: {"total_time": 1, "prompt_tokens": 1, "completion_tokens": 1, "count": 1}}
        run = tmp_path / "results" / name.replace("/", "_")
        write_run(run, scores, {f"{hookpoint}_latent1": name}, config, explainer_stats=stats)
    summary = load_into(tmp_path / "results")
    wanted = sorted(name for name in NAMES if name != "..")
    assert (summary.n_runs, summary.n_failed) == (len(wanted), 0)
    assert sorted(query("select explainer_model from runs")) == [(name,) for name in wanted]
    assert sorted(query("select score_type from latent_metrics")) == [
        (name.replace("/", "--"),) for name in wanted
    ]
    assert sorted(query("select explanation from explanations")) == [(name,) for name in wanted]
    assert query("select count(*) from source_files where path like '%/etc%'") == [(0,)]


def test_the_file_may_have_any_name() -> None:
    """DuckDB names a database after its file: in a.duckdb, `a.recall.b` may be column b of a table recall."""
    files = [file.read_text(encoding="utf-8") for file in sql_files()]
    names = {word for text in files for word in re.findall(r"\b([a-z_]+)\.[a-z_]", text)}
    with duckdb.connect() as connection:
        # DuckDB takes `main.x` for a schema, and so the name of ours, which nobody gives a file.
        for name in sorted(
            (names | {relation.name for relation in relations()}) - {"main", "behind_the_views"}
        ):
            connection.execute(f"attach ':memory:' as \"{name}\"")
        for text in files:
            connection.execute(text)


@pytest.fixture(scope="module")
def with_secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a run with a secret in every place where one was seen, or may be."""
    root = tmp_path_factory.mktemp("secrets")
    config = {
        "explainer_model": "org/E-1B",
        "hf_token": SECRETS["config key"],
        "nested": {"list": [{"apiKey": SECRETS["config key"]}], "note": f"with {SECRETS['config value']}"},
        "base_url": f"https://user:{SECRETS['url password']}@host/v1?api_key={SECRETS['url query']}",
        "shared_cache_path": f"https://u:{SECRETS['cache path']}@host/cache",
        "headers": [{"name": "X-API-Key", "value": SECRETS["named"]}],
        "tls": f"{'-' * 5}BEGIN PRIVATE KEY{'-' * 5}\n{SECRETS['private key']}",
    }
    stats = {SECRETS["stats key"]: {"total_time": 1, "prompt_tokens": 1, "completion_tokens": 1, "count": 1}}
    broken = {f"more {SECRETS['stats key']}": 1}
    header = f"Explanation generation failed (Authorization: Bearer {SECRETS['header']})"
    write_run(
        root / "results" / "run",
        {
            "fuzz": {
                "layers.1_latent1": [example()],
                "layers.1_latent2": [{"Authorization": SECRETS["header"]}],
                # A message shows 200 characters of the keys: half of the secret is none that is recognised.
                "layers.1_latent3": [{f"{'x' * 185} {SECRETS['cut message']}": 1}],
            }
        },
        {
            "layers.1_latent1": f"{header} {SECRETS['explanation']}",
            "layers.1_latent2": dump({SECRETS["stats key"]: 1}).encode(),
        },
        config,
        explainer_stats=stats,
        fuzz_stats={SECRETS["stats key"]: broken},
        timing=broken,
    )
    return root


def test_secrets_are_nowhere(with_secrets: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def run(program: str, *arguments: str) -> str:
        code = f"from {program}.cli import cli; cli()"
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=with_secrets,
            env=environment,
            capture_output=True,
            text=True,
        )
        return done.stdout + done.stderr

    said = run("loader", "load", "results") + run("loader", "problems") + run("loader", "status")
    assert "1 run" in said
    said += run("reports", "build", "-o", "out", "--format", "html,csv")
    pages = list((with_secrets / "out").rglob("*.html"))
    assert pages
    places = {"what the commands say": said} | {
        str(path): path.read_bytes().decode("latin-1") for path in (with_secrets / "out").rglob("*.*")
    }
    with duckdb.connect(with_secrets / "warehouse.duckdb", read_only=True) as connection:
        places["the tables"] = "\n".join(every_row(connection))
    places["the file"] = (with_secrets / "warehouse.duckdb").read_bytes().decode("latin-1")
    for kind, secret in SECRETS.items():
        # The half of it tells enough.
        assert [place for place, text in places.items() if secret[: len(secret) // 2 + 2] in text] == [], kind


def every_row(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    tables = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where not internal"
    ).fetchall()
    for (table,) in tables:
        yield from map(repr, connection.execute(f"select * from {table}").fetchall())
