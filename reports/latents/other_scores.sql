-- Measures of each latent under scorers that are no classifiers.
select
    s.run_id,
    s.score_type,
    s.hookpoint,
    s.latent_idx,
    s.measure,
    s.value,
    coalesce(d.higher_is = 'worse', false) as is_loss
from latent_scores s
left join measure_docs d using (measure)
where s.quantile is null
order by
    s.measure,
    s.run_id,
    s.score_type,
    s.hookpoint,
    s.latent_idx
