"""Say which runs are above a control: a run of random or shuffled explanations that was judged alike."""

from typing import TYPE_CHECKING

from ..wording import names

if TYPE_CHECKING:
    import pandas as pd


def above_controls(margins: "pd.DataFrame") -> list[str]:
    """Give the sentences; margins: a row per run and control, none if no run is a control."""
    if margins.empty:
        return []
    margins = margins.assign(verdict=margins["against_control"].fillna("not tested"))
    # Of several controls, the one that says least for a run.
    order = ("below", "not told apart", "not tested", "above")
    verdicts = {
        run_id: next(verdict for verdict in order if verdict in set(rows["verdict"]))
        for run_id, rows in margins.groupby("run_id", sort=False)
    }
    runs = margins.drop_duplicates("run_id").assign(verdict=lambda frame: frame["run_id"].map(verdicts))
    if set(verdicts.values()) == {"above"}:
        least, most = margins["margin"].min(), margins["margin"].max()
        by = f"{least:.3f}" if len(margins) == 1 else f"{least:.3f} to {most:.3f}"
        return [
            f"Every run is above its control, by {by}."
            if len(runs) > 1
            else f"{names(runs)} is above its control, by {by}."
        ]
    parts = [
        f"{names(found)} {'is' if len(found) == 1 else 'are'} {said}"
        for verdict, said in (
            ("above", "above"),
            ("not told apart", "not told apart from one"),
            ("below", "below one"),
            ("not tested", "without a test against one"),
        )
        if len(found := runs[runs["verdict"] == verdict])
    ]
    return [f"Against controls that were judged alike: {'; '.join(parts)}."]
