-- model_comparison: How two runs differ on the latents that both scored, and how sure that is.
-- One row per score type that both have, measure and pair of runs.
-- Kept: yes, unless selected_runs, selected_score_types, same_latents
-- As everywhere: score_type
--   measure: a pooled measure of run_metrics
-- As everywhere: run_id_a, run_name_a, run_label_a, model_a, run_id_b, run_name_b, run_label_b, model_b
--   value_a: the measure of the first run on the latents where it is defined in both
--   value_b: the same of the other run
--   difference: value_a - value_b; null where the latents are not known to be the same, or too few
--   se: standard error of the difference, paired and clustered by latent
--   low: lower end of its 95 % interval, Student's t with n_latents_shared - 1 degrees of freedom
--   high: upper end
--   p_value: two-sided, of no difference
--   p_adjusted: by Holm's method over the rows of the score type and measure that have a p_value
--   n_latents_shared: latents where the measure is defined in both
--   is_copy: all score files that the two share are byte-identical
--   reason: why there is no p_value; null where there is one
create view model_comparison as
with names as (
    select unnest(paired_measures()) as measure
),
scored as materialized (
    select
        run_id,
        run_name,
        run_label,
        model,
        score_type
    from run_confusion
),
pairs as (
    select
        a.score_type,
        a.run_id as run_id_a,
        a.run_name as run_name_a,
        a.run_label as run_label_a,
        a.model as model_a,
        b.run_id as run_id_b,
        b.run_name as run_name_b,
        b.run_label as run_label_b,
        b.model as model_b
    from scored a
    join scored b on b.score_type = a.score_type and b.run_name > a.run_name
),
estimates as (
    select
        p.*,
        n.measure,
        e.value_a,
        e.value_b,
        coalesce(e.n_latents, 0) as n_latents_shared,
        coalesce(e.is_copy, false) as is_copy,
        standard_error_of(e.squares, e.n_latents) as se,
        case
            when i.same_latents is not true then 'different or unknown latents'
            when e.run_id_a is null then 'no latent where it is defined in both'
            when e.is_copy then 'byte-identical copies'
            when e.n_latents < 10 then 'fewer than 10 latents shared'
            when e.value_a is null or e.value_b is null then 'undefined'
            when e.squares = 0 then 'every latent agrees'
        end as reason
    from pairs p
    cross join names n
    left join latent_identity i on i.run_id_a = p.run_id_a and i.run_id_b = p.run_id_b
    left join behind_the_views.pair_estimates e
        on i.same_latents
        and e.run_id_a = p.run_id_a
        and e.run_id_b = p.run_id_b
        and e.score_type = p.score_type
        and e.measure = n.measure
),
tested as (
    select
        e.*,
        case
            when coalesce(e.reason, '') in ('', 'byte-identical copies', 'every latent agrees')
                then e.value_a - e.value_b
        end as difference,
        interval_of(
            e.value_a - e.value_b,
            case when e.reason is null then student_t_95(t.t, e.n_latents_shared - 1) * e.se end,
            -1
        ) as interval,
        case
            when e.reason is null
                then student_t_p_value((e.value_a - e.value_b) / e.se, e.n_latents_shared - 1)
        end as p_value
    from estimates e
    left join behind_the_views.student_t t on t.df = e.n_latents_shared - 1
),
-- Holm: the smallest p of m times m, the next times m - 1, and never below the one before
stepped as (
    select
        *,
        least(1, p_value * (count(p_value) over family - row_number() over steps + 1)) as p_step
    from tested
    window
        family as (partition by score_type, measure),
        steps as (partition by score_type, measure order by p_value nulls last, run_name_a, run_name_b)
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
    p_value,
    case
        when p_value is not null
            then max(p_step) over (
                partition by score_type, measure
                order by p_value nulls last, run_name_a, run_name_b
                rows unbounded preceding
            )
    end as p_adjusted,
    n_latents_shared,
    is_copy,
    reason
from stepped;
