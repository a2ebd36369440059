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
where m.score_type = $score_type and m.average = 'pooled' and m.measure = MEASURE
order by
    try_cast(g.group_name as double),
    g.group_name nulls last,
    m.value desc,
    m.run_name"""


def _by_group(name: str, called: str, measure: str) -> Exhibit:
    """Show a measure with a panel per group; measure: its name as a SQL text, or what stands for that."""
    title = called[0].upper() + called[1:]

    def figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
        from ..figures.dots import dot_rows

        if frame["value"].notna().sum() == 0:
            return None
        return dot_rows(frame.assign(panel=frame["group_name"].map(words)), looks, called)

    def caption(frame: "pd.DataFrame") -> str:
        groups = plural(frame["group_name"].map(words).nunique(), "group")
        text = f"Pooled {called} with its 95 % interval, {n_runs(frame)} in {groups}."
        silent = f" {DASH} is the group of runs that say nothing." if frame["group_name"].isna().any() else ""
        return f"{text} A group's mean is that of its runs.{silent}"

    return Exhibit(
        name=name,
        title=f"{title} by group under {{score_type}}",
        view="run_measures",
        query=QUERY.replace("MEASURE", measure),
        caption=caption,
        nothing=f"No run has a value of {called} under this scorer.",
        figure=figure,
        columns=(
            Column("group_name", "Group"),
            RUN,
            Column("value", title, ratio, numeric=True, low="low", high="high"),
            LATENTS,
            Column("group_mean", "Mean of the group", ratio, numeric=True),
        ),
        by_score_type=True,
        family=CLASSIFIER,
    )


GROUPS_SECTION = Section(
    name="groups",
    title="By group",
    lead="The runs stand in the groups asked for, one a panel; all figures have the groups' colours.",
    exhibits=(
        _by_group("groups", "accuracy", "$accuracy_name"),
        _by_group("groups_balanced", "balanced accuracy", "'balanced_accuracy'"),
        _by_group("groups_f1", "F1", "$f1_name"),
    ),
)
