"""What each run reached under a scorer, on one card: measures, coverage, price, and who is the best."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import one_decimal, whole
from ..style import Looks
from ..wording import between, n_runs, plural
from .accuracy import ACROSS_RUNS
from .columns import COVERAGE, RUN, measure
from .summary import BEST, MEANS

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

MEASURES = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "f1": "F1",
}

QUERY = """\
select
    r.rank,
    r.run_id,
    r.run_name,
    r.run_label,
    r.against_best,
    nullif(r.reason, 'better on shared latents') as reason,
    r.is_ranked,
    $accuracy as accuracy,
    $accuracy_low as accuracy_low,
    $accuracy_high as accuracy_high,
    balanced_accuracy,
    balanced_accuracy_low,
    balanced_accuracy_high,
    $precision as precision,
    $precision_low as precision_low,
    $precision_high as precision_high,
    $recall as recall,
    $recall_low as recall_low,
    $recall_high as recall_high,
    $f1 as f1,
    $f1_low as f1_low,
    $f1_high as f1_high,
    m.n_latents,
    m.coverage,
    explaining.tokens_per_latent,
    -- an explainer is called once a latent
    explaining.seconds_per_call as seconds_per_latent,
    explaining.total_time_s as explaining_s,
    scoring.total_time_s as scoring_s
from measure_ranking r
join run_metrics m using (run_id, score_type)
left join token_usage explaining on explaining.run_id = r.run_id and explaining.stage = 'explainer'
left join token_usage scoring on scoring.run_id = r.run_id and scoring.stage = r.score_type
where r.score_type = $score_type and r.measure = 'accuracy' and r.policy = $policy
order by r.is_ranked desc, r.rank, r.run_name"""


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from pandas import concat

    from ..figures.dots import dot_rows

    defined = [name for name in MEASURES if frame[name].notna().any()]
    if not defined:
        return None
    panels = concat(
        frame[["run_id", "run_label"]].assign(
            panel=MEASURES[name], value=frame[name], low=frame[f"{name}_low"], high=frame[f"{name}_high"]
        )
        for name in defined
    )
    return dot_rows(panels.astype({"value": float, "low": float, "high": float}), looks, "")


def _caption(frame: "pd.DataFrame") -> str:
    text = (
        f"{n_runs(frame)}, the highest accuracy first; of {between(frame, 'n_latents', 'latent')}. Ranges are"
        " 95 % intervals, clustered by latent. Tokens and seconds per latent are the explainer's; seconds are"
        " latencies, which add up though calls run side by side."
    )
    n_unranked = int((~frame["is_ranked"]).sum())
    if n_unranked:
        text += f" Grey, and not compared: {plural(n_unranked, 'run')} not ranked."
    return text


SCORECARD_SECTION = Section(
    "scorecard",
    "Scorecard",
    "This is what each run reached with this scorer, what it cost, and whether it can be told from the best.",
    (
        Exhibit(
            name="scorecard",
            title="Scorecard of {score_type}",
            view="measure_ranking",
            query=QUERY,
            caption=_caption,
            nothing="No run has scores that say which examples activate.",
            figure=_figure,
            columns=(
                Column("rank", "Rank", whole, numeric=True),
                RUN,
                Column("against_best", "Against the best"),
                *(measure(name, title) for name, title in MEASURES.items()),
                COVERAGE,
                Column("tokens_per_latent", "Tokens per latent", one_decimal, numeric=True, optional=True),
                Column("seconds_per_latent", "Seconds per latent", one_decimal, numeric=True, optional=True),
                Column("explaining_s", "Explaining, s", whole, numeric=True, optional=True),
                Column("scoring_s", "Scoring, s", whole, numeric=True, optional=True),
                Column("reason", "Why", optional=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
            table="open",
        ),
        ACROSS_RUNS,
        MEANS,
        BEST,
    ),
)
