-- The rows of examples whose texts the page shows.
--   runs, texts: JSON, as copies.py writes it
with runs_of as (
    select
        unnest(
            from_json(cast($runs as json), '[{"run_name": "varchar", "latent_group": "bigint"}]'),
            recursive := true
        )
),
texts as (
    select
        unnest(
            from_json(
                cast($texts as json),
                '[{
                    "latent_group": "bigint",
                    "hookpoint": "varchar",
                    "latent_idx": "bigint",
                    "activating": "boolean",
                    "text": "varchar"
                }]'
            ),
            recursive := true
        )
)
select e.*
from examples e
join runs_of using (run_name)
join (select distinct * from texts) using (latent_group, hookpoint, latent_idx, activating, text)
order by
    e.run_id,
    e.score_type,
    e.hookpoint,
    e.latent_idx,
    e.candidate_idx,
    e.example_idx
