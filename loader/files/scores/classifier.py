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

FAMILY = Family(
    name="classifier",
    keys=(frozenset({"distance", "prediction"}),),
    table="example_facts",
    fast=FastWay(native.read, _INSERT_FAST),
    read=read_examples,
    insert=_INSERT,
    sums=("behind_the_views.example_counts", "count_facts"),
)
