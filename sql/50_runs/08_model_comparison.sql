-- model_comparison: How two runs differ on the latents that both scored, and how sure that is.
-- One row per score type that both have, measure and pair of runs; of more than 100 runs, of the hundred that lead by some measure.
-- Kept: yes, unless selected_runs, selected_score_types, same_latents, controls of many
-- As everywhere: score_type
--   measure: a pooled measure of run_metrics, or of another scorer one of which measure_docs does not say that neither way is better
-- As everywhere: run_id_a, run_name_a, run_label_a, model_a, run_id_b, run_name_b, run_label_b, model_b
--   value_a: the measure of the first run on the latents where it is defined in both
--   value_b: the same of the other run
--   difference: value_a - value_b; null where the latents are not known to be the same, or too few
--   se: standard error of the difference, paired and clustered by latent
--   low: lower end of its 95 % interval, Student's t
--   high: upper end
--   interval_se: standard error that interval and p_value rest on: se, corrected for few latents that weigh unequally
--   df: degrees of freedom of interval and p_value
--   p_value: two-sided, of no difference
--   p_adjusted: by Holm's method over the rows of the score type and measure that have a p_value, those of a run's copies counted once
--   n_latents_shared: latents where the measure is defined in both
--   is_copy: all score files that the two share are byte-identical
--   reason: why there is no p_value; null where there is one
--   detectable_difference: difference that so many latents as are shared find with a power of 80 %, at 5 %, if the pair is the only one
--   detectable_difference_adjusted: the same at Holm's strictest step, 5 % by the number of pairs that are tested
--   n_latents_needed: shared latents that find the present difference with a power of 80 %, at 5 %; null if there is none, or no p_value
--   n_latents_needed_adjusted: the same at Holm's strictest step
--   differs: in what the two were judged differently (scorer, examples per prompt, negatives, ...), so that the difference is of explainer and scorer together; null if a scorer is unknown
create view model_comparison as
with scored as materialized (
    from behind_the_views.scored_runs
),
-- what pairs are compared by, with the distance of its bounds
names as (
    select
        m.score_type,
        m.measure,
        d.highest - d.lowest as span
    from (
        select
            score_type,
            unnest(paired_measures()) as measure
        from scored
        where is_classifier
        union
        select
            score_type,
            measure
        from latent_scores
        where quantile is null
    ) m
    left join measure_docs d using (measure)
    where d.higher_is is distinct from 'neither'
),
contents as (
    select
        run_id,
        score_type,
        case
            when count(content_hash) = count(*)
                then checksum_of(hash(hookpoint, latent_idx, content_hash))
        end as content
    from behind_the_views.score_files
    group by
        run_id,
        score_type
),
-- the first of the runs whose score files are the same, to the last byte
originals as (
    select
        s.*,
        case
            when c.content is null then s.run_name
            else min(s.run_name) over (partition by s.score_type, c.content)
        end as original
    from scored s
    join contents c using (run_id, score_type)
    semi join behind_the_views.compared_runs using (run_id)
),
pairs as (
    select
        a.score_type,
        least(a.original, b.original) as original_a,
        greatest(a.original, b.original) as original_b,
        a.run_id as run_id_a,
        a.run_name as run_name_a,
        a.run_label as run_label_a,
        a.model as model_a,
        b.run_id as run_id_b,
        b.run_name as run_name_b,
        b.run_label as run_label_b,
        b.model as model_b
    from originals a
    join originals b on b.score_type = a.score_type and b.run_name > a.run_name
),
judgings as materialized (
    from run_judging
),
differences as materialized (
    from behind_the_views.judging_differences
),
estimates as (
    select
        p.*,
        n.measure,
        n.span,
        e.value_a,
        e.value_b,
        coalesce(e.n_latents, 0) as n_latents_shared,
        coalesce(e.is_copy, false) as is_copy,
        case when a.scorer is not null and b.scorer is not null then coalesce(d.differs, []) end as differs,
        standard_error_of(e.squares, e.n_latents) as se,
        sqrt(e.variance) as interval_se,
        e.df,
        case
            when i.same_latents is not true then 'different or unknown latents'
            when e.run_id_a is null then 'no latent where it is defined in both'
            when e.is_copy then 'byte-identical copies'
            when e.n_latents < 10 then 'fewer than 10 latents shared'
            when e.value_a is null or e.value_b is null then 'undefined'
            when e.least_n_latents < 2 then 'a class has one latent only'
            when e.squares = 0 then 'every latent agrees'
        end as reason
    from pairs p
    join names n on n.score_type = p.score_type
    join judgings a on a.run_id = p.run_id_a
    join judgings b on b.run_id = p.run_id_b
    left join differences d on d.judging_a = a.judging and d.judging_b = b.judging
    left join latent_identity i on i.run_id_a = p.run_id_a and i.run_id_b = p.run_id_b
    left join behind_the_views.pair_estimates e
        on i.same_latents
        and e.run_id_a = p.run_id_a
        and e.run_id_b = p.run_id_b
        and e.score_type = p.score_type
        and e.measure = n.measure
),
weighed as (
    select
        e.*,
        e.value_a - e.value_b as gap,
        case when e.reason is null then gap / e.interval_se end as t_value,
        student_t_95(t.t, e.df) as t_95
    from estimates e
    left join behind_the_views.student_t t using (df)
),
tested as (
    select
        *,
        case
            when
                reason is null
                or reason in ('byte-identical copies', 'every latent agrees', 'a class has one latent only')
                then gap
        end as difference,
        interval_of_difference(gap, case when reason is null then t_95 * interval_se end, span) as interval,
        case when reason is null then student_t_p_value(t_value, df) end as p_value
    from weighed
),
-- pairs of copies put the same question, which is asked once
asked as (
    select
        *,
        p_value is not null
        and row_number() over (
            partition by score_type, measure, original_a, original_b
            order by p_value asc nulls last, run_name_a asc, run_name_b asc
        ) = 1 as is_first
    from tested
),
-- Holm: the smallest p of m times m, the next times m - 1, and never below the one before
stepped as (
    select
        *,
        least(
            1,
            p_value * (count(*) filter (is_first) over family - count(*) filter (is_first) over steps + 1)
        ) as p_step,
        count(*) filter (is_first) over family as n_tests
    from asked
    window
        family as (partition by score_type, measure),
        steps as (
            partition by score_type, measure
            order by p_value asc nulls last, original_a asc, original_b asc, run_name_a asc, run_name_b asc
            rows unbounded preceding
        )
),
-- what macros use often is a column
leveled as (
    select
        *,
        cast(1.959963984540054 as double) as z,
        sqrt(-2 * ln(0.025 / nullif(n_tests, 0))) as u_adjusted,
        cast(0.841621233572914 as double) as z_power,
        cast(df + 1 as double) / n_latents_shared as share,
        case
            when reason is null and abs(difference) > 1e-6
                then n_latents_shared * pow(interval_se / difference, 2)
        end as unit
    from stepped
),
normal as (
    select
        *,
        normal_above(u_adjusted) as z_adjusted
    from leveled
),
planned as (
    select
        *,
        df_of_needed(unit, z + z_power, share) as df_needed,
        df_of_needed(unit, z_adjusted + z_power, share) as df_needed_adjusted
    from normal
)
select
    score_type,
    measure,
    run_id_a,
    run_name_a,
    run_label_a,
    model_a,
    run_id_b,
    run_name_b,
    run_label_b,
    model_b,
    value_a,
    value_b,
    difference,
    se,
    interval.low as low,
    interval.high as high,
    case when reason is null then interval_se end as interval_se,
    case when reason is null then df end as df,
    p_value,
    case
        when p_value is not null
            then max(p_step) over (
                partition by score_type, measure
                order by p_value asc nulls last, original_a asc, original_b asc, run_name_a asc, run_name_b asc
                rows unbounded preceding
            )
    end as p_adjusted,
    n_latents_shared,
    is_copy,
    reason,
    case when reason is null then (t_95 + z_power) * interval_se end as detectable_difference,
    case when reason is null and df >= 5 then (student_t_above(z_adjusted, df) + z_power) * interval_se end
        as detectable_difference_adjusted,
    latents_needed(unit, student_t_above(z, df_needed) + z_power) as n_latents_needed,
    latents_needed(unit, student_t_above(z_adjusted, df_needed_adjusted) + z_power) as n_latents_needed_adjusted,
    differs
from planned;
