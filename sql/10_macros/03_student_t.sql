-- Student's t for whole degrees of freedom, in closed form: Abramowitz and Stegun, Handbook of Mathematical Functions,
-- 26.7.3 (odd) and 26.7.4 (even); their sums run here from the innermost bracket outwards.

-- The factors are a list of their own, since list_reduce of DuckDB 1.5 mixes up the rows of what its lambda captures.
create or replace macro student_t_series(cosine_squared, df) as
    list_reduce(
        list_transform(range(df - 2, 1, -2), lambda k: cast(k - 1 as double) / k * cosine_squared),
        lambda series, factor: 1 + factor * series,
        cast(1 as double)
    );

-- the probability that |T| <= t; exact to 1e-14 or so, in absolute terms
create or replace macro student_t_within(t, df) as
    case
        when df = 1 then 2 / pi() * atan(t)
        when df % 2 = 0 then t / sqrt(df + t * t) * student_t_series(df / (df + t * t), df)
        else
            2 / pi() * (
                atan(t / sqrt(df))
                + t * sqrt(df) / (df + t * t) * student_t_series(df / (df + t * t), df)
            )
    end;

-- the probability that |T| > t, for t of either sign
create or replace macro student_t_p_value(t, df) as
    case when t is not null then greatest(0, 1 - student_t_within(abs(t), df)) end;

create or replace macro student_t_density(t, df) as
    exp(lgamma((df + 1) / 2) - lgamma(df / 2)) / sqrt(df * pi()) * pow(1 + t * t / df, -(df + 1) / 2);

-- The quantile for many degrees of freedom, 26.7.5; z is the normal one. From 400 on its error is below 1e-13.
create or replace macro student_t_many(z, df) as
    z
    + (pow(z, 3) + z) / (4 * df)
    + (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * pow(df, 2))
    + (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / (384 * pow(df, 3))
    + (79 * pow(z, 9) + 776 * pow(z, 7) + 1482 * pow(z, 5) - 1920 * pow(z, 3) - 945 * z)
    / (92160 * pow(df, 4));

-- behind_the_views.student_t: The half width of a 95 % interval in standard errors; kept, because it is the same in every query.
-- One row per number of degrees of freedom, 1 to 400.
--   df: degrees of freedom
--   t: |T| is below it with a probability of 0.95
create or replace table behind_the_views.student_t as
-- Newton's steps from the normal quantile: the probability is concave above 0, so they rise to the root and never pass it
with recursive steps as (
    select
        df,
        0 as step,
        cast(1.959963984540054 as double) as t
    from range(1, 401) degrees(df)
    union all
    select
        df,
        step + 1,
        t + (cast(0.95 as double) - student_t_within(t, df)) / (2 * student_t_density(t, df))
    from steps
    where step < 9
)
select
    df,
    t
from steps
where step = 9;

-- the same for any number of degrees of freedom; t is that of its row in student_t, null beyond the end
create or replace macro student_t_95(t, df) as
    coalesce(t, student_t_many(cast(1.959963984540054 as double), df));
