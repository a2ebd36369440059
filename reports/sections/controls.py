"""How far each run is above a control: a run of random or shuffled explanations that was judged alike."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import whole
from ..wording import names
from .columns import RUN
from .comparison import signed

if TYPE_CHECKING:
    import pandas as pd

QUERY = """\
select
    run_id,
    run_label,
    control_id,
    control_label,
    value,
    control_value,
    margin,
    low as margin_low,
    high as margin_high,
    against_control,
    n_latents_shared,
    reason
from control_margins
where score_type = $score_type and measure = $accuracy_name
order by
    margin desc nulls last,
    run_label,
    run_id,
    control_label,
    control_id"""


def _caption(frame: "pd.DataFrame") -> str:
    text = (
        "Accuracy of each run less that of a control that was judged alike, on the latents that both scored;"
        " ranges are 95 % intervals, paired and clustered by latent."
    )
    without = frame[frame["control_id"].isna()]
    return text + (f" No control was judged as {names(without)}." if len(without) else "")


CONTROLS_SECTION = Section(
    "controls",
    "Above a control",
    "What a scorer gets right without an explanation, or with a wrong one, is no merit of the right one.",
    (
        Exhibit(
            name="control_margins",
            title="Margin over the controls under {score_type}",
            view="control_margins",
            query=QUERY,
            caption=_caption,
            nothing="No run is named as a control (--control GLOB).",
            columns=(
                RUN,
                Column("control_label", "Control"),
                Column("margin", "Margin", signed, numeric=True, low="margin_low", high="margin_high"),
                Column("against_control", "Against it"),
                Column("n_latents_shared", "Latents", whole, numeric=True),
                Column("reason", "Why no test", optional=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
            optional=True,
        ),
    ),
)
