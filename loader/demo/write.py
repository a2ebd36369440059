"""Write sample results of five explainer models, for trying the warehouse and the reports without a GPU."""

from pathlib import Path
from typing import NamedTuple

from ..errors import LoaderError
from .models import MODELS
from .runs import File, cache_file, make_latents, run_files, write_files

# Beside the runs, where no loader looks. Whoever changes what the demo writes changes the number, so that
# files of two versions never mix.
README_NAME = "README.txt"
README = """\
Sample results, made by `loader demo`, version 1.

Five explainer models, 156 latents of four hookpoints, the score types fuzz and detection. The confusion
counts of each model and score type are those behind a real comparison; the rest is invented: texts,
explanations, probabilities, firing counts, tokens, times and which latents are hard.
"""


class DemoError(LoaderError):
    """Say which path, what was found, what was wanted and what to do."""


class Demo(NamedTuple):
    """What was written."""

    n_runs: int
    n_latents: int
    n_files: int
    n_bytes: int


def write_demo(directory: Path) -> Demo:
    """Write the sample results into a new or empty directory, or over an earlier demo.

    The bytes are the same on every machine and each time.
    Raises DemoError where the directory holds anything else or cannot be written.
    """
    try:
        _refuse_foreign(directory)
        # First, so that a demo cut short is known as one and can be written again.
        sizes = write_files(directory, [File(Path(README_NAME), README.encode())])
        latents = make_latents()
        sizes += write_files(directory, [cache_file(latents)])
        for model in MODELS:
            sizes += write_files(directory, run_files(model, latents))
    except OSError as error:
        raise DemoError(
            f"{error.filename or directory}: {error.strerror}, wanted to write the demo; "
            "name a directory that can be written"
        ) from error
    return Demo(len(MODELS), len(latents), len(sizes), sum(sizes))


def _refuse_foreign(directory: Path) -> None:
    """Refuse a directory that holds anything but an earlier demo."""
    if not directory.exists():
        return
    if not directory.is_dir():
        raise DemoError(f"{directory}: found a file, wanted a directory; name another path")
    readme = directory / README_NAME
    is_demo = readme.is_file() and readme.read_bytes() == README.encode()
    if not is_demo and any(directory.iterdir()):
        raise DemoError(
            f"{directory}: found files that are not this demo's, "
            "wanted a new or empty directory; name another, or delete this one"
        )
