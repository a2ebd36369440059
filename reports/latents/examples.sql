-- Some examples of each latent, one row per latent that has any: its JSON, as static/latent_data.js reads it.
--   slots: rows (run_id, score_type, slot, latent_group); a slot is a run under a score type
--   latents: rows (latent_group, hookpoint, indices), those of which examples are wanted
--   n_examples: how many examples a latent carries
--
-- An example is a text with its label and activations, whichever runs and score types judged it, and however often.
-- Of each latent come, in turn, the most strongly activating, the most often wrongly judged and the least often wrongly
-- judged that do not activate. What is wide is read only of the chosen examples.
with slots (run_id, score_type, slot, latent_group) as (
    values
        $slots
),
latents as (
    select
        latent_group,
        hookpoint,
        unnest(cast(indices as bigint[])) as latent_idx
    from (
        values
        $latents
    ) wanted (latent_group, hookpoint, indices)
),
files as materialized (
    select
        f.file_id,
        f.run_id,
        f.score_type,
        f.hookpoint,
        f.latent_idx,
        f.candidate_idx,
        cast(s.slot as bigint) as slot,
        s.latent_group,
        dense_rank() over (order by s.latent_group, f.hookpoint, f.latent_idx) as latent
    from current_files f
    join slots s using (run_id, score_type)
    join latents l
        on l.latent_group = s.latent_group
        and l.hookpoint = f.hookpoint
        and l.latent_idx = f.latent_idx
    where f.kind = 'score' and f.status = 'loaded' and f.is_used
),
judged as materialized (
    select
        f.latent,
        -- sorts as slot and example_idx do
        (f.slot << 32) + e.example_idx as source,
        e.rowid as place,
        e.activating,
        case
            when e.prediction is null then 'failed'
            when e.prediction = e.activating then 'right'
            else 'wrong'
        end as verdict,
        e.probability,
        case
            when e.activating
                then coalesce(list_max(e.wide_activations), cast(list_max(e.activations) as double))
        end as strength,
        -- a number instead of a long text; two texts of one latent with one number are not to be expected
        hash(e.text, e.activations, e.wide_activations) as content
    from example_facts e
    join files f using (file_id)
),
distinct_examples as materialized (
    select
        latent,
        activating,
        content,
        min(source) as source,
        arg_min(place, source) as place,
        any_value(strength) as strength,
        count(*) filter (verdict = 'wrong') / count(*) as wrong_share,
        count(*) filter (verdict = 'failed') / count(*) as failed_share
    from judged
    group by
        latent,
        activating,
        content
),
counts as materialized (
    select
        latent,
        count(*) as n_examples,
        max(strength) as peak
    from distinct_examples
    group by latent
),
-- Of the strongest activations of the activating examples: how many lie in each tenth of the highest.
tenths as (
    select
        d.latent,
        list(least(9, cast(floor(10 * d.strength / c.peak) as bigint))) as places
    from distinct_examples d
    join counts c using (latent)
    where d.activating and c.peak > 0
    group by d.latent
),
-- The first of each order are enough: where n_examples stand before an example in one order, as many have an
-- earlier turn. Lists of so many, and no window over every example, which takes several times as long.
ranked as (
    select
        latent,
        min({weakness: -strength, source: source}, n) filter (activating) as by_strength,
        min({wrong: -wrong_share, failed: -failed_share, weakness: -strength, source: source}, n)
            filter (wrong_share + failed_share > 0) as by_error,
        min({wrong: wrong_share, failed: failed_share, source: source}, n) filter (not activating) as by_rest
    from distinct_examples
    -- a list takes the room of its longest length, however few there are
    cross join (select least($n_examples, max(n_examples)) as n from counts)
    group by latent
),
turns as (
    select
        latent,
        unnest(
            list_concat(
                list_transform(by_strength, lambda e, turn: {turn: 3 * turn, source: e.source}),
                list_transform(by_error, lambda e, turn: {turn: 3 * turn + 1, source: e.source}),
                list_transform(by_rest, lambda e, turn: {turn: 3 * turn + 2, source: e.source})
            ),
            recursive := true
        )
    from ranked
),
first_turns as (
    select
        latent,
        source,
        min(turn) as turn
    from turns
    group by
        latent,
        source
),
chosen as materialized (
    select d.*
    from distinct_examples d
    join (
        from first_turns
        qualify row_number() over (partition by latent order by turn, source) <= $n_examples
    ) using (latent, source)
),
verdicts as (
    select
        latent,
        activating,
        content,
        -- sorted afterwards: an ordered aggregate takes twice as long
        list_transform(
            list_sort(list({source: source, verdict: verdict, probability: probability})),
            lambda given: [
                to_json(given.source >> 32),
                to_json(given.verdict),
                to_json(round(given.probability, 4))
            ]
        ) as verdicts
    from judged
    semi join chosen using (latent, activating, content)
    group by
        latent,
        activating,
        content
),
shown as (
    select
        c.*,
        f.latent_group,
        f.hookpoint,
        f.latent_idx,
        x.quantile,
        x.neighbour_distance,
        e.text,
        e.token_lengths,
        coalesce(e.wide_activations, cast(e.activations as double[])) as activations
    from chosen c
    join files f on f.latent = c.latent and f.slot = c.source >> 32
    -- by its place alone, so that the others' texts are not read
    join example_facts e on e.rowid = c.place
    join examples x
        on x.run_id = f.run_id
        and x.score_type = f.score_type
        and x.hookpoint = f.hookpoint
        and x.latent_idx = f.latent_idx
        and x.candidate_idx is not distinct from f.candidate_idx
        and x.example_idx = c.source & 4294967295
),
written as (
    select
        latent,
        latent_group,
        hookpoint,
        latent_idx,
        activating,
        strength,
        wrong_share,
        source,
        to_json({
            text: text,
            lengths: token_lengths,
            places: list_filter(
                generate_series(0, len(activations) - 1),
                lambda token: activations[token + 1] > 0
            ),
            strengths: list_transform(
                list_filter(activations, lambda strength: strength > 0),
                lambda strength: round(strength, 4)
            ),
            activating: activating,
            quantile: quantile,
            distance: neighbour_distance,
            verdicts: verdicts
        }) as json
    from shown
    join verdicts using (latent, activating, content)
)
-- Texts put together: to_json would read the JSON of every example again.
select
    latent_group,
    hookpoint,
    latent_idx,
    '{"n":' || any_value(n_examples)
        || ',"peak":' || coalesce(any_value(cast(to_json(round(peak, 4)) as varchar)), 'null')
        || ',"tenths":' || coalesce(
            any_value(
                cast(
                    to_json(
                        list_transform(
                            range(10),
                            lambda tenth: len(list_filter(places, lambda place: place = tenth))
                        )
                    ) as varchar
                )
            ),
            'null'
        )
        || ',"examples":['
        || string_agg(
            cast(json as varchar),
            ','
            order by
                activating desc,
                strength desc nulls last,
                wrong_share desc,
                source
        )
        || ']}' as json
from written
join counts using (latent)
left join tenths using (latent)
group by
    latent_group,
    hookpoint,
    latent_idx
