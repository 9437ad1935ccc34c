"""Three rules of one number: the last price, moved by a constant rate a month.

In: a pool's series and an origin. Out: 10/50/90 % quantiles of ln price.

    median = y_last + rate * n            n = months from the last price to the target
    rate   = 0 | ln(0.965) | sum dy / sum dt over all consecutive prices of the pool up to the origin
    half   = 80 % quantile of |y_j - y_i - rate * n| over all pairs of a series n months apart up to the origin

A lag with fewer than 30 pairs takes the nearest shorter one that has them, times the root of the ratio; if none has,
the shortest lag with any pair; and with no pair at all a tenth of a log unit a root month.
"""

import numpy as np

LEAST_PAIRS = 30
HALF_WIDTH_WITHOUT_PAIRS = 0.1


def no_change(pool_series, origin):
    """A rate of nothing."""
    return 0.0


def published_rate(pool_series, origin):
    """3.5 % a month, the rate of falling graphics card prices most often published."""
    return float(np.log(0.965))


def geometric_rate(pool_series, origin):
    """The pool's mean change of ln price a month so far."""
    change, months = 0.0, 0
    for one in pool_series:
        known = one.known(origin)
        if known >= 2:
            change += one.log_prices[known - 1] - one.log_prices[0]
            months += one.months[known - 1] - one.months[0]
    return change / months if months else 0.0


def pair_errors(pool_series, origin, rate):
    """{lag in months: |error of the rule| over all pairs known at the origin}."""
    by_lag = {}
    for one in pool_series:
        known = one.known(origin)
        if known < 2:
            continue
        earlier, later = np.triu_indices(known, 1)
        lags = one.months[later] - one.months[earlier]
        errors = np.abs(one.log_prices[later] - one.log_prices[earlier] - rate * lags)
        for lag in np.unique(lags):
            by_lag.setdefault(int(lag), []).append(errors[lags == lag])
    return {lag: np.concatenate(parts) for lag, parts in by_lag.items()}


def half_width(by_lag, lag):
    """Half-width of the 80 % interval at `lag`."""
    for shorter in range(lag, 0, -1):
        errors = by_lag.get(shorter)
        if errors is not None and len(errors) >= LEAST_PAIRS:
            return float(np.quantile(errors, 0.8) * np.sqrt(lag / shorter))
    if by_lag:
        shortest = min(by_lag)
        return float(np.quantile(by_lag[shortest], 0.8) * np.sqrt(lag / shortest))
    return HALF_WIDTH_WITHOUT_PAIRS * np.sqrt(lag)


def forecast_by_rule(rule, market, folds):
    """Quantiles (rows x 3) of every fold row by one rule."""
    quantiles = np.full((len(folds.origin), 3), np.nan)
    for pool, members in market.pools.items():
        pool_series = [market.series[place] for place in members]
        for origin in np.unique(folds.origin[folds.pool == pool]):
            rate = rule(pool_series, origin)
            by_lag = pair_errors(pool_series, origin, rate)
            halves = {}
            for row in np.flatnonzero((folds.pool == pool) & (folds.origin == origin)):
                one = market.series[folds.series[row]]
                last = one.known(origin) - 1
                lag = int(origin + folds.horizon[row] - one.months[last])
                if lag not in halves:
                    halves[lag] = half_width(by_lag, lag)
                median = one.log_prices[last] + rate * lag
                quantiles[row] = median - halves[lag], median, median + halves[lag]
    return quantiles
