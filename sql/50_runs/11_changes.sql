-- What changed between two states of a run, which `reports diff` makes two runs of one warehouse in memory.

-- what probabilities say of each latent, which model_comparison does not pair; a latent's AUC counts as it is
create or replace macro probability_ratios(run) as table
select
    score_type,
    hookpoint,
    latent_idx,
    content_hash,
    'brier' as measure,
    cast(squared_error as decimal(18, 12)) as a,
    n_probability as b
from behind_the_views.latent_confusion
where run_id = run and n_probability > 0
union all
select
    score_type,
    hookpoint,
    latent_idx,
    content_hash,
    'auc' as measure,
    cast(
        auc_of(half_pairs, n_probability_activating, n_probability - n_probability_activating) as decimal(18, 12)
    ) as a,
    1 as b
from behind_the_views.latent_confusion
where run_id = run and n_probability_activating > 0 and n_probability > n_probability_activating;

-- how they differ on the latents that both states hold: of sums, or of means over latents where b is 1 throughout
create or replace macro probability_changes(old_run, new_run) as table
with olds as materialized (
    from probability_ratios(old_run)
),
news as materialized (
    from probability_ratios(new_run)
),
olds_whole as (
    select
        score_type,
        measure,
        cast(sum(a) as double) / sum(b) as value
    from olds
    group by
        score_type,
        measure
),
news_whole as (
    select
        score_type,
        measure,
        cast(sum(a) as double) / sum(b) as value
    from news
    group by
        score_type,
        measure
),
shared as (
    select
        o.score_type,
        o.measure,
        o.content_hash = n.content_hash as is_copy,
        o.a as old_a,
        o.b as old_b,
        n.a as new_a,
        n.b as new_b
    from olds o
    join news n using (score_type, hookpoint, latent_idx, measure)
),
sums as materialized (
    select
        score_type,
        measure,
        cast(sum(old_b) as double) as old_b,
        cast(sum(new_b) as double) as new_b,
        cast(sum(old_a) as double) / sum(old_b) as old,
        cast(sum(new_a) as double) / sum(new_b) as new,
        bool_and(old_b = 1 and new_b = 1) as is_mean,
        bool_and(is_copy) as is_copy,
        weight_sums(old_b + new_b) as weights
    from shared
    group by
        score_type,
        measure
),
influences as (
    select
        l.score_type,
        l.measure,
        (l.new_a - s.new * l.new_b) / s.new_b - (l.old_a - s.old * l.old_b) / s.old_b as influence
    from shared l
    join sums s using (score_type, measure)
),
squares as (
    select
        score_type,
        measure,
        sum_of_squares(influence * influence) as squares,
        max(abs(influence)) < 1e-12 as agrees
    from influences
    group by
        score_type,
        measure
),
estimates as (
    select
        o.score_type,
        o.measure,
        case when s.is_mean then 'macro' else 'pooled' end as average,
        o.value as old,
        n.value as new,
        s.new - s.old as difference,
        coalesce(s.weights.n, 0) as n_latents,
        sqrt(q.squares * correction_of(shares_of(s.weights))) as se,
        df_of(effective_n_of(shares_of(s.weights))) as df,
        case
            when s.measure is null then 'no latent where it is defined in both'
            when s.weights.n < 10 then 'fewer than 10 latents shared'
            when q.agrees then 'every latent agrees'
        end as reason
    from olds_whole o
    join news_whole n using (score_type, measure)
    left join sums s using (score_type, measure)
    left join squares q using (score_type, measure)
    where s.is_copy is not true or o.value is distinct from n.value
)
select
    e.score_type,
    e.measure,
    e.average,
    e.old,
    e.new,
    e.difference,
    case when e.reason is null then e.difference - student_t_95(t.t, e.df) * e.se end as low,
    case when e.reason is null then e.difference + student_t_95(t.t, e.df) * e.se end as high,
    e.n_latents,
    case when e.reason is null then student_t_p_value(e.difference / e.se, e.df) end as p_value,
    e.reason
from estimates e
left join behind_the_views.student_t t using (df);

-- all of it; the variables selected_runs and same_latents name the two states
create or replace macro changes_of(old_run, new_run) as table
with pooled as (
    select
        run_id,
        score_type,
        measure,
        value
    from main.run_measures
    where average = 'pooled'
),
paired as (
    select
        c.*,
        o.value as old,
        n.value as new,
        c.run_id_a = new_run as is_after_first
    from main.model_comparison c
    left join pooled o on o.run_id = old_run and o.score_type = c.score_type and o.measure = c.measure
    left join pooled n on n.run_id = new_run and n.score_type = c.score_type and n.measure = c.measure
    where not c.is_copy or o.value is distinct from n.value
)
select
    score_type,
    measure,
    'pooled' as average,
    old,
    new,
    case when is_after_first then difference else -difference end as difference,
    case when is_after_first then low else -high end as low,
    case when is_after_first then high else -low end as high,
    n_latents_shared as n_latents,
    p_value,
    reason
from paired
union all
from probability_changes(old_run, new_run);

-- Of rows with p_value, difference (after less before) and measure: Holm's adjustment over all of them, and whether a row
-- is significantly better or worse at 5 %. Grouped by `family`: each is adjusted on its own.
create or replace macro judged_changes(changes) as table
with numbered as (
    select
        *,
        row_number() over (partition by family, p_value is null order by p_value asc) as place,
        count(p_value) over (partition by family) as n
    from query_table(changes)
),
adjusted as (
    select
        * exclude (place, n),
        case
            when p_value is not null
                then max(least(1, p_value * (n - place + 1))) over (
                    partition by family, p_value is null
                    order by place asc
                )
        end as p_adjusted
    from numbered
)
select
    a.*,
    case
        when a.p_adjusted is null then null
        when a.p_adjusted >= 0.05 or a.difference = 0 or d.higher_is = 'neither' then 'same'
        when (a.difference > 0) = (d.higher_is = 'better') then 'better'
        else 'worse'
    end as verdict
from adjusted a
left join main.measure_docs d using (measure);
