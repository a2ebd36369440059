"""What the scorers' probabilities are worth, where they gave any."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import DASH, is_missing, ratio, whole
from ..style import Looks
from ..wording import n_runs
from .columns import RUN, measure

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

ROC_QUERY = """\
select
    r.run_id,
    r.run_label,
    r.threshold,
    r.false_positive_rate,
    r.true_positive_rate,
    m.value as auc,
    m.low as auc_low,
    m.high as auc_high
from roc_curve r
join run_measures m using (run_id, score_type)
where r.score_type = $score_type and m.measure = 'auc' and m.average = 'pooled'
order by r.run_label, r.run_id, r.threshold desc"""

RELIABILITY_QUERY = """\
select
    run_id,
    run_label,
    bin_from,
    bin_to,
    n,
    mean_probability,
    activating_share
from reliability_curve
where score_type = $score_type
order by run_label, run_id, bin_from"""


def _roc(frame: "pd.DataFrame", looks: Looks) -> "Figure":
    from ..figures.multiples import curves

    notes = [
        f"AUC {ratio(auc)}" if is_missing(low) else f"AUC {ratio(auc)} ({ratio(low)}{DASH}{ratio(high)})"
        for auc, low, high in zip(frame["auc"], frame["auc_low"], frame["auc_high"], strict=True)
    ]
    named = frame.assign(
        x=frame["false_positive_rate"], value=frame["true_positive_rate"], low=None, high=None, note=notes
    )
    return curves(named, looks, "false-positive rate", "true-positive rate", diagonal=True, unit_x=True)


def _reliability(frame: "pd.DataFrame", looks: Looks) -> "Figure":
    from ..figures.multiples import curves

    named = frame.assign(
        x=frame["mean_probability"], value=frame["activating_share"], low=None, high=None, note=""
    )
    return curves(named, looks, "probability given", "share that activates", diagonal=True, unit_x=True)


PROBABILITIES_SECTION = Section(
    "probabilities",
    "Probabilities",
    "Some scorers also say how likely an example is to activate.",
    (
        Exhibit(
            name="roc_curve",
            title="ROC curves under {score_type}",
            view="roc_curve",
            query=ROC_QUERY,
            caption=lambda frame: (
                f"Of {n_runs(frame)} with probabilities; AUC is exact, ties counted half, its interval"
                " clustered by latent."
            ),
            nothing="No run has probabilities of both classes under this scorer.",
            figure=_roc,
            by_score_type=True,
            family=CLASSIFIER,
        ),
        Exhibit(
            name="reliability_curve",
            title="Reliability under {score_type}",
            view="reliability_curve",
            query=RELIABILITY_QUERY,
            caption=lambda frame: (
                f"How often examples activate whose probability lies in a tenth of [0, 1], {n_runs(frame)};"
                " on the line probabilities mean what they say."
            ),
            nothing="No run has probabilities under this scorer.",
            figure=_reliability,
            columns=(
                RUN,
                Column("bin_from", "From", ratio, numeric=True),
                Column("bin_to", "To", ratio, numeric=True),
                Column("n", "Examples", whole, numeric=True),
                measure("mean_probability", "Probability", has_interval=False),
                measure("activating_share", "Activating", has_interval=False),
            ),
            by_score_type=True,
            family=CLASSIFIER,
        ),
    ),
    after_latents=True,
)
