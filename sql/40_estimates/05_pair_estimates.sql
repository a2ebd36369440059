-- behind_the_views.pair_estimates: How two runs differ on the latents that both scored, each measure worked out anew on these.
-- One row per pair of runs of the same latents, score type that both have and measure.
-- Kept: yes, unless selected_score_types, same_latents
--   run_id_a: the run whose name comes first
--   run_id_b: the other run
--   score_type: the scorer's directory name
--   measure: name of the measure
--   is_copy: all score files that the two share are byte-identical
--   value_a: the pooled measure of the first run
--   value_b: the pooled measure of the other
--   squares: sum of the squared differences of the latents' influences on the two; 0 where all differ by the same
--   n_latents: latents where the measure is defined in both runs
create view behind_the_views.pair_estimates as
with latents as (
    select
        run_id,
        score_type,
        hookpoint,
        latent_idx,
        content_hash,
        accuracy_parts(tp, fp, tn, fn) as accuracy,
        precision_parts(tp, fp) as precision,
        recall_parts(tp, fn) as recall,
        specificity_parts(fp, tn) as specificity,
        f1_parts(tp, fp, fn) as f1,
        accuracy_strict_parts(tp, fp, tn, fn, n_failed) as accuracy_strict,
        recall_strict_parts(tp, fn, n_failed_activating) as recall_strict,
        f1_strict_parts(tp, fp, fn, n_failed_activating) as f1_strict
    from behind_the_views.latent_confusion
),
pairs as materialized (
    select
        i.run_id_a,
        i.run_id_b,
        a.score_type,
        a.content_hash = b.content_hash as is_copy,
        a,
        b
    from main.latent_identity i
    join latents a on a.run_id = i.run_id_a
    join latents b
        on b.run_id = i.run_id_b
        and b.score_type = a.score_type
        and b.hookpoint = a.hookpoint
        and b.latent_idx = a.latent_idx
    where i.same_latents
),
ratios as (
    select
        run_id_a,
        run_id_b,
        score_type,
        is_copy,
        measure,
        parts.p as p,
        parts.q as q
    from (
        select
            run_id_a,
            run_id_b,
            score_type,
            is_copy,
            {'p': a.accuracy, 'q': b.accuracy} as accuracy,
            {'p': a.precision, 'q': b.precision} as precision,
            {'p': a.recall, 'q': b.recall} as recall,
            {'p': a.specificity, 'q': b.specificity} as specificity,
            {'p': a.f1, 'q': b.f1} as f1,
            {'p': a.accuracy_strict, 'q': b.accuracy_strict} as accuracy_strict,
            {'p': a.recall_strict, 'q': b.recall_strict} as recall_strict,
            {'p': a.f1_strict, 'q': b.f1_strict} as f1_strict
        from pairs
    )
    unpivot (
        parts for measure in (
            accuracy,
            precision,
            recall,
            specificity,
            f1,
            accuracy_strict,
            recall_strict,
            f1_strict
        )
    )
    -- a latent counts where the measure is defined in both
    where parts.p.b > 0 and parts.q.b > 0
),
sums as materialized (
    select
        run_id_a,
        run_id_b,
        score_type,
        measure,
        bool_and(is_copy) as is_copy,
        pair_sums(p, q) as sums
    from ratios
    group by
        run_id_a,
        run_id_b,
        score_type,
        measure
),
-- recall and specificity, whose half sum is the balanced accuracy, share latents that have both classes
crossed as (
    select
        run_id_a,
        run_id_b,
        score_type,
        cross_products(a.recall, b.recall, a.specificity, b.specificity) as products,
        count(*) filter (
            ((a.recall).b > 0 and (b.recall).b > 0) or ((a.specificity).b > 0 and (b.specificity).b > 0)
        ) as n_either
    from pairs
    group by
        run_id_a,
        run_id_b,
        score_type
),
long as (
    select
        run_id_a,
        run_id_b,
        score_type,
        measure,
        is_copy,
        ratio_of(sums.p) as value_a,
        ratio_of(sums.q) as value_b,
        difference_squares(sums) as squares,
        difference_noise(sums) as noise,
        sums.n as n_latents
    from sums
    union all
    select
        run_id_a,
        run_id_b,
        score_type,
        'balanced_accuracy' as measure,
        r.is_copy,
        (ratio_of(r.sums.p) + ratio_of(s.sums.p)) / 2 as value_a,
        (ratio_of(r.sums.q) + ratio_of(s.sums.q)) / 2 as value_b,
        (
            difference_squares(r.sums)
            + difference_squares(s.sums)
            + 2 * difference_products(r.sums, s.sums, c.products)
        )
        / 4 as squares,
        difference_noise(r.sums) + difference_noise(s.sums) as noise,
        c.n_either as n_latents
    from sums r
    join sums s using (run_id_a, run_id_b, score_type)
    join crossed c using (run_id_a, run_id_b, score_type)
    where r.measure = 'recall' and s.measure = 'specificity'
)
select
    run_id_a,
    run_id_b,
    score_type,
    measure,
    is_copy,
    value_a,
    value_b,
    case when squares < noise then 0 else squares end as squares,
    n_latents
from long;
