"""Run one contender once, in a process of its own: python -m benchmarks.contenders NAME CORPUS SCRATCH.

Prints JSON: the seconds of the work itself, without imports, by the clock and of all processors; peak memory;
the megabytes left on disk.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .corpus import HOOKPOINTS

# What `changed` rewrites: each file whose place among all is a multiple of this.
ONE_IN = 100


class Outcome(NamedTuple):
    """Hold what a contender took."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    disk_mb: float


def load_cold(corpus: Path, scratch: Path) -> None:
    """Load everything into a new warehouse."""
    _load(corpus, scratch)


def load_again(corpus: Path, scratch: Path) -> None:
    """Load when nothing has changed."""
    _load(corpus, scratch)


def load_changed(corpus: Path, scratch: Path) -> None:
    """Load when one score file in a hundred has changed; it did so before the clock started."""
    _load(corpus, scratch)


def change(corpus: Path) -> None:
    """Change one score file in a hundred, by a space at its end or without it."""
    for file in _score_files(corpus)[::ONE_IN]:
        data = file.read_bytes()
        file.write_bytes(data[:-1] if data.endswith(b" ") else data + b" ")


def delphi_load_data(corpus: Path, scratch: Path) -> None:
    """Read every run into a DataFrame, one after the other, as eai-delphi's own report does."""
    from delphi.log.result_analysis import load_data

    for run in sorted(corpus.iterdir()):
        load_data(run / "scores", list(HOOKPOINTS))


def duckdb_read_json(corpus: Path, scratch: Path) -> None:
    """Read the score files into a table on disk, with DuckDB's defaults."""
    import duckdb

    scratch.unlink(missing_ok=True)
    with duckdb.connect(scratch) as connection:
        connection.execute(
            "create table examples as from read_json(?, filename = true)", [str(corpus / "*/scores/*/*.txt")]
        )


def floor(corpus: Path, scratch: Path) -> None:
    """Read the score files' bytes and parse them with simdjson, on one thread; keep nothing."""
    import simdjson

    parser = simdjson.Parser()
    for file in _score_files(corpus):
        parser.parse(file.read_bytes())


CONTENDERS: dict[str, Callable[[Path, Path], None]] = {
    "cold load": load_cold,
    "nothing changed": load_again,
    "1 % changed": load_changed,
    "eai-delphi load_data": delphi_load_data,
    "DuckDB read_json": duckdb_read_json,
    "floor": floor,
}
# What imports take is no contender's work.
_LIBRARIES = {"eai-delphi load_data": "delphi.log.result_analysis", "floor": "simdjson"}


def measure(name: str, corpus: Path, scratch: Path) -> Outcome:
    """Run a contender and measure it."""
    __import__(_LIBRARIES.get(name, "duckdb"))
    if name == "cold load":
        scratch.unlink(missing_ok=True)
    began, used = time.perf_counter(), time.process_time()
    CONTENDERS[name](corpus, scratch)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Outcome(seconds, cpu_seconds, peak, scratch.stat().st_size / 1e6 if scratch.exists() else 0)


def _load(corpus: Path, scratch: Path) -> None:
    from loader.load import Settings, load

    load(scratch, [corpus], Settings())


def _score_files(corpus: Path) -> list[Path]:
    return sorted(corpus.glob("*/scores/*/*.txt"))


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
