-- explanations: What the explainer said of each latent.
-- One row per run, hookpoint and latent; of a latent that has several explanations, one each.
-- Kept: yes
-- As everywhere: run_id, run_name, model, hookpoint, latent_idx
--   explanation: the text
--   is_placeholder: the text is delphi's stand-in for an explanation that failed
--   candidate_idx: which of several explanations of the latent it is; null if there is one
--   is_used: the latent's only explanation, or the first of several, which measures of the latent are about
create view explanations as
with files as (
    select
        run_id,
        file_id,
        hookpoint,
        latent_idx,
        candidate_idx,
        is_used,
        false as is_shared
    from current_files
    where kind = 'explanation' and status = 'loaded' and run_id is not null
    union all
    select
        l.run_id,
        f.file_id,
        f.hookpoint,
        f.latent_idx,
        f.candidate_idx,
        f.is_used,
        true as is_shared
    from run_links l
    join current_files f on regexp_replace(f.path, '/[^/]*$', '') = l.path
    where l.kind = 'explanation' and f.kind = 'explanation' and f.status = 'loaded'
),
-- a run's own explanation beats a shared one of the same latent
preferred as (
    select *
    from files
    qualify row_number() over (
        partition by run_id, hookpoint, latent_idx, candidate_idx
        order by is_shared asc, file_id desc
    ) = 1
)
select
    p.run_id,
    r.run_name,
    r.model,
    p.hookpoint,
    p.latent_idx,
    e.explanation,
    e.explanation in ('Explanation could not be parsed.', 'No explanation found')
    or starts_with(e.explanation, 'Explanation generation failed') as is_placeholder,
    p.candidate_idx,
    p.is_used
from preferred p
join explanation_facts e using (file_id)
join runs r using (run_id);
