"""Checks of the comparison itself, on invented prices: python check.py

1. No forecaster sees past an origin: prices after it are changed, its forecasts must not change.
2. The calibration gives the recipe's worked example.
3. Pinball against a value worked by hand.
4. The test calls two equally good forecasters different at 5 % in at most one case of ten.
"""

import argparse
import dataclasses

import compare  # first: it sets one thread before numpy loads

import numpy as np

from calibration import calibrate
from folds import Folds, Market, Series
from scores import compare as test_difference
from scores import pinball

FIRST_MONTH = 12 * 2020
ORIGINS = range(FIRST_MONTH + 18, FIRST_MONTH + 26, 2)
HORIZONS = (1, 3, 6)


def invented_market(seed=7, series=24, months=36):
    """Random walks that share a market's shocks, with a tenth of the months missing."""
    random = np.random.default_rng(seed)
    shocks = np.cumsum(random.normal(-0.03, 0.04, months))
    market = Market([])
    for number in range(series):
        values = 5 + shocks + np.cumsum(random.normal(0, 0.03, months))
        kept = np.flatnonzero(random.random(months) > 0.1)
        market.pools.setdefault("gpu sold", []).append(number)
        market.series.append(
            Series(
                key=(str(number),),
                asset_class="gpu",
                pool="gpu sold",
                months=FIRST_MONTH + kept,
                log_prices=values[kept],
                quantities=np.full(len(kept), 5.0),
                launch=float(FIRST_MONTH - number),
                log_list=6.0,
                log_memory=2.0,
                vendor="AB"[number % 2],
                family="",
            )
        )
    return market


def invented_folds(market):
    """Every origin, horizon and series for which a price came."""
    rows = []
    for place, one in enumerate(market.series):
        for origin in ORIGINS:
            for horizon in HORIZONS:
                found = np.flatnonzero(one.months == origin + horizon)
                if len(found) and one.known(origin):
                    rows.append((place, origin, horizon, one.log_prices[found[0]]))
    place, origin, horizon, actual = (np.array(part) for part in zip(*rows))
    return Folds(
        series=place,
        pool=np.full(len(place), "gpu sold", object),
        asset_class=np.full(len(place), "gpu", object),
        origin=origin,
        horizon=horizon,
        actual=actual,
        ours=np.column_stack([actual - 0.1, actual, actual + 0.1]),
    )


def changed_after(market, month):
    """The market with other prices after `month`."""
    random = np.random.default_rng(1)
    changed = [
        dataclasses.replace(
            one, log_prices=np.where(one.months > month, random.normal(3, 1, len(one.months)), one.log_prices)
        )
        for one in market.series
    ]
    return Market(changed, market.pools)


def check_no_forecaster_sees_past_an_origin():
    """Bit for bit. One trial, as tuning may see actuals of the earlier half."""
    market = invented_market()
    folds = invented_folds(market)
    middle = ORIGINS[1]
    before = folds.origin <= middle
    other = changed_after(market, middle)
    honest = compare.forecasters(market, folds, 1)
    disturbed = compare.forecasters(other, folds, 1)
    for name in honest:
        first, second = compare.run(name, honest[name]), compare.run(name, disturbed[name])
        assert np.isfinite(first[before]).all(), f"{name} lacks forecasts"
        assert np.array_equal(first[before], second[before]), f"{name} sees the future"
        assert not np.array_equal(first[~before], second[~before]), f"{name} sees nothing at all"


def check_calibration():
    """One series, horizon 1, half-width .2: the recipe's scales."""
    quantiles = np.tile([-0.2, 0.0, 0.2], (5, 1))
    actual = np.array([0.5, 0.1, -0.3, 0.2, 0.0])
    scales = calibrate(quantiles, np.arange(1, 6), np.ones(5, int), actual)[:, 2] / 0.2
    assert np.allclose(scales, [1.000597, 3.270687, 2.616079, 1.939038, 1.695053], atol=1e-6), scales


def check_pinball():
    """y = 1 against (0, 0.5, 2): losses .1, .25 and .1."""
    found = pinball(np.array([[0.0, 0.5, 2.0]]), np.array([1.0]))[0]
    assert abs(found - 100 * (0.1 + 0.25 + 0.1) / 3) < 1e-9, found


def check_false_alarms(worlds=400):
    """Two equally good forecasters whose errors of overlapping forecasts are shared: p < .05 in at most a tenth."""
    random = np.random.default_rng(3)
    for origins, apart in ((9, 2), (16, 1), (40, 1)):
        for horizon in (1, 3, 6, 12):
            alarms = np.zeros(2)
            for _ in range(worlds):
                shocks = random.normal(size=origins * apart + horizon) / np.sqrt(horizon)
                shared = np.convolve(shocks, np.ones(horizon), "valid")[: origins * apart : apart]
                rival = np.repeat(shared, 3) + random.normal(0, 0.3, size=3 * origins)
                found = test_difference(rival, np.zeros(3 * origins), np.repeat(apart * np.arange(origins), 3), horizon)
                alarms += np.array(found[2:]) < 0.05
            p, p_bootstrap = 100 * alarms / worlds
            case = f"{origins} origins {apart} months apart, horizon {horizon}"
            print(f"{case}: false alarms at 5 %: p {p:.0f} %, p_bootstrap {p_bootstrap:.0f} %")
            assert p <= 10


if __name__ == "__main__":
    argparse.ArgumentParser(description="Checks of the comparison itself.").parse_args()
    check_pinball()
    check_calibration()
    check_no_forecaster_sees_past_an_origin()
    check_false_alarms()
    print("checks passed")
