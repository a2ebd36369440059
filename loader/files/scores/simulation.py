"""Simulation scorers: how well the activations that follow from an explanation correlate with the true ones.

A file holds groups of sequences: of quantile q as distance q + 1, and one or two of all, as 0 or -1; in 2024,
-1 were those that do not activate. Each sequence stands in several groups, and here once.
"""

from collections.abc import Sequence
from typing import Any

from ..parse import Finding
from .checks import REMEDY
from .family import ScoreError
from .shapes import ANYTHING, NUMBER, TEXT, Shape, shaped_family

_SEQUENCE: dict[str, Shape] = {
    "distance": ANYTHING,
    "simulation": {
        "tokens": [TEXT],
        "expected_activations": [NUMBER],
        "activation_scale": ANYTHING,
        "distribution_values": ANYTHING,
        "distribution_probabilities": ANYTHING,
        "uncalibrated_simulation": ANYTHING,
    },
    "true_activations": [NUMBER],
    "ev_correlation_score": ANYTHING,
    "rsquared_score": ANYTHING,
    "absolute_dev_explained_score": ANYTHING,
}
_GROUP: dict[str, Shape] = {
    "distance": NUMBER,
    "scored_sequence_simulations": [_SEQUENCE],
    "ev_correlation_score": ANYTHING,
    "rsquared_score": ANYTHING,
    "absolute_dev_explained_score": ANYTHING,
}

# A sequence may stand in the files of one group several times, and is then there so often.
_ROWS = """listed as (
    select
        file_id,
        group_idx,
        g.distance as distance,
        generate_subscripts(g.scored_sequence_simulations, 1) as place,
        unnest(g.scored_sequence_simulations) as s
    from (
        select
            file_id,
            generate_subscripts(examples, 1) as group_idx,
            unnest(examples) as g
        from sound
    )
),
-- a text and the lengths of its tokens are the tokens, and quicker to compare
once as (
    select
        file_id,
        array_to_string(s.simulation.tokens, '') as text,
        list_transform(s.simulation.tokens, lambda token: cast(length(token) as integer)) as token_lengths,
        s.true_activations as true_activations,
        s.simulation.expected_activations as expected_activations,
        min(distance) filter (distance >= 1) - 1 as quantile,
        min((group_idx, place)) as first,
        count(*) filter (distance >= 1) as n_in_quantiles,
        list(distance) filter (distance < 1) as of_all
    from listed
    group by all
),
counted as (
    select
        *,
        greatest(
            n_in_quantiles,
            case
                when len(of_all) < 2 then len(of_all)
                -- as often as the one of them that stands there most often
                else list_max(map_values(list_aggregate(of_all, 'histogram')))
            end
        ) as n
    from once
)
select
    file_id,
    row_number() over (partition by file_id order by first, i) - 1 as sequence_idx,
    quantile,
    text,
    token_lengths,
    true_activations,
    expected_activations
from counted
cross join lateral (select unnest(range(cast(n as bigint))) as i)"""


def _adapt(groups: Sequence[Any], findings: list[Finding]) -> list[Any]:
    """Give groups of all versions the same keys, and leave out sequences that could not be simulated."""
    adapted = []
    n_failed = 0
    for group in groups:
        if not isinstance(group, dict) or not isinstance(group.get("scored_sequence_simulations"), list):
            adapted.append(group)
            continue
        sequences = group["scored_sequence_simulations"]
        n_failed += sequences.count(None)
        simulated = [_adapted(sequence) for sequence in sequences if sequence is not None]
        # OpenAI's one group of all has no distance.
        rest = {key: group.get(key) for key in _GROUP} | {"distance": group.get("distance", 0)}
        adapted.append(rest | {"scored_sequence_simulations": simulated})
    if n_failed:
        findings.append(Finding("no simulation", f"found {n_failed} sequences not simulated; left out"))
    return adapted


def _adapted(sequence: Any) -> Any:
    if not isinstance(sequence, dict):
        return sequence
    simulation = sequence.get("simulation")
    if simulation is None:
        # In 2024 what was simulated stood beside what was true.
        simulation = {
            key: sequence[old]
            for key, old in (("tokens", "tokens"), ("expected_activations", "predicted_activations"))
            if old in sequence
        }
    if isinstance(simulation, dict):
        simulation = dict.fromkeys(_SEQUENCE["simulation"]) | simulation
    return {**dict.fromkeys(_SEQUENCE), **sequence, "simulation": simulation}


def _check(where: str, group: dict[str, Any]) -> None:
    for place, sequence in enumerate(group["scored_sequence_simulations"]):
        simulation = sequence["simulation"]
        lengths = [
            len(values)
            for values in (
                simulation["tokens"],
                simulation["expected_activations"],
                sequence["true_activations"],
            )
        ]
        if len(set(lengths)) > 1:
            raise ScoreError(
                "lengths differ",
                f"{where}, sequence {place}: found {lengths[0]} tokens, {lengths[1]} expected and "
                f"{lengths[2]} true activations, wanted one of each a token; {REMEDY}",
            )


FAMILY = shaped_family(
    "simulation",
    shape=_GROUP,
    keys=[frozenset({"ev_correlation_score", "scored_sequence_simulations"})],
    table="simulation_facts",
    rows=_ROWS,
    is_possible="""coalesce(list_bool_and(list_transform(
        e.scored_sequence_simulations,
        lambda s: len(s.simulation.tokens) = len(s.true_activations)
        and len(s.simulation.expected_activations) = len(s.true_activations)
    )), true)""",
    adapt=_adapt,
    check=_check,
)
