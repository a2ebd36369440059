-- behind_the_views.hookpoint_sums: What the macro and weighted means of a measure are made of.
-- One row per run, score type, measure and hookpoint with a latent whose value is defined; of measures that lie in [-1, 1].
-- Kept: yes
-- As everywhere: run_id, score_type, measure, hookpoint
--   n_latents: latents whose value x is defined
--   x: sum of their values
--   xx: sum of the squares of their values
--   least: the lowest value
--   most: the highest value
--   n_missing: of these latents, those whose firing count w is missing
--   n_weighted: latents of a firing count above 0
--   w: sum of the firing counts
--   wx: sum of firing count times value
--   ww: sum of the squared firing counts
--   www: sum of the cubed firing counts
--   wwx: sum of squared firing count times value
--   wwxx: sum of squared firing count times squared value
--   weighted_least: the lowest value of a latent of a firing count above 0
--   weighted_most: the highest value of a latent of a firing count above 0
create view behind_the_views.hookpoint_sums as
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
    count(*) - count(firing_count) as n_missing,
    count(*) filter (firing_count > 0) as n_weighted,
    sum(firing_count) as w,
    sum(cast(firing_count * value as decimal(38, 15))) as wx,
    sum(cast(firing_count as hugeint) * firing_count) as ww,
    sum(cast(firing_count as hugeint) * firing_count * firing_count) as www,
    sum(cast(cast(firing_count as double) * firing_count * value as decimal(38, 15))) as wwx,
    sum(cast(cast(firing_count as double) * firing_count * value * value as decimal(38, 15))) as wwxx,
    min(value) filter (firing_count > 0) as weighted_least,
    max(value) filter (firing_count > 0) as weighted_most
from behind_the_views.latent_measures
where measure in (select measure from main.measure_docs where lowest >= -1 and highest <= 1)
group by
    run_id,
    score_type,
    measure,
    hookpoint;
