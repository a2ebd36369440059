-- How many runs are compared in pairs at most: of 100 there are 4,950.
create or replace macro most_compared() as
    100;

-- behind_the_views.compared_runs: The selected runs that are compared in pairs: all of them, or the first hundred: controls, then those that lead by some measure.
-- One row per run.
-- Kept: no, since it follows every filter
-- As everywhere: run_id
create view behind_the_views.compared_runs as
with means as (
    select
        run_id,
        score_type,
        measure,
        count(*) as n_latents,
        -- decimal, so that the order does not matter
        sum(try_cast(value as decimal(38, 12))) / count(*) as mean
    from behind_the_views.latent_measures
    group by
        run_id,
        score_type,
        measure
),
places as (
    select
        run_id,
        -- fewer than 10 latents are not ranked
        row_number() over (
            partition by score_type, measure
            order by n_latents >= 10 desc, mean desc nulls last, run_id asc
        ) as place
    from means
    left join main.measure_docs d using (measure)
    where coalesce(d.higher_is, 'better') = 'better'
),
leaders as (
    select
        run_id,
        min(place) as place
    from places
    group by run_id
)
select r.run_id
from main.runs r
left join leaders l using (run_id)
qualify
    row_number() over (
        order by is_control(r.run_name) desc, l.place asc nulls last, r.run_name asc
    ) <= most_compared();
