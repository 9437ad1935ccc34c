"""Rival forecasters on the folds of `residua backtest`, beside its own forecasts.

    python compare.py CELLS.csv PREDICTIONS.csv [--scores scores.csv] [--trials 24] [--horizons 1,3,6,12] [--only NAME ...]
        [--keep FILE.npz]

Out: a Markdown report on stdout, scores.csv (no price in it); progress on stderr.
"""

import argparse
import logging
import os
import sys
import time
from importlib.metadata import PackageNotFoundError, version

# One thread everywhere: sums in another order are other numbers. Before numpy loads its libraries.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np  # noqa: E402

import learners  # noqa: E402
import report  # noqa: E402
import rules  # noqa: E402
from calibration import calibrate  # noqa: E402
from folds import actuals_unlike_cells, keep_horizons, read_folds, read_market  # noqa: E402
from kept import digest, keep, kept  # noqa: E402
from learned import forecast_learned, pool_tasks, tune_lightgbm  # noqa: E402
from univariate import forecast_univariate  # noqa: E402

logging.disable(logging.INFO)  # MAPIE says at every call that quantiles cross; they are sorted

LIBRARIES = ("statsforecast", "lightgbm", "catboost", "gpboost", "MAPIE", "scikit-learn", "numpy", "pandas", "scipy")


def say(text):
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def forecasters(market, folds, trials):
    """{name: function(note) -> quantiles (rows x 3)}; the learners share features computed on first use."""
    shared = {}

    def tasks():
        if "tasks" not in shared:
            shared["tasks"] = pool_tasks(market, folds)
        return shared["tasks"]

    def by_rule(rule):
        return lambda note: rules.forecast_by_rule(rule, market, folds)

    def by_model(name, **options):
        import statsforecast.models as models

        def make_model():
            return getattr(models, name)(season_length=1, **options)

        return lambda note: forecast_univariate(make_model, market, folds, note)

    def by_learner(forecast, settings=lambda: {}):
        return lambda note: forecast_learned(forecast, settings(), tasks(), folds, note)

    return {
        report.FALLBACK: by_rule(rules.no_change),
        "class geometric rate": by_rule(rules.geometric_rate),
        "-3.5 %/month": by_rule(rules.published_rate),
        "AutoETS": by_model("AutoETS", model="ZZN"),
        "Theta": by_model("Theta"),
        "DynamicTheta": by_model("DynamicTheta"),
        "AutoTheta": by_model("AutoTheta"),
        "LightGBM + conformal": by_learner(learners.lightgbm_by_horizon, lambda: tune_lightgbm(tasks(), trials, say)),
        "CatBoost monotone + conformal": by_learner(learners.conformal(learners.catboost_quantiles)),
        "GPBoost + conformal": by_learner(learners.conformal(learners.gpboost_quantiles)),
        "MAPIE CQR": by_learner(learners.mapie_quantiles),
    }


def run(name, forecast):
    """One forecaster's quantiles, with what it could not forecast and why said on stderr."""
    reasons = {}

    def note(reason, rows):
        reasons[reason] = reasons.get(reason, 0) + rows

    started = time.monotonic()
    quantiles = forecast(note)
    seconds = time.monotonic() - started
    missing = int(np.isnan(quantiles[:, 0]).sum())
    say(f"{name}: {seconds:.0f} s" + (f", {missing} rows without a forecast" if missing else ""))
    for reason, rows in sorted(reasons.items()):
        say(f"  {rows} rows: {reason}")
    return quantiles


def calibrate_by_pool(quantiles, folds):
    """Our recipe's own calibration, laid over a rival a pool at a time."""
    calibrated = quantiles.copy()
    for pool in sorted(set(folds.pool)):
        rows = folds.pool == pool
        calibrated[rows] = calibrate(quantiles[rows], folds.origin[rows], folds.horizon[rows], folds.actual[rows])
    return calibrated


def month_list(text):
    """'1,3,6,12' as whole numbers of months."""
    months = sorted({int(part) for part in text.split(",")})
    if months[0] < 1:
        raise argparse.ArgumentTypeError("a horizon is at least one month")
    return months


def installed_versions():
    """Versions of the libraries at work."""
    found = [f"Python {sys.version.split()[0]}"]
    for library in LIBRARIES:
        try:
            found.append(f"{library} {version(library)}")
        except PackageNotFoundError:
            found.append(f"{library} not installed")
    return ", ".join(found)


def main():
    """Read, forecast, score, write."""
    parser = argparse.ArgumentParser(description="Rival forecasters on the folds of residua backtest.")
    parser.add_argument("cells")
    parser.add_argument("predictions")
    parser.add_argument("--scores", default="scores.csv", help="where the scores go (default: scores.csv)")
    parser.add_argument("--trials", type=int, default=24, help="random settings tried for LightGBM (default: 24)")
    parser.add_argument(
        "--horizons", type=month_list, metavar="1,3,6,12", help="forecast and score only these months ahead"
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help="run only the rivals whose name begins so")
    parser.add_argument("--keep", metavar="FILE.npz", help="take unchanged rivals' forecasts from here and leave them")
    options = parser.parse_args()

    market = read_market(options.cells)
    folds = read_folds(options.predictions, market)
    if options.horizons:
        folds = keep_horizons(folds, options.horizons)
    unlike = actuals_unlike_cells(folds, market)
    if unlike:
        say(f"warning: {unlike} actuals are not the price of their series and month in the cells")
    made = {report.OURS: folds.ours}
    key = digest(options.cells, folds, options.trials, installed_versions())
    for name, forecast in forecasters(market, folds, options.trials).items():
        wanted = not options.only or name == report.FALLBACK or any(name.startswith(start) for start in options.only)
        if wanted:
            found = kept(options.keep, key, name)
            made[name] = run(name, forecast) if found is None else found
            if found is not None:
                say(f"{name}: kept")
    if options.keep:
        keep(options.keep, key, {name: quantiles for name, quantiles in made.items() if name != report.OURS})
    calibrated = {
        name: quantiles if name == report.OURS else calibrate_by_pool(quantiles, folds)
        for name, quantiles in made.items()
    }
    scores = report.score_all({"none": made, "ours": calibrated}, folds)
    report.write_scores(options.scores, scores)
    print(report.markdown(scores, folds, options.trials, installed_versions()))


if __name__ == "__main__":
    main()
