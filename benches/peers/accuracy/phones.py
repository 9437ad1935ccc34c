"""Gradient boosting against the cold start of phones, on the same sales, facts and folds.

In: the rows that examples/cold_start_rows.rs writes. Out, on standard output: mean pinball loss of the log price (10, 50
and 90 %, times 100), share of sales inside the 80 % interval, by odd and even generation, for residua, CatBoost and
LightGBM, all by quantile loss. CatBoost never rises with age and never falls with a better condition; LightGBM refuses
such constraints together with its quantile loss and goes without.

Every generation is forecast from the others. Settings are drawn at random, the same ones for every generation, and
chosen for each by the pinball loss of leaving out one more generation. A fit without the pair (a, b) serves a as outer
and b as inner generation and the other way round, so each pair is fitted once.

    pip install -r requirements-phones.txt
    python phones.py rows.csv [--peer catboost|lightgbm] [--trials 24] [--minutes 60] [--threads 1]

The search ends early when its minutes are over; how many settings were tried is told.
"""

import argparse
import csv
import itertools
import sys
import time

import numpy as np

LEVELS = np.array([0.1, 0.5, 0.9])
SEED = 20260607
FACTS = ["age", "age_beyond_3", "successor", "cohort", "list_price", "storage", "locked", "age_by_list_price", "condition"]
MONOTONE = {"age": -1, "age_beyond_3": -1, "condition": 1}


def read(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    column = lambda name: np.array([float(row[name]) for row in rows])
    facts = np.column_stack([column(name) for name in FACTS])
    ours = np.column_stack([column(name) for name in ("lower", "median", "upper")])
    return facts, column("log_retention"), column("generation").astype(int), ours


def pinball(actual, quantiles):
    """Mean over the three levels, a row a sale."""
    error = actual[:, None] - quantiles
    return np.maximum(LEVELS * error, (LEVELS - 1) * error).mean(axis=1)


def lightgbm_settings(random):
    return {
        "learning_rate": float(np.exp(random.uniform(np.log(0.02), np.log(0.15)))),
        "num_iterations": int(random.integers(50, 351)),
        "num_leaves": int(random.integers(4, 32)),
        "min_data_in_leaf": int(np.exp(random.uniform(np.log(10), np.log(500)))),
        "lambda_l2": float(np.exp(random.uniform(np.log(0.1), np.log(100)))),
        "feature_fraction": float(random.uniform(0.5, 1)),
        "bagging_fraction": float(random.uniform(0.5, 1)),
    }


def lightgbm_fit(settings, level, facts, target, threads):
    import lightgbm

    parameters = {
        "objective": "quantile",
        "alpha": level,
        "bagging_freq": 1,
        "seed": SEED,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
        **settings,
    }
    rounds = parameters.pop("num_iterations")
    return lightgbm.train(parameters, lightgbm.Dataset(facts, target), num_boost_round=rounds).predict


def catboost_settings(random):
    return {
        "learning_rate": float(np.exp(random.uniform(np.log(0.03), np.log(0.3)))),
        "iterations": int(random.integers(50, 351)),
        "depth": int(random.integers(2, 7)),
        "l2_leaf_reg": float(np.exp(random.uniform(np.log(0.1), np.log(100)))),
        "rsm": float(random.uniform(0.5, 1)),
        "random_strength": float(random.uniform(0, 2)),
    }


def catboost_fit(settings, level, facts, target, threads):
    import catboost

    model = catboost.CatBoostRegressor(
        loss_function=f"Quantile:alpha={level}",
        monotone_constraints=[MONOTONE.get(name, 0) for name in FACTS],
        bootstrap_type="Bernoulli",
        subsample=0.8,
        border_count=64,
        random_seed=SEED,
        thread_count=threads,
        allow_writing_files=False,
        verbose=False,
        **settings,
    )
    return model.fit(facts, target).predict


PEERS = {"lightgbm": (lightgbm_settings, lightgbm_fit), "catboost": (catboost_settings, catboost_fit)}


def forecast(fit, settings, facts, target, seen, wanted, threads):
    """Quantiles of the wanted rows from the seen ones; crossed quantiles are sorted, which can only help."""
    models = [fit(settings, level, facts[seen], target[seen], threads) for level in LEVELS]
    return [np.sort(np.column_stack([model(facts[rows]) for model in models]), axis=1) for rows in wanted]


def compete(peer, facts, target, generation, trials, minutes, threads):
    draw, fit = PEERS[peer]
    random = np.random.default_rng(SEED)
    candidates = [draw(random) for _ in range(trials)]
    generations = sorted(set(generation))
    inner = {one: np.zeros(trials) for one in generations}
    end = time.monotonic() + 60 * minutes
    tried = 0
    for trial, settings in enumerate(candidates):
        if tried and time.monotonic() > end:
            break
        for first, second in itertools.combinations(generations, 2):
            parts = [generation == first, generation == second]
            found = forecast(fit, settings, facts, target, ~(parts[0] | parts[1]), parts, threads)
            inner[second][trial] += pinball(target[parts[0]], found[0]).sum()
            inner[first][trial] += pinball(target[parts[1]], found[1]).sum()
        tried = trial + 1
        print(f"{peer}: setting {tried} of {trials} tried", file=sys.stderr, flush=True)
    quantiles = np.zeros((len(target), 3))
    for one in generations:
        left_out = generation == one
        settings = candidates[int(np.argmin(inner[one][:tried]))]
        print(f"{peer}: generation {one} by {settings}", file=sys.stderr)
        [quantiles[left_out]] = forecast(fit, settings, facts, target, ~left_out, [left_out], threads)
    return quantiles, tried


def report(name, target, generation, quantiles):
    losses = 100 * pinball(target, quantiles)
    inside = (quantiles[:, 0] <= target) & (target <= quantiles[:, 2])
    parts = []
    for fold, rows in [("odd", generation % 2 == 1), ("even", generation % 2 == 0)]:
        parts.append(f"{fold} {losses[rows].mean():.3f} coverage {100 * inside[rows].mean():.1f} %")
    by_generation = " ".join(f"{one}:{losses[generation == one].mean():.2f}" for one in sorted(set(generation)))
    print(f"{name:22} {'   '.join(parts)}   {by_generation}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--peer", choices=sorted(PEERS), action="append")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    facts, target, generation, ours = read(arguments.rows)
    report("residua", target, generation, ours)
    for peer in arguments.peer or sorted(PEERS):
        limits = (arguments.trials, arguments.minutes, arguments.threads)
        quantiles, tried = compete(peer, facts, target, generation, *limits)
        report(f"{peer} ({tried} settings)", target, generation, quantiles)


if __name__ == "__main__":
    main()
