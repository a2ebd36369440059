-- examples: The examples that classifier scorers judged.
-- One row per example.
-- Kept: no, since it would double the file
-- As everywhere: run_id, run_name, model, score_type, hookpoint, latent_idx
--   example_idx: place in the score file, from 0
--   prompt_idx: scorer prompt it was in, from 0; null where the config does not say how many a prompt holds
--   activating: the label
--   prediction: the scorer's answer; null where it failed
--   probability: the scorer's probability of activating
--   correct: as stored in the file; measures do not use it
--   quantile: of an activating example: 0 holds the strongest activations
--   neighbour_distance: of another example: distance of the neighbour it was taken from; null at -1 unless the config says neighbours
--   distance: as stored in the file
--   text: the tokens joined
--   tokens: the tokens; null where the file has text only
--   activations: the latent's activation on each token
--   candidate_idx: of a latent that has several explanations, which of these was scored
create view examples as
with located as (
    select
        f.run_id,
        r.run_name,
        r.model,
        f.score_type,
        f.hookpoint,
        f.latent_idx,
        f.file_id,
        f.candidate_idx,
        r.num_examples_per_scorer_prompt,
        r.non_activating_source is not distinct from 'neighbours' as has_neighbours
    from current_files f
    join runs r using (run_id)
    where f.status = 'loaded' and f.kind = 'score'
)
select
    l.run_id,
    l.run_name,
    l.model,
    l.score_type,
    l.hookpoint,
    l.latent_idx,
    e.example_idx,
    e.example_idx // l.num_examples_per_scorer_prompt as prompt_idx,
    e.activating,
    e.prediction,
    e.probability,
    e.correct,
    case when e.activating and e.distance = floor(e.distance) then try_cast(e.distance as bigint) end as quantile,
    case when not e.activating and (e.distance <> -1 or l.has_neighbours) then -e.distance end
        as neighbour_distance,
    e.distance,
    e.text,
    case
        when e.token_lengths is not null
            then list_transform(
                generate_series(1, len(e.token_lengths)),
                lambda i: substring(
                    e.text,
                    cast(1 + coalesce(list_sum(e.token_lengths[1:i - 1]), 0) as bigint),
                    e.token_lengths[i]
                )
            )
    end as tokens,
    coalesce(e.wide_activations, cast(e.activations as double[])) as activations,
    l.candidate_idx
from example_facts e
join located l using (file_id);
