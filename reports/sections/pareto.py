"""Quality against cost: which runs nothing beats."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit
from ..labels import ratio
from ..style import Looks
from ..wording import names
from .columns import RUN

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

PARETO_QUERY = """\
select
    run_id,
    run_label,
    measure,
    stage,
    cost_kind,
    cost,
    value,
    low,
    high,
    on_frontier
from pareto_frontier
where score_type = $score_type
order by
    case cost_kind when 'tokens' then 1 when 'wall_time_s' then 2 else 3 end,
    stage desc,
    measure,
    run_label,
    run_id"""

AXES = {"tokens": "tokens", "wall_time_s": "seconds on the clock", "money": "money"}
STAGES = {"explainer": "explainer alone", "all": "explainer and scorers"}


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.dots import quality_against_cost

    accuracies = frame[frame["measure"] == "accuracy"]
    if accuracies.empty:
        return None
    named = accuracies.assign(
        panel=accuracies["stage"].map(STAGES),
        axis_title=accuracies["cost_kind"].map(AXES),
    )
    return quality_against_cost(named, looks, "accuracy")


def _caption(frame: "pd.DataFrame") -> str:
    explainer = frame[(frame["stage"] == "explainer") & (frame["measure"] == "accuracy")]
    text = "Accuracy, failures left out, with its 95 % interval, against cost; on the dotted line a run is"
    text += " beaten by none for as little."
    for kind, axis in AXES.items():
        best = explainer[(explainer["cost_kind"] == kind) & explainer["on_frontier"]]
        if len(best):
            text += f" By {axis} of the explainer: {names(best)}."
    return text


def cost(value: float | None) -> str:
    """Print a cost: whole from a thousand on, else with four figures."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


PARETO = Exhibit(
    name="pareto_frontier",
    title="Accuracy against cost under {score_type}",
    view="pareto_frontier",
    query=PARETO_QUERY,
    caption=_caption,
    nothing="No run has both scores of this type and a known cost.",
    figure=_figure,
    columns=(
        RUN,
        Column("measure", "Measure"),
        Column("stage", "Stage", STAGES.__getitem__),
        Column("cost_kind", "Kind of cost", AXES.__getitem__),
        Column("cost", "Cost", cost, numeric=True),
        Column("value", "Value", ratio, numeric=True, low="low", high="high"),
        Column("on_frontier", "On the frontier", lambda on: "yes" if on else ""),
    ),
    by_score_type=True,
    family=CLASSIFIER,
)
