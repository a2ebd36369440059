"""The runs in the groups that the reader asked for with --by."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import DASH, ratio, words
from ..style import Looks
from ..wording import n_runs, plural
from .columns import LATENTS, RUN

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

# run_groups is a temporary view of the reader's own; see reports/grouping.py.
QUERY = """\
select
    g.group_name,
    m.run_id,
    m.run_label,
    m.value,
    m.low,
    m.high,
    m.n_latents,
    avg(m.value) over (partition by g.group_name) as group_mean
from run_measures m
join run_groups g using (run_id)
where m.score_type = $score_type and m.average = 'pooled' and m.measure = $accuracy_name
order by
    try_cast(g.group_name as double),
    g.group_name nulls last,
    m.value desc,
    m.run_name"""


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.dots import dot_rows

    if frame["value"].notna().sum() == 0:
        return None
    return dot_rows(frame.assign(panel=frame["group_name"].map(words)), looks, "accuracy")


def _caption(frame: "pd.DataFrame") -> str:
    groups = frame["group_name"].map(words).nunique()
    text = f"Pooled accuracy with its 95 % interval, {n_runs(frame)} in {plural(groups, 'group')}."
    return text + f" {DASH} is the group of runs that say nothing; a group's mean is that of its runs."


GROUPS_SECTION = Section(
    name="groups",
    title="By group",
    lead="The runs in the groups that were asked for, which also give the figures their colours.",
    exhibits=(
        Exhibit(
            name="groups",
            title="Accuracy by group under {score_type}",
            view="run_measures",
            query=QUERY,
            caption=_caption,
            nothing="No run has an accuracy under this scorer.",
            figure=_figure,
            columns=(
                Column("group_name", "Group"),
                RUN,
                Column("value", "Accuracy", ratio, numeric=True, low="low", high="high"),
                LATENTS,
                Column("group_mean", "Mean of the group", ratio, numeric=True),
            ),
            by_score_type=True,
            family=CLASSIFIER,
        ),
    ),
)
