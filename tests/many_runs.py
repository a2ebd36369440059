"""Twenty runs of the demo's size: its five, and mixtures of them under other models' names."""

import json
import shutil
from pathlib import Path

N_MIXTURES = 3


def write_twenty(demo: Path, results: Path) -> None:
    """Write the demo's runs and N_MIXTURES of each: a latent's files are those of one of the five."""
    shutil.copytree(demo, results)
    runs = sorted(path.parent for path in demo.glob("*/run_config.json"))
    for place, run in enumerate(runs):
        for version in range(1, N_MIXTURES + 1):
            of_others = [runs[(place + step) % len(runs)] for step in (0, version, version + 1)]
            _mix(of_others, results / f"{run.name}_v{version}", version)


def _mix(runs: list[Path], directory: Path, version: int) -> None:
    shutil.copytree(runs[0], directory)
    names = sorted({path.name for path in directory.rglob("*_latent*.txt")})
    for path in directory.rglob("*_latent*.txt"):
        other = runs[names.index(path.name) % len(runs)] / path.relative_to(directory)
        shutil.copyfile(other, path)
    config = directory / "run_config.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    settings["explainer_model"] += f"-v{version}"
    config.write_text(json.dumps(settings), encoding="utf-8")
