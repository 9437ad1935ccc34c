"""The question that every peer answers, and its made-up constants. Only the standard library.

For each asset of the register and each of MONTHS months, the first of them AS_OF: 10, 50 and 90 % quantiles of its
value. Then the month whose median, sold by the best of three routes and discounted, less what holding costs until then,
is the highest; and what the sale brings in that month, by the same quantiles.

    age        months from purchase to AS_OF; months ahead h = 0 ... MONTHS - 1
    p50(h)     cost · GRADES[grade] · (floor + (1 − floor) · exp(−rate · (age + h)))         CLASSES[class]
    p10, p90   p50 · exp(∓NORMAL_90 · spread(h))
    sale(r, p) (1 − share) · p − fee                                                         ROUTES[r]
    holding(s) cost · (upkeep · (age + s) − worth if in use), through month s                CLASSES[class]
    net(h)     max over r of δ^h · sale(r, p50(h)) − Σ_{s<h} δ^s · holding(s)

Of equal months the first is taken, of equal routes too. The constants are no estimates of anything: they only make
months and routes differ between assets.
"""

from math import exp, log, sqrt

AS_OF = (2026, 11)
AS_OF_INDEX = AS_OF[0] * 12 + AS_OF[1] - 1
MONTHS = 60
DISCOUNT = 1.08 ** (-1 / 12)
NORMAL_90 = 1.2815515655446004

# floor, rate a month, upkeep (share of cost a month, for each month of age), worth in use (share of cost a month)
CLASSES = {
    "laptop": (0.06, 0.030, 0.00018, 0.0145),
    "server": (0.04, 0.026, 0.00015, 0.0130),
    "gpu": (0.08, 0.022, 0.00012, 0.0140),
}
GRADES = {"A": 1.0, "B": 0.86, "C": 0.65}
IN_USE = "in use"
# share of the price, fee a unit
ROUTES = {"direct": (0.08, 90.0), "auction": (0.16, 25.0), "bulk": (0.26, 0.0)}

KEYS = ["model", "class", "purchase_date", "purchase_cost", "status", "grade"]
COLUMNS = ["asset_id", *KEYS]
NUMBERS = ["value_p10", "value_p50", "value_p90", "recovery_p10", "recovery_p50", "recovery_p90"]
ANSWERS = ["asset_id", "product", "month", "route", *NUMBERS]


def spread(ahead):
    """Standard deviation of ln value, `ahead` months from now."""
    return sqrt(0.18**2 + 0.01 * ahead)


def month_names():
    """The months, as YYYY-MM."""
    return [f"{index // 12}-{index % 12 + 1:02}" for index in range(AS_OF_INDEX, AS_OF_INDEX + MONTHS)]


def band():
    """Factors that make p10 and p90 of p50, month by month."""
    return [[exp(side * NORMAL_90 * spread(ahead)) for ahead in range(MONTHS)] for side in (-1, 1)]


def holding_sums():
    """Σ δ^s and Σ s · δ^s over the months s before each month."""
    plain, aged = [0.0], [0.0]
    for month in range(MONTHS - 1):
        plain.append(plain[-1] + DISCOUNT**month)
        aged.append(aged[-1] + month * DISCOUNT**month)
    return plain, aged


def answer(row):
    """The answer for one row of the register (a dictionary), number by number: what the peers are checked against."""
    floor, rate, upkeep, worth = CLASSES[row["class"]]
    year, month = int(row["purchase_date"][:4]), int(row["purchase_date"][5:7])
    age, cost = AS_OF_INDEX - (year * 12 + month - 1), float(row["purchase_cost"])
    worth = worth if row["status"] == IN_USE else 0.0
    best, held = None, 0.0
    for ahead in range(MONTHS):
        median = cost * GRADES[row["grade"]] * (floor + (1 - floor) * exp(-rate * (age + ahead)))
        for route, (share, fee) in ROUTES.items():
            net = DISCOUNT**ahead * ((1 - share) * median - fee) - held
            if best is None or net > best[0]:
                best = (net, ahead, route, median)
        held += DISCOUNT**ahead * cost * (upkeep * (age + ahead) - worth)
        if ahead == 0:
            now = quantiles(median, 0)
    _, ahead, route, median = best
    share, fee = ROUTES[route]
    brought = [(1 - share) * value - fee for value in quantiles(median, ahead)]
    return [row["asset_id"], row["model"], month_names()[ahead], route, *now, *brought]


def quantiles(median, ahead):
    """p10, p50 and p90."""
    return [exp(log(median) + side * NORMAL_90 * spread(ahead)) for side in (-1, 0, 1)]
