"""Hold the statements that turn the text of score and explanation files into rows; `warehouse` runs them.

Those that read files read the relation `files`, one row a file, and leave out what they do not take: the
loader then takes the exact way in `classifier` or `parse`.
"""

# An example's keys but for its tokens.
_REST = (
    '"activations": ["double"], "distance": "double", "activating": "boolean", "prediction": "boolean", '
    '"probability": "double", "correct": "boolean"'
)

_INSERT_EXAMPLES = """
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

# Of files that `recognise` has cut and `arrow` shows. Only numbers can still be wrong; those too large for a
# double are infinite here. A finite sum that overflows takes the exact way.
INSERT_EXAMPLES = _INSERT_EXAMPLES.format(
    examples=f"""
    with parsed as (
        select
            *,
            -- null where a number is none
            try(from_json_strict(rest, '[{{{_REST}}}]')) as examples
        from files
    ),
    exploded as (
        select
            file_id,
            generate_subscripts(examples, 1) - 1 as example_idx,
            unnest(examples) as e,
            unnest(texts) as text,
            unnest(token_lengths) as token_lengths,
            -- a file is taken whole or not at all
            list_transform(token_lengths, lambda lengths: len(lengths))
            = list_transform(examples, lambda e: len(e.activations))
            and list_bool_and(list_transform(
                examples,
                lambda e: isfinite(coalesce(list_sum(e.activations), 0))
                and isfinite(e.distance)
                and coalesce(e.probability between 0 and 1, true)
            )) as is_sound
        from parsed
    )
    select * from exploded where is_sound
    """
)

# Of JSON that `classifier.read_examples` made, all of it sound: (file_id, data).
INSERT_EXACT_EXAMPLES = _INSERT_EXAMPLES.format(
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

# The whole text of an explanation file, in RE2's syntax: a JSON string.
EXPLANATION = r'[ \t\n\r]*"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"[ \t\n\r]*'

# Of (file_id, data), a file's bytes.
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
