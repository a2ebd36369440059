"""Who is right how often: rankings, distributions over runs and over latents."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..labels import ratio, whole
from ..style import Looks
from .common import COVERAGE, LATENTS, RUN, SCORE_TYPE, between, measure, n_runs, plural
from .model import Column, Exhibit, Section

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

RANKING_QUERY = """\
select
    r.rank,
    r.run_id,
    r.run_name,
    r.run_label,
    r.score_type,
    r.accuracy,
    r.accuracy_low,
    r.accuracy_high,
    r.f1,
    r.f1_low,
    r.f1_high,
    r.coverage,
    r.n_latents,
    r.tied_with_best,
    case
        when r.accuracy is null then 'undefined'
        when r.rank = 1 then 'best'
        when r.tied_with_best is null then 'not comparable'
        when r.tied_with_best then 'tied'
        else 'behind'
    end as against_best
from model_ranking r
where r.score_type = $score_type
order by r.rank, r.run_name"""

LATENTS_QUERY = """\
select
    run_id,
    run_label,
    hookpoint,
    latent_idx,
    $measure as value
from latent_metrics
where score_type = $score_type
order by mean($measure) over (partition by run_id) desc nulls last, run_name, hookpoint, latent_idx"""

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

LATENT_DISTRIBUTION_QUERY = """\
select
    d.run_id,
    d.run_label,
    d.score_type,
    d.n,
    d.mean,
    d.std,
    d.min,
    d.q25,
    d.median,
    d.q75,
    d.max
from latent_distribution d
where d.measure = 'f1'
order by d.score_type, d.mean desc nulls last, d.run_name"""

SUMMARY_QUERY = """\
select
    run_id,
    run_name,
    run_label,
    model,
    score_types,
    n_score_types,
    accuracy,
    precision,
    recall,
    f1
from model_summary
order by run_label, run_name"""

BEST_QUERY = """\
select
    b.measure,
    b.run_id,
    r.run_name,
    r.run_label,
    b.value
from best_models b
join runs r using (run_id)
order by b.measure, r.run_name"""

SPREAD = (
    Column("mean", "Mean", ratio, numeric=True),
    Column("std", "Std", ratio, numeric=True),
    Column("min", "Min", ratio, numeric=True),
    Column("q25", "25 %", ratio, numeric=True),
    Column("median", "50 %", ratio, numeric=True),
    Column("q75", "75 %", ratio, numeric=True),
    Column("max", "Max", ratio, numeric=True),
)


def _accuracy_bars(frame: "pd.DataFrame", looks: Looks) -> "go.Figure":
    from ..figures.accuracy import value_bars

    names = {"accuracy": "value", "accuracy_low": "low", "accuracy_high": "high"}
    return value_bars(frame.rename(columns=names), looks, "Accuracy")


def _density(axis_title: str) -> "Callable[[pd.DataFrame, Looks], go.Figure]":
    def figure(frame: "pd.DataFrame", looks: Looks) -> "go.Figure":
        from ..figures.accuracy import latent_distribution

        return latent_distribution(frame, looks, axis_title)

    return figure


def _ranking_caption(frame: "pd.DataFrame") -> str:
    text = (
        "Pooled accuracy: the share of answered examples that the scorer got right, highest first, over"
        f" {n_runs(frame)} of {between(frame, 'n_latents', 'latent')}."
    )
    if frame["accuracy_low"].notna().any():
        text += " Ranges are 95 % intervals, clustered by latent."
    return text


def _latents_caption(frame: "pd.DataFrame") -> str:
    undefined = int(frame["value"].isna().sum())
    text = f"One point a latent, {len(frame) - undefined:,} in {n_runs(frame)}; the curve is their density,"
    text += " the line their mean, by which runs are sorted."
    if undefined:
        text += f" Left out: {plural(undefined, 'latent')} without a value."
    return text


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
            caption=_ranking_caption,
            nothing="No run has scores of this type.",
            figure=_accuracy_bars,
            columns=(
                Column("rank", "Rank", whole, numeric=True),
                RUN,
                measure("accuracy", "Accuracy"),
                measure("f1", "F1"),
                Column("against_best", "Against the best"),
                LATENTS,
                COVERAGE,
            ),
            by_score_type=True,
        ),
        Exhibit(
            name="accuracy_density",
            title="Accuracy of each latent under {score_type}",
            view="latent_metrics",
            query=LATENTS_QUERY.replace("$measure", "accuracy"),
            caption=_latents_caption,
            nothing="No run has scores of this type.",
            figure=_density("Accuracy of a latent"),
            by_score_type=True,
        ),
        Exhibit(
            name="accuracy_distribution",
            title="Accuracy across runs",
            view="accuracy_distribution",
            query=DISTRIBUTION_QUERY,
            caption=lambda frame: "Pooled accuracy over the runs of each score type; std is the sample's.",
            nothing="No run has scores.",
            columns=(SCORE_TYPE, Column("n", "Runs", whole, numeric=True), *SPREAD),
        ),
    ),
)

F1_SECTION = Section(
    "f1",
    "F1, latent by latent",
    "A pooled F1 hides how unlike each other the latents are.",
    (
        Exhibit(
            name="f1_density",
            title="F1 of each latent under {score_type}",
            view="latent_metrics",
            query=LATENTS_QUERY.replace("$measure", "f1"),
            caption=_latents_caption,
            nothing="No run has scores of this type.",
            figure=_density("F1 of a latent"),
            by_score_type=True,
        ),
        Exhibit(
            name="f1_distribution",
            title="F1 across latents",
            view="latent_distribution",
            query=LATENT_DISTRIBUTION_QUERY,
            caption=lambda frame: f"Over the latents of each run whose F1 is defined, {n_runs(frame)}.",
            nothing="No run has scores.",
            columns=(SCORE_TYPE, RUN, Column("n", "Latents", whole, numeric=True), *SPREAD),
        ),
    ),
)

SUMMARY_SECTION = Section(
    "summary",
    "Summary over score types",
    "Each measure is the plain mean over the run's score types.",
    (
        Exhibit(
            name="model_accuracy_summary",
            title="Mean over score types",
            view="model_summary",
            query=SUMMARY_QUERY,
            caption=lambda frame: f"Plain means over the score types of {n_runs(frame)}.",
            nothing="No run has scores.",
            columns=(
                RUN,
                Column("score_types", "Score types"),
                measure("accuracy", "Accuracy", has_interval=False),
                measure("precision", "Precision", has_interval=False),
                measure("recall", "Recall", has_interval=False),
                measure("f1", "F1", has_interval=False),
            ),
        ),
        Exhibit(
            name="best_models",
            title="Highest by measure",
            view="best_models",
            query=BEST_QUERY,
            caption=lambda frame: (
                "Among the runs that have every score type; several rows where values are equal. Means over"
                " score types have no interval here: see the comparisons before calling one the winner."
            ),
            nothing="No run has every score type.",
            columns=(Column("measure", "Measure"), RUN, measure("value", "Value", has_interval=False)),
        ),
    ),
)
