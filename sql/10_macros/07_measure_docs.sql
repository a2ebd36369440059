-- measure_docs: What each measure means, and which way is better; as run_measures has it, for every family of scores.
-- One row per measure.
-- Kept: no, since it is the same in every warehouse
--   measure: its name
--   higher_is: better, worse or neither
--   lowest: the least value that it can have; null without a bound
--   highest: the largest value that it can have; null without a bound
--   meaning: one sentence
create view measure_docs as
select
    measure,
    higher_is,
    cast(lowest as double) as lowest,
    cast(highest as double) as highest,
    meaning
from (
    values
        ('accuracy', 'better', 0, 1, 'share of the answered examples that are answered rightly'),
        ('accuracy_strict', 'better', 0, 1, 'share of all examples that are answered rightly: a failure is wrong'),
        ('precision', 'better', 0, 1, 'of those called activating, the share that is'),
        ('recall', 'better', 0, 1, 'of the activating, the share that is called so'),
        ('recall_strict', 'better', 0, 1, 'the same, a failure counted as missed'),
        ('specificity', 'better', 0, 1, 'of those that do not activate, the share that is called so'),
        ('f1', 'better', 0, 1, 'harmonic mean of precision and recall'),
        ('f1_strict', 'better', 0, 1, 'the same, a failure counted as predicting nothing'),
        ('balanced_accuracy', 'better', 0, 1, 'mean of recall and specificity; delphi calls it accuracy'),
        ('mcc', 'better', -1, 1, 'correlation of Matthews between answers and labels'),
        ('auc', 'better', 0, 1, 'area under the ROC curve of what the scorer gives, ties counted half'),
        ('brier', 'worse', 0, 1, 'mean squared difference of probability and label'),
        ('correlation', 'better', -1, 1, 'correlation of simulated and true activations'),
        ('chance', 'neither', 0, 1, 'what guessing would have as accuracy'),
        ('gain', 'better', null, null, 'what the explanation takes off the surprisal of all texts, on average'),
        ('gain_activating', 'better', null, null, 'the same, over activating texts'),
        ('gain_other', 'worse', null, null, 'the same, over texts that do not activate'),
        ('final_score', 'better', null, null, 'how much likelier steering the latent makes its explanation'),
        ('score', 'better', null, null, 'what other programs or people gave, on average'),
        ('avg_kl_divergence', 'neither', 0, null, 'how far steering the latent moves what the model says')
) as docs (measure, higher_is, lowest, highest, meaning);
