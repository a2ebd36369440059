-- How many latents tell two runs apart: planning, for which quantiles that are right to a hundredth are enough.

-- What a normal variable exceeds with a probability p of up to 1/2, for u = sqrt(-2 ln p): Abramowitz and Stegun, Handbook of
-- Mathematical Functions, 26.2.23.
create or replace macro normal_above(u) as
    u - (2.515517 + 0.802853 * u + 0.010328 * u * u) / (1 + 1.432788 * u + 0.189269 * u * u + 0.001308 * u * u * u);

-- The same of Student's t, given the normal one, from five degrees of freedom on: Peizer and Pratt, Journal of the American
-- Statistical Association 63, 1968.
create or replace macro student_t_above(z, df) as
    sqrt(df * (exp(z * z * (df - cast(5 as double) / 6) / pow(df - cast(2 as double) / 3 + 0.1 / df, 2)) - 1));

-- Degrees of freedom of as many latents as find a difference by the normal distribution, each of which counts for `share`
-- of one of equal weight; ten are the fewest that are compared at all. unit: how many latents have the difference as its
-- standard error. z: what level and power take, added up.
create or replace macro df_of_needed(unit, z, share) as
    greatest(5, greatest(10, unit * z * z) * share - 1);

create or replace macro latents_needed(unit, t) as
    case when unit is not null then greatest(10, cast(ceil(unit * t * t) as bigint)) end;
