-- how a run stands to the best, given how the two compare
create or replace macro verdict_of(is_ranked, is_best, pair) as
    case
        when not is_ranked then 'not ranked'
        when is_best then 'best'
        else coalesce(pair.verdict, 'not comparable')
    end;

-- measure_ranking: The runs by a measure, the highest first; undefined ones last, sharing the last rank.
-- One row per score type, measure, failure policy and run.
-- Kept: yes, unless selected_runs, selected_score_types, same_latents, controls
-- As everywhere: score_type
--   measure: accuracy, balanced_accuracy, f1, f1_macro, mcc or auc; of scorers that are no classifiers, each of which measure_docs does not say that less is better, or neither
--   policy: valid (failed examples left out) or strict (counted as wrong; accuracy, f1 and f1_macro alone)
--   name: the column of run_metrics that ranks: the measure, or its strict form
--   rank: 1 for the highest value; equal ones share it
-- As everywhere: run_id
--   run_name: the run's name; lists the runs of one rank
-- As everywhere: run_label, model
--   value: the measure
--   low: lower end of its 95 % interval
--   high: upper end
--   n_latents: latents that contribute
--   interval_reason: why there is no interval; null if there is one, or no value
--   tied_with_best: the best of the ranked runs, or one that does not differ from it significantly on the latents that both scored (5 %, p_adjusted); false only if the best is better there; null: not comparable
--   against_best: the same in words: best, tied, behind, better on shared latents, not comparable or not ranked; explainer and scorer together if the two were judged differently
--   is_ranked: it has both classes, at least half of its examples and at least 10 latents answered, and the measure; of other scorers the latents are those of the measure
--   reason: why it is not ranked, or why tied_with_best is null
--   judging: what it was judged with, as in run_judging; of a scorer that judged no explanations but its own, that in place of its name
--   rank_in_judging: rank among the ranked runs of equal judging
--   n_in_judging: how many these are
--   best_in_judging: run_id of the best of these; of several equal ones the one that the run differs least from
--   against_best_in_judging: as against_best, but against the best of equal judging
--   behind_in_judging: how far that best is above the run on the latents that both scored; below, if negative
--   n_latents_shared: how many these are
--   n_latents_needed: how many would tell the two apart at their present difference, as n_latents_needed_adjusted of model_comparison
create view measure_ranking as
with scored as materialized (
    from behind_the_views.scored_runs
),
of_classifiers(measure, policy, name) as (
    values
        ('accuracy', 'valid', 'accuracy'),
        ('accuracy', 'strict', 'accuracy_strict'),
        ('balanced_accuracy', 'valid', 'balanced_accuracy'),
        ('f1', 'valid', 'f1'),
        ('f1', 'strict', 'f1_strict'),
        ('f1_macro', 'valid', 'f1_macro'),
        ('f1_macro', 'strict', 'f1_strict_macro'),
        ('mcc', 'valid', 'mcc'),
        ('auc', 'valid', 'auc')
),
measures as (
    select distinct
        score_type,
        is_classifier,
        c.*
    from scored
    cross join of_classifiers c
    where is_classifier
    union all
    select distinct
        s.score_type,
        false as is_classifier,
        replace(s.measure, '_strict', '') as measure,
        case when ends_with(s.measure, '_strict') then 'strict' else 'valid' end as policy,
        s.measure as name
    from latent_scores s
    left join measure_docs d using (measure)
    where s.quantile is null and coalesce(d.higher_is, 'better') = 'better'
),
estimates as materialized (
    select
        run_id,
        score_type,
        name,
        value,
        low,
        high,
        n_latents,
        reason
    from run_measures
    where name in (select name from measures)
),
judged as (
    select
        c.score_type,
        c.run_id,
        c.run_name,
        c.run_label,
        c.model,
        case
            when bool_and(j.judged_by = 'self') over (partition by c.score_type, j.scorer)
                then concat_ws(', ', 'each explainer itself', j.settings)
            else j.judging
        end as judging,
        c.is_classifier,
        c.has_one_class,
        c.coverage
    from scored c
    join run_judging j on j.run_id = c.run_id
),
valued as (
    select
        j.* exclude (is_classifier, has_one_class, coverage),
        m.measure,
        m.policy,
        m.name,
        r.value,
        r.low,
        r.high,
        coalesce(r.n_latents, 0) as n_latents,
        r.reason as interval_reason,
        case
            when is_control(j.run_name) then 'a control'
            when a.n_latents is null then 'no example answered'
            else coalesce(
                nullif(
                    concat_ws(
                        '; ',
                        case when j.has_one_class then 'one class only' end,
                        case when j.coverage < 0.5 then 'fewer than half of the examples answered' end,
                        case when a.n_latents < 10 then 'fewer than 10 latents answered' end
                    ),
                    ''
                ),
                case when r.value is null then 'undefined' end
            )
        end as reason
    from judged j
    join measures m on m.score_type = j.score_type and m.is_classifier = j.is_classifier
    left join estimates r on r.run_id = j.run_id and r.score_type = j.score_type and r.name = m.name
    left join estimates a
        on a.run_id = j.run_id
        and a.score_type = j.score_type
        and a.name = case when j.is_classifier then 'accuracy' else m.name end
),
ranked as materialized (
    select
        *,
        reason is null as is_ranked,
        rank() over (partition by score_type, name order by value desc nulls last) as rank,
        case
            when reason is null
                then rank() over (partition by score_type, name, judging, reason is null order by value desc)
        end as rank_in_judging,
        count(*) filter (reason is null) over (partition by score_type, name, judging) as n_in_judging,
        reason is null and value = max(value) filter (reason is null) over (partition by score_type, name) as is_best
    from valued
),
compared as materialized (
    from ranked
    semi join behind_the_views.compared_runs using (run_id)
),
-- each ranked run beside each that is best of all, or best of its judging
pairs as (
    select
        r.score_type,
        r.name,
        r.run_id,
        best.is_best,
        best.judging = r.judging and best.rank_in_judging = 1 as is_best_in_judging,
        c.p_adjusted,
        {
            'best': best.run_id,
            'reason': case when c.run_id_a is null then 'no test of this measure' else c.reason end,
            'differs': coalesce(len(c.differs), 0) > 0,
            'behind': case when c.run_id_b = r.run_id then c.difference else -c.difference end,
            'n_latents_shared': c.n_latents_shared,
            'n_latents_needed': c.n_latents_needed_adjusted,
            'verdict': case
                when c.p_adjusted >= 0.05 then 'tied'
                -- the pair's first run is the one whose name comes first
                when c.p_adjusted < 0.05 and (c.difference > 0) = (c.run_id_a = r.run_id)
                    then 'better on shared latents'
                when c.p_adjusted < 0.05 then 'behind'
            end
        } as pair
    from compared r
    join compared best
        on best.score_type = r.score_type
        and best.name = r.name
        and best.run_id <> r.run_id
        and (best.is_best or (best.judging = r.judging and best.rank_in_judging = 1))
    left join model_comparison c
        on c.score_type = r.score_type
        and c.measure = r.name
        and c.run_id_a = case when r.run_name < best.run_name then r.run_id else best.run_id end
        and c.run_id_b = case when r.run_name < best.run_name then best.run_id else r.run_id end
    where r.is_ranked
),
-- of several best, the one that a run differs least from
against as (
    select
        score_type,
        name,
        run_id,
        (list(pair order by p_adjusted desc nulls last, pair.best asc) filter (is_best))[1] as of_all,
        (list(pair order by p_adjusted desc nulls last, pair.best asc) filter (is_best_in_judging))[1] as in_judging
    from pairs
    group by
        score_type,
        name,
        run_id
),
verdicts as (
    select
        r.*,
        a.of_all,
        a.in_judging,
        verdict_of(r.is_ranked, r.is_best, a.of_all) as verdict,
        verdict_of(r.is_ranked, r.rank_in_judging = 1, a.in_judging) as verdict_in_judging
    from ranked r
    left join against a using (score_type, name, run_id)
)
select
    score_type,
    measure,
    policy,
    name,
    rank,
    run_id,
    run_name,
    run_label,
    model,
    value,
    low,
    high,
    n_latents,
    interval_reason,
    case
        when verdict in ('best', 'tied') then true
        when verdict = 'behind' then false
    end as tied_with_best,
    case
        when verdict in ('tied', 'behind', 'better on shared latents') and of_all.differs
            then verdict || ', explainer and scorer together'
        else verdict
    end as against_best,
    is_ranked,
    case
        when not is_ranked then reason
        when verdict = 'not comparable' then coalesce(of_all.reason, 'not among the runs that are compared in pairs')
        when verdict = 'better on shared latents' then verdict
    end as reason,
    judging,
    rank_in_judging,
    n_in_judging,
    in_judging.best as best_in_judging,
    verdict_in_judging as against_best_in_judging,
    in_judging.behind as behind_in_judging,
    in_judging.n_latents_shared as n_latents_shared,
    in_judging.n_latents_needed as n_latents_needed
from verdicts;

-- model_ranking: The runs by pooled accuracy, the highest first; undefined ones last, sharing the last rank. Scores without an accuracy are ranked in measure_ranking alone.
-- One row per score type and run.
-- Kept: yes, unless selected_runs, selected_score_types, same_latents, controls
-- As everywhere: score_type
--   rank: 1 for the highest accuracy; equal ones share it
-- As everywhere: run_id
--   run_name: the run's name; lists the runs of one rank
-- As everywhere: run_label, model
--   accuracy: pooled accuracy
--   accuracy_low: lower end of its 95 % interval
--   accuracy_high: upper end
--   f1: pooled F1
--   f1_low: lower end of its 95 % interval
--   f1_high: upper end
--   accuracy_strict: pooled accuracy, a failure being wrong
--   f1_strict: pooled F1, a failure predicting nothing
--   n_latents: latents with a score file
--   coverage: share of the examples with a prediction
--   tied_with_best: as in measure_ranking
--   is_ranked: as in measure_ranking
--   reason: as in measure_ranking
--   judging: as in measure_ranking
--   rank_in_judging: as in measure_ranking
create view model_ranking as
with ranking as (
    select
        score_type,
        run_id,
        any_value(rank) filter (name = 'accuracy') as rank,
        any_value(value) filter (name = 'accuracy') as accuracy,
        any_value(low) filter (name = 'accuracy') as accuracy_low,
        any_value(high) filter (name = 'accuracy') as accuracy_high,
        any_value(value) filter (name = 'f1') as f1,
        any_value(low) filter (name = 'f1') as f1_low,
        any_value(high) filter (name = 'f1') as f1_high,
        any_value(value) filter (name = 'accuracy_strict') as accuracy_strict,
        any_value(value) filter (name = 'f1_strict') as f1_strict,
        any_value(tied_with_best) filter (name = 'accuracy') as tied_with_best,
        any_value(is_ranked) filter (name = 'accuracy') as is_ranked,
        any_value(reason) filter (name = 'accuracy') as reason,
        any_value(judging) filter (name = 'accuracy') as judging,
        any_value(rank_in_judging) filter (name = 'accuracy') as rank_in_judging
    from measure_ranking
    where name in ('accuracy', 'f1', 'accuracy_strict', 'f1_strict')
    group by
        score_type,
        run_id
)
select
    r.score_type,
    r.rank,
    r.run_id,
    c.run_name,
    c.run_label,
    c.model,
    r.accuracy,
    r.accuracy_low,
    r.accuracy_high,
    r.f1,
    r.f1_low,
    r.f1_high,
    r.accuracy_strict,
    r.f1_strict,
    c.n_latents,
    c.coverage,
    r.tied_with_best,
    r.is_ranked,
    r.reason,
    r.judging,
    r.rank_in_judging
from ranking r
join behind_the_views.scored_runs c using (run_id, score_type);

-- policy_reversals: Pairs of runs that change places when failures count as wrong.
-- One row per score type, measure and pair of runs that the failure policies order differently.
-- Kept: no, since it may have rows by the square of the runs
-- As everywhere: score_type
--   measure: accuracy, f1 or f1_macro
--   run_id_a: the run that is above the other while failures are left out
-- As everywhere: run_label_a
--   run_id_b: the other run, above the first once failures count as wrong
-- As everywhere: run_label_b
--   both_are_ranked: both are ranked under both policies
--   value_a: the measure of the first run, failures left out
--   value_b: the same of the other
--   strict_a: the measure of the first run, failures counted as wrong
--   strict_b: the same of the other
create view policy_reversals as
with values as materialized (
    select
        score_type,
        measure,
        run_id,
        any_value(run_label) as run_label,
        any_value(value) filter (policy = 'valid') as value,
        any_value(value) filter (policy = 'strict') as strict,
        bool_and(is_ranked) as is_ranked
    from measure_ranking
    group by
        score_type,
        measure,
        run_id
)
select
    a.score_type,
    a.measure,
    a.run_id as run_id_a,
    a.run_label as run_label_a,
    b.run_id as run_id_b,
    b.run_label as run_label_b,
    a.is_ranked and b.is_ranked as both_are_ranked,
    a.value as value_a,
    b.value as value_b,
    a.strict as strict_a,
    b.strict as strict_b
from values a
join values b
    on b.score_type = a.score_type
    and b.measure = a.measure
    and b.value < a.value
    and b.strict > a.strict;
