"""What scorers measure that are no classifiers: each by its own measures, ranked and compared alike."""

from typing import TYPE_CHECKING

from ..exhibit import OTHER, Column, Exhibit, Section
from ..labels import ratio, whole
from ..style import Looks
from ..wording import n_runs, plural
from .columns import RUN
from .comparison import PAIR_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

SCORES_QUERY = """\
select
    m.measure,
    m.run_id,
    m.run_name,
    m.run_label,
    m.value,
    m.low,
    m.high,
    m.n_latents,
    m.reason as interval_reason,
    r.rank,
    r.policy,
    coalesce(r.is_ranked, false) as is_ranked,
    r.against_best,
    nullif(r.reason, 'better on shared latents') as reason,
    r.judging,
    j.scorer,
    r.rank_in_judging,
    r.n_in_judging,
    r.against_best_in_judging,
    r.behind_in_judging,
    r.n_latents_shared,
    r.n_latents_needed,
    d.meaning
from run_measures m
join run_judging j using (run_id)
left join measure_ranking r using (run_id, score_type, name)
left join measure_docs d on d.measure = m.measure
where
    m.score_type = $score_type
    and m.average = 'pooled'
    and m.run_id in (select run_id from latent_scores where score_type = $score_type)
order by
    r.rank is null,
    -- where there is another measure, that is the scorer's own
    m.measure = 'auc',
    m.measure,
    r.is_ranked desc,
    r.rank,
    m.run_name"""

PAIRS_QUERY = """\
select
    measure,
    run_id_a,
    run_label_a,
    run_id_b,
    run_label_b,
    difference,
    low as difference_low,
    high as difference_high,
    p_value,
    p_adjusted,
    n_latents_shared,
    is_copy,
    nullif(array_to_string(differs, ', '), '') as differs,
    reason
from model_comparison
where score_type = $score_type
order by measure, p_adjusted nulls last, abs(difference) desc nulls last, run_name_a, run_name_b"""


def _scores_caption(frame: "pd.DataFrame") -> str:
    meanings = frame[["measure", "meaning"]].dropna().drop_duplicates().itertuples(index=False, name=None)
    text = f"Over {n_runs(frame)}, the best first; over the latents of each."
    text += "".join(f" {measure}: {meaning}." for measure, meaning in meanings)
    if frame["low"].notna().any():
        text += " Ranges are 95 % intervals, clustered by latent."
    reasons = sorted(set(frame["interval_reason"].dropna()))
    return text + (f" Without one: {'; '.join(reasons)}." if reasons else "")


def _dots(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.dots import dot_rows

    ranked = frame[frame["rank"].notna()]
    if ranked["value"].isna().all():
        return None
    return dot_rows(ranked.assign(panel=ranked["measure"]), looks, "", is_share=False)


def _pairs_caption(frame: "pd.DataFrame") -> str:
    compared = frame[frame["p_value"].notna()]
    differ = int((compared["p_adjusted"] < 0.05).sum())
    return (
        "The first run minus the second, on the latents that both scored."
        f" Of {plural(len(compared), 'difference')} with a test {differ:,}"
        f" {'is' if differ == 1 else 'are'} significant at 5 %, after Holm's adjustment within a measure."
    )


OTHERS_SECTION = Section(
    "others",
    "Other scorers",
    "Scorers that give no answer per example whether the latent is active, by measures of their own.",
    (
        Exhibit(
            name="other_scores",
            title="Measures under {score_type}",
            view="run_measures",
            query=SCORES_QUERY,
            caption=_scores_caption,
            nothing="No latent has a measure.",
            figure=_dots,
            columns=(
                Column("measure", "Measure"),
                Column("rank", "Rank", whole, numeric=True),
                RUN,
                Column("value", "Value", ratio, numeric=True, low="low", high="high"),
                Column("n_latents", "Latents", whole, numeric=True),
                Column("against_best", "Against the best"),
                Column("reason", "Why", optional=True),
            ),
            by_score_type=True,
            family=OTHER,
        ),
        Exhibit(
            name="other_comparison",
            title="Differences of measures under {score_type}",
            view="model_comparison",
            query=PAIRS_QUERY,
            caption=_pairs_caption,
            nothing="There are no two runs to compare.",
            columns=(Column("measure", "Measure"), *PAIR_COLUMNS),
            by_score_type=True,
            family=OTHER,
            optional=True,
        ),
    ),
)
