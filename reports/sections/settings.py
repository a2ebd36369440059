"""What differs between the runs' configs, and accuracy over the settings that take numbers."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import ratio, words
from ..style import Looks
from ..wording import n_runs, plural
from .columns import RUN

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

DIFFERENCES_QUERY = """\
select
    setting,
    run_id,
    run_label,
    value,
    n_values
from config_differences
order by
    setting,
    run_label,
    run_id"""

# A setting that a run leaves out has no place on the axis.
ACCURACY_QUERY = """\
select
    d.setting,
    d.run_id,
    d.run_label,
    d.number,
    m.value,
    m.low,
    m.high
from config_differences d
join run_measures m using (run_id)
where
    d.is_numeric
    and d.number is not null
    and m.score_type = $score_type
    and m.average = 'pooled'
    and m.measure = $accuracy_name
    and m.value is not null
qualify min(d.number) over (partition by d.setting) < max(d.number) over (partition by d.setting)
order by
    d.setting,
    d.number,
    d.run_label,
    d.run_id"""


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.settings import against_settings

    return against_settings(frame, looks, "accuracy")


def _differences_caption(frame: "pd.DataFrame") -> str:
    settings = plural(
        frame["setting"].nunique(), "setting of run_config.json is", "settings of run_config.json are"
    )
    return f"{settings} not the same in all runs."


def _accuracy_caption(frame: "pd.DataFrame") -> str:
    text = f"Pooled accuracy with its 95 % interval over the settings of {n_runs(frame)} that are numbers. "
    return text + "Runs mostly differ in more than one: this shows no effect of one alone."


SETTINGS_SECTION = Section(
    name="settings",
    title="Settings",
    lead="What the runs were set to, where that is not the same, and whether accuracy goes with it.",
    exhibits=(
        Exhibit(
            name="config_differences",
            title="Settings that differ",
            view="config_differences",
            query=DIFFERENCES_QUERY,
            caption=_differences_caption,
            nothing="The configs of all runs say the same, or fewer than two runs have one.",
            columns=(
                Column("setting", "Setting"),
                RUN,
                Column("value", "Value", words),
            ),
            table="folded",
        ),
        Exhibit(
            name="settings_accuracy",
            title="Accuracy over settings that are numbers, under {score_type}",
            view="config_differences",
            query=ACCURACY_QUERY,
            caption=_accuracy_caption,
            nothing="No setting that takes numbers differs between the runs.",
            figure=_figure,
            columns=(
                Column("setting", "Setting"),
                Column("number", "Number", lambda number: f"{number:.6g}", numeric=True),
                RUN,
                Column("value", "Accuracy", ratio, numeric=True, low="low", high="high"),
            ),
            by_score_type=True,
            family=CLASSIFIER,
        ),
    ),
)
