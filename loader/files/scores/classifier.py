"""Classifier scorers (fuzz, detection and the like): whether the latent is active in each example."""

from . import native
from .classifier_examples import read_examples
from .family import Family, FastWay

# An example's keys but for its tokens.
_REST = (
    '"activations": ["double"], "distance": "double", "activating": "boolean", "prediction": "boolean", '
    '"probability": "double", "correct": "boolean"'
)

_INSERT_FORM = """
insert into example_facts
with examples as (
    {examples}
),
narrowed as (
    select
        *,
        -- null inside for what no float holds
        try_cast(e.activations as float[]) as narrow
    from examples
)
select
    file_id,
    example_idx,
    e.activating,
    e.prediction,
    e.probability,
    e.correct,
    e.distance,
    text,
    token_lengths,
    case when cast(narrow as double[]) is not distinct from e.activations then narrow end as activations,
    case when cast(narrow as double[]) is distinct from e.activations then e.activations end as wide
from narrowed
"""

# Of what the parser read.
_INSERT_FAST = "insert into example_facts by name from files"

# Of what `read_examples` read, all of it sound.
_INSERT = _INSERT_FORM.format(
    examples=f"""
    with parsed as (
        select
            file_id,
            from_json_strict(
                decode(data), '[{{"text": "varchar", "str_tokens": ["varchar"], {_REST}}}]'
            ) as examples
        from files
    ),
    exploded as (
        select
            file_id,
            generate_subscripts(examples, 1) - 1 as example_idx,
            unnest(examples) as e
        from parsed
    )
    select
        *,
        coalesce(e.text, array_to_string(e.str_tokens, '')) as text,
        list_transform(e.str_tokens, lambda token: cast(length(token) as integer)) as token_lengths
    from exploded
    """
)

_INSERT_SUMS = """
insert into count_facts
with examples as (
    select
        file_id,
        activating,
        prediction,
        probability,
        correct
    from example_facts
    where file_id between $first and $last and file_id in (select file_id from counted)
),
-- Mann and Whitney's U by ranks: twice a rank with ties averaged is 2 * rank + peers - 1, a whole number
ranked as (
    select
        file_id,
        activating,
        2 * rank() over (partition by file_id order by probability)
        + count(*) over (partition by file_id, probability) - 1 as double_rank
    from examples
    where probability is not null
),
pairs as (
    select
        file_id,
        sum(double_rank) filter (activating)
        - count(*) filter (activating) * (count(*) filter (activating) + 1) as half_pairs
    from ranked
    group by file_id
)
select
    file_id,
    count(*) filter (prediction and activating) as tp,
    count(*) filter (prediction and not activating) as fp,
    count(*) filter (not prediction and not activating) as tn,
    count(*) filter (not prediction and activating) as fn,
    count(*) filter (prediction is null) as n_failed,
    count(*) filter (prediction is null and activating) as n_failed_activating,
    count(*) filter (correct <> (prediction = activating)) as n_correct_disagrees,
    count(probability) as n_probability,
    count(probability) filter (activating) as n_probability_activating,
    coalesce(any_value(half_pairs), 0) as half_pairs,
    coalesce(
        sum(cast((probability - cast(activating as integer)) ** 2 as decimal(38, 18))),
        0
    ) as squared_error
from examples
left join pairs using (file_id)
group by file_id
"""

FAMILY = Family(
    name="classifier",
    keys=frozenset({"distance", "prediction"}),
    table="example_facts",
    read=read_examples,
    insert=_INSERT,
    sums=_INSERT_SUMS,
    fast=FastWay(native.read, _INSERT_FAST),
)
