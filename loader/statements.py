"""Hold the statements that turn the text of score and explanation files into rows; `warehouse` runs them.

`files` is a relation of (file_id, data), one row a file, its bytes. What a statement does not recognise it
leaves out: the loader then takes the exact way in `classifier` or `parse`.
"""

_LABELS = (
    '"distance": "double", "activating": "boolean", "prediction": "boolean", '
    '"probability": "double", "correct": "boolean"'
)
_SHAPE = f'[{{"str_tokens": ["varchar"], "activations": ["double"], {_LABELS}}}]'
_EXACT_SHAPE = f'[{{"text": "varchar", "str_tokens": ["varchar"], "activations": ["double"], {_LABELS}}}]'

_INSERT_EXAMPLES = """
insert into example_facts
with texts as (
    select
        file_id,
        -- null for what is not UTF-8
        try(decode(data)) as text
    from files
),
parsed as (
    select
        file_id,
        -- null for text that is not a list of such objects
        try(from_json_strict(text, '{shape}')) as examples
    from texts
    where {recognised}
),
exploded as (
    select
        file_id,
        generate_subscripts(examples, 1) - 1 as example_idx,
        unnest(examples) as e,
        -- a file is taken whole or not at all
        list_bool_and(list_transform(
            examples,
            lambda e: {sound}
        )) as is_sound
    from parsed
),
narrowed as (
    select
        *,
        -- null inside for what no float holds
        try_cast(e.activations as float[]) as narrow
    from exploded
    where is_sound
)
select
    file_id,
    example_idx,
    e.activating,
    e.prediction,
    e.probability,
    e.correct,
    e.distance,
    {text} as text,
    list_transform(e.str_tokens, lambda token: cast(length(token) as integer)) as token_lengths,
    case when cast(narrow as double[]) is not distinct from e.activations then narrow end as activations,
    case when cast(narrow as double[]) is distinct from e.activations then e.activations end as wide
from narrowed
"""

# Of files that delphi writes today. Python need not look at them: the grammar admits only the right types,
# and numbers too large for a double are infinite here. A finite sum that overflows takes the exact way.
INSERT_EXAMPLES = _INSERT_EXAMPLES.format(
    shape=_SHAPE,
    recognised="regexp_full_match(text, $grammar)",
    sound="""len(e.str_tokens) = len(e.activations)
                and isfinite(coalesce(list_sum(e.activations), 0))
                and isfinite(e.distance)
                and coalesce(e.probability between 0 and 1, true)""",
    text="array_to_string(e.str_tokens, '')",
)

# Of JSON that `classifier.read_examples` made, all of it sound.
INSERT_EXACT_EXAMPLES = _INSERT_EXAMPLES.format(
    shape=_EXACT_SHAPE,
    recognised="true",
    sound="true",
    text="coalesce(e.text, array_to_string(e.str_tokens, ''))",
)

# Of `counted`, whose examples the same transaction has written; their ids are $first to $last.
INSERT_COUNTS = """
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

INSERT_EXPLANATIONS = """
insert into explanation_facts
select
    file_id,
    explanation
from (
    select
        file_id,
        -- null for half a surrogate pair
        try(json_extract_string(text, '$')) as explanation
    from (
        select
            file_id,
            try(decode(data)) as text
        from files
    )
    where regexp_full_match(text, $grammar)
)
where explanation is not null and not regexp_matches(explanation, $secret)
"""
