"""Where scorers err: by strength of activation, by kind of other text, by how often a latent fires."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import ratio, whole
from ..style import FEW, Looks
from ..wording import n_runs
from .columns import RUN, measure
from .hookpoints import HOOKPOINTS

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

RECALL_QUERY = """\
select
    run_id,
    run_label,
    quantile,
    n_examples,
    n_valid,
    recall,
    recall_low,
    recall_high,
    recall_strict,
    n_latents
from recall_by_quantile
where score_type = $score_type
order by run_label, run_id, quantile"""

FALSE_ALARM_QUERY = """\
select
    run_id,
    run_label,
    negative_source,
    distance_from,
    distance_to,
    coalesce(negative_source, 'unknown source')
        || case
            when distance_from is null then ''
            when distance_to is null then ', from ' || round(distance_from, 1)
            else ', ' || round(distance_from, 1) || ' to ' || round(distance_to, 1)
        end as source,
    n_examples,
    n_valid,
    rate,
    rate_low,
    rate_high,
    n_latents
from false_alarm_rate
where score_type = $score_type
order by negative_source, distance_from, run_label, run_id"""

FIRING_QUERY = """\
select
    f.run_id,
    f.run_label,
    f.hookpoint,
    f.latent_idx,
    f.firing_count,
    f.f1,
    c.rank_correlation
from firing_rate f
join firing_correlation c using (run_id, score_type)
where f.score_type = $score_type
order by f.run_label, f.run_id, f.hookpoint, f.latent_idx"""

DECILES_QUERY = """\
select
    run_id,
    run_label,
    decile,
    n_latents,
    firing_count_min,
    firing_count_max,
    f1_macro
from firing_deciles
where score_type = $score_type
order by run_label, run_id, decile"""

AGREEMENT_QUERY = """\
select
    a.run_id,
    a.run_label,
    a.score_type_a,
    a.score_type_b,
    a.hookpoint,
    a.latent_idx,
    a.accuracy_a,
    a.accuracy_b,
    c.rank_correlation
from score_type_agreement a
join score_type_correlation c using (run_id, score_type_a, score_type_b)
where c.measure = 'accuracy'
order by a.run_label, a.run_id, a.score_type_a, a.score_type_b, a.hookpoint, a.latent_idx"""

CORRELATION_QUERY = """\
select
    run_id,
    run_label,
    score_type_a,
    score_type_b,
    max(n_latents) as n_latents,
    max(rank_correlation) filter (measure = 'accuracy') as accuracy_correlation,
    max(rank_correlation) filter (measure = 'f1') as f1_correlation
from score_type_correlation
group by
    run_id,
    run_label,
    score_type_a,
    score_type_b
order by run_label, run_id, score_type_a, score_type_b"""


def _recall(frame: "pd.DataFrame", looks: Looks) -> "Figure":
    from ..figures.multiples import curves

    named = frame.assign(x=frame["quantile"], value=frame["recall"], note="").rename(
        columns={"recall_low": "low", "recall_high": "high"}
    )
    return curves(named, looks, "quantile of activation, 0 the strongest", "recall")


def _false_alarms(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.dots import dot_rows

    if frame["rate"].isna().all():
        return None
    named = frame.assign(panel=frame["source"], value=frame["rate"]).rename(
        columns={"rate_low": "low", "rate_high": "high"}
    )
    return dot_rows(named, looks, "false-alarm rate")


def _firing(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.multiples import clouds

    shown = frame[frame["firing_count"] > 0]
    if shown.empty:
        return None
    notes = frame["rank_correlation"].map(lambda value: f"rank correlation {ratio(value)}")
    return clouds(
        shown.assign(x=shown["firing_count"], value=shown["f1"], note=notes[shown.index]),
        looks,
        "tokens on which the latent fires",
        "F1",
        log_x=True,
    )


def _agreement(frame: "pd.DataFrame", looks: Looks) -> "Figure":
    from ..figures.multiples import clouds

    pairs = frame["score_type_a"] + " and " + frame["score_type_b"]
    first, second = frame["score_type_a"].iloc[0], frame["score_type_b"].iloc[0]
    one_pair = frame[pairs == f"{first} and {second}"]
    notes = one_pair["rank_correlation"].map(lambda value: f"rank correlation {ratio(value)}")
    return clouds(
        one_pair.assign(x=one_pair["accuracy_a"], value=one_pair["accuracy_b"], note=notes),
        looks,
        f"accuracy under {first}",
        f"accuracy under {second}",
        diagonal=True,
    )


def _agreement_caption(frame: "pd.DataFrame") -> str:
    n_pairs = len(frame.groupby(["score_type_a", "score_type_b"]))
    text = f"One point per latent that both scorers judged, of {n_runs(frame)}, a larger one several of equal"
    text += " values; on the line both agree."
    return text + (f" The first of {n_pairs} pairs of scorers; the table has all." if n_pairs > 1 else "")


DIAGNOSTICS_SECTION = Section(
    "diagnostics",
    "Where scorers err",
    "A single number hides on which texts, and on which latents, an explanation works.",
    (
        Exhibit(
            name="recall_by_quantile",
            title="Recall by strength of activation under {score_type}",
            view="recall_by_quantile",
            query=RECALL_QUERY,
            caption=lambda frame: (
                f"Share of activating examples that were found, by quantile of activation, {n_runs(frame)}."
                + " Lines up and down are 95 % intervals." * (frame["run_id"].nunique() <= FEW)
            ),
            nothing="No activating example of this score type has a quantile.",
            figure=_recall,
            columns=(
                RUN,
                Column("quantile", "Quantile", whole, numeric=True),
                measure("recall", "Recall"),
                measure("recall_strict", "Strict", has_interval=False, repeats="recall"),
                Column("n_valid", "Answered", whole, numeric=True),
                Column("n_examples", "Examples", whole, numeric=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
        ),
        Exhibit(
            name="false_alarm_rate",
            title="False alarms under {score_type}",
            view="false_alarm_rate",
            query=FALSE_ALARM_QUERY,
            caption=lambda frame: (
                "Share of the examples that do not activate which were said to, by where they came from"
                f" and, for neighbours, by distance; {n_runs(frame)}."
            ),
            nothing="Every example of this score type activates.",
            figure=_false_alarms,
            columns=(
                RUN,
                Column("source", "Source"),
                measure("rate", "Rate"),
                Column("n_valid", "Answered", whole, numeric=True),
                Column("n_examples", "Examples", whole, numeric=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
        ),
        HOOKPOINTS,
        Exhibit(
            name="firing_f1",
            title="F1 by how often a latent fires, under {score_type}",
            view="firing_rate",
            query=FIRING_QUERY,
            caption=lambda frame: (
                f"One point per latent with a firing count, {len(frame):,} in {n_runs(frame)}; rank"
                " correlations are Spearman's. Latents that never fired in the cache are left out."
            ),
            nothing="No run has firing counts for latents with scores of this type.",
            figure=_firing,
            by_score_type=True,
            family=CLASSIFIER,
        ),
        Exhibit(
            name="firing_deciles",
            title="F1 by tenth of firing counts, under {score_type}",
            view="firing_deciles",
            query=DECILES_QUERY,
            caption=lambda frame: f"Latents of {n_runs(frame)}, by tenth of their run's firing counts.",
            nothing="No run has firing counts for latents with scores of this type.",
            columns=(
                RUN,
                Column("decile", "Tenth", whole, numeric=True),
                Column("firing_count_min", "Least", whole, numeric=True),
                Column("firing_count_max", "Most", whole, numeric=True),
                Column("n_latents", "Latents", whole, numeric=True),
                measure("f1_macro", "F1, macro", has_interval=False),
            ),
            by_score_type=True,
            family=CLASSIFIER,
            table="folded",
        ),
        Exhibit(
            name="score_type_agreement",
            title="What two scorers say of one explanation",
            view="score_type_agreement",
            query=AGREEMENT_QUERY,
            caption=_agreement_caption,
            nothing="No run has two score types.",
            figure=_agreement,
        ),
        Exhibit(
            name="score_type_correlation",
            title="Agreement of scorers",
            view="score_type_correlation",
            query=CORRELATION_QUERY,
            caption=lambda frame: f"Spearman's rank correlation over the latents of {n_runs(frame)}.",
            nothing="No run has two score types.",
            columns=(
                RUN,
                Column("score_type_a", "Score type"),
                Column("score_type_b", "And"),
                Column("n_latents", "Latents", whole, numeric=True),
                measure("accuracy_correlation", "Accuracy", has_interval=False),
                measure("f1_correlation", "F1", has_interval=False),
            ),
            table="folded",
        ),
    ),
    after_latents=True,
)
