"""What runs are worth where few texts activate a latent, and whose order turns round there."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import is_missing, ratio
from ..style import Looks
from ..wording import n_runs, plural
from .columns import RUN, measure

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

CURVE_QUERY = """\
select
    'curve' as part,
    run_id,
    run_label,
    q,
    f1,
    null as low,
    null as high
from prevalence_curve
where score_type = $score_type
union all
select
    'value',
    run_id,
    run_label,
    q,
    value,
    low,
    high
from metrics_at_prevalence
where score_type = $score_type and measure = 'f1' and prevalence <> 'firing' and value is not null
union all
select
    'crossing',
    run_id_a,
    run_label_a || ' and ' || run_label_b,
    q,
    f1,
    null,
    null
from prevalence_reversals
where score_type = $score_type
order by
    part,
    run_label,
    run_id,
    q"""

# Columns of the table: prevalence, bound and heading.
SHARES = {
    "half": ("0.5", None, "1 in 2"),
    "tenth": ("0.1", None, "1 in 10"),
    "hundredth": ("0.01", None, "1 in 100"),
    "thousandth": ("0.001", None, "1 in 1,000"),
    "firing_lowest": ("firing", "lowest", "Own rate, lowest"),
    "firing_highest": ("firing", "highest", "Own rate, highest"),
}

REVERSALS_QUERY = """\
select
    run_id_a,
    run_label_a,
    run_id_b,
    run_label_b,
    q,
    1 / q as one_in,
    f1
from prevalence_reversals
where score_type = $score_type
order by
    q desc,
    run_label_a,
    run_label_b"""


def _table_query() -> str:
    columns = "\n".join(
        f"    any_value({end}) filter (prevalence = '{prevalence}'"
        + (f" and bound = '{bound}'" if bound else "")
        + f") as {name}{suffix},"
        for name, (prevalence, bound, _) in SHARES.items()
        for end, suffix in (("value", ""), ("low", "_low"), ("high", "_high"))
    )
    return f"""\
select
    run_id,
    run_label,
{columns}
    any_value(reason) filter (prevalence = '0.5') as reason
from metrics_at_prevalence
where score_type = $score_type and measure = 'f1'
group by
    run_id,
    run_label
qualify count(half) over () > 0
order by
    hundredth desc nulls last,
    run_label,
    run_id"""


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure":
    from ..figures.prevalence import against_prevalence

    return against_prevalence(frame, looks)


def _curve_caption(frame: "pd.DataFrame") -> str:
    curves, crossings = (frame[frame["part"] == part] for part in ("curve", "crossing"))
    text = (
        f"F1 of {n_runs(curves)} on answered examples if fewer texts activate a latent, recall and"
        " specificity being what they are; both axes are logarithmic, ranges are 95 %"
        " intervals, clustered by latent."
    )
    if crossings.empty:
        return text + " No two runs change places."
    return text + f" Circles: {_change_places(crossings)}."


def _change_places(pairs: "pd.DataFrame") -> str:
    return f"{plural(len(pairs), 'pair')} of runs {'changes' if len(pairs) == 1 else 'change'} places"


def _table_caption(frame: "pd.DataFrame") -> str:
    text = (
        "F1 of answered examples if so many texts activate a latent. Its own rate lies between the share of"
        " tokens on which it fires and that times the length of an example."
    )
    unknown = frame[frame["half"].isna()]
    if len(unknown):
        text += f" Unknown of {n_runs(unknown)}: {', '.join(sorted(set(unknown['reason'])))}."
    return text


def _one_in(value: float | None) -> str:
    return "" if is_missing(value) else f"{value:,.1f}"


PREVALENCE_SECTION = Section(
    "prevalence",
    "Where few texts activate a latent",
    "Scores come from sets of which half activates; of all texts few do, and there false alarms decide.",
    (
        Exhibit(
            name="f1_at_prevalence",
            title="F1 against how often texts activate a latent under {score_type}",
            view="prevalence_curve",
            query=CURVE_QUERY,
            caption=_curve_caption,
            nothing="Of no run are the examples that do not activate known to be random texts: nothing can be"
            " said of other texts.",
            figure=_figure,
            by_score_type=True,
            family=CLASSIFIER,
        ),
        Exhibit(
            name="prevalence",
            title="F1 at four rates under {score_type}",
            view="metrics_at_prevalence",
            query=_table_query(),
            caption=_table_caption,
            nothing="No run has an F1 at another rate.",
            columns=(
                RUN,
                *(measure(name, heading) for name, (_, _, heading) in SHARES.items()),
                Column("reason", "Why none", optional=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
            optional=True,
            table="folded",
        ),
        Exhibit(
            name="prevalence_reversals",
            title="Whose order turns round under {score_type}",
            view="prevalence_reversals",
            query=REVERSALS_QUERY,
            caption=lambda frame: (
                f"{_change_places(frame)} by F1 where fewer texts than this activate a latent."
            ),
            nothing="No two runs change places.",
            columns=(
                Column("run_label_a", "Above at 1 in 2"),
                Column("run_label_b", "Above at 1 in 1,000"),
                Column("one_in", "From 1 in", _one_in, numeric=True),
                Column("f1", "F1 there", ratio, numeric=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
            optional=True,
            table="folded",
        ),
    ),
)
