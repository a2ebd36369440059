"""Count and name things in sentences."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 4


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def n_runs(frame: "pd.DataFrame") -> str:
    """Say over how many runs a frame goes."""
    return plural(frame["run_id"].nunique(), "run")


def between(frame: "pd.DataFrame", column: str, noun: str) -> str:
    """Say how many of a noun each run has, as one number if all have as many."""
    least, most = int(frame[column].min()), int(frame[column].max())
    return plural(most, noun) if least == most else f"{least:,} to {plural(most, noun)}"


def names(rows: "pd.DataFrame") -> str:
    """Name the runs of a frame's rows, the first few of many."""
    labels = list(dict.fromkeys(rows["run_label"]))
    if len(labels) > MOST_NAMED:
        return ", ".join(labels[:MOST_NAMED]) + f" and {len(labels) - MOST_NAMED} more"
    return " and ".join([", ".join(labels[:-1]), labels[-1]] if len(labels) > 1 else labels)
