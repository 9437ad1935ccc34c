"""Rows for the learners: what was known of a series at a month, and the change that came.

In: a pool's series. Out: feature matrices (rows x FEATURES) and targets y(base + h) - y_last, in ln price.
Every base month from the first price on, up to three months after a price, and every horizon that the folds ask for
makes a training row if a price came; it may be used at an origin only if base + h is not after it. Features use
prices at or before the base month only. Trees cannot follow a level beyond the range they saw, hence changes.
"""

from dataclasses import dataclass

import numpy as np

LAGS_MONTHS = (1, 2, 3, 6, 12)
RATE_WINDOWS_MONTHS = (3, 6, 12)
LONGEST_WAIT_MONTHS = 3
FEATURES = (
    ["horizon", "steps"]
    + [f"change_{lag}" for lag in LAGS_MONTHS]
    + ["since_first_price", "months_since_last", "prices_known", "log_quantity", "over_list", "age_months"]
    + ["log_memory", "vendor", "family"]
    + [f"pool_rate_{window}" for window in RATE_WINDOWS_MONTHS]
)
HORIZON_FEATURES = ("horizon", "steps")  # what grows with the horizon alone


@dataclass
class Pairs:
    """Training rows of a pool."""

    features: np.ndarray
    changes: np.ndarray
    horizons: np.ndarray
    target_months: np.ndarray
    series: np.ndarray  # position in Market.series

    def select(self, chosen):
        """The rows where `chosen` holds."""
        return Pairs(*(part[chosen] for part in vars(self).values()))


class PoolFacts:
    """Codes of vendors and families, and the pool's rate at every month."""

    def __init__(self, pool_series):
        self.vendors = {name: code for code, name in enumerate(sorted({one.vendor for one in pool_series}))}
        self.families = {name: code for code, name in enumerate(sorted({one.family for one in pool_series}))}
        moving = [one for one in pool_series if len(one.months) > 1] or pool_series[:1]
        self.ends = np.concatenate([one.months[1:] for one in moving])
        self.changes = np.concatenate([np.diff(one.log_prices) for one in moving])
        self.gaps = np.concatenate([np.diff(one.months) for one in moving])
        self.cached = {}

    def rates(self, month):
        """Change of ln price a month over the last months, by RATE_WINDOWS_MONTHS; NaN where nothing moved."""
        if month not in self.cached:
            found = []
            for window in RATE_WINDOWS_MONTHS:
                inside = (self.ends <= month) & (self.ends > month - window)
                found.append(self.changes[inside].sum() / self.gaps[inside].sum() if inside.any() else np.nan)
            self.cached[month] = found
        return self.cached[month]


def describe(one, facts, base, horizon):
    """Features of one series at `base` for a target `horizon` months later."""
    known = one.known(base)
    months, values = one.months[:known], one.log_prices[:known]
    last = values[-1]
    changes = []
    for lag in LAGS_MONTHS:
        before = np.searchsorted(months, months[-1] - lag, side="right") - 1
        changes.append(last - values[before] if before >= 0 else np.nan)
    quantity = one.quantities[known - 1]
    return (
        [horizon, base + horizon - months[-1]]
        + changes
        + [last - values[0], base - months[-1], known]
        + [np.log(quantity) if quantity > 0 else np.nan, last - one.log_list, base - one.launch]
        + [one.log_memory, facts.vendors[one.vendor], facts.families[one.family]]
        + facts.rates(base)
    )


def training_pairs(market, members, facts, horizons, last_origin):
    """All rows of a pool whose target is at or before `last_origin`."""
    features, changes, kept_horizons, targets, series = [], [], [], [], []
    for place in members:
        one = market.series[place]
        prices = dict(zip(one.months.tolist(), one.log_prices.tolist()))
        for base in range(int(one.months[0]), min(int(one.months[-1]), last_origin)):
            known = one.known(base)
            if base - one.months[known - 1] > LONGEST_WAIT_MONTHS:
                continue
            for horizon in horizons:
                target = base + horizon
                if target in prices and target <= last_origin:
                    features.append(describe(one, facts, base, horizon))
                    changes.append(prices[target] - one.log_prices[known - 1])
                    kept_horizons.append(horizon)
                    targets.append(target)
                    series.append(place)
    return Pairs(
        np.array(features, float).reshape(-1, len(FEATURES)),
        np.array(changes, float),
        np.array(kept_horizons, int),
        np.array(targets, int),
        np.array(series, int),
    )


def query_rows(market, facts, folds, rows):
    """Features and last ln prices of fold rows."""
    features, last = [], []
    for row in rows:
        one = market.series[folds.series[row]]
        features.append(describe(one, facts, int(folds.origin[row]), int(folds.horizon[row])))
        last.append(one.log_prices[one.known(folds.origin[row]) - 1])
    return np.array(features, float).reshape(-1, len(FEATURES)), np.array(last)
