"""What is odd about the data, and what that does to the numbers."""

from typing import TYPE_CHECKING

from ..exhibit import Column, Exhibit, Section
from ..wording import plural
from .columns import RUN, SCORE_TYPE

if TYPE_CHECKING:
    import pandas as pd

QUALITY_QUERY = """\
select
    worst,
    severity,
    kind,
    run_id,
    run_label,
    score_type,
    n,
    of_n,
    finding,
    meaning
from data_quality
order by worst, run_label, score_type"""


def _caption(frame: "pd.DataFrame") -> str:
    counts = frame["severity"].value_counts()
    said = [
        f"{counts[severity]:,} {severity}" for severity in ("high", "medium", "low") if severity in counts
    ]
    return f"{plural(len(frame), 'finding')}, the worst first: {', '.join(said)}."


QUALITY_SECTION = Section(
    "quality",
    "Data quality",
    "The measures take some things for granted; here is what the data do not give.",
    (
        Exhibit(
            name="data_quality",
            title="Findings",
            view="data_quality",
            query=QUALITY_QUERY,
            caption=_caption,
            nothing="Nothing odd was found in the data.",
            columns=(
                Column("severity", "Severity"),
                RUN,
                SCORE_TYPE,
                Column("finding", "Found"),
                Column("meaning", "What it means for the numbers"),
            ),
        ),
    ),
    after_latents=True,
)
