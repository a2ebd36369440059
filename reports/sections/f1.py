"""F1, against what knowing nothing would reach, and latent by latent."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import percent, ratio, whole
from ..style import Looks
from ..wording import n_runs, names, plural
from .columns import RUN, SCORE_TYPE, SPREAD, measure
from .density import density

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

CHANCE_QUERY = """\
select
    run_id,
    run_name,
    run_label,
    score_type,
    policy,
    activating_share,
    f1,
    f1_low,
    f1_high,
    always_positive_f1,
    fair_coin_f1,
    against_always_positive,
    against_fair_coin
from chance
where score_type = $score_type and policy = $policy
order by f1 desc nulls last, run_name"""

DISTRIBUTION_QUERY = """\
select
    run_id,
    run_label,
    score_type,
    n,
    mean,
    std,
    min,
    q25,
    median,
    q75,
    max
from latent_distribution
where measure = 'f1'
order by score_type, mean desc nulls last, run_name"""

LEVELS = {"always_positive_f1": "always says yes", "fair_coin_f1": "tosses a coin"}


def _bars(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.accuracy import value_bars

    if frame["f1"].isna().all():
        return None
    named = frame.rename(columns={"f1": "value", "f1_low": "low", "f1_high": "high"})
    return value_bars(named, looks, "F1", LEVELS)


def _caption(frame: "pd.DataFrame") -> str:
    text = (
        f"Pooled F1 of {n_runs(frame)}. The lines are what a scorer that knows nothing reaches: one that"
        " always says yes (solid), one that tosses a coin (dotted)."
    )
    below = frame[frame["against_always_positive"] == "below"]
    even = frame[frame["against_always_positive"] == "not distinguishable"]
    if len(below):
        text += f" {plural(len(below), 'run')} {'is' if len(below) == 1 else 'are'} below always saying yes"
        text += f": {names(below)}."
    if len(even):
        text += f" {plural(len(even), 'run')} cannot be told from it."
    return text


F1_SECTION = Section(
    "f1",
    "F1 and chance",
    "F1 rewards saying yes: where half of the examples activate, always saying yes already reaches 0.667.",
    (
        Exhibit(
            name="f1_bar",
            title="F1 under {score_type}",
            view="chance",
            query=CHANCE_QUERY,
            caption=_caption,
            nothing="No run has scores of this type.",
            figure=_bars,
            columns=(
                RUN,
                measure("f1", "F1"),
                Column("always_positive_f1", "Always yes", ratio, numeric=True),
                Column("against_always_positive", "Against it"),
                Column("fair_coin_f1", "Coin", ratio, numeric=True),
                Column("against_fair_coin", "Against it"),
                Column("activating_share", "Activating", percent, numeric=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
        ),
        density("f1", "F1"),
        Exhibit(
            name="f1_distribution",
            title="F1 across latents",
            view="latent_distribution",
            query=DISTRIBUTION_QUERY,
            caption=lambda frame: f"Over the latents of each run whose F1 is defined, {n_runs(frame)}.",
            nothing="No run has scores.",
            columns=(SCORE_TYPE, RUN, Column("n", "Latents", whole, numeric=True), *SPREAD),
            table="folded",
        ),
    ),
)
