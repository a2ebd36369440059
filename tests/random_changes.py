"""Change a tree of results at random, as people and programs do between two loads."""

import json
import os
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from run_files import dump, example, write

from loader.files.firing_counts import write_firing_counts

RUNS = ("one", "two", "three", "four", "five")
HOOKPOINTS = ("layers.1", "layers.2")
# Ten latents that two runs share give a p-value.
LATENTS = range(12)
SETTINGS: dict[str, tuple[Any, ...]] = {
    "model": ("subject", "subject", "another", None),
    "sparse_model": ("sae", "sae", "sae of more", None),
    "explainer_model": ("org/One", "org/Two", None),
    "num_examples_per_scorer_prompt": (2, 3, None),
    "shared_cache_path": ("caches/first", "caches/second", "caches/a", "caches/none", None),
    "shared_explanations_path": ("shared", "elsewhere", None),
    "non_activating_source": ("neighbours", "random", None),
}


class Results:
    """A tree of results that changes; every file that is written has a time of its own."""

    def __init__(self, root: Path, seed: int) -> None:
        """Write some runs, two caches that links lead to, and two directories of explanations."""
        self.root = root
        self.rng = Random(seed)
        self.time_s = 1_600_000_000
        # What was deleted, to be restored.
        self.deleted: list[tuple[Path, Path]] = []
        self.attic = root.parent / "attic"
        self.attic.mkdir()
        for cache in ("a", "b"):
            self.write_counts(root / "caches" / cache / "log" / "hookpoint_firing_counts.pt")
        for link, cache in (("first", "a"), ("second", "b")):
            (root / "caches" / link).symlink_to(cache)
        for place in ("shared", "elsewhere"):
            for latent in LATENTS[:4]:
                self.write(root / place / f"layers.1_latent{latent}.txt", dump(f"{place} {latent}"))
        for run in RUNS:
            for score_type in ("fuzz", "detection"):
                for hookpoint in HOOKPOINTS:
                    for latent in LATENTS:
                        name = f"{hookpoint}_latent{latent}.txt"
                        self.write(root / run / "scores" / score_type / name, self.score())
            for latent in LATENTS[2:8]:
                path = root / run / "explanations" / f"layers.1_latent{latent}.txt"
                self.write(path, dump(f"{run} {latent}"))
            self.write(root / run / "run_config.json", self.config())
            self.write(root / run / "explanations" / "explainer_stats.json", self.stats())

    def change(self) -> str:
        """Change one thing; say what."""
        ways: list[Callable[[], str | None]] = [
            self.swap, self.swap, self.rotate, self.move, self.delete, self.delete, self.restore, self.edit,
            self.edit_config, self.edit_config, self.delete_config, self.break_file, self.copy, self.link,
            self.delete_run, self.rename_run, self.edit_counts, self.swap_caches,
            self.swap_links,
        ]  # fmt: skip
        while (said := self.rng.choice(ways)()) is None:
            pass
        return said

    def swap(self) -> str | None:
        """Let two files of a run change places."""
        files = self.files("*/scores/*/*.txt", "*/explanations/*.txt")
        if not files:
            return None
        one = self.rng.choice(files)
        beside = [path for path in files if path.parent == one.parent and path != one]
        if not beside:
            return None
        other = self.rng.choice(beside)
        self.exchange(one, other)
        return f"swap {one} and {other}"

    def rotate(self) -> str | None:
        """Let all files of a run and score type go one place further."""
        directories = sorted({path.parent for path in self.files("*/scores/*/*.txt")})
        if not directories:
            return None
        directory = self.rng.choice(directories)
        files = sorted(directory.glob("*.txt"))
        for one, other in pairwise(files):
            self.exchange(one, other)
        return f"rotate {directory}"

    def move(self) -> str | None:
        """Let a file be another latent's, perhaps in place of one."""
        files = self.files("*/scores/*/*.txt")
        if not files:
            return None
        path = self.rng.choice(files)
        name = f"{self.rng.choice(HOOKPOINTS)}_latent{self.rng.choice(LATENTS)}.txt"
        path.replace(path.with_name(name))
        return f"move {path} to {name}"

    def delete(self) -> str | None:
        """Delete a file, which may come back."""
        files = self.files(
            "*/scores/*/*.txt", "*/explanations/*", "shared/*", "elsewhere/*", "caches/[ab]/log/*"
        )
        if not files:
            return None
        path = self.rng.choice(files)
        self.put_away(path)
        return f"delete {path}"

    def restore(self) -> str | None:
        """Bring back what was deleted, as it was."""
        if not self.deleted:
            return None
        stored, path = self.deleted.pop(self.rng.randrange(len(self.deleted)))
        if os.path.lexists(path):
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        stored.rename(path)
        return f"restore {path}"

    def edit(self) -> str | None:
        """Score a latent again."""
        files = self.files("*/scores/*/*.txt")
        if not files:
            return None
        path = self.rng.choice(files)
        path.unlink()
        self.write(path, self.score())
        return f"edit {path}"

    def edit_config(self) -> str | None:
        """Change one setting of a run, or all."""
        runs = self.runs()
        if not runs:
            return None
        path = self.rng.choice(runs) / "run_config.json"
        config = json.loads(self.config())
        if path.is_file() and self.rng.random() < 0.8:
            key = self.rng.choice(list(SETTINGS))
            config = json.loads(path.read_text()) | {key: config.get(key)}
        self.write(path, dump(config))
        return f"edit {path}: {config}"

    def delete_config(self) -> str | None:
        """Delete a run's config, which may come back."""
        configs = self.files("*/run_config.json")
        if not configs:
            return None
        path = self.rng.choice(configs)
        self.put_away(path)
        return f"delete {path}"

    def break_file(self) -> str | None:
        """Leave half a file."""
        files = self.files("*/scores/*/*.txt", "*/explanations/*")
        if not files:
            return None
        path = self.rng.choice(files)
        data = path.read_bytes()
        path.unlink()
        self.write(path, data[: len(data) // 2])
        return f"break {path}"

    def copy(self) -> str | None:
        """Copy a score file to the same latent of another run."""
        files = self.files("*/scores/*/*.txt")
        if not files:
            return None
        path = self.rng.choice(files)
        to = self.rng.choice(self.runs()) / path.relative_to(self.root / path.relative_to(self.root).parts[0])
        if to == path:
            return None
        to.unlink(missing_ok=True)
        self.write(to, path.read_bytes())
        return f"copy {path} to {to}"

    def link(self) -> str | None:
        """Put a link in the place of a score file, to that of another run."""
        files = self.files("*/scores/*/*.txt")
        if len(files) < 2:
            return None
        one, other = self.rng.sample(files, 2)
        if one.is_symlink() or other.is_symlink():
            return None
        one.unlink()
        one.symlink_to(other)
        return f"link {one} to {other}"

    def delete_run(self) -> str | None:
        """Delete a run, which may come back; one in ten times, since it undoes much."""
        runs = self.runs()
        if len(runs) < 3 or self.rng.random() < 0.7:
            return None
        run = self.rng.choice(runs)
        self.put_away(run)
        return f"delete {run}"

    def rename_run(self) -> str | None:
        """Give a run another name, or the name of one that was deleted."""
        runs = self.runs()
        to = self.root / self.rng.choice((*RUNS, "six"))
        if not runs or os.path.lexists(to) or self.rng.random() < 0.5:
            return None
        run = self.rng.choice(runs)
        run.rename(to)
        return f"rename {run} to {to}"

    def edit_counts(self) -> str | None:
        """Count the firings of a cache again."""
        files = self.files("caches/[ab]/log/*")
        if not files:
            return None
        path = self.rng.choice(files)
        path.unlink()
        self.write_counts(path)
        return f"edit {path}"

    def swap_caches(self) -> str | None:
        """Let the firing counts of two caches change places."""
        files = self.files("caches/[ab]/log/*")
        if len(files) != 2:
            return None
        self.exchange(*files)
        return "swap the caches"

    def swap_links(self) -> str | None:
        """Let two links to caches change places, which changes no file."""
        self.exchange(self.root / "caches" / "first", self.root / "caches" / "second")
        return "swap the links"

    def files(self, *patterns: str) -> list[Path]:
        """List the files of some patterns, in order."""
        return sorted(path for pattern in patterns for path in self.root.glob(pattern) if path.is_file())

    def runs(self) -> list[Path]:
        """List the directories of runs, in order."""
        return sorted({path.parent.parent for path in self.root.glob("*/scores/*")})

    def exchange(self, one: Path, other: Path) -> None:
        """Let two files change places, with their times."""
        beside = one.with_name("exchanged")
        one.rename(beside)
        other.rename(one)
        beside.rename(other)

    def put_away(self, path: Path) -> None:
        """Take a file or directory out of the tree."""
        stored = self.attic / str(len(list(self.attic.iterdir())) + self.time_s)
        shutil.move(path, stored)
        # While the directory is there, `--prune` keeps what was loaded of it, and a fresh load has no run.
        if path.parent.parent == self.root and not any(path.parent.iterdir()):
            path.parent.rmdir()
        self.time_s += 1
        self.deleted.append((stored, path))

    def write(self, path: Path, content: Any) -> None:
        """Write a file with a time that none had before it."""
        write(path, content)
        self.time_s += 1
        os.utime(path, (self.time_s, self.time_s))

    def write_counts(self, path: Path) -> None:
        """Write a cache's firing counts."""
        path.parent.mkdir(parents=True, exist_ok=True)
        counts = {hookpoint: [self.rng.randrange(50) for _ in LATENTS] for hookpoint in HOOKPOINTS}
        write_firing_counts(path, counts)
        self.time_s += 1
        os.utime(path, (self.time_s, self.time_s))

    def score(self) -> str:
        """Return a scorer's answers about one latent, some of which failed."""
        skill = self.rng.random()
        rows = []
        for place in range(self.rng.choice((4, 6, 6, 7))):
            activating = place % 2 == 0
            p = round(self.rng.random() * (1 - skill) + skill * activating, 3)
            failed = self.rng.random() < 0.05
            distance = float(self.rng.randrange(4)) if activating else -self.rng.choice((0.1, 0.5, 1.0))
            tokens = (f" {self.rng.randrange(3)}", "b")
            answer = None if failed else p > 0.5
            rows.append(example(activating, answer, probability=p, distance=distance, tokens=tokens))
        return dump(rows)

    def config(self) -> str:
        """Return a config with some settings."""
        chosen = {key: self.rng.choice(values) for key, values in SETTINGS.items()}
        source = {"non_activating_source": chosen.pop("non_activating_source")}
        settings = {key: value for key, value in chosen.items() if value is not None}
        return dump({**settings, "constructor_cfg": source, "cache_cfg": {"n_tokens": 1000}})

    def stats(self) -> str:
        """Return an explainer's stats."""
        tokens = {"prompt_tokens": self.rng.randrange(1000), "completion_tokens": self.rng.randrange(100)}
        return dump({"DefaultExplainer": {"total_time": 1.5, **tokens, "count": 6}})
