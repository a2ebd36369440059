-- surprisal_intervention_facts: What steering a latent does to how likely its explanation is.
-- One row per prompt; delphi writes the means over all prompts to each.
-- As everywhere: file_id
--   example_idx: place in the file, from 0
--   prompt: the activating text
--   truncated_prompt: its part up to where the latent is first active
--   final_score: log probability of the explanation after what the steered model wrote, less that after what it wrote unsteered
--   avg_kl_divergence: of the steered model's next token from the unsteered one's
--   tuned_strength: how strongly the latent was steered
--   target_kl: the divergence that the strength was tuned for
create table if not exists surprisal_intervention_facts (
    file_id bigint,
    example_idx bigint,
    prompt varchar,
    truncated_prompt varchar,
    final_score double,
    avg_kl_divergence double,
    tuned_strength double,
    target_kl double
);

-- behind_the_views.surprisal_intervention_measures: What steering a latent does to how likely its explanation is.
-- One row per score file version and measure with a value.
-- Kept: no, since the loader keeps it in measure_facts
-- As everywhere: file_id
--   measure: final_score or avg_kl_divergence
--   quantile: null
--   a: its value
--   b: 1
create view behind_the_views.surprisal_intervention_measures as
select
    file_id,
    measure,
    null as quantile,
    cast(list_avg(list(value order by example_idx asc)) as decimal(18, 12)) as a,
    1 as b
from main.surprisal_intervention_facts
unpivot (
    value for measure in (
        final_score,
        avg_kl_divergence
    )
)
group by
    file_id,
    measure;
