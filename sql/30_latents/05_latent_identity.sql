-- latent_identity: Whether the latents of two runs are the same ones; equal indices alone prove nothing.
-- One row per pair of runs that are compared.
-- Kept: yes, unless selected_score_types, same_latents, selected_runs of many, controls of many
-- As everywhere: run_id_a, run_name_a, run_id_b, run_name_b
--   same_latents: latents of equal hookpoint and index are the same latent; null where nothing tells
--   basis: what tells: user (list variable same_latents of GLOBs that match both names), configs (subject and sparse model) or texts
--   n_latents_compared: latents of equal hookpoint and index whose activating examples were compared; null where not needed
--   n_equal_texts: of these, latents whose activating examples have equal texts in both runs
create view latent_identity as
with compared as materialized (
    from runs
    semi join behind_the_views.compared_runs using (run_id)
),
pairs as (
    select
        a.run_id as run_id_a,
        a.run_name as run_name_a,
        b.run_id as run_id_b,
        b.run_name as run_name_b,
        len(
            list_filter(
                cast(getvariable('same_latents') as varchar[]),
                lambda pattern: a.run_name glob pattern and b.run_name glob pattern
            )
        ) > 0 as user_says,
        a.subject_model = b.subject_model and a.sparse_model = b.sparse_model as configs_say
    from compared a
    join compared b on a.run_name < b.run_name
),
undecided as materialized (
    select
        run_id_a,
        run_id_b
    from pairs
    where configs_say is null and user_says is not true
),
-- what one run alone has is compared with nothing, and takes long to read
shared as materialized (
    select
        file_id,
        run_id,
        score_type,
        hookpoint,
        latent_idx
    from current_files
    where
        kind = 'score'
        and status = 'loaded'
        and is_used
        and run_id in (
            select run_id_a
            from undecided
            union all
            select run_id_b
            from undecided
        )
    qualify count(*) over (partition by score_type, hookpoint, latent_idx) > 1
),
texts as materialized (
    select
        f.run_id,
        f.score_type,
        f.hookpoint,
        f.latent_idx,
        -- a set of texts as one number that their order does not change
        sum(cast(hash(e.text) as hugeint)) as texts
    from shared f
    join example_facts e using (file_id)
    where e.activating
    group by
        f.run_id,
        f.score_type,
        f.hookpoint,
        f.latent_idx
),
equals as (
    select
        u.run_id_a,
        u.run_id_b,
        count(*) as n_latents_compared,
        count(*) filter (a.texts = b.texts) as n_equal_texts
    from undecided u
    join texts a on a.run_id = u.run_id_a
    join texts b
        on b.run_id = u.run_id_b
        and b.score_type = a.score_type
        and b.hookpoint = a.hookpoint
        and b.latent_idx = a.latent_idx
    group by
        u.run_id_a,
        u.run_id_b
)
select
    p.run_id_a,
    p.run_name_a,
    p.run_id_b,
    p.run_name_b,
    case
        when p.user_says then true
        when p.configs_say is not null then p.configs_say
        else 2 * c.n_equal_texts > c.n_latents_compared
    end as same_latents,
    case
        when p.user_says then 'user'
        when p.configs_say is not null then 'configs'
        when c.n_latents_compared > 0 then 'texts'
    end as basis,
    c.n_latents_compared,
    c.n_equal_texts
from pairs p
left join equals c using (run_id_a, run_id_b);
