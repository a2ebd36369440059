-- behind_the_views.auc_estimates: The area under the ROC curve of all examples of a run, with its squared influences.
-- One row per run and score type that has probabilities of both classes.
-- Kept: yes
-- As everywhere: run_id, score_type
--   measure: auc
--   value: share of the pairs of an activating and another example that probability orders rightly, ties counted half
--   squares: sum of the squared influences of the latents (Obuchowski, Biometrics 53, 1997)
--   n_latents: latents with a probability
--   agrees: false, unless every influence is 0
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
        all_examples as (partition by f.scorer order by e.probability),
        own_class as (partition by f.scorer, e.activating order by e.probability)
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
        count(*) as n_latents
    from latents
    group by scorer
),
influences as (
    select
        l.scorer,
        t.value,
        t.n_latents,
        (l.half_pairs_of_activating / (2 * t.n_other) - l.n_activating * t.value) / t.n_activating
        + (l.n_other * (1 - t.value) - l.half_pairs_of_other / (2 * t.n_activating)) / t.n_other as influence
    from latents l
    join totals t using (scorer)
    where t.value is not null
),
estimates as (
    select
        scorer,
        any_value(value) as value,
        sum_of_squares(influence * influence) as squares,
        any_value(n_latents) as n_latents,
        coalesce(max(abs(influence)) < 1e-14, false) as agrees
    from influences
    group by scorer
)
select
    f.run_id,
    f.score_type,
    'auc' as measure,
    e.value,
    case when e.agrees then 0 else e.squares end as squares,
    e.n_latents,
    e.agrees
from estimates e
join behind_the_views.score_files f on f.file_id = e.scorer;
