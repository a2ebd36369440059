"""Choose the latents whose examples a page carries, where those of all would make it too large."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Some 6 MB with ten examples of 32 tokens each.
N_CARRIED = 2_000


def carried(
    scores: "pd.DataFrame",
    firing: "pd.DataFrame",
    measure: str,
    *,
    is_loss: bool,
    n_latents: int,
    at_most: int,
) -> list[int]:
    """Return the rows of the latents to carry, in order: by turns the worst and those that fire most.

    A latent is as bad as its worst value of the measure under any run and score type. Those of which neither
    is known come last.
    """
    import pandas as pd

    if at_most >= n_latents:
        return list(range(n_latents))
    values = scores.groupby("row")[measure]
    worst = -values.max() if is_loss else values.min()
    fires = -firing.groupby("row")["firing_count"].max()
    turns = pd.concat(
        [2 * worst.astype(float).rank(method="first"), 2 * fires.astype(float).rank(method="first") + 1]
    )
    first = turns.groupby(level=0).min().reindex(range(n_latents))
    return sorted(first.sort_values(kind="stable", na_position="last").index[:at_most].tolist())
