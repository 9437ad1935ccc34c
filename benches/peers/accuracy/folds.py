"""What the forecasters are given: monthly prices by series, and the rows they must forecast.

In: cells.csv and predictions.csv of `residua backtest --cells --predictions`.
Out: `Market` (series with their months and ln prices, grouped in pools) and `Folds` (one entry a forecast of ours).
Months are counted from year 0: 12 * year + month - 1. A pool is a class and a basis: asked prices move in smaller
and more frequent steps than sold ones, so class rates and errors are not mixed over them.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

CELL_COLUMNS = "series class product grade basis currency source month price quantity".split()
FACT_COLUMNS = "launch list_price memory_gb vendor family".split()
PREDICTION_COLUMNS = "origin product grade month p10 p50 p90 actual series class horizon basis currency".split()
KEY = ["series", "product", "grade", "basis", "currency"]


@dataclass
class Series:
    """One product's monthly prices from one source."""

    key: tuple
    asset_class: str
    pool: str
    months: np.ndarray  # ascending
    log_prices: np.ndarray
    quantities: np.ndarray  # sales or offers in the month, NaN where unknown
    launch: float  # month number, NaN where unknown
    log_list: float
    log_memory: float
    vendor: str
    family: str

    def known(self, origin):
        """How many of the months are at or before `origin`."""
        return int(np.searchsorted(self.months, origin, side="right"))


@dataclass
class Market:
    """All series, and the positions of each pool's series."""

    series: list
    pools: dict = field(default_factory=dict)


@dataclass
class Folds:
    """One entry a forecast of ours; all arrays have the same length."""

    series: np.ndarray  # position in Market.series
    pool: np.ndarray
    asset_class: np.ndarray
    origin: np.ndarray
    horizon: np.ndarray  # months from origin to target
    actual: np.ndarray  # ln price
    ours: np.ndarray  # rows x 3: ln of our 10, 50 and 90 % quantiles

    def select(self, chosen):
        """The rows where `chosen` holds."""
        return Folds(**{name: part[chosen] for name, part in vars(self).items()})


def month_number(text):
    """Month count of 'YYYY-MM' (a day after it is ignored)."""
    return 12 * int(text[:4]) + int(text[5:7]) - 1


def read_market(path):
    """Cells by series; a month that occurs twice in a series is an error, because a level is one number."""
    cells = read_table(path, CELL_COLUMNS)
    for column in FACT_COLUMNS:
        if column not in cells:
            cells[column] = ""
    cells["month"] = [month_number(text) for text in cells["month"]]
    for column in ("price", "quantity", "list_price", "memory_gb"):
        cells[column] = numbers(cells, column, path)
    refuse(path, cells, ~(cells["price"] > 0), "has no positive price")
    refuse(path, cells, cells.duplicated(KEY + ["month"]), "has a second price in its month")
    market = Market([])
    for key, rows in cells.sort_values(KEY + ["month"], kind="stable").groupby(KEY, sort=True):
        first = rows.iloc[0]
        pool = f"{first['class']} {first['basis']}"
        market.pools.setdefault(pool, []).append(len(market.series))
        market.series.append(
            Series(
                key=key,
                asset_class=first["class"],
                pool=pool,
                months=rows["month"].to_numpy(),
                log_prices=np.log(rows["price"].to_numpy()),
                quantities=rows["quantity"].to_numpy(),
                launch=month_number(first["launch"]) if first["launch"] else np.nan,
                log_list=log_or_missing(first["list_price"]),
                log_memory=log_or_missing(first["memory_gb"]),
                vendor=first["vendor"],
                family=first["family"],
            )
        )
    return market


def read_folds(path, market):
    """Our forecasts, joined to their series. Every row must have a price at or before its origin."""
    rows = read_table(path, PREDICTION_COLUMNS)
    positions = {one.key: place for place, one in enumerate(market.series)}
    places = np.array([positions.get(key, -1) for key in rows[KEY].itertuples(index=False, name=None)], int)
    refuse(path, rows, places < 0, f"has no series in the cells with the same {', '.join(KEY)}")
    origin = np.array([month_number(text) for text in rows["origin"]], int)
    month = np.array([month_number(text) for text in rows["month"]], int)
    horizon = numbers(rows, "horizon", path).to_numpy()
    refuse(path, rows, month - origin != horizon, "has a month that is not its origin plus its horizon")
    for column in ("p10", "p50", "p90", "actual"):
        rows[column] = numbers(rows, column, path)
        refuse(path, rows, ~(rows[column] > 0), f"has no positive {column}")
    early = [market.series[place].known(at) == 0 for place, at in zip(places, origin)]
    refuse(path, rows, np.array(early, bool), "is a forecast before the first price of its series")
    return Folds(
        series=places,
        pool=np.array([market.series[place].pool for place in places], object),
        asset_class=rows["class"].to_numpy(object),
        origin=origin,
        horizon=horizon.astype(int),
        actual=np.log(rows["actual"].to_numpy()),
        ours=np.log(rows[["p10", "p50", "p90"]].to_numpy()),
    )


def keep_horizons(folds, horizons):
    """The rows of these horizons; one that no row has is an error, as it is more likely a slip."""
    there = sorted({int(horizon) for horizon in folds.horizon})
    absent = sorted(set(horizons) - set(there))
    if absent:
        names = ", ".join(map(str, absent))
        raise SystemExit(f"no forecast {names} months ahead; the predictions have {', '.join(map(str, there))}")
    return folds.select(np.isin(folds.horizon, list(horizons)))


def actuals_unlike_cells(folds, market, tolerance=1e-6):
    """How many actuals differ from the price of the same series and month in the cells."""
    unlike = 0
    for place, month, actual in zip(folds.series, folds.origin + folds.horizon, folds.actual):
        one = market.series[place]
        found = np.flatnonzero(one.months == month)
        unlike += len(found) == 0 or abs(one.log_prices[found[0]] - actual) > tolerance
    return int(unlike)


def read_table(path, columns):
    """The CSV as text, with the named columns present."""
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [column for column in columns if column not in table]
    if missing:
        raise SystemExit(f"{path}: no column {', '.join(missing)}; write it with `residua backtest` of this version")
    if table.empty:
        raise SystemExit(f"{path}: no rows")
    return table


def numbers(table, column, path):
    """A column as numbers; empty is missing, anything else that is no number an error."""
    values = pd.to_numeric(table[column].where(table[column] != ""), errors="coerce")
    refuse(path, table, values.isna() & (table[column] != ""), f"has a {column} that is no number")
    return values.astype(float)


def refuse(path, table, bad, what):
    """Stop at the first bad row, naming it by its line."""
    bad = np.flatnonzero(np.asarray(bad))
    if len(bad):
        raise SystemExit(f"{path}: line {table.index[bad[0]] + 2} {what} ({len(bad)} such rows)")


def log_or_missing(value):
    """Natural logarithm, NaN for what is missing or not positive."""
    return float(np.log(value)) if value > 0 else np.nan
