-- kept_pair_estimates: The differences of pairs of runs that the loader worked out last, since pairs make many rows.
-- One row per pair of runs of the same latents, score type that both have and measure; one, of no measure, where they share none.
--   run_id_a: the run whose name comes first
--   run_id_b: the other run
--   score_type: the scorer's directory name
--   fingerprint_a: of the first run's files
--   fingerprint_b: of the other's
--   measure: as in pair_estimates
--   is_copy: as in pair_estimates
--   value_a: as in pair_estimates
--   value_b: as in pair_estimates
--   squares: as in pair_estimates
--   n_latents: as in pair_estimates
create or replace table kept_pair_estimates (
    run_id_a varchar,
    run_id_b varchar,
    score_type varchar,
    fingerprint_a varchar,
    fingerprint_b varchar,
    measure varchar,
    is_copy boolean,
    value_a double,
    value_b double,
    squares double,
    n_latents bigint
);

-- new_pair_estimates: The differences of pairs that are not kept, or not of the present files; worked out on the spot.
-- One row per pair of runs of the same latents, score type that both have and measure; one, of no measure, where they share none.
--   run_id_a: the run whose name comes first
--   run_id_b: the other run
--   score_type: the scorer's directory name
--   fingerprint_a: of the first run's files
--   fingerprint_b: of the other's
--   measure: as in pair_estimates
--   is_copy: as in pair_estimates
--   value_a: as in pair_estimates
--   value_b: as in pair_estimates
--   squares: as in pair_estimates
--   n_latents: as in pair_estimates
create view new_pair_estimates as
with due as materialized (
    select
        i.run_id_a,
        i.run_id_b,
        a.score_type,
        a.fingerprint as fingerprint_a,
        b.fingerprint as fingerprint_b
    from latent_identity i
    join scorers a on a.run_id = i.run_id_a
    join scorers b on b.run_id = i.run_id_b and b.score_type = a.score_type
    anti join kept_pair_estimates k
        on k.run_id_a = i.run_id_a
        and k.run_id_b = i.run_id_b
        and k.score_type = a.score_type
        and k.fingerprint_a = a.fingerprint
        and k.fingerprint_b = b.fingerprint
    where i.same_latents
),
latents as (
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
    from latent_confusion
),
pairs as materialized (
    select
        d.run_id_a,
        d.run_id_b,
        d.score_type,
        a.content_hash = b.content_hash as is_copy,
        a,
        b
    from due d
    join latents a on a.run_id = d.run_id_a and a.score_type = d.score_type
    join latents b
        on b.run_id = d.run_id_b
        and b.score_type = d.score_type
        and b.hookpoint = a.hookpoint
        and b.latent_idx = a.latent_idx
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
    d.fingerprint_a,
    d.fingerprint_b,
    l.measure,
    l.is_copy,
    l.value_a,
    l.value_b,
    case when l.squares < l.noise then 0 else l.squares end as squares,
    l.n_latents
from due d
-- also a pair that shares no latent is kept, so that it is not looked for again
left join long l using (run_id_a, run_id_b, score_type);

-- pair_estimates: How two runs differ on the latents that both scored, each measure worked out anew on these.
-- One row per pair of runs of the same latents, score type that both have and measure.
--   run_id_a: the run whose name comes first
--   run_id_b: the other run
--   score_type: the scorer's directory name
--   measure: name of the measure
--   is_copy: all score files that the two share are byte-identical
--   value_a: the pooled measure of the first run
--   value_b: the pooled measure of the other
--   squares: sum of the squared differences of the latents' influences on the two; 0 where all differ by the same
--   n_latents: latents where the measure is defined in both runs
create view pair_estimates as
with estimates as (
    select k.*
    from kept_pair_estimates k
    semi join scorers a
        on a.run_id = k.run_id_a and a.score_type = k.score_type and a.fingerprint = k.fingerprint_a
    semi join scorers b
        on b.run_id = k.run_id_b and b.score_type = k.score_type and b.fingerprint = k.fingerprint_b
    union all
    from new_pair_estimates
)
select * exclude (fingerprint_a, fingerprint_b)
from estimates
where measure is not null;
