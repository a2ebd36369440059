"""How a measure spreads over the latents of each run."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Exhibit
from ..style import Looks
from ..wording import n_runs, plural

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure


def density(measure: str, title: str) -> Exhibit:
    """Make the exhibit that shows each latent's value of a measure; measure: accuracy or f1."""
    return Exhibit(
        name=f"{measure}_density",
        title=title + " of each latent under {score_type}",
        view="latent_metrics",
        query=f"""\
select
    run_id,
    run_label,
    hookpoint,
    latent_idx,
    ${measure} as value
from latent_metrics
where score_type = $score_type
order by mean(${measure}) over (partition by run_id) desc nulls last, run_name, hookpoint, latent_idx""",
        caption=_caption,
        nothing="No run has scores of this type.",
        figure=_figure(f"{title} of a latent"),
        by_score_type=True,
        family=CLASSIFIER,
    )


def _figure(axis_title: str) -> "Callable[[pd.DataFrame, Looks], Figure | None]":
    def figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
        from ..figures.accuracy import latent_distribution

        return None if frame["value"].isna().all() else latent_distribution(frame, looks, axis_title)

    return figure


def _caption(frame: "pd.DataFrame") -> str:
    undefined = int(frame["value"].isna().sum())
    text = f"One point per latent, {len(frame) - undefined:,} in {n_runs(frame)}; the line is their mean, by"
    text += " which runs are sorted, and from 20 latents on the curve their density."
    if undefined:
        text += f" Left out: {plural(undefined, 'latent')} without a value."
    return text
