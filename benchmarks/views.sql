-- Facts of n_runs runs x 2 score types x 2 hookpoints x n_latents latents (variables) x 60 examples, as the loader would
-- write them. What varies is drawn from hashes, so that the same seed makes the same facts on any number of threads.

set variable seed = 1;

-- a number in [0, 1) that belongs to what is drawn
create or replace temp macro draw(what, key) as
    (hash(getvariable('seed'), what, key) >> 11) / 9007199254740992;

insert into run_directories
select
    format('run_{:03d}', run),
    format('run_{:03d}', run),
    format('/results/run_{:03d}', run),
    format('run_{:03d}', run)
from range(getvariable('n_runs')) runs(run);

create temp table made_files as
with latents as (
    select
        run,
        hookpoint,
        latent_idx
    from range(getvariable('n_runs')) runs(run)
    cross join (values ('layers.12.mlp'), ('layers.24.mlp')) hookpoints(hookpoint)
    cross join range(7, 7 + 64 * getvariable('n_latents'), 64) latents(latent_idx)
),
files as (
    select
        run,
        'config' as kind,
        null as score_type,
        null as hookpoint,
        null as latent_idx,
        'run_config.json' as place
    from range(getvariable('n_runs')) runs(run)
    union all
    select
        run,
        kind,
        score_type,
        null,
        null,
        place
    from range(getvariable('n_runs')) runs(run)
    cross join (
        values
            ('stats', null, 'explanations/explainer_stats.json'),
            ('stats', 'detection', 'scores/detection/detection_stats.json'),
            ('stats', 'fuzz', 'scores/fuzz/fuzz_stats.json'),
            ('timing', null, 'timing.json')
    ) places(kind, score_type, place)
    union all
    select
        run,
        'explanation',
        null,
        hookpoint,
        latent_idx,
        format('explanations/{}_latent{}.txt', hookpoint, latent_idx)
    from latents
    union all
    select
        run,
        'score',
        score_type,
        hookpoint,
        latent_idx,
        format('scores/{}/{}_latent{}.txt', score_type, hookpoint, latent_idx)
    from latents
    cross join (values ('detection'), ('fuzz')) score_types(score_type)
)
select
    row_number() over (order by run, kind = 'config' desc, place) as file_id,
    *
from files;

-- every second run has a cache of firing counts of its own
insert into made_files
select
    getvariable('n_runs') * 2000 + run,
    run,
    'firing_counts',
    null,
    null,
    null,
    'log/hookpoint_firing_counts.pt'
from range(0, getvariable('n_runs'), 2) runs(run);

insert into source_files
select
    file_id,
    case when kind <> 'firing_counts' then format('run_{:03d}', run) end,
    format('/results/run_{:03d}/{}', run, place),
    kind,
    score_type,
    hookpoint,
    latent_idx,
    40000,
    1700000000000000000 + file_id,
    sha256(format('{} of {}', place, run)),
    'loaded',
    timestamp '2026-01-01'
from made_files
order by file_id;

insert into run_links
select
    format('run_{:03d}', run),
    'firing_counts',
    format('/results/run_{:03d}/{}', run, place)
from made_files
where kind = 'firing_counts';

insert into config_facts
select
    file_id,
    json_object(
        'model', 'example/subject-2b',
        'sparse_model', 'example/transcoders',
        'explainer_model', format('example/explainer-{}', run),
        'hookpoints', ['layers.12.mlp', 'layers.24.mlp'],
        'num_examples_per_scorer_prompt', 7,
        'constructor_cfg', json_object(
            'non_activating_source', case run % 3 when 0 then 'neighbours' else 'random' end,
            'n_non_activating', 20
        ),
        'cache_cfg', json_object('n_tokens', 10000000)
    )
from made_files
where kind = 'config';

insert into stats_facts
select
    file_id,
    coalesce(score_type, 'DefaultExplainer'),
    100 + 900 * draw('time', file_id),
    cast(100000 + 900000 * draw('prompt', file_id) as bigint),
    cast(10000 + 90000 * draw('completion', file_id) as bigint),
    2 * getvariable('n_latents') * case when score_type is null then 1 else 60 end
from made_files
where kind = 'stats';

insert into timing_facts
select
    file_id,
    stage,
    100 + 900 * draw(stage, file_id)
from made_files
cross join (values ('explainer'), ('scoring'), ('total')) stages(stage)
where kind = 'timing';

insert into explanation_facts
select
    file_id,
    case
        when draw('placeholder', file_id) < 0.02 then 'Explanation could not be parsed.'
        else format('Words of kind {} that stand before a noun.', file_id)
    end
from made_files
where kind = 'explanation';

insert into firing_facts
select
    f.file_id,
    h.hookpoint,
    l.latent_idx,
    cast(exp(3 + 9 * draw(h.hookpoint || l.latent_idx, f.run)) as bigint)
from made_files f
cross join (values ('layers.12.mlp'), ('layers.24.mlp')) h(hookpoint)
cross join range(16384) l(latent_idx)
where f.kind = 'firing_counts';

-- 40 examples of 60 activate; a prompt of seven fails as a whole; every second run has probabilities
insert into example_facts
with examples as (
    select
        f.file_id,
        f.run,
        e.example_idx,
        draw('order', f.file_id * 64 + e.example_idx) < 40 / 60 as activating,
        draw('failed', f.file_id * 64 + e.example_idx // 7) < 0.08 as has_failed,
        draw('answer', f.file_id * 64 + e.example_idx)
        < 0.55 + 0.02 * f.run * draw('skill', f.latent_idx) as is_right,
        draw('sure', f.file_id * 64 + e.example_idx) as sure,
        draw('distance', f.file_id * 64 + e.example_idx) as distance
    from made_files f
    cross join range(60) e(example_idx)
    where f.kind = 'score'
),
answered as (
    select
        *,
        case when not has_failed then activating = is_right end as prediction
    from examples
)
select
    file_id,
    example_idx,
    activating,
    prediction,
    case
        when run % 2 = 0 then case prediction when true then 0.5 + sure / 2 when false then sure / 2 end
    end,
    prediction = activating,
    case when activating then floor(10 * distance) when run % 3 = 0 then -distance else -1 end,
    format('example {} of {}', example_idx, file_id),
    null,
    null,
    null
from answered
order by
    file_id,
    example_idx;

-- whose counts are to be written next
create temp table files as
select file_id
from made_files
where kind = 'score';
