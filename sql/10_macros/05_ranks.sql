-- How well a score tells two classes apart, by file. `source` names a relation of (file_id, is_positive, score).

-- half pairs by file_id: over pairs of one positive and one other, 2 where the positive one has the larger score and 1
-- where they are equal; Mann and Whitney's U by ranks, and twice a rank with ties averaged is 2 * rank + peers - 1, a
-- whole number
create or replace macro half_pairs_by_file(source) as table
with ranked as (
    select
        file_id,
        is_positive,
        2 * rank() over (partition by file_id order by score asc)
        + count(*) over (partition by file_id, score) - 1 as double_rank
    from query_table(source)
    where score is not null and is_positive is not null
)
select
    file_id,
    sum(double_rank) filter (is_positive)
    - count(*) filter (is_positive) * (count(*) filter (is_positive) + 1) as half_pairs,
    count(*) filter (is_positive) as n_positive,
    count(*) filter (not is_positive) as n_negative
from ranked
group by file_id;

-- the area under the ROC curve as a row of measure_facts, for the files that have both classes
create or replace macro auc_by_file(source) as table
select
    file_id,
    'auc' as measure,
    cast(null as bigint) as quantile,
    cast(auc_of(half_pairs, n_positive, n_negative) as decimal(18, 12)) as a,
    1 as b
from half_pairs_by_file(source)
where n_positive > 0 and n_negative > 0;
