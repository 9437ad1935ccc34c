"""pandas, three LightGBM quantile models and a conformal band; the commands are in boosters.py."""

import sys

import lightgbm

import boosters

TREES = 300


def fit(features, target, level, threads):
    """One quantile."""
    settings = {
        "objective": "quantile",
        "alpha": level,
        "learning_rate": 0.05,
        "num_leaves": 31,
        "min_data_in_leaf": 50,
        "num_threads": threads,
        "seed": boosters.SEED,
        "verbosity": -1,
    }
    data = lightgbm.Dataset(
        features, target, feature_name=boosters.FEATURES, categorical_feature=boosters.CATEGORIES, params=settings
    )
    return lightgbm.train(settings, data, num_boost_round=TREES)


def predict(model, features, threads):
    """Forecasts of one quantile."""
    return model.predict(features, num_threads=threads)


if __name__ == "__main__":
    boosters.main(sys.modules[__name__])
