"""Which runs differ, pair by pair, on the latents that both scored."""

from typing import TYPE_CHECKING

from ..exhibit import CLASSIFIER, Column, Exhibit, Section
from ..labels import whole
from ..style import Looks
from ..wording import plural

if TYPE_CHECKING:
    import pandas as pd

    from ..figures.plain import Figure

COMPARISON_QUERY = """\
select
    c.run_id_a,
    c.run_label_a,
    a.value as accuracy_a,
    c.run_id_b,
    c.run_label_b,
    b.value as accuracy_b,
    c.difference,
    c.low as difference_low,
    c.high as difference_high,
    c.p_value,
    c.p_adjusted,
    c.n_latents_shared,
    c.is_copy,
    nullif(array_to_string(c.differs, ', '), '') as differs,
    c.reason
from model_comparison c
join (from run_measures where average = 'pooled') a
    on a.run_id = c.run_id_a and a.score_type = c.score_type and a.measure = c.measure
join (from run_measures where average = 'pooled') b
    on b.run_id = c.run_id_b and b.score_type = c.score_type and b.measure = c.measure
where c.score_type = $score_type and c.measure = $accuracy_name
order by c.p_adjusted nulls last, abs(c.difference) desc nulls last, c.run_name_a, c.run_name_b"""


def signed(value: float | None) -> str:
    """Print a difference with its sign."""
    return "" if value is None else f"{value:+.3f}".replace("-", "\N{MINUS SIGN}")


def probability(value: float | None) -> str:
    """Print a p-value; a tiny one by its bound."""
    if value is None:
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _figure(frame: "pd.DataFrame", looks: Looks) -> "Figure | None":
    from ..figures.matrices import comparison_matrix

    if frame["difference"].isna().all():
        return None
    named = frame.rename(columns={"difference_low": "low", "difference_high": "high"})
    return comparison_matrix(named, _runs_by_accuracy(frame))


def _runs_by_accuracy(frame: "pd.DataFrame") -> list[tuple[str, str]]:
    sides = [
        zip(frame[f"run_id_{side}"], frame[f"run_label_{side}"], frame[f"accuracy_{side}"], strict=True)
        for side in "ab"
    ]
    runs = {(run_id, label): accuracy for side in sides for run_id, label, accuracy in side}
    return sorted(runs, key=lambda run: (-runs[run] if runs[run] == runs[run] else 1, run[1]))


def _caption(frame: "pd.DataFrame") -> str:
    compared = frame[frame["p_value"].notna()]
    differ = int((compared["p_adjusted"] < 0.05).sum())
    text = "Accuracy of the row's run minus the column's, on the latents that both scored."
    text += f" {plural(differ, 'pair')}"
    text += (
        f" of {len(compared):,} with a test {'differs' if differ == 1 else 'differ'} at 5 % (*), after Holm."
    )
    rest = len(frame) - len(compared)
    if rest:
        text += f" {plural(rest, 'pair')} without a test: the table says why."
    together = int(compared["differs"].notna().sum())
    if together:
        text += f" {plural(together, 'pair')} judged differently: of explainer and scorer together."
    return text


PAIR_COLUMNS = (
    Column("run_label_a", "Run"),
    Column("run_label_b", "Against"),
    Column(
        "difference",
        "Difference",
        signed,
        numeric=True,
        low="difference_low",
        high="difference_high",
    ),
    Column("p_value", "p", probability, numeric=True),
    Column("p_adjusted", "p (Holm)", probability, numeric=True),
    Column("n_latents_shared", "Latents", whole, numeric=True),
    Column("reason", "Why no test", lambda value: value or ""),
    Column(
        "differs",
        "Explainer and scorer together: differ in",
        lambda value: value or "",
        optional=True,
    ),
)

COMPARISON_SECTION = Section(
    "comparison",
    "Run against run",
    "Two runs that explain the same latents are compared latent by latent, which is far sharper than their"
    " two intervals.",
    (
        Exhibit(
            name="comparison",
            title="Differences under {score_type}",
            view="model_comparison",
            query=COMPARISON_QUERY,
            caption=_caption,
            nothing="There are no two runs to compare.",
            figure=_figure,
            columns=PAIR_COLUMNS,
            by_score_type=True,
            family=CLASSIFIER,
        ),
    ),
)
