"""Scores of quantile forecasts of ln price, and whether two forecasters differ.

Pinball: mean over the 10, 50 and 90 % quantiles, times 100, so that it reads as per cent of the price.
Difference: mean loss of the rival less ours. Whether it is more than chance is Diebold and Mariano's (1995) question.
Its error comes from a circular block bootstrap over origins (Politis and Romano 1992): whole origins are drawn with
all their series, since series of one origin share the market's shock, in blocks of neighbouring origins, since
forecasts of h months overlap.

    p_bootstrap = share of the draws whose difference lies as far from the measured one as that lies from nothing
    t = difference / deviation of the draws * sqrt(1 - L/n),  p = two-sided Student t with n/L - 1 degrees of freedom

n origins, L a block. p_bootstrap is far too sure when n/L is small (check.py prints how often it calls two equally
good forecasters different); p holds its level and is the one to read.
"""

import numpy as np
from scipy.stats import t as student

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


def months_apart(origins):
    """The usual distance of neighbouring origins."""
    return max(1.0, float(np.median(np.diff(origins))))


def block_length(origins, horizon):
    """Origins a block: 1.5 times what a forecast of `horizon` months spans, from the cube root to half of all."""
    count = len(origins)
    spanned = np.ceil(1.5 * horizon / months_apart(origins))
    return int(min(max(np.ceil(count ** (1 / 3)), spanned), count // 2))


def compare(rival, ours, origin, horizon):
    """Mean difference of losses, t, p and p_bootstrap.

    The last three are NaN where nothing can be said: fewer than four origins, origins that span less than one
    horizon (their forecasts are one event), or no difference at all.
    """
    differences = rival - ours
    origins, places = np.unique(origin, return_inverse=True)
    mean = float(differences.mean())
    few = len(origins) < LEAST_ORIGINS or len(origins) * months_apart(origins) < horizon
    if few or not np.any(differences):
        return mean, np.nan, np.nan, np.nan
    sums = np.bincount(places, weights=differences)
    counts = np.bincount(places).astype(float)
    length = block_length(origins, horizon)
    blocks = int(np.ceil(len(origins) / length))
    starts = np.random.default_rng(SEED).integers(0, len(origins), (DRAWS, blocks))
    drawn = (starts[:, :, None] + np.arange(length)).reshape(DRAWS, -1)[:, : len(origins)] % len(origins)
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    p_bootstrap = (1 + np.sum(np.abs(means - mean) >= abs(mean))) / (DRAWS + 1)
    share = length / len(origins)
    t = mean / float(means.std()) * np.sqrt(1 - share) if means.std() > 0 else np.nan
    return mean, t, float(2 * student.sf(abs(t), 1 / share - 1)), float(p_bootstrap)
