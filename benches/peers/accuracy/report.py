"""Scores of all forecasters, as a table of rows (scores.csv) and as Markdown.

In: {calibration: {forecaster: quantiles}} and the folds. A forecaster that lacks rows is scored on those it has
('own') and on all with the gaps filled by no-change ('all'); ours is scored on the same rows each time.
"""

import os

import numpy as np
import pandas as pd

from scores import compare, covered, pinball

OURS = "residua"
FALLBACK = "no-change"
CALIBRATIONS = {
    "none": "As the forecasters come",
    "ours": "With the recipe's own calibration laid over every rival too",
}
EVERY = "all"


def score_all(made, folds):
    """One line a calibration, forecaster, class and horizon (both also 'all')."""
    lines = []
    our_loss = pinball(folds.ours, folds.actual)
    for calibration, forecasters in made.items():
        fallback = forecasters[FALLBACK]
        for name, quantiles in forecasters.items():
            has = np.isfinite(quantiles[:, 0])
            filled = np.where(has[:, None], quantiles, fallback)
            loss, inside = pinball(filled, folds.actual), covered(filled, folds.actual)
            for asset_class, horizon, rows in cells(folds):
                line = dict(calibration=calibration, forecaster=name, asset_class=asset_class, horizon=horizon)
                longest = int(folds.horizon[rows].max())
                line |= part("own", rows & has, loss, inside, our_loss, folds.origin, longest, name)
                line |= part("all", rows, loss, inside, our_loss, folds.origin, longest, name)
                lines.append(line)
    return pd.DataFrame(lines).rename(columns={"asset_class": "class"})


def cells(folds):
    """(class, horizon, rows) of every class and horizon, each also over all."""
    classes = sorted(set(folds.asset_class))
    horizons = [int(horizon) for horizon in np.unique(folds.horizon)]
    for asset_class in [EVERY] + classes:
        of_class = np.ones(len(folds.origin), bool) if asset_class == EVERY else folds.asset_class == asset_class
        for horizon in [EVERY] + horizons:
            rows = of_class if horizon == EVERY else of_class & (folds.horizon == horizon)
            if rows.any():
                yield asset_class, horizon, rows


def part(label, rows, loss, inside, our_loss, origin, longest, name):
    """Scores of one set of rows."""
    names = ("rows", "pinball", "coverage", "ours_pinball", "difference", "t", "p", "p_bootstrap")
    if not rows.any():
        values = (0,) + (np.nan,) * 7
    else:
        tested = (np.nan,) * 4
        if name != OURS:
            tested = compare(loss[rows], our_loss[rows], origin[rows], longest)
        values = (int(rows.sum()), loss[rows].mean(), 100 * inside[rows].mean(), our_loss[rows].mean()) + tested
    return {f"{label}_{key}": value for key, value in zip(names, values)}


def write_scores(path, scores):
    """scores.csv, whole or not at all."""
    unfinished = f"{path}.unfinished"
    scores.to_csv(unfinished, index=False, float_format="%.6g", lineterminator="\n")
    os.replace(unfinished, path)


def markdown(scores, folds, trials, versions):
    """The report."""
    origins = np.unique(folds.origin)
    out = [
        f"{len(folds.origin)} forecasts, {len(set(folds.series))} series, {len(origins)} origins "
        f"({month_text(origins[0])} to {month_text(origins[-1])}).",
        "Pinball: mean over 10/50/90 % of ln price x 100, smaller is better. Coverage: of the 80 % interval, per cent.",
        "p: Diebold-Mariano over origins, error by block bootstrap (2,000 draws); the name after it is the better one. "
        f"Nothing is corrected for the number of comparisons. LightGBM: {trials} random settings, "
        "the best by pool and horizon on the earlier half of the origins.",
        f"{versions}.",
    ]
    for calibration, title in CALIBRATIONS.items():
        chosen = scores[scores["calibration"] == calibration]
        out += ["", f"## {title}", "", *overall(chosen[(chosen["class"] == EVERY) & (chosen["horizon"] == EVERY)])]
        for asset_class in sorted(set(folds.asset_class)):
            out += ["", f"### {asset_class}", "", *by_horizon(chosen[chosen["class"] == asset_class])]
    return "\n".join(out)


def overall(lines):
    """The table over all classes and horizons."""
    out = [
        "| forecaster | rows | pinball (own rows) | residua, same rows | coverage | pinball (all rows) "
        "| rival / residua | p |",
        "|---" * 8 + "|",
    ]
    for line in lines.to_dict("records"):
        own, ours = shown(line["own_pinball"]), shown(line["own_ours_pinball"])
        coverage, everything = shown(line["own_coverage"], 0), shown(line["all_pinball"])
        ratio = "" if line["forecaster"] == OURS else f"{line['all_pinball'] / line['all_ours_pinball']:.2f}"
        entries = [line["forecaster"], str(line["own_rows"]), own, ours, coverage, everything, ratio, verdict(line)]
        out.append(f"| {' | '.join(entries)} |")
    return out


def by_horizon(lines):
    """A class's table: pinball / coverage (p, the better one) on all rows by horizon in months."""
    horizons = list(dict.fromkeys(lines["horizon"]))
    counts = {line["horizon"]: line["all_rows"] for line in lines.to_dict("records")}
    heads = [f"{'all' if horizon == EVERY else f'{horizon} months'} ({counts[horizon]})" for horizon in horizons]
    out = [f"| forecaster | {' | '.join(heads)} |", "|---" * (len(horizons) + 1) + "|"]
    for name in dict.fromkeys(lines["forecaster"]):
        own = {line["horizon"]: line for line in lines[lines["forecaster"] == name].to_dict("records")}
        entries = []
        for horizon in horizons:
            line = own[horizon]
            entry = f"{shown(line['all_pinball'])} / {shown(line['all_coverage'], 0)}"
            entries.append(entry + (f" ({verdict(line)})" if verdict(line) else ""))
        out.append(f"| {name} | {' | '.join(entries)} |")
    return out


def verdict(line):
    """The p value of the difference on all rows, and who is better."""
    if line["forecaster"] == OURS or not np.isfinite(line["all_p"]):
        return ""
    value = "<0.001" if line["all_p"] < 0.001 else f"{line['all_p']:.3f}"
    return f"{value} {'residua' if line['all_difference'] > 0 else 'rival'}"


def shown(value, digits=2):
    """A number, or a dash where there is none."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "–"


def month_text(month):
    """'YYYY-MM' of a month number."""
    return f"{month // 12}-{month % 12 + 1:02d}"
