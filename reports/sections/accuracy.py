"""Who is right how often: the ranking of each score type, and how accuracy spreads."""

from typing import TYPE_CHECKING

from ..exhibit import Column, Exhibit, Section
from ..labels import whole
from ..style import Looks
from .common import COVERAGE, LATENTS, RUN, SCORE_TYPE, between, measure, n_runs
from .latents import SPREAD, density
from .ranking import RANKING_QUERY, STRICT_RANKING_QUERY

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

DISTRIBUTION_QUERY = """\
select
    score_type,
    n,
    mean,
    std,
    min,
    q25,
    median,
    q75,
    max
from accuracy_distribution
order by score_type"""


def _bars(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.accuracy import value_bars

    ranked_by = frame["ranked_by"].iloc[0]
    if frame[ranked_by].isna().all():
        return None
    renamed = frame.assign(
        value=frame[ranked_by], low=frame[f"{ranked_by}_low"], high=frame[f"{ranked_by}_high"]
    )
    return value_bars(renamed, looks, "Accuracy" if ranked_by == "accuracy" else "Accuracy, failures wrong")


def _ranking_caption(frame: "pd.DataFrame") -> str:
    ranked_by = frame["ranked_by"].iloc[0]
    of_what = "answered examples" if ranked_by == "accuracy" else "all examples, a failure being wrong,"
    text = f"Pooled accuracy: the share of {of_what} that the scorer got right, highest first, over"
    text += f" {n_runs(frame)} of {between(frame, 'n_latents', 'latent')}."
    if frame[f"{ranked_by}_low"].notna().any():
        text += " Ranges are 95 % intervals, clustered by latent."
    reasons = sorted(set(frame["reason"].dropna()))
    return text + (f" Without one: {'; '.join(reasons)}." if reasons else "")


ACCURACY_SECTION = Section(
    "accuracy",
    "Accuracy",
    "How often each scorer, shown a run's explanations, told activating text from other text.",
    (
        Exhibit(
            name="accuracy_bar",
            title="Accuracy under {score_type}",
            view="model_ranking",
            query=RANKING_QUERY,
            strict_query=STRICT_RANKING_QUERY,
            caption=_ranking_caption,
            nothing="No run has scores of this type.",
            figure=_bars,
            columns=(
                Column("rank", "Rank", whole, numeric=True),
                RUN,
                measure("accuracy", "Accuracy"),
                measure("accuracy_strict", "Strict"),
                measure("f1", "F1"),
                measure("f1_strict", "F1 strict"),
                Column("against_best", "Against the best"),
                LATENTS,
                COVERAGE,
            ),
            by_score_type=True,
        ),
        density("accuracy", "Accuracy"),
        Exhibit(
            name="accuracy_distribution",
            title="Accuracy across runs",
            view="accuracy_distribution",
            query=DISTRIBUTION_QUERY,
            caption=lambda frame: (
                "Pooled accuracy, failures left out, over the runs of each score type; std is the sample's."
            ),
            nothing="No run has scores.",
            columns=(SCORE_TYPE, Column("n", "Runs", whole, numeric=True), *SPREAD),
        ),
    ),
)
