-- reliability_curve: How often an example activates whose probability of activating lies in a tenth of [0, 1].
-- One row per run, score type and tenth that holds a probability.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   bin_from: lower end of the tenth, in it
--   bin_to: upper end, in it for the last tenth only
--   n: examples
--   mean_probability: their mean probability
--   activating_share: share of them that activates
create view reliability_curve as
with tenths as (
    select
        f.scorer,
        least(9, hundredth_of(e.probability) // 10) as tenth,
        count(*) as n,
        mean_of(e.probability) as mean_probability,
        cast(count(*) filter (e.activating) as double) / count(*) as activating_share
    from example_facts e
    join behind_the_views.score_files f using (file_id)
    where e.probability is not null
    group by all
)
select
    f.run_id,
    r.run_name,
    r.run_label,
    r.model,
    f.score_type,
    cast(t.tenth as double) / 10 as bin_from,
    cast(t.tenth + 1 as double) / 10 as bin_to,
    t.n,
    t.mean_probability,
    t.activating_share
from tenths t
join behind_the_views.score_files f on f.file_id = t.scorer
join runs r using (run_id);
