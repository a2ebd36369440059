-- surprisal_facts: How much texts surprise a model, with the explanation and without it.
-- One row per example.
-- As everywhere: file_id
--   example_idx: place in the file, from 0
--   text: the text
--   distance: as stored: quantile, when activating; else negative
--   loss_without: mean loss over the tokens, nats, of a model that was told of no explanation
--   loss_with: mean loss over the tokens, nats, of a model that was told the explanation
--   n_losses: tokens that they are means over
create table if not exists surprisal_facts (
    file_id bigint,
    example_idx bigint,
    text varchar,
    distance double,
    loss_without double,
    loss_with double,
    n_losses bigint
);

-- behind_the_views.surprisal_gains: What the explanation takes off a text's surprisal.
-- One row per example.
-- Kept: no, since it has a row an example
-- As everywhere: file_id
--   is_positive: the text is activating
--   score: loss without the explanation less the loss with it
--   quantile: of an activating text
create view behind_the_views.surprisal_gains as
select
    file_id,
    distance >= 0 as is_positive,
    loss_without - loss_with as score,
    case when distance >= 0 and distance = floor(distance) then try_cast(distance as bigint) end as quantile
from main.surprisal_facts;

-- behind_the_views.surprisal_measures: What the explanation takes off the surprisal of a latent's texts.
-- One row per score file version, measure and quantile with a value.
-- Kept: no, since the loader keeps it in measure_facts
-- As everywhere: file_id
--   measure: gain (mean over all texts), gain_activating, gain_other (over activating texts, and over others) or auc (area under the ROC curve of the gain, ties counted half)
--   quantile: of the texts; null for all
--   a: the numerator
--   b: the denominator, a number of texts; 1 for auc
create view behind_the_views.surprisal_measures as
with gains as (
    select
        file_id,
        is_positive,
        quantile,
        cast(score as decimal(18, 12)) as gain
    from behind_the_views.surprisal_gains
    where score is not null
)
select
    file_id,
    'gain' as measure,
    null as quantile,
    sum(gain) as a,
    count(*) as b
from gains
group by file_id
union all
select
    file_id,
    case when is_positive then 'gain_activating' else 'gain_other' end as measure,
    null as quantile,
    sum(gain) as a,
    count(*) as b
from gains
where is_positive is not null
group by
    file_id,
    is_positive
union all
select
    file_id,
    'gain' as measure,
    quantile,
    sum(gain) as a,
    count(*) as b
from gains
where quantile is not null
group by
    file_id,
    quantile
union all
select *
from auc_by_file('behind_the_views.surprisal_gains');
