"""How many latents a new run needs, from how much those of the warehouse vary."""

from ..exhibit import CLASSIFIER, Column, Exhibit
from ..labels import whole
from .columns import SCORE_TYPE


def plan(difference: float, power: float, measure: str) -> Exhibit:
    """Make the exhibit of what it takes to tell a new run apart; measure: one of model_comparison."""
    return Exhibit(
        name="plan",
        title="What a new run needs",
        view="latent_spread",
        query=f"""\
select
    score_type,
    n_latents,
    n_examples,
    n_latents_highest,
    n_examples_highest,
    n_latents_apart,
    n_examples_apart,
    n_pairs,
    n_runs
from latents_to_find({difference!r}, {power!r})
where measure = '{measure}'
order by score_type""",
        caption=lambda frame: (
            f"To find a difference of {difference:g} of {measure} at 5 % with a power of {100 * power:g} %:"
            " on latents that both runs score, as the median pair of runs varies here, or the one that varies"
            " most; or on other latents, as many of each run. Of one comparison: of several, Holm's"
            " adjustment asks for more."
        ),
        nothing=f"No run has an interval of {measure} from which to plan.",
        columns=(
            SCORE_TYPE,
            Column("n_latents", "Latents", whole, numeric=True),
            Column("n_examples", "Examples", whole, numeric=True),
            Column("n_latents_highest", "Latents at most", whole, numeric=True),
            Column("n_examples_highest", "Examples at most", whole, numeric=True),
            Column("n_latents_apart", "On other latents", whole, numeric=True),
            Column("n_examples_apart", "Examples of each", whole, numeric=True),
            Column("n_pairs", "From pairs", whole, numeric=True),
            Column("n_runs", "From runs", whole, numeric=True),
        ),
        family=CLASSIFIER,
    )
