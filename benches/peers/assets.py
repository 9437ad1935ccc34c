"""Columns of the register as numpy arrays, the choice of month and route, and the file of answers.

Shared by the peers that hold numpy arrays. Text is held as codes and the words that they stand for.
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv

from question import (
    ANSWERS,
    AS_OF_INDEX,
    CLASSES,
    COLUMNS,
    DISCOUNT,
    GRADES,
    IN_USE,
    MONTHS,
    ROUTES,
    band,
    holding_sums,
    month_names,
)

AHEAD_DISCOUNT = DISCOUNT ** np.arange(MONTHS)
LOW, HIGH = np.array(band())
PLAIN_SUM, AGED_SUM = np.array(holding_sums())
SHARES, FEES = np.array(list(ROUTES.values())).T
TEXT = ["model", "class", "status", "grade"]
EPOCH_MONTH = 1970 * 12
HEADER = ",".join(ANSWERS) + "\n"
PANDAS_TYPES = {"purchase_cost": "float64"} | dict.fromkeys(TEXT, "category")


class Assets:
    """Rows of the register: `codes` and `words` of each text column, and what the closed form needs of a row."""

    def __init__(self, codes, words, purchased, cost):
        self.codes, self.words, self.purchased, self.cost = codes, words, purchased, cost

    def __len__(self):
        return len(self.cost)

    def take(self, rows):
        """Some of the rows."""
        codes = {name: one[rows] for name, one in self.codes.items()}
        return Assets(codes, self.words, self.purchased[rows], self.cost[rows])

    def kinds(self):
        """One row of each kind, and the kind of every row. Kinds agree in all that the question asks of."""
        key = np.zeros(len(self), dtype=np.int64)
        for column in [*self.codes.values(), self.purchased, self.cost]:
            codes, different = pd.factorize(column)
            key *= len(different)
            key += codes
        kind, different = pd.factorize(key)
        first = np.empty(len(different), dtype=np.int64)
        first[kind[::-1]] = np.arange(len(self))[::-1]
        return self.take(first), kind

    def age(self):
        """Months since the purchase."""
        months = self.purchased.view("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return (AS_OF_INDEX - EPOCH_MONTH) - months.astype(np.float64)

    def meaning(self, column, meanings):
        """What `meanings` says of each row's word; a row for each number that it says."""
        return np.array([meanings[word] for word in self.words[column]]).T[..., self.codes[column]]

    def class_facts(self):
        """floor, rate, upkeep and worth, the last nought for units not in use."""
        floor, rate, upkeep, worth = self.meaning("class", CLASSES)
        in_use = np.array([word == IN_USE for word in self.words["status"]], dtype=float)
        return floor, rate, upkeep, worth * in_use[self.codes["status"]]

    def grade_factor(self):
        """What the condition leaves of the price."""
        return self.meaning("grade", GRADES)


def choose(median, age, cost, upkeep, worth):
    """Month and route that net the most. `median` is months x rows."""
    net = (1 - SHARES[0]) * median
    net -= FEES[0]
    other = np.empty_like(net)
    for share, fee in zip(SHARES[1:], FEES[1:], strict=True):
        np.multiply(median, 1 - share, out=other)
        if fee:
            other -= fee
        np.maximum(net, other, out=net)
    net *= AHEAD_DISCOUNT[:, None]
    net -= np.multiply(PLAIN_SUM[:, None], cost * (upkeep * age - worth), out=other)
    net -= np.multiply(AGED_SUM[:, None], cost * upkeep, out=other)
    month = net.argmax(axis=0)
    sold = np.take_along_axis(median, month[None], axis=0)
    route = ((1 - SHARES)[:, None] * sold - FEES[:, None]).argmax(axis=0)
    return month, route


def answer_columns(ids, assets, month, route, numbers, exact):
    """The answers, column by column as ANSWERS has them; money to the cent unless `exact`."""
    words = [
        (assets.codes["model"], assets.words["model"]),
        (month.astype(np.int32), month_names()),
        (route.astype(np.int32), list(ROUTES)),
    ]
    return [ids, *words, *(numbers if exact else np.round(numbers, 2))]


def arrow_assets(batch):
    """Assets of an Arrow batch whose text columns are dictionaries."""
    codes, words = {}, {}
    for name in TEXT:
        column = batch.column(name)
        codes[name], words[name] = column.indices.to_numpy(), column.dictionary.to_pylist()
    purchased = batch.column("purchase_date").cast(pa.int32()).to_numpy().astype(np.int64)
    return Assets(codes, words, purchased, batch.column("purchase_cost").to_numpy())


def arrow_options():
    """How Arrow reads the register."""
    texts = {name: pa.dictionary(pa.int32(), pa.string()) for name in TEXT}
    types = {"asset_id": pa.string(), "purchase_date": pa.date32(), "purchase_cost": pa.float64(), **texts}
    return arrow_csv.ConvertOptions(include_columns=COLUMNS, column_types=types)


def arrow_text(columns):
    """Answers as CSV without a header, written by Arrow."""
    ids, *words = columns[:4]
    texts = [
        pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(meant, pa.string())).cast(pa.string())
        for codes, meant in words
    ]
    table = pa.table([ids, *texts, *map(pa.array, columns[4:])], names=ANSWERS)
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(table, sink, arrow_csv.WriteOptions(include_header=False))
    return sink.getvalue()


def pandas_assets(frame):
    """Assets of a data frame read with PANDAS_TYPES."""
    codes = {name: frame[name].cat.codes.to_numpy() for name in TEXT}
    words = {name: list(frame[name].cat.categories) for name in TEXT}
    purchased = frame["purchase_date"].to_numpy().astype("datetime64[D]").view(np.int64)
    return Assets(codes, words, purchased, frame["purchase_cost"].to_numpy())


def pandas_text(columns):
    """Answers as CSV without a header, written by pandas."""
    ids, *words = columns[:4]
    texts = [pd.Categorical.from_codes(codes, categories=meant) for codes, meant in words]
    frame = pd.DataFrame(dict(zip(ANSWERS, [ids.to_numpy(), *texts, *columns[4:]], strict=True)))
    return frame.to_csv(index=False, header=False)
