"""What the peers of boosted trees share: made-up sales, conformal ends, and the way from register to answers.

A peer brings `fit(features, target, level, threads)`, which gives a model, and `predict(model, features, threads)`.

    python PEER.py train MODELS --threads N
    python PEER.py score MODELS REGISTER.csv ANSWERS.csv --threads N [--how rows|lean|kinds]

Models forecast ln (price / cost) from class, product, age, cost, grade and months ahead. The band is conformalised
quantile regression (Romano, Patterson and Candès 2019): both ends are moved out by what a fifth of the held-out sales
exceed.
"""

import argparse
import json
import math
import pickle
import time

import numpy as np
import pandas as pd

from assets import (
    FEES,
    HEADER,
    PANDAS_TYPES,
    SHARES,
    answer_columns,
    arrow_text,
    choose,
    pandas_assets,
)
from fleet import PRODUCTS
from question import CLASSES, COLUMNS, GRADES, KEYS, MONTHS, spread

LEVELS = (0.1, 0.5, 0.9)
SALES, HELD_OUT, SEED = 100_000, 20_000, 20_261_101
FEATURES = ["class", "product", "age", "cost", "grade", "ahead"]
CATEGORIES = [0, 1, 4]
ASSETS_AT_ONCE = 2_000
CLASS_CODES = {name: code for code, name in enumerate(CLASSES)}
PRODUCT_CODES = {name: code for code, (name, _, _) in enumerate(PRODUCTS)}
GRADE_CODES = {name: code for code, name in enumerate(GRADES)}


def sales(count, seed):
    """Features and ln (price / cost) of made-up sales: the closed form with the noise that its band stands for."""
    random = np.random.default_rng(seed)
    product = random.integers(len(PRODUCTS), size=count)
    asset_class = np.array([CLASS_CODES[name] for _, name, _ in PRODUCTS])[product]
    cost = np.array([cost for _, _, cost in PRODUCTS])[product] * random.uniform(1.0, 1.1, count)
    age, ahead = random.integers(12, 109, count), random.integers(MONTHS, size=count)
    grade = random.integers(len(GRADES), size=count)
    floor, rate = np.array(list(CLASSES.values()))[asset_class, :2].T
    median = np.array(list(GRADES.values()))[grade] * (floor + (1 - floor) * np.exp(-rate * (age + ahead)))
    noise = np.array([spread(month) for month in range(MONTHS)])[ahead] * random.standard_normal(count)
    features = np.column_stack([asset_class, product, age, cost, grade, ahead]).astype(np.float64)
    return features, np.log(median) + noise


def train(peer, threads):
    """Three models and how far the ends are moved out."""
    features, target = sales(SALES, SEED)
    known, held = slice(0, SALES - HELD_OUT), slice(SALES - HELD_OUT, SALES)
    models = [peer.fit(features[known], target[known], level, threads) for level in LEVELS]
    low, _, high = [peer.predict(model, features[held], threads) for model in models]
    beyond = np.sort(np.maximum(low - target[held], target[held] - high))
    rank = math.ceil((HELD_OUT + 1) * (LEVELS[2] - LEVELS[0]))
    return models, beyond[rank - 1]


def save(path, models, moved):
    """Writes what was trained."""
    with open(path, "wb") as file:
        pickle.dump((models, moved), file)


def forecast(peer, models, moved, features, threads, level):
    """ln (price / cost) at 0, 1 or 2 of LEVELS, conformal."""
    return peer.predict(models[level], features, threads) + (level - 1) * moved


def score(peer, models, moved, assets, threads, lean):
    """Month, route and the six numbers of every row."""
    age, cost = assets.age(), assets.cost
    _, _, upkeep, worth = assets.class_facts()
    kinds = [assets.meaning(*one) for one in (("class", CLASS_CODES), ("model", PRODUCT_CODES), ("grade", GRADE_CODES))]
    facts = np.column_stack([*kinds[:2], age, cost, kinds[2]])
    parts = []
    for start in range(0, len(assets), ASSETS_AT_ONCE):
        here = slice(start, start + ASSETS_AT_ONCE)
        prices = Prices(peer, models, moved, facts[here], threads)
        parts.append(score_some(prices, age[here], cost[here], upkeep[here], worth[here], lean))
    months, routes, numbers = zip(*parts, strict=True)
    return np.concatenate(months), np.concatenate(routes), np.concatenate(numbers, axis=1)


class Prices:
    """Forecasts for some assets."""

    def __init__(self, peer, models, moved, facts, threads):
        self.peer, self.models, self.moved, self.facts, self.threads = peer, models, moved, facts, threads

    def at(self, level, ahead):
        """Prices at a level, months x assets; `ahead` holds the months asked of each asset, assets x months."""
        count, months = ahead.shape
        features = np.column_stack([np.repeat(self.facts, months, axis=0), ahead.ravel().astype(np.float64)])
        logs = forecast(self.peer, self.models, self.moved, features, self.threads, level)
        return np.exp(logs).reshape(count, months).T * self.facts[:, FEATURES.index("cost")]


def score_some(prices, age, cost, upkeep, worth, lean):
    """Month, route and the six numbers of some rows."""
    every = np.tile(np.arange(MONTHS), (len(cost), 1))
    median = prices.at(1, every)
    month, route = choose(median, age, cost, upkeep, worth)
    asked = np.column_stack([np.zeros_like(month), month])
    if lean:
        low, high = [prices.at(level, asked) for level in (0, 2)]
    else:
        low, high = [np.take_along_axis(prices.at(level, every), asked.T, axis=0) for level in (0, 2)]
    middle = np.take_along_axis(median, asked.T, axis=0)
    # Models of their own may cross; the median stays.
    bands = np.stack([np.minimum(low, middle), middle, np.maximum(high, middle)])
    brought = (1 - SHARES[route]) * bands[:, 1] - FEES[route]
    return month, route, np.concatenate([bands[:, 0], brought])


def answer(peer, models, moved, given):
    """Reads the register with pandas, answers, and says how long scoring took."""
    rows = pd.read_csv(
        given.register, usecols=COLUMNS, dtype=PANDAS_TYPES, parse_dates=["purchase_date"], engine="pyarrow"
    )
    scored = rows[KEYS].drop_duplicates(ignore_index=True) if given.how == "kinds" else rows
    start = time.process_time()
    assets = pandas_assets(scored)
    month, route, numbers = score(peer, models, moved, assets, given.threads, given.how == "lean")
    seconds = time.process_time() - start
    if given.how == "kinds":
        scored = scored.assign(kind=np.arange(len(scored)))
        kind = rows[KEYS].merge(scored, on=KEYS, how="left")["kind"].to_numpy()
        assets = pandas_assets(rows)
        month, route, numbers = month[kind], route[kind], numbers[:, kind]
    columns = answer_columns(rows["asset_id"], assets, month, route, numbers, given.exact)
    with open(given.out, "wb") as file:
        file.write(HEADER.encode())
        file.write(arrow_text(columns))
    print(json.dumps({"scoring": seconds}))


def main(peer):
    """Trains or scores, as the arguments say."""
    parser = argparse.ArgumentParser()
    tasks = parser.add_subparsers(dest="task", required=True)
    task = tasks.add_parser("train")
    task.add_argument("models")
    task.add_argument("--threads", type=int, default=1)
    task = tasks.add_parser("score")
    for name in ("models", "register", "out"):
        task.add_argument(name)
    task.add_argument("--threads", type=int, default=1)
    task.add_argument("--how", choices=["rows", "lean", "kinds"], default="rows")
    task.add_argument("--exact", action="store_true", help="do not round to cents")
    given = parser.parse_args()
    if given.task == "train":
        save(given.models, *train(peer, given.threads))
    else:
        with open(given.models, "rb") as file:
            models, moved = pickle.load(file)
        answer(peer, models, moved, given)
