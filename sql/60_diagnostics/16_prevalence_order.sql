-- prevalence_curve: How F1 falls as fewer texts activate a latent, of the runs whose metrics_at_prevalence are known.
-- One row per run, score type and prevalence.
-- Kept: no, since run_confusion has all it needs
-- As everywhere: run_id, run_name, run_label, model, score_type
--   q: the prevalence, in equal steps of its logarithm from 0.5 to 0.001
--   f1: F1 at that prevalence, from recall and specificity as they are
create view prevalence_curve as
with known as (
    select
        run_id,
        score_type,
        cast(tp as double) / (tp + fn) as recall,
        cast(fp as double) / (fp + tn) as false_alarm_rate
    from run_confusion
    semi join (from metrics_at_prevalence where prevalence = '0.5' and value is not null)
        using (run_id, score_type)
)
select
    k.run_id,
    r.run_name,
    r.run_label,
    r.model,
    k.score_type,
    0.5 * pow(0.002, cast(step as double) / 27) as q,
    f1_of_iou(iou_of_shares(q, q * recall, (1 - q) * false_alarm_rate)) as f1
from known k
join runs r using (run_id)
cross join range(28) steps(step);

-- prevalence_reversals: Pairs of runs that change places by F1 where fewer texts activate a latent than in their examples.
-- One row per score type and pair of runs of which one is above the other at a prevalence of 0.5 and below it at 0.001.
-- Kept: no, since it may have rows by the square of the runs
-- As everywhere: score_type
--   run_id_a: the run that is above the other at 0.5
-- As everywhere: run_label_a
--   run_id_b: the other run, above the first at 0.001
-- As everywhere: run_label_b
--   q: the prevalence at which they change places
--   f1: the F1 of both there
create view prevalence_reversals as
with known as (
    select
        p.score_type,
        p.run_id,
        p.run_label,
        p.value,
        cast(c.tp as double) / (c.tp + c.fn) as recall,
        cast(c.fp as double) / (c.fp + c.tn) as false_alarm_rate
    from metrics_at_prevalence p
    join run_confusion c using (run_id, score_type)
    where p.prevalence = '0.5' and p.measure = 'f1' and p.value is not null
),
-- the odds at which q recall / (q + (1 - q) false_alarm_rate), with which F1 rises, is the same of both
crossings as (
    select
        a.score_type,
        a.run_id as run_id_a,
        a.run_label as run_label_a,
        b.run_id as run_id_b,
        b.run_label as run_label_b,
        a.recall,
        a.false_alarm_rate,
        (b.recall * a.false_alarm_rate - a.recall * b.false_alarm_rate) / nullif(a.recall - b.recall, 0) as odds,
        odds / (1 + odds) as q
    from known a
    join known b on b.score_type = a.score_type and b.value < a.value
)
select
    score_type,
    run_id_a,
    run_label_a,
    run_id_b,
    run_label_b,
    q,
    f1_of_iou(iou_of_shares(q, q * recall, (1 - q) * false_alarm_rate)) as f1
from crossings
where q between 0.001 and 0.5;
