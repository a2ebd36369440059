-- false_alarm_rate: How often an example that does not activate is said to, by where it came from.
-- One row per run, score type and tenth of neighbour distance; one row where examples have no such distance.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   negative_source: random, FAISS or neighbours, as the config says; null without one
--   distance_from: lower end of the neighbour distance, in the bin; null where it is unknown
--   distance_to: upper end; null from 1 on, and where the distance is unknown
--   n_examples: examples that do not activate
--   n_valid: of these, with a prediction
--   fp: predicted activating
--   rate: fp / n_valid
--   rate_se: its standard error, clustered by latent
--   rate_low: lower end of its 95 % interval; null where every latent agrees or there is one alone
--   rate_high: upper end
--   n_latents: latents with such an example that has a prediction
create view false_alarm_rate as
with files as materialized (
    select
        f.*,
        r.run_name,
        r.run_label,
        r.model,
        r.non_activating_source as negative_source,
        r.non_activating_source is not distinct from 'neighbours' as has_neighbours
    from behind_the_views.score_files f
    join runs r using (run_id)
),
latents as (
    select
        f.scorer,
        e.file_id,
        case
            when e.distance = -1 and not f.has_neighbours then null
            when e.distance <= -1 then 10
            else cast(greatest(floor(-e.distance * 10), -2147483648) as integer)
        end as tenth,
        count(*) as n_examples,
        count(e.prediction) as n_valid,
        count(*) filter (e.prediction) as fp,
        {'a': fp, 'b': n_valid} as rate
    from example_facts e
    join files f using (file_id)
    where not e.activating
    group by all
),
sums as (
    select
        scorer,
        tenth,
        cast(sum(n_examples) as bigint) as n_examples,
        cast(sum(n_valid) as bigint) as n_valid,
        cast(sum(fp) as bigint) as fp,
        ratio_sums(rate) as rate
    from latents
    group by
        scorer,
        tenth
),
estimates as (
    select * replace (ratio_estimate(rate) as rate)
    from sums
),
intervals as (
    select
        e.*,
        interval_of_ratio(e.rate, t.t) as interval
    from estimates e
    left join behind_the_views.student_t t on t.df = e.rate.df
)
select
    f.run_id,
    f.run_name,
    f.run_label,
    f.model,
    f.score_type,
    f.negative_source,
    cast(i.tenth as double) / 10 as distance_from,
    case when i.tenth < 10 then cast(i.tenth + 1 as double) / 10 end as distance_to,
    i.n_examples,
    i.n_valid,
    i.fp,
    i.rate.value as rate,
    standard_error_of(i.rate.squares, i.rate.n) as rate_se,
    i.interval.low as rate_low,
    i.interval.high as rate_high,
    i.rate.n as n_latents
from intervals i
join files f on f.file_id = i.scorer;
