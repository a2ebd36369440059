"""What could not be loaded, and what is odd about the rest."""

from typing import TYPE_CHECKING

from ..exhibit import Column, Exhibit, Section
from ..wording import plural

if TYPE_CHECKING:
    import pandas as pd

PROBLEMS_QUERY = """\
select
    severity,
    kind,
    run_name,
    path,
    detail
from load_problems
order by
    case severity when 'failed' then 1 when 'finding' then 2 else 3 end,
    kind,
    path,
    detail"""


def _caption(frame: "pd.DataFrame") -> str:
    counts = frame["severity"].value_counts()
    said = [
        plural(int(counts[name]), name) for name in ("failed", "finding", "unsupported") if name in counts
    ]
    return (
        "Failed and unsupported files are not in any number of this page; findings are. "
        + ", ".join(said)
        + "."
    )


PROBLEMS_SECTION = Section(
    "problems",
    "Problems",
    "Every file that was found is loaded or stands here.",
    (
        Exhibit(
            name="problems",
            title="Files and findings",
            view="load_problems",
            query=PROBLEMS_QUERY,
            caption=_caption,
            nothing="Every file was loaded; there is nothing to report.",
            columns=(
                Column("severity", "Severity"),
                Column("kind", "Kind"),
                Column("run_name", "Run"),
                Column("path", "File"),
                Column("detail", "What is wrong"),
            ),
        ),
    ),
    after_latents=True,
)
