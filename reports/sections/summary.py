"""One number per run and measure: the mean over its score types."""

from ..exhibit import Column, Exhibit
from ..wording import n_runs
from .columns import RUN, measure

SUMMARY_QUERY = """\
select
    run_id,
    run_name,
    run_label,
    model,
    score_types,
    n_score_types,
    n_latents,
    coverage,
    accuracy,
    precision,
    recall,
    f1,
    accuracy_strict,
    recall_strict,
    f1_strict
from model_summary
order by run_label, run_name"""

BEST_QUERY = """\
select
    measure,
    run_id,
    run_name,
    run_label,
    value
from best_models
order by measure, run_name"""

MEANS = Exhibit(
    name="model_accuracy_summary",
    title="Mean over score types",
    view="model_summary",
    query=SUMMARY_QUERY,
    caption=lambda frame: (
        f"Plain means over the score types of {n_runs(frame)}; the strict ones count a failure as wrong."
    ),
    nothing="No run has scores.",
    columns=(
        RUN,
        Column("score_types", "Score types"),
        measure("accuracy", "Accuracy", has_interval=False),
        measure("precision", "Precision", has_interval=False),
        measure("recall", "Recall", has_interval=False),
        measure("f1", "F1", has_interval=False),
        measure("accuracy_strict", "Accuracy, strict", has_interval=False, repeats="accuracy"),
        measure("recall_strict", "Recall, strict", has_interval=False, repeats="recall"),
        measure("f1_strict", "F1, strict", has_interval=False, repeats="f1"),
    ),
    table="folded",
)

BEST = Exhibit(
    name="best_models",
    title="Highest by measure",
    view="best_models",
    query=BEST_QUERY,
    caption=lambda frame: (
        "Among the runs that have every score type; several rows where values are equal. Means over"
        " score types have no interval here: see the comparisons before calling one the winner."
    ),
    nothing="No run has every score type.",
    columns=(Column("measure", "Measure"), RUN, measure("value", "Value", has_interval=False)),
    table="folded",
)
