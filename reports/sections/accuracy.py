"""Who is right how often: the ranking of each score type, and how accuracy spreads."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import whole
from ..style import Looks
from ..wording import between, n_runs
from .columns import COVERAGE, LATENTS, RUN, SCORE_TYPE, SPREAD, measure
from .density import density

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

RANKING_QUERY = """\
select
    r.rank,
    r.run_id,
    r.run_name,
    r.run_label,
    r.score_type,
    r.name as ranked_by,
    r.value,
    r.low,
    r.high,
    r.interval_reason,
    m.accuracy,
    m.accuracy_low,
    m.accuracy_high,
    m.accuracy_strict,
    m.accuracy_strict_low,
    m.accuracy_strict_high,
    m.f1,
    m.f1_low,
    m.f1_high,
    m.f1_strict,
    m.f1_strict_low,
    m.f1_strict_high,
    m.n_latents,
    m.coverage,
    r.tied_with_best,
    r.against_best
from measure_ranking r
join run_metrics m using (run_id, score_type)
where r.score_type = $score_type and r.measure = 'accuracy' and r.policy = $policy
order by r.rank, r.run_name"""

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

    if frame["value"].isna().all():
        return None
    is_strict = frame["ranked_by"].iloc[0] == "accuracy_strict"
    return value_bars(frame, looks, "Accuracy, failures wrong" if is_strict else "Accuracy")


def _ranking_caption(frame: "pd.DataFrame") -> str:
    ranked_by = frame["ranked_by"].iloc[0]
    of_what = "answered examples" if ranked_by == "accuracy" else "all examples, a failure being wrong,"
    text = f"Pooled accuracy: the share of {of_what} that the scorer got right, highest first, over"
    text += f" {n_runs(frame)} of {between(frame, 'n_latents', 'latent')}."
    if frame["low"].notna().any():
        text += " Ranges are 95 % intervals, clustered by latent."
    reasons = sorted(set(frame["interval_reason"].dropna()))
    return text + (f" Without one: {'; '.join(reasons)}." if reasons else "")


ACCURACY_SECTION = Section(
    "accuracy",
    "Accuracy",
    "How often each scorer, shown a run's explanations, told activating text from other text.",
    (
        Exhibit(
            name="accuracy_bar",
            title="Accuracy under {score_type}",
            view="measure_ranking",
            query=RANKING_QUERY,
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
            family=CLASSIFIER,
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
