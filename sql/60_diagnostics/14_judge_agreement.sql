-- Of latents with n examples in common, e of them judged alike, a and b of them said yes to by either scorer: the sum of the
-- squared influences on E e + A a + B b, a linear form of the pooled shares; multiplied out, so that all sums are whole.
create or replace macro form_squares(s, e, a, b) as
    greatest(
        0,
        e * e * s.ee + a * a * s.aa + b * b * s.bb
        + 2 * (e * a * s.ea + e * b * s.eb + a * b * s.ab)
        - 2 * (e * s.e + a * s.a + b * s.b) / s.n * (e * s.en + a * s.an + b * s.bn)
        + pow((e * s.e + a * s.a + b * s.b) / s.n, 2) * s.nn
    )
    / (s.n * s.n);

-- Estimates with their standard errors, of forms {value, e, a, b}, in a list since what stands in a macro is planned as often
-- as the macro is named; the error is null if no latent differs from another, which is no certainty.
create or replace macro form_estimates(s, forms) as
    list_transform(
        list_transform(
            forms,
            lambda f: {
                'value': f.value,
                'squares': form_squares(s, f.e, f.a, f.b),
                'noise': 1e-13 * (f.e * f.e * s.ee + f.a * f.a * s.aa + f.b * f.b * s.bb) / (s.n * s.n)
            }
        ),
        lambda f: {
            'value': f.value,
            'se': case when f.squares > f.noise then standard_error_of(f.squares, s.n_latents) end
        }
    );

create or replace macro form_low(estimate, t, lowest) as
    case when estimate.se is not null then greatest(lowest, estimate.value - t * estimate.se) end;

create or replace macro form_high(estimate, t) as
    case when estimate.se is not null then least(1, estimate.value + t * estimate.se) end;

-- judge_agreement: How far two scorers agree on the same explanations: equal text, latent and examples, judged alike in all else. Beside these, how far scores of which only the value is known, people's too, order latents as the run's other scorers do.
-- One row per score type and pair of scorers that judged some explanation in common, in runs that are compared.
-- Kept: yes, unless selected_runs, selected_score_types, controls of many
-- As everywhere: score_type
--   scorer_a: a scorer model; of given values their score type
--   scorer_b: another, of a later name; beside given values the scorer of the row's score type, or other given values' score type
--   n_explanations: explanations that both judged
--   n_latents: latents that these explain, the unit of sampling
--   n_examples: examples that both answered
--   agreement: share of these on which both say the same
--   agreement_low: lower end of its 95 % interval, clustered by latent
--   agreement_high: upper end
--   kappa: Cohen's: the agreement beyond chance, of what chance leaves; null if both always say the same
--   kappa_low: lower end of its 95 % interval
--   kappa_high: upper end
--   yes_rate_a: share of the examples that the first says activate
--   yes_rate_a_low: lower end of its 95 % interval
--   yes_rate_a_high: upper end
--   yes_rate_b: the same of the other
--   yes_rate_b_low: lower end of its 95 % interval
--   yes_rate_b_high: upper end
--   yes_difference: yes_rate_b - yes_rate_a: how much more lenient the second is
--   yes_difference_low: lower end of its 95 % interval
--   yes_difference_high: upper end
--   correlation: Spearman's rank correlation of the two scores of a latent, ties at their mean rank; of given values, and null of others. What is correlated is accuracy, or a correlation, AUC or final score
--   correlation_low: lower end of its 95 % interval (Bonett and Wright, Psychometrika 65, 2000), from the number of latents; null below 10
--   correlation_high: upper end
create view judge_agreement as
with explained as (
    select
        j.run_id,
        j.scorer,
        j.settings,
        e.hookpoint,
        e.latent_idx,
        hash(e.explanation) as explanation
    from explanations e
    join run_judging j using (run_id)
    semi join behind_the_views.compared_runs using (run_id)
    where j.scorer is not null and e.is_used
),
-- the explanations that several scorers judged; of several runs of one scorer the first
shared as materialized (
    select
        scorer,
        settings,
        hookpoint,
        latent_idx,
        explanation,
        min(run_id) as run_id
    from explained
    group by
        scorer,
        settings,
        hookpoint,
        latent_idx,
        explanation
    qualify
        min(scorer) over (partition by settings, hookpoint, latent_idx, explanation)
        < max(scorer) over (partition by settings, hookpoint, latent_idx, explanation)
),
files as materialized (
    select
        s.scorer,
        s.settings,
        s.hookpoint,
        s.latent_idx,
        s.explanation,
        f.score_type,
        f.file_id
    from shared s
    join current_files f using (run_id, hookpoint, latent_idx)
    where f.kind = 'score' and f.status = 'loaded' and f.is_used
),
-- an example is its text with its activations and label, and one that stands twice in a file is two
contents as (
    select
        file_id,
        example_idx,
        prediction,
        hash(activating, text, activations, wide_activations) as content
    from example_facts
    semi join files using (file_id)
),
judged as (
    select
        f.*,
        c.prediction,
        c.content,
        row_number() over (partition by c.file_id, c.content order by c.example_idx asc) as occurrence
    from files f
    join contents c using (file_id)
),
latents as (
    select
        a.score_type,
        a.scorer as scorer_a,
        b.scorer as scorer_b,
        a.hookpoint,
        a.latent_idx,
        count(distinct {'settings': a.settings, 'explanation': a.explanation}) as n_explanations,
        count(*) as n,
        count(*) filter (a.prediction = b.prediction) as e,
        count(*) filter (a.prediction) as a,
        count(*) filter (b.prediction) as b
    from judged a
    join judged b
        on b.scorer > a.scorer
        and b.settings is not distinct from a.settings
        and b.score_type = a.score_type
        and b.hookpoint = a.hookpoint
        and b.latent_idx = a.latent_idx
        and b.explanation = a.explanation
        and b.content = a.content
        and b.occurrence = a.occurrence
    where a.prediction is not null and b.prediction is not null
    group by
        a.score_type,
        a.scorer,
        b.scorer,
        a.hookpoint,
        a.latent_idx
),
sums as (
    select
        score_type,
        scorer_a,
        scorer_b,
        cast(sum(n_explanations) as bigint) as n_explanations,
        {
            'n_latents': count(*),
            'n': cast(sum(n) as double),
            'e': cast(sum(e) as double),
            'a': cast(sum(a) as double),
            'b': cast(sum(b) as double),
            'nn': cast(sum(n * n) as double),
            'en': cast(sum(e * n) as double),
            'an': cast(sum(a * n) as double),
            'bn': cast(sum(b * n) as double),
            'ee': cast(sum(e * e) as double),
            'aa': cast(sum(a * a) as double),
            'bb': cast(sum(b * b) as double),
            'ea': cast(sum(e * a) as double),
            'eb': cast(sum(e * b) as double),
            'ab': cast(sum(a * b) as double)
        } as s
    from latents
    group by
        score_type,
        scorer_a,
        scorer_b
),
rates as (
    select
        *,
        s.e / s.n as p,
        s.a / s.n as y,
        s.b / s.n as z,
        -- what agreement by chance leaves
        y + z - 2 * y * z as rest
    from sums
),
forms as (
    select
        r.*,
        student_t_95(t.t, r.s.n_latents - 1) as t,
        form_estimates(
            s,
            [
                {'value': p, 'e': 1, 'a': 0, 'b': 0},
                {'value': y, 'e': 0, 'a': 1, 'b': 0},
                {'value': z, 'e': 0, 'a': 0, 'b': 1},
                {'value': z - y, 'e': 0, 'a': -1, 'b': 1},
                -- kappa is 1 - (1 - p) / rest; these are its derivatives
                {
                    'value': 1 - (1 - p) / nullif(rest, 0),
                    'e': 1 / nullif(rest, 0),
                    'a': (1 - p) * (1 - 2 * z) / nullif(rest * rest, 0),
                    'b': (1 - p) * (1 - 2 * y) / nullif(rest * rest, 0)
                }
            ]
        ) as forms
    from rates r
    left join behind_the_views.student_t t on t.df = r.s.n_latents - 1
),
estimates as (
    select
        *,
        forms[1] as agreement,
        forms[2] as yes_a,
        forms[3] as yes_b,
        forms[4] as difference,
        forms[5] as kappa
    from forms
),
given as (
    select
        run_id,
        score_type,
        hookpoint,
        latent_idx,
        value
    from latent_scores
    where measure = 'score' and quantile is null
),
-- what stands beside: the run's other scorers, and other given values once
others as (
    select
        m.run_id,
        m.score_type,
        coalesce(j.scorer, 'unknown') as scorer,
        m.hookpoint,
        m.latent_idx,
        m.value
    from behind_the_views.latent_measures m
    join run_judging j using (run_id)
    where m.measure in ('accuracy', 'correlation', 'final_score') and exists (from given)
    union all
    select
        m.run_id,
        m.score_type,
        coalesce(j.scorer, 'unknown') as scorer,
        m.hookpoint,
        m.latent_idx,
        m.value
    from latent_scores m
    join run_judging j using (run_id)
    where m.measure = 'auc' and m.quantile is null
    union all
    select
        run_id,
        score_type,
        score_type as scorer,
        hookpoint,
        latent_idx,
        value
    from given
),
placed as (
    select
        b.score_type,
        a.score_type as scorer_a,
        b.scorer as scorer_b,
        a.hookpoint,
        a.latent_idx,
        2 * rank() over (partition by b.score_type, a.score_type, b.scorer order by a.value asc)
        + count(*) over (partition by b.score_type, a.score_type, b.scorer, a.value) as rank_a,
        2 * rank() over (partition by b.score_type, a.score_type, b.scorer order by b.value asc)
        + count(*) over (partition by b.score_type, a.score_type, b.scorer, b.value) as rank_b
    from given a
    join others b using (run_id, hookpoint, latent_idx)
    where
        b.score_type <> a.score_type
        and (b.scorer <> b.score_type or b.score_type > a.score_type)
),
correlated as (
    select
        score_type,
        scorer_a,
        scorer_b,
        count(*) as n_explanations,
        count(distinct (hookpoint, latent_idx)) as n_latents,
        correlation_of(rank_a, rank_b) as correlation
    from placed
    group by
        score_type,
        scorer_a,
        scorer_b
),
-- Fisher's z, and half the width of its interval
widths as (
    select
        *,
        case when abs(correlation) < 1 then atanh(correlation) end as z,
        case
            when n_latents >= 10
                then 1.959963984540054 * sqrt((1 + correlation * correlation / 2) / (n_latents - 3))
        end as half_width
    from correlated
)
select
    score_type,
    scorer_a,
    scorer_b,
    n_explanations,
    s.n_latents as n_latents,
    cast(s.n as bigint) as n_examples,
    agreement.value as agreement,
    form_low(agreement, t, 0) as agreement_low,
    form_high(agreement, t) as agreement_high,
    kappa.value as kappa,
    form_low(kappa, t, -1) as kappa_low,
    form_high(kappa, t) as kappa_high,
    yes_a.value as yes_rate_a,
    form_low(yes_a, t, 0) as yes_rate_a_low,
    form_high(yes_a, t) as yes_rate_a_high,
    yes_b.value as yes_rate_b,
    form_low(yes_b, t, 0) as yes_rate_b_low,
    form_high(yes_b, t) as yes_rate_b_high,
    difference.value as yes_difference,
    form_low(difference, t, -1) as yes_difference_low,
    form_high(difference, t) as yes_difference_high,
    cast(null as double) as correlation,
    cast(null as double) as correlation_low,
    cast(null as double) as correlation_high
from estimates
union all by name
select
    score_type,
    scorer_a,
    scorer_b,
    n_explanations,
    n_latents,
    correlation,
    tanh(z - half_width) as correlation_low,
    tanh(z + half_width) as correlation_high
from widths;
