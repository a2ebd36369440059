-- latent_spread: How much latents vary, by which a new run is planned: of the runs judged alike, and of their differences.
-- One row per score type and measure of model_comparison that some run has with an interval.
-- Kept: no, since it sums up run_measures and model_comparison at once
-- As everywhere: score_type, measure
--   n_runs: runs with an interval of the measure
--   run_spread: standard deviation of a latent's part in a run's measure: interval_se * sqrt(n_latents), the median run's
--   run_share: how many latents of equal weight one latent is, the median run's
--   n_pairs: pairs of runs that were judged alike and have a p_value
--   pair_spread: standard deviation of a latent's part in the difference of two runs on the latents of both, the median pair's
--   pair_spread_highest: that of the pair that varies most
--   pair_share: how many latents of equal weight one latent is, the median pair's
--   examples_per_latent: examples, failed ones too, that a latent has
create view latent_spread as
with alone as (
    select
        score_type,
        measure,
        count(*) as n_runs,
        median(interval_se * sqrt(n_latents)) as run_spread,
        median(cast(df + 1 as double) / n_latents) as run_share
    from run_measures
    where average = 'pooled' and interval_se is not null and list_contains(paired_measures(), measure)
    group by
        score_type,
        measure
),
pairs as (
    select
        score_type,
        measure,
        count(*) as n_pairs,
        median(interval_se * sqrt(n_latents_shared)) as pair_spread,
        max(interval_se * sqrt(n_latents_shared)) as pair_spread_highest,
        median(cast(df + 1 as double) / n_latents_shared) as pair_share
    from model_comparison
    where p_value is not null and coalesce(len(differs), 0) = 0
    group by
        score_type,
        measure
),
sizes as (
    select
        score_type,
        cast(sum(n_examples) as double) / sum(n_latents) as examples_per_latent
    from run_confusion
    group by score_type
)
select
    a.score_type,
    a.measure,
    a.n_runs,
    a.run_spread,
    a.run_share,
    coalesce(p.n_pairs, 0) as n_pairs,
    p.pair_spread,
    p.pair_spread_highest,
    p.pair_share,
    s.examples_per_latent
from alone a
join sizes s using (score_type)
left join pairs p using (score_type, measure);

-- How many latents a new run needs, of each score type and measure of latent_spread, to be told apart from another run by
-- a difference at 5 %, with a power of 1/2 or more: on latents that both score, as the median pair varies or as the one
-- that varies most, and on latents of its own, as many as the other run has. (Parameters hide columns of their names in
-- whatever views a table macro reads, so they are called otherwise.)
create or replace macro latents_to_find(wanted_difference, wanted_power) as table
with units as (
    select
        *,
        cast(1.959963984540054 as double) as z,
        sqrt(-2 * ln(1 - wanted_power)) as u_power,
        pow(pair_spread / wanted_difference, 2) as unit,
        pow(pair_spread_highest / wanted_difference, 2) as unit_highest,
        2 * pow(run_spread / wanted_difference, 2) as unit_apart
    from latent_spread
),
levels as (
    select
        *,
        normal_above(u_power) as z_power
    from units
),
freedom as (
    select
        *,
        df_of_needed(unit, z + z_power, pair_share) as df,
        df_of_needed(unit_highest, z + z_power, pair_share) as df_highest,
        df_of_needed(unit_apart, z + z_power, 2 * run_share) as df_apart
    from levels
),
needed as (
    select
        *,
        latents_needed(unit, student_t_above(z, df) + z_power) as n_latents,
        latents_needed(unit_highest, student_t_above(z, df_highest) + z_power) as n_latents_highest,
        latents_needed(unit_apart, student_t_above(z, df_apart) + z_power) as n_latents_apart
    from freedom
)
select
    score_type,
    measure,
    n_latents,
    cast(ceil(n_latents * examples_per_latent) as bigint) as n_examples,
    n_latents_highest,
    cast(ceil(n_latents_highest * examples_per_latent) as bigint) as n_examples_highest,
    n_latents_apart,
    cast(ceil(n_latents_apart * examples_per_latent) as bigint) as n_examples_apart,
    n_pairs,
    n_runs
from needed;
