"""What was scored, and where the scorers gave no answer."""

from typing import TYPE_CHECKING

from ..labels import percent, whole
from ..style import Looks
from .common import COVERAGE, LATENTS, RUN, SCORE_TYPE, n_runs
from .model import Column, Exhibit, Section

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

COVERAGE_QUERY = """\
select
    run_id,
    run_name,
    run_label,
    score_type,
    n_latents,
    n_examples,
    n_valid,
    n_failed,
    n_failed / nullif(n_examples, 0) as failed_share,
    coverage,
    n_activating / nullif(n_examples, 0) as activating_share
from run_confusion
order by run_label, run_id, score_type"""


def _caption(frame: "pd.DataFrame") -> str:
    examples, failed = int(frame["n_examples"].sum()), int(frame["n_failed"].sum())
    if failed == 0:
        return f"The scorers answered all {examples:,} examples of {n_runs(frame)}."
    return (
        f"Share of examples that the scorer gave no answer to: {failed:,} of {examples:,}"
        f" ({percent(failed / examples)}) in {n_runs(frame)}."
        " Measures leave them out, except the strict ones, which count them as wrong."
    )


def _figure(frame: "pd.DataFrame", looks: Looks) -> "go.Figure | None":
    from ..figures.panels import panel_bars

    shares = frame.assign(panel=frame["score_type"], value=frame["failed_share"].astype(float))
    titles = ["share without an answer"] * shares["panel"].nunique()
    return panel_bars(shares, looks, titles, percent, tickformat="~%")


COVERAGE_SECTION = Section(
    "coverage",
    "Coverage and failures",
    "Before any measure: how much was scored, and how much of it came back without an answer.",
    (
        Exhibit(
            name="coverage",
            title="Answers that are missing",
            view="run_confusion",
            query=COVERAGE_QUERY,
            caption=_caption,
            nothing="No score file is loaded for these runs.",
            figure=_figure,
            columns=(
                RUN,
                SCORE_TYPE,
                LATENTS,
                Column("n_examples", "Examples", whole, numeric=True),
                Column("n_failed", "Failed", whole, numeric=True),
                COVERAGE,
                Column("activating_share", "Activating", percent, numeric=True),
            ),
        ),
    ),
)
