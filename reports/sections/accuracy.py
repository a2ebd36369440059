"""Who is right how often: the ranking of each score type, and how accuracy spreads."""

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import ratio, whole
from ..wording import plural
from .columns import SCORE_TYPE, SPREAD
from .density import density
from .ranking import ranking

DISTRIBUTION_QUERY = """\
select
    score_type,
    n,
    mean,
    std,
    min,
    q25,
    median,
    q75,
    max
from accuracy_distribution
order by score_type"""


REVERSALS_QUERY = """\
select
    run_id_a,
    run_label_a,
    run_id_b,
    run_label_b,
    both_are_ranked,
    value_a,
    value_b,
    strict_a,
    strict_b
from policy_reversals
where score_type = $score_type and measure = 'accuracy'
order by value_a desc, value_b desc, run_label_a, run_label_b"""

POLICY_REVERSALS = Exhibit(
    name="policy_reversals",
    title="What failures turn round under {score_type}",
    view="policy_reversals",
    query=REVERSALS_QUERY,
    caption=lambda frame: (
        f"{plural(len(frame), 'pair')} of runs whose order by accuracy turns round when failures count as"
        " wrong: which of the two is better depends on what the missing answers would have been."
    ),
    nothing="Whether failures are left out or count as wrong, the order of the runs is the same.",
    columns=(
        Column("run_label_a", "Above, failures left out"),
        Column("run_label_b", "Above, failures wrong"),
        Column("value_a", "First", ratio, numeric=True),
        Column("value_b", "Second", ratio, numeric=True),
        Column("strict_a", "First, strict", ratio, numeric=True),
        Column("strict_b", "Second, strict", ratio, numeric=True),
    ),
    by_score_type=True,
    family=CLASSIFIER,
    optional=True,
    table="folded",
)

ACROSS_RUNS = Exhibit(
    name="accuracy_distribution",
    title="Accuracy across runs",
    view="accuracy_distribution",
    query=DISTRIBUTION_QUERY,
    caption=lambda frame: (
        "Pooled accuracy, failures left out, over the runs of each score type; std is the sample's."
    ),
    nothing="No run has scores.",
    columns=(SCORE_TYPE, Column("n", "Runs", whole, numeric=True), *SPREAD),
    table="folded",
)

ACCURACY_SECTION = Section(
    "accuracy",
    "Accuracy",
    "How often each scorer, shown a run's explanations, told activating text from other text.",
    (
        ranking("accuracy"),
        POLICY_REVERSALS,
        density("accuracy", "Accuracy"),
    ),
)
