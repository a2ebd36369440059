-- The measures, each defined once, from whole-number counts; every view that shows one calls these.
-- Most are ratios: <measure>_parts names numerator a and denominator b, from which both the measure of one latent and,
-- by way of 10_macros/02_uncertainty.sql, its pooled value and interval follow. A ratio over nothing is null, never 0.

create or replace macro ratio_of(parts) as
    cast(parts.a as double) / nullif(parts.b, 0);

-- of the examples with a prediction, the share predicted rightly
create or replace macro accuracy_parts(tp, fp, tn, fn) as
    {'a': tp + tn, 'b': tp + fp + tn + fn};

create or replace macro precision_parts(tp, fp) as
    {'a': tp, 'b': tp + fp};

create or replace macro recall_parts(tp, fn) as
    {'a': tp, 'b': tp + fn};

create or replace macro specificity_parts(fp, tn) as
    {'a': tn, 'b': tn + fp};

create or replace macro f1_parts(tp, fp, fn) as
    {'a': 2 * tp, 'b': 2 * tp + fp + fn};

-- strict: a failure is wrong
create or replace macro accuracy_strict_parts(tp, fp, tn, fn, n_failed) as
    {'a': tp + tn, 'b': tp + fp + tn + fn + n_failed};

create or replace macro recall_strict_parts(tp, fn, n_failed_activating) as
    {'a': tp, 'b': tp + fn + n_failed_activating};

-- strict: a failure predicts nothing
create or replace macro f1_strict_parts(tp, fp, fn, n_failed_activating) as
    {'a': 2 * tp, 'b': 2 * tp + fp + fn + n_failed_activating};

-- What a measure would be if every failed example had been judged wrongly, or rightly: bounds, and no intervals.
-- accuracy_strict is the lowest accuracy; f1_strict, for which a failed example that does not activate is no false alarm,
-- is not the lowest F1.
create or replace macro accuracy_highest_parts(tp, fp, tn, fn, n_failed) as
    {'a': tp + tn + n_failed, 'b': tp + fp + tn + fn + n_failed};

create or replace macro f1_lowest_parts(tp, fp, fn, n_failed) as
    {'a': 2 * tp, 'b': 2 * tp + fp + fn + n_failed};

create or replace macro f1_highest_parts(tp, fp, fn, n_failed_activating) as
    {'a': 2 * (tp + n_failed_activating), 'b': 2 * (tp + n_failed_activating) + fp + fn};

-- mean (probability - activating)^2; twelve decimals, so that sums of products stay exact and have no order
create or replace macro brier_parts(squared_error, n_probability) as
    {'a': cast(squared_error as decimal(18, 12)), 'b': n_probability};

-- null when either half is; delphi calls this accuracy
create or replace macro balanced_accuracy_of(tp, fp, tn, fn) as
    (ratio_of(recall_parts(tp, fn)) + ratio_of(specificity_parts(fp, tn))) / 2;

-- null when a marginal is 0; one root of a whole number, and not four, so that it is 1 where nothing is wrong
create or replace macro mcc_of(tp, fp, tn, fn) as
    (tp * tn - fp * fn)
    / nullif(sqrt(cast(cast(tp + fp as hugeint) * (tp + fn) * (tn + fp) * (tn + fn) as double)), 0);

-- area under the ROC curve from half pairs, ties counted half; null with one class only
create or replace macro auc_of(half_pairs, n_activating, n_not_activating) as
    cast(half_pairs as double) / nullif(2 * n_activating * n_not_activating, 0);

-- The ratios of counts, which pooled values and pairs of runs go through one by one; `c` is a row of counts.
create or replace macro ratios_of(c) as
    [
        {'measure': 'accuracy', 'parts': accuracy_parts(c.tp, c.fp, c.tn, c.fn)},
        {'measure': 'precision', 'parts': precision_parts(c.tp, c.fp)},
        {'measure': 'recall', 'parts': recall_parts(c.tp, c.fn)},
        {'measure': 'specificity', 'parts': specificity_parts(c.fp, c.tn)},
        {'measure': 'f1', 'parts': f1_parts(c.tp, c.fp, c.fn)},
        {'measure': 'accuracy_strict', 'parts': accuracy_strict_parts(c.tp, c.fp, c.tn, c.fn, c.n_failed)},
        {'measure': 'recall_strict', 'parts': recall_strict_parts(c.tp, c.fn, c.n_failed_activating)},
        {'measure': 'f1_strict', 'parts': f1_strict_parts(c.tp, c.fp, c.fn, c.n_failed_activating)}
    ];

-- what pairs of runs are compared by
create or replace macro paired_measures() as
    [
        'accuracy', 'precision', 'recall', 'specificity', 'f1', 'balanced_accuracy', 'accuracy_strict', 'recall_strict',
        'f1_strict'
    ];

-- All measures of one row of counts, by name. The parts are fields of the one item of a list, which a lambda goes through,
-- since what stands often in a macro, as parts do in ratio_of, is planned as often.
create or replace macro measures_of(c) as
    list_transform(
        [
            {
                'accuracy': accuracy_parts(c.tp, c.fp, c.tn, c.fn),
                'precision': precision_parts(c.tp, c.fp),
                'recall': recall_parts(c.tp, c.fn),
                'specificity': specificity_parts(c.fp, c.tn),
                'f1': f1_parts(c.tp, c.fp, c.fn),
                'balanced_accuracy': balanced_accuracy_of(c.tp, c.fp, c.tn, c.fn),
                'mcc': mcc_of(c.tp, c.fp, c.tn, c.fn),
                'accuracy_strict': accuracy_strict_parts(c.tp, c.fp, c.tn, c.fn, c.n_failed),
                'recall_strict': recall_strict_parts(c.tp, c.fn, c.n_failed_activating),
                'f1_strict': f1_strict_parts(c.tp, c.fp, c.fn, c.n_failed_activating)
            }
        ],
        lambda m: {
            'accuracy': ratio_of(m.accuracy),
            'precision': ratio_of(m.precision),
            'recall': ratio_of(m.recall),
            'specificity': ratio_of(m.specificity),
            'f1': ratio_of(m.f1),
            'balanced_accuracy': m.balanced_accuracy,
            'mcc': m.mcc,
            'accuracy_strict': ratio_of(m.accuracy_strict),
            'recall_strict': ratio_of(m.recall_strict),
            'f1_strict': ratio_of(m.f1_strict)
        }
    )[1];
