"""Independent scores of probabilistic forecasts, for tests/metrics.rs.

Out: tests/fixtures/metric_parity.csv (a row a forecast) and metric_parity_summary.csv (a row a mean).
Pinball and interval scores come from scoringrules, the CRPS from mpmath's integration of (F - 1)^2 piece by piece;
the CRPS of symmetric forecasts must agree with scoringrules' closed form of the normal, and the integrator with
its closed form of the two-piece normal whose mass is proportional to its scales.

    pip install -r requirements.txt && python make.py
"""

import csv
from pathlib import Path

import mpmath
import numpy as np
import scipy.stats
import scoringrules

NORMAL_90 = 1.2816  # 90 % point of the standard normal, as the model rounds it
NORMAL_95 = 1.6448536269514727
FIXTURES = Path(__file__).resolve().parents[3] / "tests" / "fixtures"

mpmath.mp.dps = 30


def integrate_score(distribution, knots, actual):
    """CRPS by integration; knots are where the distribution bends or the outcome lies."""
    points = sorted(set(knots + [actual]))
    total = mpmath.mpf(0)
    for left, right in zip(points, points[1:]):
        reached = 1 if left >= actual else 0
        total += mpmath.quad(lambda x: (distribution(x) - reached) ** 2, [left, right])
    return total


def grid(centre, sd_below, sd_above):
    """Points every two sds out to forty, beyond which nothing is left to integrate."""
    steps = range(1, 21)
    return [centre] + [centre - 2 * k * sd_below for k in steps] + [centre + 2 * k * sd_above for k in steps]


def crps_equal_mass(lower, median, upper, actual):
    """CRPS of the two-piece normal with half its mass on each side of the median."""
    lower, median, upper, actual = (mpmath.mpf(x) for x in (lower, median, upper, actual))
    below, above = (median - lower) / mpmath.mpf("1.2816"), (upper - median) / mpmath.mpf("1.2816")

    def distribution(x):
        side = below if x < median else above
        if side == 0:
            return mpmath.mpf(0) if x < median else mpmath.mpf(1)
        return mpmath.ncdf((x - median) / side)

    return integrate_score(distribution, grid(median, below, above), actual)


def check_integrator():
    """The integrator against closed forms of scoringrules."""
    random = np.random.default_rng(11)
    for _ in range(8):
        below, above = (mpmath.mpf(x) for x in random.uniform(0.05, 0.5, 2))
        actual = mpmath.mpf(random.normal(0, 0.5))

        def distribution(x):
            if x < 0:
                return 2 * below / (below + above) * mpmath.ncdf(x / below)
            return (below - above) / (below + above) + 2 * above / (below + above) * mpmath.ncdf(x / above)

        found = float(integrate_score(distribution, grid(mpmath.mpf(0), below, above), actual))
        known = float(scoringrules.crps_2pnormal(float(actual), float(below), float(above), 0.0))
        assert abs(found - known) < 1e-12, (found, known)


def check_against_quantiles(lower, median, upper, actual, found):
    """The CRPS is twice the mean pinball loss over all levels: a check of the definition itself."""
    levels = (np.arange(100_000) + 0.5) / 100_000
    points = scipy.stats.norm.ppf(levels)
    half_widths = np.where(points < 0, median - lower, upper - median)
    quantiles = median + points * half_widths / NORMAL_90
    decomposed = 2 * np.mean(scoringrules.quantile_score(actual, quantiles, levels))
    assert abs(decomposed - found) < 1e-4, (decomposed, found)


def forecasts():
    """Random forecasts, skew and symmetric, and the edges: (kind, lower, median, upper, actual, last)."""
    random = np.random.default_rng(20240607)
    for _ in range(40):
        median = random.normal(6, 1.5)
        below, above = random.uniform(0.02, 0.9, 2)
        actual = median + random.normal(0, 0.5)
        yield "skew", median - below, median, median + above, actual, actual + random.normal(0, 0.3)
    for _ in range(16):
        median = random.normal(-1, 0.6)
        half = random.uniform(0.05, 0.6)
        actual = median + random.normal(0, 0.4)
        yield "normal", median - half, median, median + half, actual, actual + random.normal(0, 0.2)
    edges = [
        (0.0, 0.25, 0.5, 0.25),  # the outcome is the median
        (0.0, 0.25, 0.5, 0.0),  # ... the 10 % quantile
        (0.0, 0.25, 0.5, 0.5),  # ... the 90 % quantile
        (0.25, 0.25, 0.5, 0.0),  # nothing below the median, outcome below
        (0.25, 0.25, 0.5, 0.75),  # ... and above
        (0.0, 0.25, 0.25, 0.75),  # nothing above the median, outcome above
        (0.0, 0.25, 0.25, -0.5),
        (0.25, 0.25, 0.25, 1.0),  # certain and wrong
        (0.25, 0.25, 0.25, 0.25),  # certain and right
        (-1e-6, 0.0, 1e-6, 0.5),  # nearly certain
        (-1e-6, 0.0, 0.5, 0.3),  # sides of very different width
        (-3.0, 0.0, 5.0, 0.1),  # knows nothing
        (-0.1, 0.0, 0.1, 4.0),  # fifty sds off
        (-0.1, 0.0, 0.1, -4.0),
        (-12.2, -12.0, -11.9, -11.95),  # a price near nothing
        (17.8, 18.0, 18.3, 18.4),  # a price of millions
    ]
    for lower, median, upper, actual in edges:
        yield "edge", lower, median, upper, actual, 0.125


def main():
    check_integrator()
    names = "kind,p10,p50,p90,actual,last,pinball_10,pinball_50,pinball_90,crps,covers_80,width_80,interval_score_80"
    names += ",covers_90,width_90,interval_score_90,error,absolute_share_error"
    rows = []
    for kind, lower, median, upper, actual, last in forecasts():
        lower, median, upper, actual, last = (float(x) for x in (lower, median, upper, actual, last))
        pinballs = [
            float(scoringrules.quantile_score(actual, quantile, level))
            for quantile, level in [(lower, 0.1), (median, 0.5), (upper, 0.9)]
        ]
        crps = float(crps_equal_mass(lower, median, upper, actual))
        if kind == "normal":
            closed = float(scoringrules.crps_normal(actual, median, (upper - lower) / 2 / NORMAL_90))
            assert abs(crps - closed) < 1e-12, (crps, closed)
        if kind != "edge":
            check_against_quantiles(lower, median, upper, actual, crps)
        low = median - NORMAL_95 * (median - lower) / NORMAL_90
        high = median + NORMAL_95 * (upper - median) / NORMAL_90
        row = [kind, lower, median, upper, actual, last, *pinballs, crps]
        for left, right, outside in [(lower, upper, 0.2), (low, high, 0.1)]:
            score = float(scoringrules.interval_score(actual, left, right, outside))
            row += [int(left <= actual <= right), right - left, score]
        row += [median - actual, abs(float(np.exp(median) / np.exp(actual)) - 1)]
        rows.append(row)
    write(FIXTURES / "metric_parity.csv", names.split(","), rows)

    table = np.array([row[1:] for row in rows], dtype=float)
    column = dict(zip(names.split(",")[1:], table.T))
    summary = {name: np.mean(column[name]) for name in names.split(",")[6:]}
    summary["absolute_share_error_median"] = np.median(column["absolute_share_error"])
    errors = np.mean(np.abs(column["p50"] - column["actual"]))
    summary["mase"] = errors / np.mean(np.abs(column["last"] - column["actual"]))
    write(FIXTURES / "metric_parity_summary.csv", ["name", "value"], [[k, float(v)] for k, v in summary.items()])


def write(path, header, rows):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([value if isinstance(value, (str, int)) else repr(value) for value in row] for row in rows)


if __name__ == "__main__":
    main()
