-- behind_the_views.average_estimates: Means of a measure over latents, plain and weighted by firing count, with squared influences.
-- One row per run, score type, measure and average that some latent allows.
-- Kept: yes
-- As everywhere: run_id, score_type, measure
--   average: macro (over the latents whose value is defined), or weighted inside each hookpoint and then plain over hookpoints
--   value: the mean; null, as all that follows, of a weighted one where a firing count is missing or all are 0
--   squares: sum of the squared influences of the latents
--   n_latents: latents that contribute: of a weighted mean those of a firing count above 0
--   least_n_latents: latents that contribute in the hookpoint that has the fewest; of a weighted mean
--   agrees: every latent has the same value; of a weighted mean, inside every hookpoint
--   variance: squares, corrected for few latents that weigh unequally
--   effective_n_latents: (sum of weights)^2 / (sum of squared weights): how many equal ones weigh as much
--   df: degrees of freedom
--   n_missing: latents whose value is defined and whose firing count is missing; of a weighted mean
create view behind_the_views.average_estimates as
with sums as materialized (
    from behind_the_views.hookpoint_sums
),
macro_sums as (
    select
        run_id,
        score_type,
        measure,
        sum(n_latents) as n_latents,
        cast(sum(x) as double) as x,
        cast(sum(xx) as double) as xx,
        are_equal(min(least), max(most)) as agrees
    from sums
    group by
        run_id,
        score_type,
        measure
),
-- a hookpoint of zero weight is left out
hookpoints as (
    select
        run_id,
        score_type,
        measure,
        n_weighted as n_latents,
        cast(wx as double) / cast(w as double) as mean,
        shares_of({'b': cast(w as double), 'bb': cast(ww as double), 'bbb': cast(www as double)}) as shares,
        case
            when are_equal(weighted_least, weighted_most) then 0
            else greatest(0, cast(wwxx as double) - 2 * mean * cast(wwx as double) + mean * mean * cast(ww as double))
        end / pow(cast(w as double), 2) as squares,
        squares * correction_of(shares) as variance,
        are_equal(weighted_least, weighted_most) as agrees
    from sums
    where w > 0
),
weighted_sums as (
    select
        run_id,
        score_type,
        measure,
        mean_of(mean) as value,
        sum_of_squares(squares) / pow(count(*), 2) as squares,
        case
            when count(variance) = count(*) then sum_of_squares(variance) / pow(count(*), 2)
        end as variance,
        pow(count(*), 2) / sum_of_squares(shares.squares) as effective_n_latents,
        df_of(effective_n_latents - count(*) + 1) as df,
        sum(n_latents) as n_latents,
        min(n_latents) as least_n_latents,
        bool_and(agrees) as agrees
    from hookpoints
    group by
        run_id,
        score_type,
        measure
),
missing as (
    select
        run_id,
        score_type,
        measure,
        sum(n_missing) as n_missing
    from sums
    group by
        run_id,
        score_type,
        measure
    having sum(n_missing) < sum(n_latents)
)
select
    run_id,
    score_type,
    measure,
    'macro' as average,
    x / n_latents as value,
    case when agrees then 0 else greatest(0, xx / n_latents - pow(x / n_latents, 2)) end / n_latents as squares,
    cast(n_latents as bigint) as n_latents,
    cast(null as bigint) as least_n_latents,
    agrees,
    squares * n_latents / nullif(n_latents - 1, 0) as variance,
    cast(n_latents as double) as effective_n_latents,
    cast(n_latents - 1 as bigint) as df,
    cast(null as bigint) as n_missing
from macro_sums
union all
select
    m.run_id,
    m.score_type,
    m.measure,
    'weighted' as average,
    s.value,
    s.squares,
    cast(s.n_latents as bigint) as n_latents,
    s.least_n_latents,
    s.agrees,
    s.variance,
    s.effective_n_latents,
    s.df,
    cast(m.n_missing as bigint) as n_missing
from missing m
left join weighted_sums s
    on m.n_missing = 0
    and s.run_id = m.run_id
    and s.score_type = m.score_type
    and s.measure = m.measure;
