"""Hold what the sections share: columns that many tables have, and how captions count."""

from typing import TYPE_CHECKING

from ..exhibit import Column
from ..labels import percent, ratio, whole

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 4

RUN = Column("run_label", "Run")
SCORE_TYPE = Column("score_type", "Score type")
LATENTS = Column("n_latents", "Latents", whole, numeric=True)
COVERAGE = Column("coverage", "Coverage", percent, numeric=True)


def measure(name: str, heading: str, has_interval: bool = True) -> Column:
    """Make a column of a measure, with its interval where the query gives one."""
    if not has_interval:
        return Column(name, heading, ratio, numeric=True)
    return Column(name, heading, ratio, numeric=True, low=f"{name}_low", high=f"{name}_high")


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def n_runs(frame: "pd.DataFrame") -> str:
    """Say over how many runs a frame goes."""
    return plural(frame["run_id"].nunique(), "run")


def between(frame: "pd.DataFrame", column: str, noun: str) -> str:
    """Say how many of a noun each run has, as one number where all have as many."""
    least, most = int(frame[column].min()), int(frame[column].max())
    return plural(most, noun) if least == most else f"{least:,} to {plural(most, noun)}"


def names(rows: "pd.DataFrame") -> str:
    """Name the runs of a frame's rows, the first few of many."""
    labels = list(dict.fromkeys(rows["run_label"]))
    if len(labels) > MOST_NAMED:
        return ", ".join(labels[:MOST_NAMED]) + f" and {len(labels) - MOST_NAMED} more"
    return " and ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)
