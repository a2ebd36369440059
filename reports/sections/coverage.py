"""What was scored, and where the scorers gave no answer."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import percent, whole
from ..style import Looks
from ..wording import n_runs
from .columns import COVERAGE, LATENTS, RUN, SCORE_TYPE

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

COVERAGE_QUERY = """\
select
    run_id,
    run_name,
    run_label,
    score_type,
    n_latents,
    n_examples,
    n_valid,
    n_failed,
    n_failed / nullif(n_examples, 0) as failed_share,
    coverage,
    n_activating / nullif(n_examples, 0) as activating_share
from run_confusion
order by run_label, run_id, score_type"""


MATRIX_QUERY = """\
select
    run_id,
    run_label,
    hookpoint,
    latent_idx,
    status
from coverage_matrix
where score_type = $score_type and status <> 'not scored'
order by run_label, run_id, hookpoint, latent_idx"""

PROMPTS_QUERY = """\
select
    run_id,
    run_label,
    prompt_idx,
    is_ragged_tail,
    n_prompts,
    n_failed_prompts,
    n_partly_failed_prompts,
    n_examples,
    n_failed,
    failed_share,
    sum(n_failed) over (partition by run_id) as n_failed_of_run
from failures_by_prompt
where score_type = $score_type
order by run_label, run_id, prompt_idx, is_ragged_tail"""

FAILURES_QUERY = """\
select
    run_id,
    run_label,
    score_type,
    n_examples,
    n_failed,
    n_failed_in_ragged_tails,
    n_failed_elsewhere,
    n_prompts,
    n_failed_prompts,
    n_partly_failed_prompts
from failure_summary
order by run_label, run_id, score_type"""


def _caption(frame: "pd.DataFrame") -> str:
    examples, failed = int(frame["n_examples"].sum()), int(frame["n_failed"].sum())
    if failed == 0:
        return f"The scorers answered all {examples:,} examples of {n_runs(frame)}."
    return (
        f"Share of examples that the scorer gave no answer to: {failed:,} of {examples:,}"
        f" ({percent(failed / examples)}) in {n_runs(frame)}."
        " Measures leave them out, except the strict ones, which count them as wrong."
    )


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.panels import panel_bars

    shares = frame.assign(panel=frame["score_type"], value=frame["failed_share"].astype(float))
    titles = ["share without an answer"] * shares["panel"].nunique()
    return panel_bars(shares, looks, titles, percent, tickformat="~%", is_one_scale=True)


def _matrix(frame: "pd.DataFrame", looks: Looks) -> "Figure":
    from ..figures.matrices import coverage_matrix

    return coverage_matrix(frame)


def _prompts(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.multiples import bars

    failing = frame[frame["n_failed_of_run"] > 0]
    if failing.empty:
        return None
    hovers = [
        f"prompt {row.prompt_idx}{', ragged tail' * row.is_ragged_tail}: {row.n_failed} of {row.n_examples}"
        " examples failed"
        for row in failing.itertuples()
    ]
    named = failing.assign(
        x=failing["prompt_idx"],
        value=failing["failed_share"],
        muted=failing["is_ragged_tail"],
        hover=hovers,
        note="",
    )
    return bars(named, looks, "place of the prompt in the score file", "share without an answer")


def _prompts_caption(frame: "pd.DataFrame") -> str:
    failing = frame[frame["n_failed_of_run"] > 0]
    if failing.empty:
        return f"No prompt of {n_runs(frame)} failed."
    return (
        f"Prompts of {n_runs(failing)} with failures (of {n_runs(frame)}), by their place in the file. Grey:"
        " ragged tails, a file's last prompt when shorter than the rest, which say nothing of the model."
    )


COVERAGE_SECTION = Section(
    "coverage",
    "Coverage and failures",
    "Before any measure: how much was scored, and how much of it came back without an answer.",
    (
        Exhibit(
            name="coverage",
            title="Answers that are missing",
            view="run_confusion",
            query=COVERAGE_QUERY,
            caption=_caption,
            nothing="No score file is loaded for these runs.",
            figure=_figure,
            columns=(
                RUN,
                SCORE_TYPE,
                LATENTS,
                Column("n_examples", "Examples", whole, numeric=True),
                Column("n_failed", "Failed", whole, numeric=True),
                COVERAGE,
                Column("activating_share", "Activating", percent, numeric=True),
            ),
        ),
        Exhibit(
            name="coverage_matrix",
            title="Latents scored under {score_type}",
            view="coverage_matrix",
            query=MATRIX_QUERY,
            caption=lambda frame: (
                f"A column per latent, {len(frame.groupby(['hookpoint', 'latent_idx'])):,} in"
                f" {n_runs(frame)}, sorted by hookpoint and index; empty: not of the run's hookpoints."
            ),
            nothing="No run has scores of this type.",
            figure=_matrix,
            by_score_type=True,
            family=CLASSIFIER,
        ),
        Exhibit(
            name="failures_by_prompt",
            title="Failures by prompt under {score_type}",
            view="failures_by_prompt",
            query=PROMPTS_QUERY,
            caption=_prompts_caption,
            nothing="No config says how many examples a prompt holds.",
            figure=_prompts,
            by_score_type=True,
            family=CLASSIFIER,
        ),
        Exhibit(
            name="failure_summary",
            title="Ragged tails and other failures",
            view="failure_summary",
            query=FAILURES_QUERY,
            caption=lambda frame: (
                f"Examples and prompts of {n_runs(frame)} whose config tells the prompt's size."
            ),
            nothing="No config says how many examples a prompt holds.",
            columns=(
                RUN,
                SCORE_TYPE,
                Column("n_failed", "Failed", whole, numeric=True),
                Column("n_failed_in_ragged_tails", "In ragged tails", whole, numeric=True),
                Column("n_failed_elsewhere", "Elsewhere", whole, numeric=True),
                Column("n_failed_prompts", "Failed prompts", whole, numeric=True),
                Column("n_partly_failed_prompts", "Partly failed", whole, numeric=True),
                Column("n_prompts", "Prompts", whole, numeric=True),
            ),
            table="folded",
        ),
    ),
    after_latents=True,
)
