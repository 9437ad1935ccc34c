"""AutoETS and the Thetas of statsforecast, a series at a time.

In: a series' ln prices up to the origin. Out: 10/50/90 % quantiles of ln price (the models' own normal 80 % intervals).
Gaps, and the months from the last price to the origin, carry the last price forward: a straight line between two
prices would use the later one. A series of fewer than three such months gets no forecast.
"""

import warnings

import numpy as np

LEAST_MONTHS = 3


def carried_forward(one, origin):
    """ln price for every month from the first price to the origin."""
    known = one.known(origin)
    every_month = np.arange(one.months[0], origin + 1)
    return one.log_prices[np.searchsorted(one.months[:known], every_month, side="right") - 1]


def forecast_univariate(make_model, market, folds, note):
    """Quantiles (rows x 3) by a statsforecast model; what it cannot forecast stays NaN and is noted."""
    quantiles = np.full((len(folds.origin), 3), np.nan)
    tasks = {}
    for row, task in enumerate(zip(folds.series, folds.origin)):
        tasks.setdefault(task, []).append(row)
    for (place, origin), rows in tasks.items():
        values = carried_forward(market.series[place], origin)
        if len(values) < LEAST_MONTHS:
            note(f"fewer than {LEAST_MONTHS} months of history", len(rows))
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = make_model().forecast(y=values, h=int(folds.horizon[rows].max()), level=[80])
        except Exception as error:  # whatever the library raises on a short or constant series
            note(f"{type(error).__name__}: {error}"[:120], len(rows))
            continue
        path = np.column_stack([made["lo-80"], made["mean"], made["hi-80"]])[folds.horizon[rows] - 1]
        whole = np.isfinite(path).all(axis=1)
        if not whole.all():
            note("an interval that is not finite", int((~whole).sum()))
        quantiles[rows] = np.where(whole[:, None], path, np.nan)
    return quantiles
