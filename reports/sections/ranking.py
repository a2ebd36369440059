"""Who is right how often: the runs of a score type by one measure, and what their order rests on."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit
from ..labels import percent, whole
from ..style import Looks
from ..wording import between, n_runs, plural
from .columns import COVERAGE, RUN, measure

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

RANKED_BY = {
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "f1": "F1",
    "f1_macro": "F1, macro",
    "mcc": "Matthews correlation",
    "auc": "AUC",
}
HAVE_STRICT_FORM = ("accuracy", "f1", "f1_macro")
# Columns of the table whatever it is ranked by.
ALWAYS_SHOWN = ("accuracy", "accuracy_strict", "f1", "f1_strict", "balanced_accuracy")


def ranking(by: str) -> Exhibit:
    """Make the exhibit of the runs by a measure of RANKED_BY."""
    own = [] if by in ALWAYS_SHOWN else [by]
    return Exhibit(
        name=f"{by}_bar",
        title=RANKED_BY[by] + " under {score_type}",
        view="measure_ranking",
        query=_query(by, [*own, *ALWAYS_SHOWN]),
        caption=_caption(by),
        nothing="No run has scores that say which examples activate.",
        figure=_bars if by == "accuracy" else None,
        columns=(
            Column("rank", "Rank", whole, numeric=True),
            RUN,
            *(measure(name, RANKED_BY[name]) for name in own),
            measure("accuracy", "Accuracy"),
            measure("accuracy_strict", "Strict", repeats="accuracy"),
            measure("f1", "F1"),
            measure("f1_strict", "F1 strict", repeats="f1"),
            Column("against_best", "Against the best"),
            Column("reason", "Why", optional=True),
            measure("balanced_accuracy", "Balanced"),
            Column("against_chance", "Against 0.5"),
            Column("n_latents", "Latents", whole, numeric=True),
            COVERAGE,
            Column("judged_with", "Judged by", optional=True),
            Column("rank_there", "Rank among these", whole, numeric=True, optional=True),
        ),
        by_score_type=True,
        family=CLASSIFIER,
    )


def _query(by: str, measures: list[str]) -> str:
    intervals = "\n".join(f"    m.{name},\n    m.{name}_low,\n    m.{name}_high," for name in measures)
    return f"""\
select
    r.rank,
    r.run_id,
    r.run_name,
    r.run_label,
    r.score_type,
    r.policy,
    r.value,
    r.low,
    r.high,
    r.n_latents,
    r.interval_reason,
    r.is_ranked,
    r.against_best,
    nullif(r.reason, 'better on shared latents') as reason,
    r.judging,
    j.judged_by,
    j.scorer,
    r.rank_in_judging,
    r.n_in_judging,
    r.against_best_in_judging,
    r.behind_in_judging,
    r.n_latents_shared,
    r.n_latents_needed,
    -- if all were judged alike, the caption says how
    case when min(r.judging) over () < max(r.judging) over () then r.judging end as judged_with,
    case when min(r.judging) over () < max(r.judging) over () then r.rank_in_judging end as rank_there,
{intervals}
    c.against_chance,
    m.n_failed,
    m.accuracy_lowest,
    m.accuracy_highest,
    m.coverage
from measure_ranking r
join run_metrics m using (run_id, score_type)
join run_judging j using (run_id)
join chance c on c.run_id = r.run_id and c.score_type = r.score_type and c.policy = 'valid'
where r.score_type = $score_type and r.measure = '{by}' and r.policy = $policy
order by r.is_ranked desc, r.rank, r.run_name"""


def _bars(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.accuracy import value_bars

    if frame["value"].isna().all():
        return None
    title = "Accuracy, failures wrong" if frame["policy"].iloc[0] == "strict" else "Accuracy"
    return value_bars(frame.assign(guess=0.5), looks, title, {"guess": "balanced accuracy of a guess"})


def _caption(by: str) -> "Callable[[pd.DataFrame], str]":
    def caption(frame: "pd.DataFrame") -> str:
        text = f"{_what(by, frame['policy'].iloc[0])}, highest first, over {n_runs(frame)} of"
        text += f" {between(frame, 'n_latents', 'answered latent')}."
        with_interval = frame[frame["low"].notna()]
        if len(with_interval):
            unseen = min(1, 3 / with_interval["n_latents"].min())
            text += " Ranges are 95 % intervals, clustered by latent; none knows what no latent shows: up to"
            text += f" {percent(unseen)} of the latents (3 / G) may be of a kind that was not seen."
        reasons = sorted(set(frame["interval_reason"].dropna()))
        if reasons:
            text += f" Without one: {'; '.join(reasons)}."
        if not frame["is_ranked"].all():
            text += f" Below, and not compared: {plural(int((~frame['is_ranked']).sum()), 'run')} not ranked."
        if frame["judged_with"].isna().all():
            text += f" Judged by: {frame['judging'].iloc[0]}."
        return text

    return caption


def _what(by: str, policy: str) -> str:
    if by != "accuracy":
        return RANKED_BY[by] + (", a failure being wrong" if policy == "strict" else "")
    of_what = "answered examples" if policy == "valid" else "all examples, a failure being wrong,"
    return f"Pooled accuracy: the share of {of_what} that the scorer got right"
