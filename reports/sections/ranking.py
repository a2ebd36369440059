"""Ask for the ranking of one score type, under either failure policy."""

MEASURES = """\
with measures as (
    select
        run_id,
        max(value) filter (measure = 'accuracy') as accuracy,
        max(low) filter (measure = 'accuracy') as accuracy_low,
        max(high) filter (measure = 'accuracy') as accuracy_high,
        max(value) filter (measure = 'accuracy_strict') as accuracy_strict,
        max(low) filter (measure = 'accuracy_strict') as accuracy_strict_low,
        max(high) filter (measure = 'accuracy_strict') as accuracy_strict_high,
        max(value) filter (measure = 'f1') as f1,
        max(low) filter (measure = 'f1') as f1_low,
        max(high) filter (measure = 'f1') as f1_high,
        max(value) filter (measure = 'f1_strict') as f1_strict,
        max(low) filter (measure = 'f1_strict') as f1_strict_low,
        max(high) filter (measure = 'f1_strict') as f1_strict_high,
        any_value(reason) filter (measure = $accuracy_name) as reason
    from run_measures
    where
        score_type = $score_type
        and average = 'pooled'
        and measure in ('accuracy', 'accuracy_strict', 'f1', 'f1_strict')
    group by run_id
)"""

COLUMNS = """\
select
    r.rank,
    r.run_id,
    r.run_name,
    r.run_label,
    $score_type as score_type,
    $accuracy_name as ranked_by,
    m.* exclude (run_id),
    c.n_latents,
    c.coverage,
    r.tied_with_best,
    case
        when m.$accuracy is null then 'undefined'
        when r.rank = 1 then 'best'
        when r.tied_with_best is null then 'not comparable'
        when r.tied_with_best then 'tied'
        else 'behind'
    end as against_best"""

JOINS = """\
join measures m using (run_id)
join run_confusion c on c.run_id = r.run_id and c.score_type = $score_type
order by r.rank, r.run_name"""

RANKING_QUERY = f"""\
{MEASURES}
{COLUMNS}
from (from model_ranking where score_type = $score_type) r
{JOINS}"""

# model_ranking ranks by accuracy; a failure counted as wrong needs the same by accuracy_strict.
STRICT_RANKING_QUERY = f"""\
{MEASURES},
placed as (
    select
        c.run_id,
        c.run_name,
        c.run_label,
        rank() over (order by m.accuracy_strict desc nulls last) as rank
    from run_confusion c
    join measures m using (run_id)
    where c.score_type = $score_type
),
-- of several best, the one that a run differs least from
against_best as (
    select
        p.run_id,
        max(d.p_adjusted) as p_adjusted
    from placed p
    join placed best on best.rank = 1
    join model_comparison d
        on d.run_id_a = case when p.run_name < best.run_name then p.run_id else best.run_id end
        and d.run_id_b = case when p.run_name < best.run_name then best.run_id else p.run_id end
    where d.score_type = $score_type and d.measure = 'accuracy_strict'
    group by p.run_id
),
ranked as (
    select
        p.*,
        case when p.rank = 1 then true else b.p_adjusted >= 0.05 end as tied_with_best
    from placed p
    left join against_best b using (run_id)
)
{COLUMNS}
from ranked r
{JOINS}"""
