-- The 95 % interval of a share: Wilson's score interval, with Student's t, for as many examples as would give the share its
-- variance. A quarter of a latent of value 1/2 is added to the df + 1 that were seen: where they are few and nearly all
-- right, or nearly all wrong, their variance is no measure of those that were not seen.
create or replace macro centre_of(value, df) as
    (value * (df + 1) + 0.125) / (df + 1.25);

-- t^2 variance / (x (1 - x)); x is the centre
create or replace macro spread_of(x, variance, df, t) as
    t * t * (variance + 0.25 * pow((x - 0.5) / (df + 1), 2)) / (x * (1 - x));

create or replace macro wilson_low_of(x, spread) as
    (x + spread / 2 - sqrt(spread * x * (1 - x) + spread * spread / 4)) / (1 + spread);

create or replace macro wilson_high_of(x, spread) as
    (x + spread / 2 + sqrt(spread * x * (1 - x) + spread * spread / 4)) / (1 + spread);

-- t: student_t_95(...); the value is never left outside, nor is [0, 1] left. What stands often is named on the way, as in
-- ratio_estimate.
create or replace macro interval_of_share(value, variance, df, t) as
    list_transform(
        list_transform(
            [{'value': value, 'variance': variance, 'df': df, 't': t, 'centre': centre_of(value, df)}],
            lambda s: {
                'value': s.value,
                'variance': s.variance,
                'centre': s.centre,
                'spread': spread_of(s.centre, s.variance, s.df, s.t)
            }
        ),
        lambda s: {
            'low': case
                when s.variance is not null
                    then greatest(0, least(s.value, wilson_low_of(s.centre, s.spread)))
            end,
            'high': case
                when s.variance is not null
                    then least(1, greatest(s.value, wilson_high_of(s.centre, s.spread)))
            end
        }
    )[1];

-- of a ratio; t: of its row in student_t, as student_t_95 takes it
create or replace macro interval_of_ratio(estimate, t) as
    interval_of_share(
        estimate.value,
        case when estimate.n > 1 and not estimate.agrees then estimate.variance end,
        estimate.df,
        student_t_95(t, estimate.df)
    );

-- the 95 % interval of a mean without both bounds; lowest: the one below, if there is one
create or replace macro interval_of_mean(value, variance, t, lowest) as
    {
        'low': case when variance is not null then greatest(lowest, value - t * sqrt(variance)) end,
        'high': case when variance is not null then value + t * sqrt(variance) end
    };

-- The 95 % interval of a difference; null without a half width. span: how far apart the bounds of the measure lie, if it
-- has both; of a share 1.
create or replace macro interval_of_difference(difference, half_width, span) as
    {
        'low': case when half_width is not null then greatest(-span, difference - half_width) end,
        'high': case when half_width is not null then least(span, difference + half_width) end
    };

-- where an interval lies against a level
create or replace macro against_of(level, low, high, neither) as
    case
        when low > level then 'above'
        when high < level then 'below'
        when low is not null and level is not null then neither
    end;
