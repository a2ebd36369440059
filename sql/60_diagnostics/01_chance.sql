-- chance: Whether a run differs from scorers that know nothing: their balanced accuracy is 1/2, their F1 what they say yes to.
-- One row per run, score type and failure policy.
-- Kept: yes
-- As everywhere: run_id, run_name, run_label, model, score_type
--   policy: valid (failed examples left out) or strict (a failure predicts nothing)
--   activating_share: share p of activating examples, among those the policy counts
--   always_positive_f1: 2p / (1 + p): F1 of a scorer that always says activating; null for one class
--   fair_coin_f1: p / (p + 1/2): F1 of a scorer that tosses a coin; null for one class
--   balanced_accuracy: pooled balanced accuracy of the run; null under the strict policy, of which it has no form
--   balanced_accuracy_low: lower end of its 95 % interval
--   balanced_accuracy_high: upper end
--   against_chance: where that interval lies: above 1/2, below it or not told apart from it; null without one
--   f1: pooled F1 of the run under the policy
--   f1_low: lower end of its 95 % interval
--   f1_high: upper end
--   against_always_positive: above, below or not distinguishable, by the interval; null without one
--   against_fair_coin: above, below or not distinguishable, by the interval; null without one
create view chance as
with shares as (
    select
        *,
        cast(case policy when 'valid' then tp + fn else n_activating end as double)
        / nullif(case policy when 'valid' then n_valid else n_examples end, 0) as activating_share
    from run_confusion
    cross join (values ('valid', 'f1'), ('strict', 'f1_strict')) policies(policy, name)
),
levels as (
    select
        *,
        case when activating_share not in (0, 1) then 2 * activating_share / (1 + activating_share) end
            as always_positive_f1,
        case when activating_share not in (0, 1) then activating_share / (activating_share + 0.5) end
            as fair_coin_f1
    from shares
)
select
    l.run_id,
    l.run_name,
    l.run_label,
    l.model,
    l.score_type,
    l.policy,
    l.activating_share,
    l.always_positive_f1,
    l.fair_coin_f1,
    b.value as balanced_accuracy,
    b.low as balanced_accuracy_low,
    b.high as balanced_accuracy_high,
    against_of(0.5, b.low, b.high, 'not told apart') as against_chance,
    f.value as f1,
    f.low as f1_low,
    f.high as f1_high,
    against_of(l.always_positive_f1, f.low, f.high, 'not distinguishable') as against_always_positive,
    against_of(l.fair_coin_f1, f.low, f.high, 'not distinguishable') as against_fair_coin
from levels l
left join run_measures b
    on l.policy = 'valid' and b.name = 'balanced_accuracy' and b.run_id = l.run_id and b.score_type = l.score_type
left join run_measures f
    on f.name = l.name and f.name in ('f1', 'f1_strict') and f.run_id = l.run_id and f.score_type = l.score_type;
