"""Fill a real DuckDB file by hand, with numbers a test can work out; the loader has its own tests."""

import atexit
import json
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import both_kinds
import duckdb

from explainer_warehouse.sql_files import sql_files
from loader.files.scores.families import read_scores
from loader.store.connect import writing
from loader.store.files import insert_scores, insert_sums

NUMBERS: Iterator[int] = count(1)


@cache
def empty_warehouse() -> Path:
    """Build the relations of sql/ once a process, since that takes a third of a second; return the file."""
    directory = TemporaryDirectory(prefix="small-warehouse-")
    atexit.register(directory.cleanup)
    path = Path(directory.name) / "empty.duckdb"
    with duckdb.connect(str(path)) as connection:
        for file in sql_files():
            connection.execute(file.read_text(encoding="utf-8"))
    return path


class SmallWarehouse:
    """A new warehouse, every relation of sql/ in it, and ways to put in single facts."""

    def __init__(self, empty: Path | None = None) -> None:
        """Copy an empty warehouse that the loader made, or one whose views are plain definitions.

        What is written to the second can go by a lake; see both_kinds.py.
        """
        self.file_ids: Iterator[int] = count(1)
        plain = empty_warehouse()
        self.path = Path(shutil.copyfile(empty or plain, plain.with_name(f"{next(NUMBERS)}.duckdb")))
        self.connection = self.writer = duckdb.connect(str(self.path))
        self.written: set[str] = set()
        if both_kinds.KIND and not empty:
            self._opened = writing(both_kinds.copied_lake(), wait_s=0)
            self.writer = self._opened.__enter__()

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run a query, return its rows."""
        self._bring()
        return self.connection.execute(query, list(values)).fetchall()

    def row(self, query: str, *values: Any) -> tuple[Any, ...]:
        """Run a query whose answer is one row, return it."""
        (row,) = self.rows(query, *values)
        return row

    def records(self, query: str, *values: Any) -> list[dict[str, Any]]:
        """Run a query, return its rows by column name."""
        self._bring()
        cursor = self.connection.execute(query, list(values))
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def read_once(self, *views: str) -> None:
        """Put the rows of views in temporary tables of their names, for a test that asks several times.

        To plan a view whose parts are definitions too takes most of a second.
        """
        self._bring()
        for view in views:
            self.connection.execute(f"create temporary table {view} as from {view}")

    def insert(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows to a table, which may be given with its columns."""
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            places = ", ".join(["unnest(?)"] * len(columns))
            self.writer.execute(f"insert into {table} select {places}", columns)
            self.written.add(table.split()[0])

    def file(
        self,
        run: str | None,
        path: str,
        kind: str,
        score_type: str | None = None,
        hookpoint: str | None = None,
        latent: int | None = None,
        content_hash: str | None = None,
        status: str = "loaded",
        mtime_ns: int = 0,
    ) -> int:
        """Add a file version, return its id."""
        file_id = next(self.file_ids)
        row = [file_id, run, path, kind, score_type, hookpoint, latent, 1, mtime_ns]
        row += [content_hash or f"hash of {file_id}", status, "2026-01-01"]
        self.insert("source_files", [row])
        return file_id

    def run(self, name: str, config: dict[str, Any] | None = None, mtime_ns: int = 0) -> str:
        """Add a run whose id is its name."""
        self.insert("run_directories", [[name, name, f"/r/{name}", name]])
        if config is not None:
            file_id = self.file(name, f"/r/{name}/run_config.json", "config", mtime_ns=mtime_ns)
            self.insert("config_facts", [[file_id, json.dumps(config)]])
        return name

    def score_file(
        self, run: str, score_type: str, latent: int, hookpoint: str = "layers.1", **more: Any
    ) -> int:
        """Add a score file's version, return its id."""
        path = f"/r/{run}/scores/{score_type}/{hookpoint}_latent{latent}.txt"
        return self.file(run, path, "score", score_type, hookpoint, latent, **more)

    def counts(
        self, run: str, score_type: str, latent: int, counts: Sequence[int], hookpoint: str = "layers.1"
    ) -> None:
        """Add a latent's tp, fp, tn, fn and, where given, n_failed and n_failed_activating."""
        file_id = self.score_file(run, score_type, latent, hookpoint)
        whole = [*counts, 0, 0][:6]
        self.insert("count_facts", [[file_id, *whole, 0, 0, 0, 0, 0]])

    def many_counts(self, run: str, score_type: str, counts: Sequence[Sequence[int]]) -> None:
        """Add the counts of latents 0, 1, 2, ... of one hookpoint, in one go."""
        files, facts = [], []
        for latent, row in enumerate(counts):
            file_id = next(self.file_ids)
            path = f"/r/{run}/scores/{score_type}/layers.1_latent{latent}.txt"
            file = [file_id, run, path, "score", score_type, "layers.1", latent, 1, 0, f"hash of {file_id}"]
            files.append([*file, "loaded", "2026-01-01"])
            facts.append([file_id, *[*row, 0, 0][:6], 0, 0, 0, 0, 0])
        self.insert("source_files", files)
        self.insert("count_facts", facts)

    def explanation(self, run: str, latent: int, text: str, hookpoint: str = "layers.1") -> None:
        """Add a latent's explanation."""
        path = f"/r/{run}/explanations/{hookpoint}_latent{latent}.txt"
        file_id = self.file(run, path, "explanation", None, hookpoint, latent)
        self.insert("explanation_facts", [[file_id, text]])

    def firing(
        self, runs: Sequence[str], counts: dict[tuple[str, int], int], path: str = "/r/cache.pt"
    ) -> None:
        """Add one firing-count file that serves these runs; counts by hookpoint and latent."""
        file_id = self.file(None, path, "firing_counts")
        self.insert("run_links", [[run, "firing_counts", path] for run in runs])
        self.insert(
            "firing_facts", [[file_id, hookpoint, latent, n] for (hookpoint, latent), n in counts.items()]
        )

    def examples(
        self,
        run: str,
        score_type: str,
        latent: int,
        rows: Sequence[tuple[bool, bool | None, float | None]],
        distances: Sequence[float] | None = None,
        texts: Sequence[str] | None = None,
        hookpoint: str = "layers.1",
        **more: Any,
    ) -> None:
        """Add a latent's examples, each (activating, prediction, probability), and their counts."""
        file_id = self.score_file(run, score_type, latent, hookpoint, **more)
        self.insert(
            "example_facts"
            " (file_id, example_idx, activating, prediction, probability, correct, distance, text)",
            [
                [
                    file_id,
                    place,
                    activating,
                    prediction,
                    probability,
                    None if prediction is None else prediction == activating,
                    distances[place] if distances else 0 if activating else -1,
                    texts[place] if texts else f"text {place} of {latent}",
                ]
                for place, (activating, prediction, probability) in enumerate(rows)
            ],
        )
        answers = [(activating, prediction) for activating, prediction, _ in rows]
        known = [(activating, probability) for activating, _, probability in rows if probability is not None]
        counts = [
            answers.count(answer) for answer in ((True, True), (False, True), (False, False), (True, False))
        ]
        failed = answers.count((True, None)) + answers.count((False, None))
        half_pairs = sum(
            (yes > no) + (yes >= no) for has, yes in known if has for other, no in known if not other
        )
        squared_error = sum((probability - activating) ** 2 for activating, probability in known)
        n_activating = sum(activating for activating, _ in known)
        row = [file_id, *counts, failed, answers.count((True, None)), 0, len(known), n_activating]
        self.insert("count_facts", [[*row, half_pairs, squared_error]])

    def scores(self, run: str, score_type: str, latent: int, examples: Sequence[Any], **more: Any) -> None:
        """Add a latent's scores of any family, as a file of these examples would."""
        file_id = self.score_file(run, score_type, latent, **more)
        family, text, _ = read_scores(json.dumps(examples).encode())
        insert_scores(self.writer, family.table, family.insert, {file_id: text})
        insert_sums(self.writer, *family.sums, [file_id])
        self.written |= {family.table, family.sums[1]}

    def _bring(self) -> None:
        """Copy what was written to a lake to the file that is asked, as the lake's readers do."""
        if self.writer is not self.connection:
            for table in self.written:
                rows = self.writer.sql(f"from {table}").to_arrow_table()
                self.connection.register("brought", rows)
                self.connection.execute(f"delete from {table}; insert into {table} by name from brought")
                self.connection.unregister("brought")
        self.written.clear()
