"""What the runs cost in tokens and in time."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..exhibit import Column, Exhibit, Section
from ..labels import one_decimal, whole
from ..style import Looks
from ..wording import n_runs
from .columns import RUN
from .pareto import PARETO

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

USAGE_QUERY = """\
select
    run_id,
    run_name,
    run_label,
    stage,
    total_tokens,
    prompt_tokens,
    completion_tokens,
    n_calls,
    n_examples,
    tokens_per_call,
    seconds_per_call,
    tokens_per_latent,
    tokens_per_example,
    seconds_per_example
from token_usage
order by stage <> 'explainer', stage, run_label, run_name"""


def _total_tokens(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    return _panels(frame.assign(value=frame["total_tokens"]), looks, lambda _: "tokens", whole)


def _per_call(tokens_or_seconds: str) -> "Callable[[pd.DataFrame, Looks], Figure | None]":
    def figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
        per_call, per_example = (
            frame[f"{tokens_or_seconds}_per_call"],
            frame[f"{tokens_or_seconds}_per_example"],
        )
        by_call = per_call.notna().groupby(frame["stage"]).transform("all")
        return _panels(
            frame.assign(value=per_call.where(by_call, per_example)),
            looks,
            lambda rows: (
                f"{tokens_or_seconds} per call"
                if by_call[rows.index].all()
                else f"{tokens_or_seconds} per example"
            ),
            one_decimal,
        )

    return figure


def _panels(
    frame: "pd.DataFrame",
    looks: Looks,
    axis_title: "Callable[[pd.DataFrame], str]",
    show: Callable[[Any], str],
) -> "Figure | None":
    from ..figures.panels import panel_bars

    known = frame.assign(panel=frame["stage"]).astype({"value": float})
    known = known[known["value"].notna()]
    return panel_bars(
        known, looks, [axis_title(rows) for _, rows in known.groupby("panel", sort=False)], show
    )


def _only_known(frame: "pd.DataFrame") -> str:
    missing = int(frame["total_tokens"].isna().sum())
    return (
        f" {missing} of {len(frame)} stages have no token count: the provider told none." if missing else ""
    )


COST_SECTION = Section(
    "cost",
    "Cost",
    "The explainer and each scorer used this much. Times are sums over concurrent calls, not on the clock.",
    (
        Exhibit(
            name="total_tokens_usage",
            title="Tokens in all",
            view="token_usage",
            query=USAGE_QUERY,
            caption=lambda frame: (
                f"Prompt and completion tokens of {n_runs(frame)}, by stage.{_only_known(frame)}"
            ),
            nothing="No run has token counts.",
            figure=_total_tokens,
            columns=(
                RUN,
                Column("stage", "Stage"),
                Column("prompt_tokens", "Prompt", whole, numeric=True),
                Column("completion_tokens", "Completion", whole, numeric=True),
                Column("total_tokens", "Tokens", whole, numeric=True),
                Column("n_calls", "Calls", whole, numeric=True),
                Column("tokens_per_call", "Per call", one_decimal, numeric=True),
                Column("tokens_per_latent", "Per latent", one_decimal, numeric=True),
                Column("tokens_per_example", "Per example", one_decimal, numeric=True),
            ),
        ),
        Exhibit(
            name="avg_tokens_per_call",
            title="Tokens per call",
            view="token_usage",
            query=USAGE_QUERY,
            caption=lambda frame: (
                f"Mean over a stage's calls, or examples where calls are not known, of {n_runs(frame)}."
            ),
            nothing="No run has token counts.",
            figure=_per_call("tokens"),
        ),
        Exhibit(
            name="avg_time_per_call",
            title="Time per call",
            view="token_usage",
            query=USAGE_QUERY,
            caption=lambda frame: (
                "Mean latency of a stage's calls, or an example's share where calls are not known, of"
                f" {n_runs(frame)}."
            ),
            nothing="No run has timed calls.",
            figure=_per_call("seconds"),
        ),
        PARETO,
    ),
)
