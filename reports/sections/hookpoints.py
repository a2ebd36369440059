"""How right a scorer was at each hookpoint."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit
from ..labels import whole
from ..style import FEW, Looks
from ..wording import between, n_runs
from .columns import RUN, measure

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

# layers.2 before layers.10
QUERY = """\
select
    run_id,
    run_label,
    hookpoint,
    value,
    low as value_low,
    high as value_high,
    n_latents,
    count(*) over (partition by run_id) as n_hookpoints
from hookpoint_metrics
where score_type = $score_type and measure = $accuracy_name
qualify min(hookpoint) over () < max(hookpoint) over ()
order by
    length(hookpoint),
    hookpoint,
    run_label,
    run_id"""


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure":
    from ..figures.hookpoints import over_hookpoints

    return over_hookpoints(
        frame.rename(columns={"value_low": "low", "value_high": "high"}), looks, "accuracy"
    )


def _caption(frame: "pd.DataFrame") -> str:
    text = f"Pooled accuracy of {n_runs(frame)} at {between(frame, 'n_hookpoints', 'hookpoint')}"
    text += f" of {between(frame, 'n_latents', 'latent')}."
    if frame["run_id"].nunique() <= FEW:
        text += " Lines up and down are 95 % intervals, clustered by latent."
    return text + " Other latents, not only another layer, are behind each difference."


HOOKPOINTS = Exhibit(
    name="hookpoint_accuracy",
    title="Accuracy by hookpoint under {score_type}",
    view="hookpoint_metrics",
    query=QUERY,
    caption=_caption,
    nothing="All latents lie at one hookpoint.",
    figure=_figure,
    columns=(
        RUN,
        Column("hookpoint", "Hookpoint"),
        measure("value", "Accuracy"),
        Column("n_latents", "Latents", whole, numeric=True),
    ),
    by_score_type=True,
    family=CLASSIFIER,
    optional=True,
)
