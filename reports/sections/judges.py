"""Who judged whom: how each explainer fares with each scorer, and how far the scorers agree."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import ratio, whole
from ..style import Looks
from ..wording import plural
from .columns import measure

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

# Nothing where one scorer judged all.
MATRIX_QUERY = """\
select
    r.model as explainer,
    r.scorer_model as scorer,
    count(*) as n_runs,
    min(m.accuracy) as lowest,
    max(m.accuracy) as highest,
    count(*) filter (r.judged_by = 'self') as n_self
from run_metrics m
join runs r using (run_id)
where
    m.score_type = $score_type
    and r.scorer_model is not null
    and (
        select min(s.scorer_model) < max(s.scorer_model)
        from run_confusion c
        join runs s using (run_id)
        where c.score_type = $score_type
    )
group by
    r.model,
    r.scorer_model
order by
    r.model,
    r.scorer_model"""

AGREEMENT_QUERY = """\
select
    scorer_a,
    scorer_b,
    n_explanations,
    n_latents,
    n_examples,
    agreement,
    agreement_low,
    agreement_high,
    kappa,
    kappa_low,
    kappa_high,
    yes_rate_a,
    yes_rate_a_low,
    yes_rate_a_high,
    yes_rate_b,
    yes_rate_b_low,
    yes_rate_b_high,
    yes_difference,
    yes_difference_low,
    yes_difference_high,
    correlation,
    correlation_low,
    correlation_high
from judge_agreement
where score_type = $score_type
order by scorer_a, scorer_b"""


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.matrices import judge_matrix

    return None if frame["highest"].isna().all() else judge_matrix(frame)


def _caption(frame: "pd.DataFrame") -> str:
    text = f"Accuracy of {plural(frame['explainer'].nunique(), 'explainer')}, a row each, under"
    text += (
        f" {plural(frame['scorer'].nunique(), 'scorer')}, a column each; of several runs lowest and highest."
    )
    own = frame["n_self"].sum()
    if own == frame["n_runs"].sum():
        text += " Every explainer judged itself: a good explainer cannot be told from a lenient judge."
    elif own:
        text += f" {plural(int(own), 'run')} judged by the explainer itself (*)."
    return text


JUDGES_SECTION = Section(
    "judges",
    "Who judged whom",
    "An accuracy is of an explainer and a scorer together: a lenient judge or a sharp one moves it.",
    (
        Exhibit(
            name="judge_matrix",
            title="Explainers and scorers under {score_type}",
            view="run_metrics",
            query=MATRIX_QUERY,
            caption=_caption,
            nothing="One scorer judged all.",
            figure=_figure,
            columns=(
                Column("explainer", "Explainer"),
                Column("scorer", "Scorer"),
                Column("n_runs", "Runs", whole, numeric=True),
                measure("lowest", "Lowest accuracy", has_interval=False),
                measure("highest", "Highest accuracy", has_interval=False),
            ),
            by_score_type=True,
            family=CLASSIFIER,
            optional=True,
        ),
        Exhibit(
            name="judge_agreement",
            title="Scorers on the same explanations under {score_type}",
            view="judge_agreement",
            query=AGREEMENT_QUERY,
            caption=lambda frame: (
                f"{plural(len(frame), 'pair')} of scorers, on the explanations and examples that both judged;"
                " Yes is how often each says that a text activates; Order is the rank correlation of given"
                " values and scores. Ranges are 95 % intervals, clustered by latent."
            ),
            nothing="No two scorers judged the same explanations.",
            columns=(
                Column("scorer_a", "Scorer"),
                Column("scorer_b", "And"),
                Column("n_explanations", "Explanations", whole, numeric=True),
                Column("n_examples", "Examples", whole, numeric=True),
                Column(
                    "correlation",
                    "Order",
                    ratio,
                    numeric=True,
                    low="correlation_low",
                    high="correlation_high",
                    optional=True,
                ),
                measure("agreement", "Agreement"),
                measure("kappa", "Kappa"),
                measure("yes_rate_a", "Yes, first"),
                measure("yes_rate_b", "Yes, second"),
                measure("yes_difference", "Second more lenient by"),
            ),
            by_score_type=True,
            family=CLASSIFIER,
            optional=True,
        ),
    ),
)
