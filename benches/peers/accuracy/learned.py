"""A learner run over the folds, pool by pool and origin by origin, and LightGBM's tuning.

In: market, folds and a forecaster of learners.py. Out: 10/50/90 % quantiles of ln price by fold row.
"""

import numpy as np

from features import PoolFacts, query_rows, training_pairs
from learners import LEAST_ROWS, lightgbm_quantiles, lightgbm_trials, sort_rows
from scores import pinball

TUNING_ORIGINS = 6


class PoolTask:
    """All that a learner needs of one pool; features are computed once."""

    def __init__(self, market, folds, pool):
        members = market.pools[pool]
        self.rows = np.flatnonzero(folds.pool == pool)
        self.origins = np.unique(folds.origin[self.rows])
        facts = PoolFacts([market.series[place] for place in members])
        horizons = [int(horizon) for horizon in np.unique(folds.horizon[self.rows])]
        self.pairs = training_pairs(market, members, facts, horizons, int(self.origins[-1]))
        self.features, self.last = query_rows(market, facts, folds, self.rows)
        self.series, self.row_horizons = folds.series[self.rows], folds.horizon[self.rows]
        self.row_origins, self.actual = folds.origin[self.rows], folds.actual[self.rows]

    def known_pairs(self, origin):
        """Training rows whose target month is at or before `origin`."""
        return self.pairs.select(self.pairs.target_months <= origin)


def pool_tasks(market, folds):
    """{pool: PoolTask} of the pools that the folds hold."""
    return {pool: PoolTask(market, folds, pool) for pool in sorted(set(folds.pool))}


def forecast_learned(forecast, settings, tasks, folds, note):
    """Quantiles (rows x 3); `settings` are the forecaster's own, by pool. What it cannot forecast is NaN and noted."""
    quantiles = np.full((len(folds.origin), 3), np.nan)
    for pool, task in tasks.items():
        for origin in task.origins:
            here = task.row_origins == origin
            pairs = task.known_pairs(origin)
            if len(pairs.changes) < LEAST_ROWS:
                note(f"fewer than {LEAST_ROWS} training rows", int(here.sum()))
                continue
            try:
                made = forecast(
                    pairs, settings.get(pool, {}), task.features[here], task.row_horizons[here], task.series[here]
                )
            except Exception as error:  # a rival that fails at an origin is shown as missing rows, and said why
                note(f"{type(error).__name__}: {error}"[:120], int(here.sum()))
                continue
            whole = np.isfinite(made).all(axis=1)
            if not whole.all():
                note("a quantile that is not finite", int((~whole).sum()))
            quantiles[task.rows[here]] = np.where(whole[:, None], made + task.last[here, None], np.nan)
    return quantiles


def tune_lightgbm(tasks, trials, say):
    """{pool: {horizon: settings}}: the best of `trials` random settings, by pinball at origins of the earlier half.

    A horizon without a fold there takes the settings that do best over the others (mean ln pinball, so that the
    longest does not choose for all). The winners then also forecast those origins, which flatters the rival there.
    """
    chosen = {}
    for pool, task in tasks.items():
        horizons = [int(horizon) for horizon in np.unique(task.row_horizons)]
        earlier = task.origins[: max(1, len(task.origins) // 2)]
        spread = np.unique(np.linspace(0, len(earlier) - 1, TUNING_ORIGINS).round().astype(int))
        usable = [origin for origin in earlier[spread] if len(task.known_pairs(origin).changes) >= LEAST_ROWS]
        tried = lightgbm_trials(trials if usable else 1)
        found = [tuning_losses(task, usable, settings) for settings in tried]
        losses = np.array([[one.get(horizon, np.nan) for horizon in horizons] for one in found])
        seen = np.isfinite(losses).all(axis=0)
        overall = int(np.argmin(np.log(losses[:, seen] + 1e-9).mean(axis=1))) if seen.any() else 0
        best = [int(np.argmin(losses[:, place])) if seen[place] else overall for place in range(len(horizons))]
        chosen[pool] = {horizon: tried[number] for horizon, number in zip(horizons, best)}
        for horizon, number in zip(horizons, best):
            where = f"trial {number + 1} of {len(tried)}, tried at {len(usable)} origins"
            say(f"LightGBM {pool}, {horizon} months: {where}: {tried[number]}")
    return chosen


def tuning_losses(task, origins, settings):
    """{horizon: mean pinball} of raw LightGBM quantiles over the fold rows of `origins`."""
    losses, horizons = [], []
    for origin in origins:
        here = task.row_origins == origin
        predict = lightgbm_quantiles(task.known_pairs(origin), settings)
        made = sort_rows(predict(task.features[here], task.series[here])) + task.last[here, None]
        losses.append(pinball(made, task.actual[here]))
        horizons.append(task.row_horizons[here])
    if not losses:
        return {}
    losses, horizons = np.concatenate(losses), np.concatenate(horizons)
    return {int(horizon): float(losses[horizons == horizon].mean()) for horizon in np.unique(horizons)}
