"""Columns that several tables have."""

from ..exhibit import Column
from ..labels import percent, ratio, whole

RUN = Column("run_label", "Run")
SCORE_TYPE = Column("score_type", "Score type")
LATENTS = Column("n_latents", "Latents", whole, numeric=True)
COVERAGE = Column("coverage", "Coverage", percent, numeric=True)
# What pandas' describe shows of a column, as the original analysis printed it.
SPREAD = (
    Column("mean", "Mean", ratio, numeric=True),
    Column("std", "Std", ratio, numeric=True),
    Column("min", "Min", ratio, numeric=True),
    Column("q25", "25 %", ratio, numeric=True),
    Column("median", "50 %", ratio, numeric=True),
    Column("q75", "75 %", ratio, numeric=True),
    Column("max", "Max", ratio, numeric=True),
)


def measure(name: str, heading: str, has_interval: bool = True, repeats: str | None = None) -> Column:
    """Make a column of a measure, with its interval if the query gives one."""
    if not has_interval:
        return Column(name, heading, ratio, numeric=True, repeats=repeats)
    return Column(name, heading, ratio, numeric=True, low=f"{name}_low", high=f"{name}_high", repeats=repeats)
