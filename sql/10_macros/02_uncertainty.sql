-- How sums over latents become an estimate and its standard error: the linearised, cluster-robust one, with the latent
-- as the unit of sampling. Nothing here runs over rows in an order: sums are of whole numbers or of decimals, so the
-- same data gives the same bits on any number of threads.
--
-- An estimate is a struct: value, squares (the sum of the squared influences of the latents), n (latents that
-- contribute) and agrees (every latent says the same, so that squares is 0 and no measure of certainty).

-- Fifteen decimals hold a measure, which lies in [-1, 1], as exactly as a double does.
create or replace macro fixed_of(x) as
    cast(x as decimal(18, 15));

-- of squares in [0, 1], often tiny
create or replace macro sum_of_squares(square) as
    cast(sum(cast(square as decimal(38, 30))) as double);

create or replace macro mean_of(x) as
    cast(sum(fixed_of(x)) as double) / nullif(count(x), 0);

-- null where one of them is
create or replace macro mean_of_all(x) as
    case when count(x) = count(*) then mean_of(x) end;

create or replace macro sum_of_all(x) as
    case when count(x) = count(*) then sum(x) end;

-- the mean of the squares less the square of the mean; n in the denominator
create or replace macro variance_of(x) as
    case
        when min(x) = max(x) then 0
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
        'least': min(ratio_of(parts)),
        'most': max(ratio_of(parts))
    };

-- sums over latents of the products of two ratios' parts
create or replace macro product_sums(p, q) as
    {
        'aa': cast(sum(p.a * q.a) as double),
        'ab': cast(sum(p.a * q.b) as double),
        'ba': cast(sum(p.b * q.a) as double),
        'bb': cast(sum(p.b * q.b) as double)
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

create or replace macro ratio_estimate(sums) as
    {
        'value': ratio_of(sums),
        'squares': case when sums.least = sums.most then 0 else ratio_squares(sums) end,
        'n': sums.n,
        'agrees': sums.least = sums.most
    };

-- half the sum of two ratios; n: the latents in either
create or replace macro half_sum_estimate(p, q, products, n) as
    {
        'value': (ratio_of(p) + ratio_of(q)) / 2,
        'squares': case
            when p.least = p.most and q.least = q.most then 0
            else greatest(0, ratio_squares(p) + ratio_squares(q) + 2 * ratio_products(p, q, products)) / 4
        end,
        'n': n,
        'agrees': p.least = p.most and q.least = q.most
    };

-- the standard error of an estimate from n latents; null from one alone
create or replace macro standard_error_of(squares, n) as
    case when n > 1 then sqrt(n / (n - 1) * squares) end;

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
    {'n': count(*), 'p': whole_sums(p), 'q': whole_sums(q), 'products': whole_products(p, q)};

-- Two ratios in one run, over the latents where both are defined here and in the other run, whose parts are p_other and
-- q_other.
create or replace macro shared_products(p, p_other, q, q_other) as
    {
        'aa': sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.a as double) * q.a end),
        'ab': sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.a as double) * q.b end),
        'ba': sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.b as double) * q.a end),
        'bb': sum(case when p_other.b > 0 and q_other.b > 0 then cast(p.b as double) * q.b end)
    };

-- two ratios in two runs: sum of the products of the difference in one and the difference in the other
create or replace macro cross_products(p, p_other, q, q_other) as
    {
        'own': shared_products(p, p_other, q, q_other),
        'own_other': shared_products(p, p_other, q_other, q),
        'other_own': shared_products(p_other, p, q, q_other),
        'other': shared_products(p_other, p, q_other, q)
    };

-- sum of (u - v)^2, u and v the influences on the ratios of two runs
create or replace macro difference_squares(sums) as
    ratio_squares(sums.p) + ratio_squares(sums.q) - 2 * ratio_products(sums.p, sums.q, sums.products);

-- What rounding leaves of the squares where all latents differ by the same: some 1e-16 of the sums they are made of.
create or replace macro difference_noise(sums) as
    1e-13 * (sums.p.aa / nullif(sums.p.b * sums.p.b, 0) + sums.q.aa / nullif(sums.q.b * sums.q.b, 0));

create or replace macro difference_products(sums, other_sums, crossed) as
    ratio_products(sums.p, other_sums.p, crossed.own)
    - ratio_products(sums.p, other_sums.q, crossed.own_other)
    - ratio_products(sums.q, other_sums.p, crossed.other_own)
    + ratio_products(sums.q, other_sums.q, crossed.other);
