"""A learner run over the folds, pool by pool and origin by origin, and LightGBM's tuning.

In: market, folds and a forecaster of learners.py. Out: 10/50/90 % quantiles of ln price by fold row.
"""

import numpy as np

from features import PoolFacts, query_rows, training_pairs
from learners import LEAST_ROWS, lightgbm_quantiles, lightgbm_trials, sort_rows
from scores import pinball

TUNING_ORIGINS = 4


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
    """Quantiles (rows x 3); `settings` by pool. What cannot be forecast stays NaN and is noted."""
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
            quantiles[task.rows[here]] = made + task.last[here, None]
    return np.where(np.isfinite(quantiles).all(axis=1)[:, None], quantiles, np.nan)


def tune_lightgbm(tasks, trials, say):
    """The best of `trials` random settings a pool, by mean pinball at origins of the earlier half.

    The winner then also forecasts those origins, which flatters the rival there.
    """
    chosen = {}
    for pool, task in tasks.items():
        earlier = [origin for origin in task.origins[: max(1, len(task.origins) // 2)]]
        spread = np.unique(np.linspace(0, len(earlier) - 1, TUNING_ORIGINS).round().astype(int))
        usable = [earlier[place] for place in spread if len(task.known_pairs(earlier[place]).changes) >= LEAST_ROWS]
        losses = []
        for settings in lightgbm_trials(trials) if usable else []:
            parts = []
            for origin in usable:
                here = task.row_origins == origin
                predict = lightgbm_quantiles(task.known_pairs(origin), settings)
                made = sort_rows(predict(task.features[here], task.series[here])) + task.last[here, None]
                parts.append(pinball(made, task.actual[here]))
            losses.append(np.concatenate(parts).mean())
        best = int(np.argmin(losses)) if losses else 0
        chosen[pool] = lightgbm_trials(best + 1)[best]
        say(f"LightGBM {pool}: trial {best + 1} of {len(losses)} at {len(usable)} origins of the earlier half: {chosen[pool]}")
    return chosen
