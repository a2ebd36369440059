-- IoU where a share q of texts activates a latent, a share tp does and is recognised, and a share fp is a false alarm.
create or replace macro iou_of_shares(q, tp, fp) as
    tp / nullif(q + fp, 0);

create or replace macro f1_of_iou(iou) as
    2 * iou / (1 + iou);

-- A sum that has no order, of what decimals hold to the fifteenth place.
create or replace macro sum_in_decimals(x) as
    cast(sum(cast(x as decimal(38, 15))) as double);

-- metrics_at_prevalence: What a run's measures are in texts of which few activate a latent, since half of the examples do.
-- One row per run, score type, prevalence, bound of it and measure.
-- Kept: yes, unless selected_runs
-- As everywhere: run_id, run_name, run_label, model, score_type
--   prevalence: 0.5, 0.1, 0.01, 0.001, or firing: of each latent, the share of texts in which it fires
--   bound: of firing: lowest (all tokens of such a text fire: firing_count / n_tokens) or highest (one does: that times the example's length)
--   q: the prevalence as a number; of firing the mean
--   measure: precision, f1 or iou (tp / (tp + fp + fn)), from recall and specificity as they are
--   value: the measure; null, with a reason, where the examples that do not activate are no random texts
--   low: lower end of its 95 % interval, on the logarithm of iou, and of the odds of precision
--   high: upper end
--   rank: 1 for the highest value of the score type, prevalence, bound and measure; null without a value
--   n_latents: latents with a prediction
--   reason: why there is no interval; null where there is one
create view metrics_at_prevalence as
with prevalences(prevalence, bound, same_q) as (
    values
        ('0.5', '', 0.5),
        ('0.1', '', 0.1),
        ('0.01', '', 0.01),
        ('0.001', '', 0.001),
        ('firing', 'lowest', null),
        ('firing', 'highest', null)
),
latents as (
    select
        c.run_id,
        c.score_type,
        c.tp + c.fn as n_activating,
        c.fp + c.tn as n_other,
        c.tp,
        c.fp,
        cast(w.firing_count as double) / nullif(r.n_tokens, 0) as lowest,
        lowest * try_cast(r.config ->> '$.constructor_cfg.example_ctx_len' as bigint) as highest
    from behind_the_views.latent_confusion c
    join runs r using (run_id)
    left join latent_firing_counts w using (run_id, score_type, hookpoint, latent_idx)
    where c.n_valid > 0
),
-- as many texts as a latent has examples of a class: of them, those it fires in, and what is said of them
texts as materialized (
    select
        l.run_id,
        l.score_type,
        p.prevalence,
        p.bound,
        l.n_activating,
        l.n_other,
        case
            when p.prevalence <> 'firing' then p.same_q
            when p.bound = 'lowest' then l.lowest
            when l.highest > 1 then 1
            else l.highest
        end as q,
        q * l.n_activating as activating,
        (1 - q) * l.n_other as other,
        q * l.tp as tp,
        (1 - q) * l.fp as fp
    from latents l
    cross join prevalences p
),
totals as (
    select
        run_id,
        score_type,
        prevalence,
        bound,
        count(*) as n_latents,
        count(q) = count(*) as is_known,
        least(count(*) filter (n_activating > 0), count(*) filter (n_other > 0)) as least_n_latents,
        cast(sum(n_activating) as double) as n_activating,
        cast(sum(n_other) as double) as n_other,
        sum_in_decimals(activating) as activating,
        sum_in_decimals(other) as other,
        sum_in_decimals(activating) / nullif(sum(n_activating), 0) as q,
        sum_in_decimals(tp) / nullif(sum(n_activating), 0) as tp,
        sum_in_decimals(fp) / nullif(sum(n_other), 0) as fp
    from texts
    group by
        run_id,
        score_type,
        prevalence,
        bound
),
-- of one latent on the shares of right and of false alarms, and on the prevalence; and what it weighs
influences as (
    select
        run_id,
        score_type,
        prevalence,
        bound,
        (l.tp - t.tp * l.n_activating) / t.n_activating / nullif(t.tp, 0) as on_tp,
        (l.fp - t.fp * l.n_other) / t.n_other as on_fp,
        (l.activating - t.q * l.n_activating) / t.n_activating as on_q,
        t.q + t.fp as said_or_true,
        nullif(t.fp, 0) as false_alarms,
        l.activating / nullif(t.activating, 0) as share,
        l.other / nullif(t.other, 0) as other_share,
        (share + other_share) / 2 as weight
    from texts l
    join totals t using (run_id, score_type, prevalence, bound)
    where t.is_known and t.least_n_latents > 0
),
sums as (
    select
        run_id,
        score_type,
        prevalence,
        bound,
        sum_of_squares(pow(on_tp - (on_q + on_fp) / said_or_true, 2)) as iou_squares,
        sum_of_squares(pow(on_tp - on_fp / false_alarms, 2)) as odds_squares,
        {'squares': sum_of_squares(weight * weight), 'cubes': sum_of_squares(weight * weight * weight)} as shares,
        1 / sum_of_squares(share * share) as n_activating,
        1 / sum_of_squares(other_share * other_share) as n_other
    from influences
    group by
        run_id,
        score_type,
        prevalence,
        bound
),
estimates as (
    select
        *,
        correction_of(shares) as correction,
        effective_n_of(shares) as effective_n_latents,
        df_of(least(effective_n_of(shares), 1 + coalesce(welch_df_of(n_activating, n_other), 0))) as df
    from sums
),
-- the ends of an interval are the value, its odds or its ratio, times and by a factor
widths as (
    select
        e.*,
        student_t_95(k.t, e.df) * sqrt(e.correction) as width
    from estimates e
    left join behind_the_views.student_t k using (df)
),
factors as (
    select
        *,
        exp(width * sqrt(iou_squares)) as iou_factor,
        exp(width * sqrt(odds_squares)) as odds_factor
    from widths
),
measured as (
    select
        t.*,
        f.effective_n_latents,
        iou_of_shares(t.q, t.tp, t.fp) as iou,
        iou / f.iou_factor as iou_low,
        case when iou * f.iou_factor <= 1 then iou * f.iou_factor else 1 end as iou_high,
        f.iou_squares,
        f.odds_squares,
        f.odds_factor
    from totals t
    left join factors f using (run_id, score_type, prevalence, bound)
),
long as (
    select
        * exclude (tp, fp),
        tp > 0 as has_right,
        fp > 0 as has_false,
        unnest(
            [
                {
                    'measure': 'precision',
                    'value': tp / nullif(tp + fp, 0),
                    'low': tp / nullif(tp + fp * odds_factor, 0),
                    'high': tp / nullif(tp + fp / odds_factor, 0),
                    'squares': odds_squares
                },
                {
                    'measure': 'f1',
                    'value': f1_of_iou(iou),
                    'low': f1_of_iou(iou_low),
                    'high': f1_of_iou(iou_high),
                    'squares': iou_squares
                },
                {'measure': 'iou', 'value': iou, 'low': iou_low, 'high': iou_high, 'squares': iou_squares}
            ],
            recursive := true
        )
    from measured
),
reasoned as (
    select
        l.*,
        r.run_name,
        r.run_label,
        r.model,
        case
            when r.non_activating_source is null then 'source of negatives unknown'
            when r.non_activating_source <> 'random' then 'negatives are ' || r.non_activating_source
            when l.least_n_latents = 0 then 'one class only'
            when not l.is_known then 'a firing rate is unknown'
            when l.q = 0 then 'every firing count is 0'
        end as why_undefined,
        case
            when l.n_latents < 2 then 'one latent only'
            when l.least_n_latents < 2 then 'a class has one latent only'
            when not l.has_right then 'no activating example recognised'
            when not l.has_false then 'no false alarm seen'
            when l.prevalence = 'firing' and l.effective_n_latents < 30 then 'effective number of latents below 30'
            when l.squares < 1e-24 then 'every latent agrees'
        end as why_uncertain
    from long l
    join runs r using (run_id)
)
select
    run_id,
    run_name,
    run_label,
    model,
    score_type,
    prevalence,
    nullif(bound, '') as bound,
    case when is_known then q end as q,
    measure,
    case when why_undefined is null then value end as value,
    case when why_undefined is null and why_uncertain is null then low end as low,
    case when why_undefined is null and why_uncertain is null then high end as high,
    case
        when why_undefined is null and value is not null
            then rank() over (
                partition by score_type, prevalence, bound, measure, why_undefined is null
                order by value desc nulls last
            )
    end as rank,
    n_latents,
    coalesce(why_undefined, why_uncertain) as reason
from reasoned;
