"""The closed form by numpy: python numpy_closed_form.py REGISTER.csv ANSWERS.csv --threads N [--how rows|lean|kinds]

--how rows: all quantiles of all months, for every row
      lean: p10 and p90 only where they are written: now and in the best month
      kinds: equal rows of a batch are scored once
--files pandas: read_csv and to_csv in place of Arrow's

The register is read batch by batch and answers are written as they come: it is never held whole. Threads
share the batches. Within a batch, arrays of months x rows are kept small enough for the cache and used again.
"""

import argparse
import collections
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from assets import (
    FEES,
    HEADER,
    HIGH,
    LOW,
    PANDAS_TYPES,
    SHARES,
    answer_columns,
    arrow_assets,
    arrow_options,
    arrow_text,
    choose,
    pandas_assets,
    pandas_text,
)
from question import COLUMNS, MONTHS

ROWS_IN_CACHE = 1_024
BATCH_BYTES = 4 << 20
PANDAS_ROWS = 50_000


def score(assets, lean):
    """Month, route and the six numbers of every row."""
    month, route = np.empty(len(assets), dtype=np.int64), np.empty(len(assets), dtype=np.int64)
    numbers = np.empty((6, len(assets)))
    age, cost, scale = assets.age(), assets.cost, assets.cost * assets.grade_factor()
    floor, rate, upkeep, worth = assets.class_facts()
    base, decay, step = scale * floor, scale * (1 - floor) * np.exp(-rate * age), np.exp(-rate)
    whole = np.empty((3, MONTHS, ROWS_IN_CACHE))
    for start in range(0, len(assets), ROWS_IN_CACHE):
        here = slice(start, min(start + ROWS_IN_CACHE, len(assets)))
        low, median, high = whole[:, :, : here.stop - start]
        left = decay[here].copy()
        for ahead in range(MONTHS):
            np.add(base[here], left, out=median[ahead])
            left *= step[here]
        month[here], route[here] = choose(median, age[here], cost[here], upkeep[here], worth[here])
        best = month[None, here]
        if lean:
            now = [LOW[0] * median[0], median[0], HIGH[0] * median[0]]
            sold = np.take_along_axis(median, best, axis=0)[0]
            then = [LOW[best[0]] * sold, sold, HIGH[best[0]] * sold]
        else:
            np.multiply(median, LOW[:, None], out=low)
            np.multiply(median, HIGH[:, None], out=high)
            now = [low[0], median[0], high[0]]
            then = [np.take_along_axis(one, best, axis=0)[0] for one in (low, median, high)]
        numbers[:3, here] = now
        numbers[3:, here] = (1 - SHARES[route[here]]) * then - FEES[route[here]]
    return month, route, numbers


class Scorer:
    """Answers of a batch, and the seconds of processor time that scoring took."""

    def __init__(self, how, exact):
        self.how, self.exact = how, exact
        self.seconds, self.lock = 0.0, threading.Lock()

    def answers(self, ids, assets):
        """Columns of answers."""
        start = time.thread_time()
        if self.how == "kinds":
            one_of_each, kind = assets.kinds()
            month, route, numbers = score(one_of_each, lean=False)
            month, route, numbers = month[kind], route[kind], numbers[:, kind]
        else:
            month, route, numbers = score(assets, lean=self.how == "lean")
        columns = answer_columns(ids, assets, month, route, numbers, self.exact)
        with self.lock:
            self.seconds += time.thread_time() - start
        return columns


def by_arrow(register, out, threads, scorer):
    """Reads and writes by Arrow; each thread scores a batch and makes its text."""
    pa.set_cpu_count(threads)
    pa.set_io_thread_count(threads)
    options = arrow_csv.ReadOptions(block_size=BATCH_BYTES, use_threads=threads > 1)
    reader = arrow_csv.open_csv(register, read_options=options, convert_options=arrow_options())

    def text(batch):
        return arrow_text(scorer.answers(batch.column("asset_id"), arrow_assets(batch)))

    with open(out, "wb") as file:
        file.write(HEADER.encode())
        for made in in_order(text, reader, threads):
            file.write(made)


def by_pandas(register, out, threads, scorer):
    """Reads and writes by pandas, in chunks; text is made and parsed under Python's lock."""
    dates = ["purchase_date"]
    chunks = pd.read_csv(register, usecols=COLUMNS, dtype=PANDAS_TYPES, parse_dates=dates, chunksize=PANDAS_ROWS)

    def text(chunk):
        return pandas_text(scorer.answers(chunk["asset_id"], pandas_assets(chunk)))

    with open(out, "w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        for made in in_order(text, chunks, threads):
            file.write(made)


def in_order(work, parts, threads):
    """Results of `work` on each part, in the order of the parts, few of them at a time."""
    if threads == 1:
        yield from map(work, parts)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting = collections.deque()
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > 2 * threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def main():
    """Reads the arguments, answers, and says on stdout how long scoring took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("register")
    parser.add_argument("out")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--how", choices=["rows", "lean", "kinds"], default="rows")
    parser.add_argument("--files", choices=["arrow", "pandas"], default="arrow")
    parser.add_argument("--exact", action="store_true", help="do not round to cents")
    given = parser.parse_args()
    scorer = Scorer(given.how, given.exact)
    answer = by_arrow if given.files == "arrow" else by_pandas
    answer(given.register, given.out, given.threads, scorer)
    print(json.dumps({"scoring": scorer.seconds}))


if __name__ == "__main__":
    main()
