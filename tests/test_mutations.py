"""Damaged files: none stops the loader, each is loaded exactly or listed, and its neighbours load."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from conftest import Load
from mutations import RefusedError, mutate, mutate_zip, read_strictly, score_rows
from run_files import dump, example, write

from loader.files.firing_counts import write_firing_counts

CONFIG = {
    "model": "m",
    "explainer_model": "org/E-1B",
    "hookpoints": ["layers.1"],
    "constructor_cfg": {"n": 5},
}
STATS = {"DefaultExplainer": {"total_time": 1.5, "prompt_tokens": 10, "completion_tokens": 20, "count": 3}}
TIMING = {"explanation_time_seconds": 1.5, "scoring_time_seconds": 2, "total_time_seconds": 3.5}


def score_file(rng: Random) -> bytes:
    """Return a score file with tokens of every kind, as delphi writes it or a little older."""
    token = ["", " the", "\ufffd", "\n", '"', "\\", "é", "🙂", "NaN", "\x01", "],", '","']
    rows = []
    for _ in range(rng.randrange(1, 4)):
        n = rng.randrange(5)
        prediction = rng.choice([True, False, None])
        rows.append(
            example(
                rng.random() < 0.5,
                prediction,
                probability=None if prediction is None else rng.random(),
                tokens=rng.choices(token, k=n),
                activations=[rng.choice([0, -0.5, 1.25, 0.1, 3e-05]) for _ in range(n)],
            )
        )
    return (dump(rows) if rng.random() < 0.8 else json.dumps(rows)).encode()


def firing_counts() -> bytes:
    written = io.BytesIO()
    write_firing_counts(written, {"layers.1": range(8), "layers.2": range(8)})
    return written.getvalue()


def write_damaged(root: Path, n: int, rng: Random) -> dict[Path, bytes]:
    """Write runs of damaged files, half of them scores, with one intact file a run; return them by path."""
    files: dict[Path, bytes] = {}
    counts = firing_counts()
    run = root
    for i in range(n):
        if i % 25 == 0:
            run = root / f"run{i // 25:04}"
            write(run / "scores" / "fuzz" / "intact_latent1.txt", [example()])
            others = {
                run / "run_config.json": mutate(json.dumps(CONFIG, indent=4).encode(), rng),
                run / "explainer_stats.json": mutate(dump(STATS).encode(), rng),
                run / "fuzz_stats.json": mutate(dump(STATS).encode(), rng),
                run / "timing.json": mutate(dump(TIMING).encode(), rng),
                run / "log" / "hookpoint_firing_counts.pt": mutate_zip(counts, rng),
                **{
                    run / "explanations" / f"layers.1_latent{j}.txt": mutate(
                        dump(f'about "{j}" é').encode(), rng
                    )
                    for j in range(6)
                },
            }
            files |= others
        if len(files) >= n:
            break
        files[run / "scores" / rng.choice(["fuzz", "detection"]) / f"layers.1_latent{i}.txt"] = mutate(
            score_file(rng), rng
        )
    for path, data in files.items():
        write(path, data)
    return files


def stored(connection: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
    """Return the examples in the warehouse by path, in order."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    query = """
        select
            f.path,
            e.activating,
            e.prediction,
            e.probability,
            e.correct,
            e.distance,
            v.tokens,
            v.activations
        from source_files f
        join example_facts e using (file_id)
        join examples v
            on v.run_id = f.run_id
            and v.score_type = f.score_type
            and v.hookpoint = f.hookpoint
            and v.latent_idx = f.latent_idx
            and v.example_idx = e.example_idx
        order by f.path, e.example_idx
    """
    for path, *labels, tokens, activations in connection.execute(query).fetchall():
        found.setdefault(path, []).append((*labels, tuple(tokens), tuple(activations)))
    return found


def of_kind(files: dict[Path, bytes], folder: str) -> Iterator[tuple[str, bytes]]:
    for path, data in files.items():
        if folder in path.parts:
            yield str(path), data


def expect(read: Callable[[bytes], Any], data: bytes) -> Any:
    """Return what a file holds by the letter, None where it should not load."""
    try:
        return read(data)
    except RefusedError:
        return None


@pytest.mark.parametrize("n", [300, pytest.param(10_000, marks=pytest.mark.soak)])
def test_each_damaged_file_is_loaded_exactly_or_listed(
    tmp_path: Path, load_into: Load, warehouse: Path, n: int
) -> None:
    root = (tmp_path / "results").resolve()
    files = write_damaged(root, n, Random(n))
    summary = load_into(root)
    with duckdb.connect(warehouse, read_only=True) as connection:
        status = dict(connection.execute("select path, status from source_files").fetchall())
        listed = {row[0] for row in connection.execute("select path from load_problems").fetchall()}
        examples = stored(connection)
        explanations = dict(
            connection.execute(
                "select path, explanation from source_files join explanation_facts using (file_id)"
            ).fetchall()
        )
    assert files.keys() <= set(map(Path, status))
    assert all(status[str(path)] == "loaded" or str(path) in listed for path in files)
    assert summary.n_failed > n / 10
    intact = list(root.rglob("intact_latent1.txt"))
    assert intact
    assert all(status[str(path)] == "loaded" for path in intact)
    for path, data in of_kind(files, "scores"):
        wanted = expect(score_rows, data)
        assert (status[path] == "loaded") == (wanted is not None), (path, data[:500])
        assert examples.get(path) == wanted, (path, data[:500])
    for path, data in of_kind(files, "explanations"):
        text = expect(read_strictly, data)
        assert (status[path] == "loaded") == isinstance(text, str), (path, data[:500])
        assert explanations.get(path, text) == text, (path, data[:500])
