"""scikit-learn's histogram boosters by quantile and a conformal band; the commands are in boosters.py.

Threads are OpenMP's: set OMP_NUM_THREADS.
"""

import sys

from sklearn.ensemble import HistGradientBoostingRegressor

import boosters

TREES = 300


def fit(features, target, level, _threads):
    """One quantile."""
    model = HistGradientBoostingRegressor(
        loss="quantile",
        quantile=level,
        learning_rate=0.05,
        max_iter=TREES,
        max_leaf_nodes=31,
        min_samples_leaf=50,
        categorical_features=boosters.CATEGORIES,
        early_stopping=False,
        random_state=boosters.SEED,
    )
    return model.fit(features, target)


def predict(model, features, _threads):
    """Forecasts of one quantile."""
    return model.predict(features)


if __name__ == "__main__":
    boosters.main(sys.modules[__name__])
