"""Scores of quantile forecasts of ln price, and whether two forecasters differ.

Pinball: mean over the 10, 50 and 90 % quantiles, times 100, so that it reads as per cent of the price.
Difference: mean loss of the rival less ours. Its p value is Diebold and Mariano's (1995) question answered by a
circular block bootstrap over origins (Politis and Romano 1992): whole origins are drawn with all their series, since
series of one origin share the market's shock, in blocks of neighbouring origins, since forecasts of h months
overlap. Two-sided, of the draws' differences about the measured one.
"""

import numpy as np

LEVELS = np.array([0.1, 0.5, 0.9])
DRAWS = 2_000
SEED = 1995
LEAST_ORIGINS = 4


def pinball(quantiles, actual):
    """Loss by row, times 100."""
    below = actual[:, None] - quantiles
    return 100 * np.maximum(LEVELS * below, (LEVELS - 1) * below).mean(axis=1)


def covered(quantiles, actual):
    """Whether the actual lies in the 80 % interval, by row."""
    return (actual >= quantiles[:, 0]) & (actual <= quantiles[:, 2])


def block_length(origins, horizon):
    """Origins a block: as many as a forecast of `horizon` months spans, between the cube root and a third of all."""
    count = len(origins)
    spacing = max(1.0, float(np.median(np.diff(origins))))
    return int(max(np.ceil(count ** (1 / 3)), min(np.ceil(horizon / spacing), count // 3)))


def compare(rival, ours, origin, horizon):
    """Mean difference of losses, its bootstrap t and p; NaN for fewer than four origins or no difference at all."""
    differences = rival - ours
    origins, places = np.unique(origin, return_inverse=True)
    mean = float(differences.mean())
    if len(origins) < LEAST_ORIGINS or not np.any(differences):
        return mean, np.nan, np.nan
    sums = np.bincount(places, weights=differences)
    counts = np.bincount(places).astype(float)
    length = block_length(origins, horizon)
    blocks = int(np.ceil(len(origins) / length))
    starts = np.random.default_rng(SEED).integers(0, len(origins), (DRAWS, blocks))
    drawn = (starts[:, :, None] + np.arange(length)).reshape(DRAWS, -1)[:, : len(origins)] % len(origins)
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    deviation = float(means.std())
    p_value = (1 + np.sum(np.abs(means - mean) >= abs(mean))) / (DRAWS + 1)
    return mean, mean / deviation if deviation > 0 else np.nan, float(p_value)
