-- load_problems: Every file that could not be used and everything odd about the files that could.
-- One row per file or place and problem.
-- Kept: yes, unless selected_runs, selected_score_types
--   run_id: the run; null for what lies in none
-- As everywhere: run_name
--   path: the file or place
--   kind: short name of the problem
--   severity: failed (not used), unsupported (not yet loaded) or finding (used, but odd)
--   detail: what was found and what was wanted
create view load_problems as
with problems as (
    select
        run_id,
        path,
        kind,
        severity,
        detail
    from behind_the_views.loading_problems
    union
    select
        f.run_id,
        f.path,
        'correct disagrees' as kind,
        'finding' as severity,
        c.n_correct_disagrees
        || ' of '
        || (c.tp + c.fp + c.tn + c.fn + c.n_failed)
        || ' examples have a stored correct that is not prediction = activating; measures use the latter two alone'
            as detail
    from current_files f
    join count_facts c using (file_id)
    where f.kind = 'score' and f.status = 'loaded' and c.n_correct_disagrees > 0
    union
    select
        r.run_id,
        r.run_path as path,
        'firing count missing' as kind,
        'finding' as severity,
        'score type '
        || w.score_type
        || ': '
        || count(*)
        || ' scored latents are not in the firing counts; weighted measures of it are null' as detail
    from latent_firing_counts w
    join runs r using (run_id)
    where w.has_firing_counts and w.firing_count is null
    group by
        r.run_id,
        r.run_path,
        w.score_type
)
select
    p.run_id,
    r.run_name,
    p.path,
    p.kind,
    p.severity,
    p.detail
from problems p
left join runs r using (run_id)
-- a place in no run stays, a run that is not selected goes
where p.run_id is null or r.run_id is not null;
