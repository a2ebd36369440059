-- behind_the_views.pair_estimates: How two runs differ on the latents that both scored, each measure worked out again on these.
-- One row per pair of runs of the same latents, score type that both have and measure.
-- Kept: yes, unless selected_score_types, same_latents, selected_runs of many, controls of many
-- As everywhere: run_id_a, run_id_b, score_type, measure
--   is_copy: all score files that the two share are byte-identical
--   value_a: the pooled measure of the first run
--   value_b: the pooled measure of the other
--   squares: sum of the squared differences of the latents' influences on the two; 0 where all differ by the same, null where a class has one latent
--   n_latents: latents where the measure is defined in both runs
--   least_n_latents: of a measure of two classes: in the class that has fewer
--   variance: squares, corrected for few latents that weigh unequally
--   df: degrees of freedom
create view behind_the_views.pair_estimates as
with latents as (
    select
        run_id,
        score_type,
        hookpoint,
        latent_idx,
        content_hash,
        tp,
        fp,
        tn,
        fn,
        n_failed,
        n_failed_activating
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
        unnest(ratios_of(a)) as of_a,
        unnest(ratios_of(b)) as of_b
    from pairs
),
-- of scorers that are no classifiers
other_pairs as (
    select
        i.run_id_a,
        i.run_id_b,
        a.score_type,
        a.measure,
        a.content_hash = b.content_hash as is_copy,
        {'a': a.a, 'b': a.b} as of_a,
        {'a': b.a, 'b': b.b} as of_b
    from main.latent_identity i
    join main.latent_scores a on a.run_id = i.run_id_a
    join main.latent_scores b
        on b.run_id = i.run_id_b
        and b.score_type = a.score_type
        and b.hookpoint = a.hookpoint
        and b.latent_idx = a.latent_idx
        and b.measure = a.measure
    where i.same_latents and a.quantile is null and b.quantile is null
),
sums as materialized (
    select
        run_id_a,
        run_id_b,
        score_type,
        of_a.measure as measure,
        bool_and(is_copy) as is_copy,
        pair_sums(of_a.parts, of_b.parts) as sums
    from ratios
    -- a latent counts if the measure is defined in both
    where of_a.parts.b > 0 and of_b.parts.b > 0
    group by
        run_id_a,
        run_id_b,
        score_type,
        of_a.measure
    union all
    select
        run_id_a,
        run_id_b,
        score_type,
        measure,
        bool_and(is_copy) as is_copy,
        exact_pair_sums(of_a, of_b) as sums
    from other_pairs
    group by
        run_id_a,
        run_id_b,
        score_type,
        measure
),
-- What macros use often is a column: as an argument it would be planned as often as it stands in them.
weighed as (
    select
        *,
        pair_weights(sums) as weights
    from sums
),
shared as materialized (
    select
        *,
        ratio_of(sums.p) as value_a,
        ratio_of(sums.q) as value_b,
        difference_squares(sums) as squares,
        difference_noise(sums) as noise,
        shares_of(weights) as shares
    from weighed
),
-- recall and specificity, whose half sum is the balanced accuracy, share latents that have both classes
classes as (
    select
        run_id_a,
        run_id_b,
        score_type,
        recall_parts(a.tp, a.fn) as recall_a,
        recall_parts(b.tp, b.fn) as recall_b,
        specificity_parts(a.fp, a.tn) as specificity_a,
        specificity_parts(b.fp, b.tn) as specificity_b
    from pairs
),
crossed as (
    select
        run_id_a,
        run_id_b,
        score_type,
        cross_products(recall_a, recall_b, specificity_a, specificity_b) as products,
        count(*) filter (
            (recall_a.b > 0 and recall_b.b > 0) or (specificity_a.b > 0 and specificity_b.b > 0)
        ) as n_either
    from classes
    group by
        run_id_a,
        run_id_b,
        score_type
),
halves as (
    select
        run_id_a,
        run_id_b,
        score_type,
        r,
        s,
        c.n_either,
        difference_products(r.sums, s.sums, c.products) as products,
        shares_of_both(r.weights, s.weights, c.products.weights) as shares
    from shared r
    join shared s using (run_id_a, run_id_b, score_type)
    join crossed c using (run_id_a, run_id_b, score_type)
    where r.measure = 'recall' and s.measure = 'specificity'
),
long as (
    select
        run_id_a,
        run_id_b,
        score_type,
        measure,
        is_copy,
        value_a,
        value_b,
        squares,
        noise,
        sums.n as n_latents,
        sums.n as least_n_latents,
        correction_of(shares) as correction,
        df_of(effective_n_of(shares)) as df
    from shared
    union all
    select
        run_id_a,
        run_id_b,
        score_type,
        'balanced_accuracy' as measure,
        r.is_copy,
        (r.value_a + s.value_a) / 2 as value_a,
        (r.value_b + s.value_b) / 2 as value_b,
        (r.squares + s.squares + 2 * products) / 4 as squares,
        r.noise + s.noise as noise,
        n_either as n_latents,
        least(r.sums.n, s.sums.n) as least_n_latents,
        correction_of(shares) as correction,
        df_of_both(r.weights, s.weights, shares) as df
    from halves
)
select
    run_id_a,
    run_id_b,
    score_type,
    measure,
    is_copy,
    value_a,
    value_b,
    case when least_n_latents > 1 then case when squares <= noise then 0 else squares end end as squares,
    n_latents,
    least_n_latents,
    case when squares <= noise then 0 else squares * correction end as variance,
    df
from long;
