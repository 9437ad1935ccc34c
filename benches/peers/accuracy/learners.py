"""Learners of quantiles: LightGBM, CatBoost, GPBoost, and scikit-learn's booster under MAPIE.

In: training rows and query features (see features.py). Out: 10/50/90 % quantiles of the change of ln price.
Every learner is refitted at every origin on the pairs known there, one model for all horizons of a pool. All run
on one thread with a fixed seed. Crossed quantiles are sorted.
"""

import warnings

import numpy as np

from features import FEATURES, HORIZON_FEATURES

LEVELS = (0.1, 0.5, 0.9)
SEED = 20231
LEAST_ROWS = 40
LEAST_SCORES = 10
CALIBRATION_SHARE = 0.25  # the latest target months, by rows


STEPS = FEATURES.index("steps")


def lightgbm_quantiles(pairs, settings):
    """Three boosters, one a level, of change / steps^power; weights of steps^power make the loss that of the change."""
    import lightgbm

    def unit(features):
        return features[:, STEPS] ** settings["power"]

    units = unit(pairs.features)
    fixed = dict(objective="quantile", num_threads=1, seed=SEED, deterministic=True, force_row_wise=True, verbose=-1)
    chosen = {name: value for name, value in settings.items() if name not in ("rounds", "power")}
    models = [
        lightgbm.train(
            {**fixed, **chosen, "alpha": level, "bagging_freq": 1},
            lightgbm.Dataset(pairs.features, pairs.changes / units, weight=units, params={"verbose": -1}),
            num_boost_round=settings["rounds"],
        )
        for level in LEVELS
    ]

    def predict(features, series):
        made = np.column_stack([model.predict(features, num_threads=1) for model in models])
        return made * unit(features)[:, None]

    return predict


LIGHTGBM_DEFAULT = dict(
    power=0.0,
    rounds=150,
    num_leaves=15,
    learning_rate=0.05,
    min_data_in_leaf=20,
    feature_fraction=0.8,
    bagging_fraction=0.8,
    lambda_l2=1.0,
)


def lightgbm_trials(count):
    """Random settings; the first is the default, so that tuning cannot start from worse."""
    random = np.random.default_rng(SEED)
    trials = [LIGHTGBM_DEFAULT]
    while len(trials) < count:
        trials.append(
            dict(
                power=float(random.choice([0.0, 0.5, 1.0])),
                rounds=int(random.choice([50, 100, 200, 300])),
                num_leaves=int(random.choice([4, 8, 15, 31])),
                learning_rate=float(np.exp(random.uniform(np.log(0.02), np.log(0.15)))),
                min_data_in_leaf=int(random.choice([5, 10, 20, 40, 80])),
                feature_fraction=float(random.uniform(0.4, 1.0)),
                bagging_fraction=float(random.uniform(0.5, 1.0)),
                lambda_l2=float(np.exp(random.uniform(np.log(0.01), np.log(30)))),
            )
        )
    return trials


def catboost_quantiles(pairs, settings):
    """Three boosters, each level falling (or flat) in the horizon."""
    import catboost

    constraints = [-1 if name in HORIZON_FEATURES else 0 for name in FEATURES]
    models = []
    for level in LEVELS:
        model = catboost.CatBoostRegressor(
            loss_function=f"Quantile:alpha={level}",
            iterations=200,
            depth=4,
            learning_rate=0.05,
            monotone_constraints=constraints,
            random_seed=SEED,
            thread_count=1,
            allow_writing_files=False,
            verbose=False,
        )
        models.append(model.fit(pairs.features, pairs.changes))
    return lambda features, series: np.column_stack([model.predict(features, thread_count=1) for model in models])


def gpboost_quantiles(pairs, settings):
    """Trees with a random effect a series.

    Changes are divided by the root of the steps, as errors grow with it, and then brought to unit variance: the
    library's gradient step depends on the target's scale, and at a tenth of a log unit it diverges.
    """
    import gpboost

    scaled = pairs.changes / np.sqrt(pairs.features[:, STEPS])
    scale = scaled.std() or 1.0
    effects = gpboost.GPModel(group_data=pairs.series.astype(str), likelihood="gaussian", num_parallel_threads=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        booster = gpboost.train(
            params=dict(
                objective="regression_l2",
                learning_rate=0.05,
                num_leaves=15,
                min_data_in_leaf=20,
                num_threads=1,
                seed=SEED,
                deterministic=True,
                verbose=-1,
            ),
            train_set=gpboost.Dataset(pairs.features, scaled / scale, params={"verbose": -1}),
            gp_model=effects,
            num_boost_round=150,
            verbose_eval=False,
        )

    def predict(features, series):
        found = booster.predict(data=features, group_data_pred=series.astype(str), predict_var=True, pred_latent=False)
        root = scale * np.sqrt(features[:, STEPS])
        deviation = np.sqrt(found["response_var"])
        return np.column_stack([(found["response_mean"] + z * deviation) * root for z in (-1.2816, 0.0, 1.2816)])

    return predict


def split_by_time(pairs):
    """Rows to fit on and later rows to calibrate on; nothing to calibrate on if targets lie in one month."""
    cut = np.quantile(pairs.target_months, 1 - CALIBRATION_SHARE, method="lower")
    earlier = pairs.target_months <= cut
    if earlier.all():
        earlier = pairs.target_months < pairs.target_months.max()
    return pairs.select(earlier), pairs.select(~earlier)


def conformal_shifts(quantiles, pairs):
    """{horizon: how far both ends move out} so that 80 % of the calibration rows would have been covered."""
    scores = np.maximum(quantiles[:, 0] - pairs.changes, pairs.changes - quantiles[:, 2])
    shifts = {}
    for horizon in np.unique(pairs.horizons):
        own = np.sort(scores[pairs.horizons == horizon])
        if len(own) >= LEAST_SCORES:
            shifts[int(horizon)] = own[min(int(np.ceil(0.8 * (len(own) + 1))), len(own)) - 1]
    return shifts


def shift_at(shifts, horizon):
    """The shift of the nearest shorter horizon that has one, by the root of the ratio; nothing if none has."""
    shorter = [known for known in shifts if known <= horizon]
    return shifts[max(shorter)] * np.sqrt(horizon / max(shorter)) if shorter else 0.0


def conformal(learn):
    """`learn` with split conformal ends a horizon: scored on the latest quarter, then refitted on every row.

    The refit gives up the exact guarantee (which a drifting market does not grant anyway) for the latest months.
    """

    def forecast(pairs, settings, features, horizons, series):
        earlier, later = split_by_time(pairs)
        shifts = {}
        if len(earlier.changes) >= LEAST_ROWS // 2:
            shifts = conformal_shifts(sort_rows(learn(earlier, settings)(later.features, later.series)), later)
        quantiles = sort_rows(learn(pairs, settings)(features, series))
        shift = np.array([shift_at(shifts, horizon) for horizon in horizons])
        quantiles[:, 0] = np.minimum(quantiles[:, 0] - shift, quantiles[:, 1])
        quantiles[:, 2] = np.maximum(quantiles[:, 2] + shift, quantiles[:, 1])
        return quantiles

    return forecast


def lightgbm_by_horizon(pairs, settings, features, horizons, series):
    """Conformal LightGBM with each horizon's own settings, every model fitted on the pairs of all horizons."""
    forecast = conformal(lightgbm_quantiles)
    quantiles = np.full((len(features), 3), np.nan)
    distinct = []
    for horizon in np.unique(horizons):
        if settings[int(horizon)] not in distinct:
            distinct.append(settings[int(horizon)])
    for one in distinct:
        rows = np.array([settings[int(horizon)] == one for horizon in horizons])
        quantiles[rows] = forecast(pairs, one, features[rows], horizons[rows], series[rows])
    return quantiles


def mapie_quantiles(pairs, settings, features, horizons, series):
    """MAPIE's conformalised quantile regression a horizon, in its strict form: no refit on the calibration rows."""
    from mapie.regression import ConformalizedQuantileRegressor
    from sklearn.ensemble import HistGradientBoostingRegressor

    earlier, later = split_by_time(pairs)
    # scikit-learn cannot bin a feature without two different values
    varied = [column for column in range(len(FEATURES)) if len(set(known_values(earlier.features[:, column]))) > 1]
    later_features, features = later.features[:, varied], features[:, varied]
    models = [
        HistGradientBoostingRegressor(
            loss="quantile",
            quantile=level,
            max_iter=150,
            learning_rate=0.05,
            max_leaf_nodes=15,
            early_stopping=False,
            random_state=SEED,
        ).fit(earlier.features[:, varied], earlier.changes)
        for level in (0.1, 0.9, 0.5)  # the order that MAPIE asks for
    ]
    raw = np.column_stack([models[place].predict(features) for place in (0, 2, 1)])
    conformalised = {}
    for horizon in np.unique(later.horizons):
        own = later.horizons == horizon
        if own.sum() >= LEAST_SCORES:
            regressor = ConformalizedQuantileRegressor(models, confidence_level=0.8, prefit=True)
            conformalised[int(horizon)] = regressor.conformalize(later_features[own], later.changes[own])
    quantiles = raw.copy()
    for horizon in np.unique(horizons):
        shorter = [known for known in conformalised if known <= horizon]
        if shorter:
            rows = np.flatnonzero(horizons == horizon)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                median, ends = conformalised[max(shorter)].predict_interval(features[rows])
            quantiles[rows] = np.column_stack([ends[:, 0, 0], median, ends[:, 1, 0]])
    return sort_rows(quantiles)


def known_values(column):
    """The values that are there."""
    return column[np.isfinite(column)]


def sort_rows(quantiles):
    """Quantiles in their order."""
    return np.sort(np.asarray(quantiles, float), axis=1)
