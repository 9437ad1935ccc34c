"""One adaptive calibration for any forecaster, so that rivals can be given what our own recipe gives itself.

In: 10/50/90 % quantiles of ln price by row, with the row's origin and horizon (months) and what came.
Out: the same quantiles, each side's distance from the median times a scale by origin and horizon.

    score = |y - median| / distance of the 10 % (y below) or 90 % quantile (y above)
    scale = max(0.3, q80 * exp(a))

q80 is the weighted 80 % point of the scores of the same horizon that were known at the origin, with a prior of
40 half-normal points of total weight 3. An origin-month is one block of weight .95^age / sqrt(h), shared by its
series. `a` starts at 0 and gains .1 * months * (miss - .2) / .2 at each origin, in [-.7, 1], where miss is the share
outside the issued interval among what became known since the last origin, weighted by h^-.5 a block.
"""

import numpy as np
from scipy.stats import norm

PRIOR_POINTS = norm.ppf(0.5 + 0.5 * (np.arange(40) + 0.5) / 40) / 1.2816
PRIOR_WEIGHT = 3.0
LARGEST_SCORE_QUANTILE = 4.0
SMALLEST_SCALE = 0.3
SMALLEST_WIDTH = 1e-9  # a distance of zero would make its score infinite


def weighted_point(values, weights, share):
    """The point below which `share` of the weight lies, interpolated between mid-weights."""
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    reached = (np.cumsum(weights) - weights / 2) / weights.sum()
    return float(np.interp(share, reached, values))


def score_quantile(blocks, origin, horizon):
    """q80 at `origin` from blocks {past origin: scores} of one horizon."""
    values, weights = [PRIOR_POINTS], [np.full(len(PRIOR_POINTS), PRIOR_WEIGHT / len(PRIOR_POINTS))]
    for past, scores in blocks.items():
        age = origin - past - horizon
        if age >= 0 and len(scores):
            block_weight = 0.95**age / np.sqrt(max(horizon, 1))
            values.append(scores)
            weights.append(np.full(len(scores), block_weight / len(scores)))
    point = weighted_point(np.concatenate(values), np.concatenate(weights), 0.8)
    return min(point, LARGEST_SCORE_QUANTILE)


def calibrate(quantiles, origins, horizons, actuals):
    """Calibrated copy of `quantiles` (rows x 3, ln price); rows without a forecast (NaN) stay so."""
    quantiles = np.asarray(quantiles, float)
    issued = quantiles.copy()
    has = np.isfinite(quantiles).all(axis=1)
    median = quantiles[:, 1]
    side = np.where(actuals < median, median - quantiles[:, 0], quantiles[:, 2] - median)
    scores = np.abs(actuals - median) / np.maximum(side, SMALLEST_WIDTH)
    rows = {}  # (horizon, origin) -> row numbers
    for row in np.flatnonzero(has):
        rows.setdefault((horizons[row], origins[row]), []).append(row)
    by_horizon = {}
    for (horizon, origin), members in rows.items():
        by_horizon.setdefault(horizon, {})[origin] = scores[members]
    shift, last = 0.0, None
    for origin in sorted(set(origins[has])):
        if last is not None:
            shift = moved(shift, rows, issued, actuals, last, origin)
        for horizon, blocks in by_horizon.items():
            members = rows.get((horizon, origin))
            if members:
                scale = max(SMALLEST_SCALE, score_quantile(blocks, origin, horizon) * np.exp(shift))
                centre = median[members][:, None]
                issued[members] = centre + scale * (quantiles[members] - centre)
        last = origin
    return issued


def moved(shift, rows, issued, actuals, last, origin):
    """`a` after what became known in (last, origin]."""
    misses, weights = [], []
    for (horizon, past), members in rows.items():
        if last < past + horizon <= origin:
            outside = (actuals[members] < issued[members, 0]) | (actuals[members] > issued[members, 2])
            misses.append(outside.mean())
            weights.append(horizon**-0.5)
    if not misses:
        return shift
    miss = np.average(misses, weights=weights)
    return float(np.clip(shift + 0.1 * (origin - last) * (miss - 0.2) / 0.2, -0.7, 1.0))
