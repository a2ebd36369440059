-- The largest k with k / 100 <= p; the division decides, since 100 * 0.29 is not 29.
create or replace macro hundredth_of(p) as
    cast(floor(100 * p) as integer)
    + case
        when (floor(100 * p) + 1) / 100 <= p then 1
        when floor(100 * p) / 100 > p then -1
        else 0
    end;

-- roc_curve: Points of the ROC curve: who passes a threshold of probability; exact, at every hundredth.
-- One row per run, score type and threshold, from 0 (all pass) to 1.01 (none does), with probabilities of both classes.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   threshold: an example passes whose probability is this or more
--   true_positive_rate: share of the activating examples that pass
--   false_positive_rate: share of the other examples that pass
--   n_activating: activating examples with a probability
--   n_not_activating: other examples with a probability
create view roc_curve as
with hundredths as (
    select
        f.scorer,
        hundredth_of(e.probability) as hundredth,
        count(*) filter (e.activating) as n_activating,
        count(*) filter (not e.activating) as n_not_activating
    from example_facts e
    join behind_the_views.score_files f using (file_id)
    where e.probability is not null
    group by all
),
grid as (
    select
        s.scorer,
        t.hundredth,
        coalesce(h.n_activating, 0) as n_activating,
        coalesce(h.n_not_activating, 0) as n_not_activating
    from (select distinct scorer from hundredths) s
    cross join range(0, 102) t(hundredth)
    left join hundredths h using (scorer, hundredth)
),
passing as (
    select
        scorer,
        hundredth,
        sum(n_activating) over passes as n_activating_passing,
        sum(n_not_activating) over passes as n_not_activating_passing,
        sum(n_activating) over everything as n_activating,
        sum(n_not_activating) over everything as n_not_activating
    from grid
    window
        passes as (partition by scorer order by hundredth desc rows unbounded preceding),
        everything as (partition by scorer)
)
select
    f.run_id,
    r.run_name,
    r.run_label,
    r.model,
    f.score_type,
    cast(p.hundredth as double) / 100 as threshold,
    cast(p.n_activating_passing as double) / p.n_activating as true_positive_rate,
    cast(p.n_not_activating_passing as double) / p.n_not_activating as false_positive_rate,
    cast(p.n_activating as bigint) as n_activating,
    cast(p.n_not_activating as bigint) as n_not_activating
from passing p
join behind_the_views.score_files f on f.file_id = p.scorer
join runs r using (run_id)
where p.n_activating > 0 and p.n_not_activating > 0;
