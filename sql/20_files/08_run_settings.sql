-- run_settings: What the runs' configs say, in long form; a list is one setting.
-- One row per run and setting.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model
--   setting: its path in run_config.json, as in sampler_cfg.n_examples_train
--   value: its value as text, a list as JSON; null if the config says null
--   number: its value, if that is a number
create view run_settings as
with nodes as (
    select
        r.run_id,
        r.run_name,
        r.run_label,
        r.model,
        n.fullkey,
        n.type,
        n.value
    from runs r,
        json_tree(r.config) n
),
arrays as (
    select
        run_id,
        fullkey || '[' as beginning
    from nodes
    where type = 'ARRAY'
)
select
    n.run_id,
    n.run_name,
    n.run_label,
    n.model,
    replace(substr(n.fullkey, 3), '"', '') as setting,
    n.value ->> '$' as value,
    case when n.type in ('BIGINT', 'UBIGINT', 'DOUBLE') then cast(n.value as double) end as number
from nodes n
where
    n.fullkey <> '$'
    and (n.type <> 'OBJECT' or n.value = '{}')
    and not exists (
        from arrays a
        where a.run_id = n.run_id and starts_with(n.fullkey, a.beginning)
    );

-- config_differences: The settings in which the selected runs' configs differ, for every run that has a config.
-- One row per setting and run.
-- Kept: yes, unless selected_runs
--   setting: its path in run_config.json
-- As everywhere: run_id, run_name, run_label, model
--   value: its value as text; null if the run's config says null, or nothing
--   number: its value, if that is a number
--   n_values: how many values the runs have, null counted as one
--   is_numeric: every value but null is a number
create view config_differences as
with configured as (
    select
        run_id,
        run_name,
        run_label,
        model
    from runs
    where config is not null
),
differing as (
    select
        setting,
        count(distinct value) + cast(count(value) < (select count(*) from configured) as integer) as n_values,
        count(number) = count(value) as is_numeric
    from run_settings
    group by setting
    having n_values > 1
)
select
    d.setting,
    c.run_id,
    c.run_name,
    c.run_label,
    c.model,
    s.value,
    s.number,
    d.n_values,
    d.is_numeric
from differing d
cross join configured c
left join run_settings s on s.setting = d.setting and s.run_id = c.run_id;
