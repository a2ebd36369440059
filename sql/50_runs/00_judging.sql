-- behind_the_views.judging_settings: What the config says of how a run's explanations were judged, beside the score type.
-- One row per run and setting that is known.
-- Kept: yes
-- As everywhere: run_id
--   position: order of the settings, in texts
--   setting: scorer, examples per prompt, negatives, fuzz_type, example length or prompts
--   value: its value, as text
create view behind_the_views.judging_settings as
with settings as (
    select
        run_id,
        unnest([
            {'position': 1, 'setting': 'scorer', 'value': scorer_model},
            {
                'position': 2,
                'setting': 'examples per prompt',
                'value': cast(num_examples_per_scorer_prompt as varchar)
            },
            {
                'position': 3,
                'setting': 'negatives',
                'value': case
                    when non_activating_source = 'neighbours'
                        then concat_ws(' by ', 'neighbours', config ->> '$.constructor_cfg.neighbours_type')
                    else non_activating_source
                end
            },
            {'position': 4, 'setting': 'fuzz_type', 'value': config ->> '$.fuzz_type'},
            {
                'position': 5,
                'setting': 'example length',
                'value': config ->> '$.constructor_cfg.example_ctx_len'
            },
            {
                'position': 6,
                'setting': 'prompts',
                'value': case
                    when config ->> '$.prompt_override' = 'true' then config ->> '$.prompt_config_file'
                end
            }
        ], recursive := true)
    from main.runs
)
select
    run_id,
    position,
    setting,
    value
from settings
where value is not null;

-- run_judging: What a run's explanations were judged with, as a text: runs of equal texts may be ranked together.
-- One row per run.
-- Kept: yes
-- As everywhere: run_id
--   judged_by: self, other or unknown, as in runs
--   scorer: the scorer model; null if the config does not say
--   settings: examples per prompt, source of negatives and what shapes the scorer's text, as far as the config says
--   judging: both
create view run_judging as
with texts as (
    select
        run_id,
        string_agg(setting || ' ' || value, ', ' order by position asc) as settings
    from behind_the_views.judging_settings
    where setting <> 'scorer'
    group by run_id
)
select
    r.run_id,
    r.judged_by,
    r.scorer_model as scorer,
    t.settings,
    concat_ws(', ', 'scorer ' || coalesce(r.scorer_model, 'unknown'), t.settings) as judging
from runs r
left join texts t using (run_id);

-- behind_the_views.judging_differences: In which settings two ways of judging differ; what only one of two configs says is not among them.
-- One row per ordered pair of judgings, of the runs that are compared, that differ so.
-- Kept: no, since its rows are few and belong to no run
--   judging_a: the judging of one run, as in run_judging
--   judging_b: that of another
--   differs: names of the settings, as in behind_the_views.judging_settings
create view behind_the_views.judging_differences as
with settings as (
    select distinct
        j.judging,
        s.position,
        s.setting,
        s.value
    from main.run_judging j
    join behind_the_views.judging_settings s using (run_id)
    semi join behind_the_views.compared_runs using (run_id)
)
select
    a.judging as judging_a,
    b.judging as judging_b,
    list(a.setting order by a.position asc) as differs
from settings a
join settings b on b.setting = a.setting and b.value <> a.value
group by
    a.judging,
    b.judging;
