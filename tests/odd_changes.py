"""Change a tree of results at random into what a stranger would try: odd names, odd files, odd numbers."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from random_changes import Results
from run_files import dump, example

from loader.files.firing_counts import write_firing_counts

NAMES = (
    "a\rb", "a\nb", "=1+1", "@x", "'; drop table runs; --", '"quoted"', "<img src=x onerror=alert(1)>", "a#b",
    "\x1b[31mred", "a%2Fb", "\u202eabc", "\U0001f600" * 40, "n" * 200, " ", "kept", "main", "..x", "null",
    "a[1]", "*", "~x", "e\u0301",
)  # fmt: skip
NUMBERS = (
    0, -1, 1e-320, 1.7e308, 2**31, 2**53, 2**53 + 1, 2**62, 2**63 - 1, 2**63, 10**30, 0.1, True, None, "1",
)  # fmt: skip
TEXTS = (
    "", " ", "[]", "{}", "null", "NaN", "[NaN]", "[1e999]", '"\\ud800"', "[" * 2000, '{"a":' * 2000,
    "\ufeff[]", "[[]]", '{"a": 1, "a": 2}', "1" * 5000, "[{}]", "\0", '"text"', "hf_" + "aB3" * 12,
    '{"model": ["x"], "sparse_model": 1}',
)  # fmt: skip


class OddResults(Results):
    """A tree of results in which nothing is as it should be for long."""

    def change(self) -> str:
        """Change one thing, half of the time into something odd; say what."""
        if self.rng.random() < 0.5:
            return super().change()
        ways: list[Callable[[], str | None]] = [
            self.odd_text, self.odd_text, self.odd_bytes, self.odd_scores, self.odd_scores, self.odd_config,
            self.odd_config, self.odd_stats, self.odd_counts, self.odd_name, self.odd_name, self.odd_run,
            self.odd_kind, self.odd_kind, self.odd_link, self.odd_place, self.delete_directory,
        ]  # fmt: skip
        while (said := self.rng.choice(ways)()) is None:
            pass
        return said

    def edit_config(self) -> str | None:
        """Change a setting, unless what is there is no config any more."""
        try:
            return super().edit_config()
        except (ValueError, TypeError, RecursionError):
            return None

    def write(self, path: Path, content: Any) -> None:
        """Write a file in the place of whatever is there: a pipe would wait for its other end."""
        if path.is_symlink() or path.is_fifo():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        super().write(path, content)

    def files(self, *patterns: str) -> list[Path]:
        """List the files of some patterns, less those that a link leads to elsewhere."""
        return list(filter(self._is_ours, super().files(*patterns)))

    def runs(self) -> list[Path]:
        """List the directories of runs, less those that a link leads to."""
        return list(filter(self._is_ours, super().runs()))

    def _is_ours(self, path: Path) -> bool:
        return path.parent.resolve().is_relative_to(self.root.resolve())

    def any_file(self) -> Path | None:
        """Return some file that a load may read."""
        files = [path for path in self.files("*/**/*", "*/*.json") if not path.is_symlink()]
        return self.rng.choice(files) if files else None

    def odd_text(self) -> str | None:
        """Put a text of its own kind in the place of a file."""
        if (path := self.any_file()) is None:
            return None
        text = self.rng.choice(TEXTS)
        self.write(path, text)
        return f"write {text[:20]!r} to {path}"

    def odd_bytes(self) -> str | None:
        """Change some bytes of a file."""
        if (path := self.any_file()) is None:
            return None
        data = bytearray(path.read_bytes())
        for _ in range(min(3, len(data))):
            data[self.rng.randrange(len(data))] = self.rng.randrange(256)
        self.write(path, bytes(data))
        return f"damage {path}"

    def odd_scores(self) -> str | None:
        """Score a latent with numbers and texts that nobody can mean."""
        files = self.files("*/scores/*/*.txt")
        if not files:
            return None
        rows = []
        for place in range(self.rng.randrange(8)):
            row = example(place % 2 == 0, self.rng.choice((True, False, None)), probability=0.5)
            row |= {self.rng.choice(list(row)): self.rng.choice((*NUMBERS, *NAMES, [], {}, "NaN"))}
            rows.append(row)
        path = self.rng.choice(files)
        path.unlink()
        self.write(path, dump(rows))
        return f"odd scores in {path}"

    def odd_config(self) -> str | None:
        """Give a run settings of any kind."""
        runs = self.runs()
        if not runs:
            return None
        path = self.rng.choice(runs) / "run_config.json"
        config: dict[str, Any] = json.loads(self.config())
        for _ in range(3):
            key = self.rng.choice(
                (*config, "scorer_model", "shared_cache_path", "shared_explanations_path", "token")
            )
            config[key] = self.rng.choice(
                (*NUMBERS, *NAMES, "x" * 5000, "..", "/", "a\0b", {"a": {}}, [[1]], "sk-" + "a1" * 24)
            )
        if self.rng.random() < 0.1:
            config |= {f"key{i}": i for i in range(1200)}
        self.write(path, dump(config))
        return f"odd config in {path}"

    def odd_stats(self) -> str | None:
        """Let a run have used any number of tokens and seconds."""
        runs = self.runs()
        if not runs:
            return None
        name = self.rng.choice(
            ("explainer_stats.json", "fuzz_stats.json", "timing.json", "explanations/explainer_stats.json")
        )
        path = self.rng.choice(runs) / name
        keys = ("total_time", "prompt_tokens", "completion_tokens", "count")
        stats: Any = {self.rng.choice(NAMES): {key: self.rng.choice(NUMBERS) for key in keys}}
        if name == "timing.json":
            stats = {"total_time_seconds": self.rng.choice(NUMBERS)}
        self.write(path, dump(stats))
        return f"odd stats in {path}"

    def odd_counts(self) -> str | None:
        """Let latents have fired any number of times."""
        path = self.root / "caches" / "a" / "log" / "hookpoint_firing_counts.pt"
        if path.is_file():
            counts = [self.rng.choice((0, 1, 10**12, 2**62, 2**63 - 1, -5)) for _ in range(12)]
            write_firing_counts(path, {"layers.1": counts, self.rng.choice(NAMES): counts})
            self.time_s += 1
            os.utime(path, (self.time_s, self.time_s))
            return f"odd counts {counts}"
        return None

    def odd_name(self) -> str | None:
        """Give a file or score type an odd name."""
        places = self.files("*/scores/*/*.txt", "*/explanations/*") + sorted(
            filter(self._is_ours, self.root.glob("*/scores/*"))
        )
        if not places:
            return None
        path, name = self.rng.choice(places), self.rng.choice(NAMES)
        ending = (
            ""
            if path.is_dir()
            else self.rng.choice(("_latent1.txt", "_latent999999999999999999.txt", ".txt", ""))
        )
        to = path.with_name(f"{name}{ending}")
        if os.path.lexists(to):
            return None
        path.rename(to)
        return f"rename {path} to {to!r}"

    def odd_run(self) -> str | None:
        """Give a run an odd name; one in ten times, as others give names back."""
        runs, to = self.runs(), self.root / self.rng.choice(NAMES)
        if len(runs) < 2 or os.path.lexists(to) or self.rng.random() < 0.8:
            return None
        run = self.rng.choice(runs)
        run.rename(to)
        return f"rename {run} to {to!r}"

    def odd_kind(self) -> str | None:
        """Put what is no file in the place of one."""
        if (path := self.any_file()) is None:
            return None
        self.put_away(path)
        match self.rng.randrange(4):
            case 0:
                os.mkfifo(path)
            case 1:
                path.mkdir()
            case 2:
                path.symlink_to(path.name)
            case _:
                path.symlink_to("/dev/zero")
        return f"no file in {path}"

    def odd_link(self) -> str | None:
        """Lead round in a circle, out of the results, or nowhere."""
        at = self.root / self.rng.choice(("link", "one/scores/linked", "caches/linked", "two/explanations"))
        if os.path.lexists(at) or not at.parent.is_dir():
            return None
        to = self.rng.choice((self.root, self.attic, self.root / "nowhere", self.root.parent))
        at.symlink_to(to)
        return f"link {at} to {to}"

    def odd_place(self) -> str | None:
        """Copy a file to where none like it belongs."""
        if (path := self.any_file()) is None:
            return None
        name = self.rng.choice(
            (path.name, "run_config.json", "eval_results.json", "x.jsonl", "layers.1_latent3.txt")
        )
        inside = self.rng.choice(
            ("", "one", "scores", "one/scores", "one/log", "notes", "one/scores/fuzz/layers.1")
        )
        to = self.root / inside / name
        if os.path.lexists(to) or (self.root / inside).is_file():
            return None
        try:
            self.write(to, path.read_bytes())
        except OSError:
            return None
        return f"copy {path} to {to}"

    def delete_directory(self) -> str | None:
        """Remove a directory of score types or explanations, which may come back."""
        places = sorted(
            path
            for path in self.root.glob("*/*")
            if path.is_dir() and self._is_ours(path) and not path.is_symlink()
        )
        if not places or self.rng.random() < 0.7:
            return None
        path = self.rng.choice(places)
        self.put_away(path)
        return f"delete {path}"
