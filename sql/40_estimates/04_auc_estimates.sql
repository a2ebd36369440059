-- behind_the_views.auc_estimates: The area under the ROC curve of all examples of a run, with its squared influences.
-- One row per run and score type that has probabilities of both classes.
-- Kept: yes
-- As everywhere: run_id, score_type
--   measure: auc
--   value: share of the pairs of an activating and another example that probability orders rightly, ties counted half
--   squares: sum of the squared influences of the latents (Obuchowski, Biometrics 53, 1997)
--   n_latents: latents with a probability
--   least_n_latents: latents with a probability of the class that fewer of them have
--   agrees: false, unless every influence is 0
--   variance: squares, corrected for few latents that weigh unequally
--   effective_n_latents: how many latents of equal weight weigh as much
--   df: degrees of freedom
create view behind_the_views.auc_estimates as
with ranked as (
    select
        f.scorer,
        e.file_id,
        e.activating,
        rank() over all_examples as first_of_all,
        cume_dist() over all_examples as share_of_all,
        count(*) over (partition by f.scorer) as n_all,
        rank() over own_class as first_of_own,
        cume_dist() over own_class as share_of_own,
        count(*) over (partition by f.scorer, e.activating) as n_own
    from main.example_facts e
    join behind_the_views.score_files f using (file_id)
    where e.probability is not null
    window
        all_examples as (partition by f.scorer order by e.probability asc),
        own_class as (partition by f.scorer, e.activating order by e.probability asc)
),
-- of the other class: those below, and once more those at or below; in halves of a pair
placed as (
    select
        scorer,
        file_id,
        activating,
        (first_of_all - first_of_own)
        + (cast(round(share_of_all * n_all) as bigint) - cast(round(share_of_own * n_own) as bigint)) as half_pairs
    from ranked
),
latents as (
    select
        scorer,
        file_id,
        count(*) filter (activating) as n_activating,
        count(*) filter (not activating) as n_other,
        coalesce(sum(half_pairs) filter (activating), 0) as half_pairs_of_activating,
        coalesce(sum(half_pairs) filter (not activating), 0) as half_pairs_of_other
    from placed
    group by
        scorer,
        file_id
),
totals as (
    select
        scorer,
        sum(n_activating) as n_activating,
        sum(n_other) as n_other,
        auc_of(sum(half_pairs_of_activating), sum(n_activating), sum(n_other)) as value,
        count(*) as n_latents,
        weight_sums(n_activating) as activating,
        weight_sums(n_other) as other,
        weight_products(n_activating, n_other) as products
    from latents
    group by scorer
),
influences as (
    select
        l.scorer,
        t,
        (cast(l.half_pairs_of_activating as double) / (2 * t.n_other) - l.n_activating * t.value) / t.n_activating
        + (l.n_other * (1 - t.value) - cast(l.half_pairs_of_other as double) / (2 * t.n_activating)) / t.n_other as influence
    from latents l
    join totals t using (scorer)
    where t.value is not null
),
estimates as (
    select
        scorer,
        any_value(t) as t,
        sum_of_squares(influence * influence) as squares,
        coalesce(max(abs(influence)) < 1e-14, false) as agrees
    from influences
    group by scorer
),
shared as (
    select
        *,
        least(t.activating.n, t.other.n) as least_n_latents,
        shares_of_both(t.activating, t.other, t.products) as shares
    from estimates
)
select
    f.run_id,
    f.score_type,
    'auc' as measure,
    e.t.value as value,
    case
        when e.least_n_latents < 2 then null
        when e.agrees then 0
        else e.squares
    end as squares,
    e.t.n_latents as n_latents,
    e.least_n_latents,
    e.agrees,
    e.squares * correction_of(e.shares) as variance,
    effective_n_of(e.shares) as effective_n_latents,
    df_of_both(e.t.activating, e.t.other, e.shares) as df
from shared e
join behind_the_views.score_files f on f.file_id = e.scorer;
