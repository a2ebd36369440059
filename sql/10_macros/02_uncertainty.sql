-- How sums over latents become an estimate and its standard error: the linearised, cluster-robust one, with the latent
-- as the unit of sampling. Nothing here runs over rows in an order: sums are of whole numbers or of decimals, so the
-- same data gives the same bits on any number of threads. docs/uncertainty.md says why, and how well it holds.
--
-- An estimate is a struct: value; squares (the sum of the squared influences of the latents); n (latents that
-- contribute); least_n (of a measure of two classes, in the class that has fewer); agrees (every latent says the same, so
-- that squares is 0 and no measure of certainty); and what intervals rest on: variance, effective_n and df.

-- Fifteen decimals hold a measure, which lies in [-1, 1], as exactly as a double does.
create or replace macro fixed_of(x) as
    cast(x as decimal(18, 15));

-- of squares in [0, 1], often tiny
create or replace macro sum_of_squares(square) as
    cast(sum(cast(square as decimal(38, 30))) as double);

-- of weights in [0, 1e9], of their squares, or of the products of either with a measure
create or replace macro sum_of_weights(x) as
    sum(cast(x as decimal(38, 15)));

create or replace macro mean_of(x) as
    cast(sum(fixed_of(x)) as double) / nullif(count(x), 0);

-- null where one of them is
create or replace macro mean_of_all(x) as
    case when count(x) = count(*) then mean_of(x) end;

create or replace macro sum_of_all(x) as
    case when count(x) = count(*) then sum(x) end;

-- Two values that are equal but for rounding; ratios of whole numbers below a million differ by more, or not at all.
create or replace macro are_equal(least, most) as
    most - least < 1e-12;

-- the mean of the squares less the square of the mean; n in the denominator
create or replace macro variance_of(x) as
    case
        when are_equal(min(x), max(x)) then 0
        else greatest(
            0, cast(sum(fixed_of(x) * fixed_of(x)) as double) / nullif(count(x), 0) - pow(mean_of(x), 2)
        )
    end;

-- n - 1 in the denominator; null for a single x
create or replace macro std_of(x) as
    case when count(x) > 1 then sqrt(variance_of(x) * count(x) / (count(x) - 1)) end;

-- sums over latents of a ratio's parts and of their products
create or replace macro ratio_sums(parts) as
    {
        'n': count(*) filter (parts.b > 0),
        'a': cast(sum(parts.a) as double),
        'b': cast(sum(parts.b) as double),
        'aa': cast(sum(parts.a * parts.a) as double),
        'ab': cast(sum(parts.a * parts.b) as double),
        'bb': cast(sum(parts.b * parts.b) as double),
        'bbb': cast(sum(cast(parts.b as hugeint) * parts.b * parts.b) as double),
        'least': min(ratio_of(parts)),
        'most': max(ratio_of(parts))
    };

-- sums over latents of the products of two ratios' parts
create or replace macro product_sums(p, q) as
    {
        'aa': cast(sum(p.a * q.a) as double),
        'ab': cast(sum(p.a * q.b) as double),
        'ba': cast(sum(p.b * q.a) as double),
        'bb': cast(sum(p.b * q.b) as double),
        'bbq': cast(sum(cast(p.b as hugeint) * p.b * q.b) as double),
        'bqq': cast(sum(cast(p.b as hugeint) * q.b * q.b) as double)
    };

-- sum of u^2, u = (a - R b) / B, multiplied out
create or replace macro ratio_squares(sums) as
    greatest(0, sums.aa - 2 * ratio_of(sums) * sums.ab + ratio_of(sums) * ratio_of(sums) * sums.bb)
    / nullif(sums.b * sums.b, 0);

-- sum of u v, u and v the influences on two ratios
create or replace macro ratio_products(p, q, products) as
    (
        products.aa
        - ratio_of(q) * products.ab
        - ratio_of(p) * products.ba
        + ratio_of(p) * ratio_of(q) * products.bb
    )
    / nullif(p.b * q.b, 0);

-- Latents do not weigh alike where they have not equally many examples. Of the shares of the sum of b that they hold:
-- the sums of their squares and cubes. Sums are a ratio's, or any struct of b, bb and bbb.
create or replace macro shares_of(sums) as
    {
        'squares': sums.bb / nullif(sums.b * sums.b, 0),
        'cubes': sums.bbb / nullif(sums.b * sums.b * sums.b, 0)
    };

-- The same of two sums together, where a latent's share is the mean of the two that it holds; products are of p and q.
create or replace macro shares_of_both(p, q, products) as
    {
        'squares': (
            p.bb / nullif(p.b * p.b, 0) + 2 * products.bb / nullif(p.b * q.b, 0) + q.bb / nullif(q.b * q.b, 0)
        )
        / 4,
        'cubes': (
            p.bbb / nullif(p.b * p.b * p.b, 0)
            + 3 * products.bbq / nullif(p.b * p.b * q.b, 0)
            + 3 * products.bqq / nullif(p.b * q.b * q.b, 0)
            + q.bbb / nullif(q.b * q.b * q.b, 0)
        )
        / 8
    };

-- sums of what latents weigh, b, where it is no ratio's
create or replace macro weight_sums(b) as
    {
        'n': count(*) filter (b > 0),
        'b': cast(sum(b) as double),
        'bb': cast(sum(b * b) as double),
        'bbb': cast(sum(cast(b as hugeint) * b * b) as double)
    };

create or replace macro weight_products(b, q) as
    {
        'bb': cast(sum(b * q) as double),
        'bbq': cast(sum(cast(b as hugeint) * b * q) as double),
        'bqq': cast(sum(cast(b as hugeint) * q * q) as double)
    };

-- how many latents of equal weight weigh as much
create or replace macro effective_n_of(shares) as
    1 / shares.squares;

-- What the squares want multiplied with to have no bias, if latents differ and examples of one latent do not; n / (n - 1)
-- where all weigh alike. Null where one latent has all the weight: what is left of the divisor is of rounding, and may be below zero.
create or replace macro correction_of(shares) as
    case
        when 1 - 2 * shares.cubes / shares.squares + shares.squares > 1e-12
            then 1 / (1 - 2 * shares.cubes / shares.squares + shares.squares)
    end;

-- degrees of freedom, a whole number, since that is what Student's t here takes
create or replace macro df_of(effective_n) as
    case when effective_n is not null then greatest(1, cast(round(effective_n - 1) as bigint)) end;

-- Welch's, of the sum of two means over n and m latents that vary alike
create or replace macro welch_df_of(n, m) as
    pow(n + m, 2) * (n - 1) * (m - 1) / nullif(n * n * (n - 1) + m * m * (m - 1), 0);

-- of two means whose latents are partly the same: no more than all of them allow; shares are those of both
create or replace macro df_of_both(p, q, shares) as
    list_transform(
        [{'n_of_both': effective_n_of(shares), 'n': effective_n_of(shares_of(p)), 'm': effective_n_of(shares_of(q))}],
        lambda s: df_of(least(s.n_of_both, 1 + coalesce(welch_df_of(s.n, s.m), 0)))
    )[1];

-- What stands often in a macro is planned as often, and where macros nest that multiplies: here it is a field of the one
-- item of a list, which a lambda goes through.
create or replace macro ratio_estimate(sums) as
    list_transform(
        [
            {
                'sums': sums,
                'squares': ratio_squares(sums),
                'agrees': are_equal(sums.least, sums.most),
                'shares': shares_of(sums),
                'effective_n': effective_n_of(shares_of(sums))
            }
        ],
        lambda s: {
            'value': ratio_of(s.sums),
            'squares': case when s.agrees then 0 else s.squares end,
            'n': s.sums.n,
            'least_n': s.sums.n,
            'agrees': s.agrees,
            'variance': s.squares * correction_of(s.shares),
            'effective_n': s.effective_n,
            'df': df_of(s.effective_n)
        }
    )[1];

-- what rounding leaves of squares that are 0: some 1e-16 of the sums they are made of
create or replace macro ratio_noise(sums) as
    1e-13 * sums.aa / nullif(sums.b * sums.b, 0);

create or replace macro half_sum_squares(p, q, products) as
    (ratio_squares(p) + ratio_squares(q) + 2 * ratio_products(p, q, products)) / 4;

-- half the sum of two ratios; n: the latents in either. A ratio over one latent does not tell how it varies.
create or replace macro half_sum_estimate(p, q, products, n) as
    list_transform(
        [
            {
                'p': p,
                'q': q,
                'n': n,
                'squares': half_sum_squares(p, q, products),
                'noise': ratio_noise(p) + ratio_noise(q),
                'shares': shares_of_both(p, q, products)
            }
        ],
        lambda s: {
            'value': (ratio_of(s.p) + ratio_of(s.q)) / 2,
            'squares': case
                when s.p.n < 2 or s.q.n < 2 then null
                when s.squares <= s.noise then 0
                else s.squares
            end,
            'n': s.n,
            'least_n': least(s.p.n, s.q.n),
            'agrees': s.squares <= s.noise,
            'variance': case when s.squares <= s.noise then 0 else s.squares * correction_of(s.shares) end,
            'effective_n': effective_n_of(s.shares),
            'df': df_of_both(s.p, s.q, s.shares)
        }
    )[1];

-- the standard error of an estimate from n latents; null from one alone
create or replace macro standard_error_of(squares, n) as
    case when n > 1 then sqrt(cast(n as double) / (n - 1) * squares) end;

-- Two runs: p and q are the parts of one ratio in either, row by row of the latents where it is defined in both.
-- Pairs make many rows: their sums run in doubles, which hold whole numbers below 2^53 exactly, so no order matters.
create or replace macro whole_sums(parts) as
    {
        'a': sum(cast(parts.a as double)),
        'b': sum(cast(parts.b as double)),
        'aa': sum(cast(parts.a as double) * parts.a),
        'ab': sum(cast(parts.a as double) * parts.b),
        'bb': sum(cast(parts.b as double) * parts.b)
    };

create or replace macro whole_products(p, q) as
    {
        'aa': sum(cast(p.a as double) * q.a),
        'ab': sum(cast(p.a as double) * q.b),
        'ba': sum(cast(p.b as double) * q.a),
        'bb': sum(cast(p.b as double) * q.b)
    };

create or replace macro pair_sums(p, q) as
    {
        'n': count(*),
        'p': whole_sums(p),
        'q': whole_sums(q),
        'products': whole_products(p, q),
        'cubes': sum((cast(p.b as double) + q.b) * (p.b + q.b) * (p.b + q.b))
    };

-- the same of ratios whose numerators are decimals, which sums of doubles would give an order
create or replace macro exact_sums(parts) as
    {
        'a': cast(sum(parts.a) as double),
        'b': cast(sum(parts.b) as double),
        'aa': cast(sum(parts.a * parts.a) as double),
        'ab': cast(sum(parts.a * parts.b) as double),
        'bb': cast(sum(parts.b * parts.b) as double)
    };

create or replace macro exact_pair_sums(p, q) as
    {
        'n': count(*),
        'p': exact_sums(p),
        'q': exact_sums(q),
        'products': {
            'aa': cast(sum(p.a * q.a) as double),
            'ab': cast(sum(p.a * q.b) as double),
            'ba': cast(sum(p.b * q.a) as double),
            'bb': cast(sum(p.b * q.b) as double)
        },
        'cubes': cast(sum(cast(p.b + q.b as hugeint) * (p.b + q.b) * (p.b + q.b)) as double)
    };

-- a latent weighs in a difference what it weighs in both runs together
create or replace macro pair_weights(sums) as
    {
        'b': sums.p.b + sums.q.b,
        'bb': sums.p.bb + 2 * sums.products.bb + sums.q.bb,
        'bbb': sums.cubes
    };

-- Two ratios in one run, over the latents where both are defined here and in the other run, whose parts are p_other and
-- q_other; 0 where there is none, since a latent outside adds nothing to a product.
create or replace macro shared_products(p, p_other, q, q_other) as
    {
        'aa': coalesce(sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.a as double) * q.a end), 0),
        'ab': coalesce(sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.a as double) * q.b end), 0),
        'ba': coalesce(sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.b as double) * q.a end), 0),
        'bb': coalesce(sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.b as double) * q.b end), 0)
    };

-- what latents weigh in both ratios, each in both runs together
create or replace macro shared_weights(p, p_other, q, q_other) as
    {
        'bb': coalesce(
            sum((cast(p.b as double) + p_other.b) * (q.b + q_other.b))
                filter (p.b > 0 and p_other.b > 0 and q.b > 0 and q_other.b > 0),
            0
        ),
        'bbq': coalesce(
            sum((cast(p.b as double) + p_other.b) * (p.b + p_other.b) * (q.b + q_other.b))
                filter (p.b > 0 and p_other.b > 0 and q.b > 0 and q_other.b > 0),
            0
        ),
        'bqq': coalesce(
            sum((cast(p.b as double) + p_other.b) * (q.b + q_other.b) * (q.b + q_other.b))
                filter (p.b > 0 and p_other.b > 0 and q.b > 0 and q_other.b > 0),
            0
        )
    };

-- two ratios in two runs: sum of the products of the difference in one and the difference in the other
create or replace macro cross_products(p, p_other, q, q_other) as
    {
        'own': shared_products(p, p_other, q, q_other),
        'own_other': shared_products(p, p_other, q_other, q),
        'other_own': shared_products(p_other, p, q, q_other),
        'other': shared_products(p_other, p, q_other, q),
        'weights': shared_weights(p, p_other, q, q_other)
    };

-- sum of (u - v)^2, u and v the influences on the ratios of two runs
create or replace macro difference_squares(sums) as
    ratio_squares(sums.p) + ratio_squares(sums.q) - 2 * ratio_products(sums.p, sums.q, sums.products);

create or replace macro difference_noise(sums) as
    ratio_noise(sums.p) + ratio_noise(sums.q);

create or replace macro difference_products(sums, other_sums, crossed) as
    ratio_products(sums.p, other_sums.p, crossed.own)
    - ratio_products(sums.p, other_sums.q, crossed.own_other)
    - ratio_products(sums.q, other_sums.p, crossed.other_own)
    + ratio_products(sums.q, other_sums.q, crossed.other);
