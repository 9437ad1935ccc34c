"""Rivals' forecasts kept from run to run, as they do not depend on ours: a new recipe of ours needs only new scores.

In: the cells, the rows to forecast, LightGBM's trials, the libraries at work and the rivals' own code, which together
are a digest. Out: a file of quantiles of ln price, each array under the digest and the rival's name.
"""

import hashlib
import os
from pathlib import Path

import numpy as np

MAKERS = "calibration features folds learned learners rules univariate compare".split()


def digest(cells, folds, trials, versions):
    """What a rival's forecasts follow from; our own forecasts are not among it."""
    made_of = hashlib.sha256(Path(cells).read_bytes())
    for part in (folds.series, folds.origin, folds.horizon, folds.actual):
        made_of.update(np.ascontiguousarray(part).tobytes())
    for name in MAKERS:
        made_of.update(Path(__file__).with_name(f"{name}.py").read_bytes())
    made_of.update(f"{trials} {versions}".encode())
    return made_of.hexdigest()[:32]


def kept(path, key, name):
    """The rival's quantiles (rows x 3), or None when these were not kept."""
    if not path or not os.path.exists(path):
        return None
    with np.load(path) as arrays:
        return arrays.get(f"{key} {name}")


def keep(path, key, forecasts):
    """Add these rivals' quantiles and drop those of any other digest, whole or not at all."""
    arrays = {}
    if os.path.exists(path):
        with np.load(path) as before:
            arrays = {label: before[label] for label in before if label.startswith(key)}
    arrays |= {f"{key} {name}": quantiles for name, quantiles in forecasts.items()}
    unfinished = f"{path}.unfinished"
    with open(unfinished, "wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(unfinished, path)
