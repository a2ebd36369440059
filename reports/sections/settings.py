"""What the runs were set to: in a few words, where that differs, and accuracy over the numbers there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import ratio
from ..style import Looks
from ..wording import n_runs, plural
from .columns import RUN

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

MOST_VALUES = 3

# What of the warehouse itself belongs on the card stands in its tables, and is the same for every selection.
CARD_QUERY = """\
with facts as (
    select
        position,
        fact,
        case when value like '/%' then string_split(rtrim(value, '/'), '/')[-1] else value end as value,
        n_runs,
        -- what each run says, or one alone, needs no count
        n_runs > 1 and n_runs < (select count(*) from runs) as is_counted,
        value is null as is_unknown
    from setup_facts
),
loads as (
    select distinct
        load_id,
        loaded_at
    from load_history
    where event = 'load' and (run_id is null or run_id in (select run_id from runs))
)
select
    position,
    fact,
    list(
        coalesce(value, 'not told') || case when is_counted then ' (' || n_runs || ' runs)' else '' end
        order by
            is_unknown asc,
            n_runs desc,
            -- layers.2 before layers.10
            length(value) asc,
            value asc
    ) as said
from facts
group by
    position,
    fact
having not bool_and(is_unknown)
union all
select
    90 as position,
    'loaded' as fact,
    list(
        strftime(loaded_at, '%Y-%m-%d %H:%M UTC') || ' (load ' || load_id || ')'
        order by load_id desc
    ) as said
from loads
having count(*) > 0
union all
select
    91 as position,
    'made by' as fact,
    ['loader ' || value, 'DuckDB ' || version()] as said
from warehouse_info
where key = 'loader_version'
order by position asc"""

# A column per setting, which the query alone knows.
DIFFERENCES_QUERY = """\
pivot (from config_differences)
on setting
using any_value(value)
group by
    run_id,
    run_label
order by
    run_label asc,
    run_id asc"""

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


def _some(values: Sequence[str]) -> str:
    """Name the first of many values; one more than those takes no more room than its number."""
    rest = len(values) - MOST_VALUES
    return ", ".join(values) if rest < 2 else ", ".join(values[:MOST_VALUES]) + f" and {rest} more"


def _number(value: float) -> str:
    """Print a setting: a count with its thousands apart, another number with as many digits as it has."""
    return f"{value:,.0f}" if 1_000 <= abs(value) < 1e15 and value == round(value) else f"{value:.6g}"


def _settings_of(frame: "pd.DataFrame") -> list[str]:
    """Name the settings of the frame, which stand behind run_id and run_label."""
    return list(frame.columns[2:])


def _setting_columns(frame: "pd.DataFrame") -> tuple[Column, ...]:
    return (RUN, *(Column(setting, setting) for setting in _settings_of(frame)))


def _differences_caption(frame: "pd.DataFrame") -> str:
    settings = _settings_of(frame)
    one = len(settings) == 1
    text = (
        f"{plural(len(settings), 'setting')} of run_config.json {'is' if one else 'are'} not the same in all"
    )
    return (
        f"{text} runs. Sort by one to see its groups; `reports build --by SETTING` groups the report by it."
    )


def _accuracy_caption(frame: "pd.DataFrame") -> str:
    text = f"Pooled accuracy with its 95 % interval over the settings of {n_runs(frame)} that are numbers. "
    return text + "Runs mostly differ in more than one: this shows no effect of one alone."


SETTINGS_SECTION = Section(
    name="settings",
    title="Setup",
    lead="This says what the runs were set to, where they differ, and whether accuracy goes with that.",
    exhibits=(
        Exhibit(
            name="setup",
            title="Explained and judged",
            view="setup_facts",
            query=CARD_QUERY,
            caption=lambda frame: (
                "As the configs and files say it, with the number of runs where not all say the same."
            ),
            nothing="Neither configs nor files say anything.",
            columns=(Column("fact", "What"), Column("said", "Values", _some)),
            table="facts",
        ),
        Exhibit(
            name="config_differences",
            title="Settings that differ",
            view="config_differences",
            query=DIFFERENCES_QUERY,
            caption=_differences_caption,
            nothing="The configs of all runs say the same, or fewer than two runs have one.",
            columns=_setting_columns,
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
                Column("number", "Number", _number, numeric=True),
                RUN,
                Column("value", "Accuracy", ratio, numeric=True, low="low", high="high"),
            ),
            by_score_type=True,
            family=CLASSIFIER,
        ),
    ),
)
