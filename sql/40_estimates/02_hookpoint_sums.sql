-- behind_the_views.hookpoint_sums: What the macro and weighted means of a measure are made of.
-- One row per run, score type, measure and hookpoint with a latent whose value is defined; of measures that lie in [-1, 1].
-- Kept: yes
-- As everywhere: run_id, score_type, measure, hookpoint
--   n_latents: latents whose value x is defined
--   x: sum of their values
--   xx: sum of the squares of their values
--   least: the lowest value
--   most: the highest value
--   n_missing: of these latents, those whose firing count is missing
--   n_weighted: latents of a firing count above 0
--   w: sum of the weights, which are firing counts or, in a hookpoint that has one above 1e9, as many times less each
--   wx: sum of weight times value
--   ww: sum of the squared weights
--   www: sum of the cubed weights
--   wwx: sum of squared weight times value
--   wwxx: sum of squared weight times squared value
--   weighted_least: the lowest value of a latent of a firing count above 0
--   weighted_most: the highest value of a latent of a firing count above 0
create view behind_the_views.hookpoint_sums as
-- Nothing that follows depends on the unit of weight, and sums of cubes of weights above 1e9 would leave 128 bits.
with units as materialized (
    select
        run_id,
        hookpoint,
        greatest(1, max(firing_count) / 1e9) as unit
    from main.latent_firing_counts
    group by
        run_id,
        hookpoint
),
weighted as (
    select
        m.*,
        m.firing_count / u.unit as weight
    from behind_the_views.latent_measures m
    join units u using (run_id, hookpoint)
    where m.measure in (select measure from main.measure_docs where lowest >= -1 and highest <= 1)
)
-- decimals, since a sum of floats would depend on its order
select
    run_id,
    score_type,
    measure,
    hookpoint,
    count(*) as n_latents,
    sum(fixed_of(value)) as x,
    sum(fixed_of(value) * fixed_of(value)) as xx,
    min(value) as least,
    max(value) as most,
    count(*) - count(weight) as n_missing,
    count(*) filter (weight > 0) as n_weighted,
    sum_of_weights(weight) as w,
    sum_of_weights(weight * value) as wx,
    sum_of_weights(weight * weight) as ww,
    sum(cast(weight * weight * weight as decimal(38, 3))) as www,
    sum_of_weights(weight * weight * value) as wwx,
    sum_of_weights(weight * weight * value * value) as wwxx,
    min(value) filter (weight > 0) as weighted_least,
    max(value) filter (weight > 0) as weighted_most
from weighted
group by
    run_id,
    score_type,
    measure,
    hookpoint;
