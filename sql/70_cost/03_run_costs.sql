-- run_costs: What a run's explanations cost, alone and with their scoring.
-- One row per run, stage and kind of cost, where it is known.
-- Kept: yes, unless selected_score_types, prices
-- As everywhere: run_id
--   stage: explainer, or all (explainer and every scorer; unknown where one has no stats)
--   cost_kind: wall_time_s, tokens or money (list variable prices of structs: model, prompt_per_million, completion_per_million)
--   cost: seconds, tokens, or the prices' currency
create view run_costs as
with prices as (
    select
        p.price.model as model,
        p.price.prompt_per_million as prompt_per_million,
        p.price.completion_per_million as completion_per_million
    from (
        select
            unnest(
                cast(
                    getvariable('prices')
                    as struct(model varchar, prompt_per_million double, completion_per_million double)[]
                )
            ) as price
    ) p
),
-- a scorer without stats has a cost too, which nobody knows
known_stages as (
    select
        run_id,
        stage,
        prompt_tokens,
        completion_tokens,
        wall_time_s
    from stage_stats
    union all by name
    select
        run_id,
        score_type as stage
    from run_confusion c
    anti join stage_stats s on s.run_id = c.run_id and s.stage = c.score_type
),
stages as materialized (
    select
        s.run_id,
        s.stage,
        s.prompt_tokens,
        s.completion_tokens,
        s.wall_time_s,
        s.stage = 'explainer' as is_explainer,
        s.stage in ('scoring', 'total') as is_clock_only,
        case when s.stage = 'explainer' then r.explainer_model else r.scorer_model end as llm,
        r.model
    from known_stages s
    join runs r using (run_id)
),
priced as (
    select
        s.*,
        s.prompt_tokens + s.completion_tokens as tokens,
        (
            s.prompt_tokens * p.prompt_per_million + s.completion_tokens * p.completion_per_million
        ) / 1e6 as money
    from stages s
    left join prices p
        -- by its whole name, its last part or, of the explainer, what reports call it
        on p.model in (
            s.llm,
            regexp_extract(s.llm, '([^/]*)/*$', 1),
            case when s.is_explainer then s.model end
        )
    where not s.is_clock_only
    qualify row_number() over (
        partition by s.run_id, s.stage
        order by p.model = s.llm desc nulls last, p.model asc
    ) = 1
),
costs as (
    select
        run_id,
        'explainer' as stage,
        cast(max(tokens) as double) as tokens,
        max(money) as money,
        max(wall_time_s) as wall_time_s
    from priced
    where is_explainer
    group by run_id
    union all
    select
        run_id,
        'all' as stage,
        case when bool_or(is_explainer) and count(*) > 1 then cast(sum_of_all(tokens) as double) end as tokens,
        case
            when bool_or(is_explainer) and count(*) > 1 and count(money) = count(*)
                then list_sum(list(money order by stage asc))
        end as money,
        null as wall_time_s
    from priced
    group by run_id
    union all
    select
        run_id,
        'all' as stage,
        null as tokens,
        null as money,
        coalesce(
            max(wall_time_s) filter (stage = 'total'),
            max(wall_time_s) filter (stage = 'explainer') + max(wall_time_s) filter (stage = 'scoring')
        ) as wall_time_s
    from stages
    group by run_id
)
select
    run_id,
    stage,
    cost_kind,
    cost
from costs
unpivot (
    cost for cost_kind in (
        wall_time_s,
        tokens,
        money
    )
);
