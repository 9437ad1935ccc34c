"""cells.csv and predictions.csv from one market file, to try the comparison without our backtest.

    python sample.py MARKET.csv OUT_DIR --origins 2022-06:2023-09 [--every 1] [--source NAME] [--launches FILE]

Out: OUT_DIR/cells.csv and OUT_DIR/predictions.csv, with a stand-in for our forecasts: -3.5 % a month, half-width a
tenth of a log unit a root month. A series is a product and its source, whatever the brand (--by-brand tells brands
apart); it is forecast from its first price on, if the last one is at most --wait months old. Prices of one month are
pooled by their median. With --launches only products of that file remain, with its facts.
The files hold market rows: keep them out of the repository.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from folds import month_number
from report import month_text

NAMES = ["series", "class", "product", "grade", "basis", "currency"]


def read_cells(options):
    """One row a series and month."""
    rows = pd.read_csv(options.market, dtype=str, keep_default_na=False)
    if options.source:
        rows = rows[rows["source"] == options.source]
    rows["price"] = rows["price"].astype(float)
    rows["quantity"] = pd.to_numeric(rows["quantity"], errors="coerce")
    rows["month"] = rows["date"].str[:7]
    rows["series"] = rows["product"] + " / " + rows["source"]
    if options.by_brand:
        rows["series"] += " / " + rows["brand"]
    keys = ["series", "class", "product", "grade", "basis", "currency", "source", "month"]
    cells = rows.groupby(keys, as_index=False).agg(price=("price", "median"), quantity=("quantity", "sum"))
    facts = dict(launch="", list_price="", memory_gb="", vendor="", family="")
    if options.launches:
        launches = pd.read_csv(options.launches, dtype=str, keep_default_na=False).set_index("model")
        cells = cells[cells["product"].isin(launches.index)]
        columns = ("launch_date", "msrp_usd", "memory_gb", "vendor", "generation")
        facts = {name: launches.loc[cells["product"], column].to_numpy() for name, column in zip(facts, columns)}
    kept = cells.groupby("series")["month"].transform("size") >= options.least_months
    return cells.assign(**facts)[kept]


def stand_in(cells, options):
    """Forecasts of every series at every origin and horizon for which a price came."""
    first, last = (month_number(text) for text in options.origins.split(":"))
    out = []
    for _, rows in cells.groupby("series", sort=True):
        prices = {month_number(text): price for text, price in zip(rows["month"], rows["price"])}
        one = rows.iloc[0]
        for origin in range(first, last + 1, options.every):
            known = [month for month in sorted(prices) if month <= origin]
            if not known or origin - known[-1] > options.wait:
                continue
            for horizon in (1, 3, 6, 12):
                if origin + horizon in prices:
                    steps = origin + horizon - known[-1]
                    median = prices[known[-1]] * 0.965**steps
                    spread = np.exp(0.1 * np.sqrt(steps))
                    forecast = dict(mean=median, p10=median / spread, p50=median, p90=median * spread)
                    target = dict(month=month_text(origin + horizon), actual=prices[origin + horizon])
                    out.append({"origin": month_text(origin), "horizon": horizon, **one[NAMES], **target, **forecast})
    return pd.DataFrame(out)


def main():
    """Write both files."""
    parser = argparse.ArgumentParser(description="Sample input of the comparison from one market file.")
    parser.add_argument("market")
    parser.add_argument("out", type=Path)
    parser.add_argument("--origins", required=True, metavar="YYYY-MM:YYYY-MM")
    parser.add_argument("--every", type=int, default=1, help="months between origins")
    parser.add_argument("--source")
    parser.add_argument("--launches")
    parser.add_argument("--least-months", type=int, default=1, help="months of a series over all time")
    parser.add_argument("--by-brand", action="store_true", help="a series a brand")
    parser.add_argument("--wait", type=int, default=1, help="months from the last price to the origin, at most")
    options = parser.parse_args()
    cells = read_cells(options)
    predictions = stand_in(cells, options)
    options.out.mkdir(parents=True, exist_ok=True)
    cells.to_csv(options.out / "cells.csv", index=False)
    predictions.to_csv(options.out / "predictions.csv", index=False)
    print(f"{len(cells)} cells, {predictions['series'].nunique()} series, {len(predictions)} forecasts")


if __name__ == "__main__":
    main()
