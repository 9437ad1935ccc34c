"""Tables of several sets from their scores.csv, and what each forecaster loses to the best in hindsight.

    python results.py "GPU sold=gpu_scores.csv" "CPU asks=cpu_scores.csv" ... > tables.md

In: the scores of compare.py, one file a set. Out: Markdown: a table a set, then the regrets.

    regret = 100 * (pinball / least pinball of all forecasters on the set - 1)

on all rows and horizons, a missing forecast being no-change's. The least is known only afterwards, so no forecaster
had it to choose; a small worst regret says that a forecaster can be taken without knowing the market. A table's p is
that of compare.py: all rows and horizons, uncorrected.
"""

import argparse

import numpy as np
import pandas as pd

from report import CALIBRATIONS, EVERY, OURS, shown, verdict


def read_set(argument):
    """(name, lines over all classes) of 'name=path'."""
    name, found, path = argument.rpartition("=")
    if not found:
        raise SystemExit(f"{argument}: give each set as name=scores.csv")
    scores = pd.read_csv(path, dtype={"horizon": str})
    return name, scores[scores["class"] == EVERY]


def overall(lines, calibration):
    """{forecaster: line over all horizons} in the order of the file."""
    chosen = lines[(lines["calibration"] == calibration) & (lines["horizon"] == EVERY)]
    return {line["forecaster"]: line for line in chosen.to_dict("records")}


def set_table(lines):
    """One set: as the forecasters come, and beside it with our calibration over them."""
    plain, calibrated = overall(lines, "none"), overall(lines, "ours")
    raw = lines[(lines["calibration"] == "none") & (lines["horizon"] != EVERY)]
    horizons = list(dict.fromkeys(raw["horizon"]))
    rows = {horizon: int(raw.loc[raw["horizon"] == horizon, "all_rows"].iloc[0]) for horizon in horizons}
    heads = [f"{horizon} mo. ({rows[horizon]})" for horizon in horizons]
    columns = ["forecaster", "rows", "pinball", "cov. 80", *heads, "p", "own rows: it / residua"]
    columns += ["calibrated: pinball", "cov. 80", "p"]
    out = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, line in plain.items():
        own = {one["horizon"]: one for one in raw[raw["forecaster"] == name].to_dict("records")}
        other = calibrated[name]
        partial = line["own_rows"] < line["all_rows"]
        entries = [
            name,
            str(line["own_rows"]),
            shown(line["all_pinball"]),
            shown(line["all_coverage"], 0),
            *(with_p(own[horizon]) for horizon in horizons),
            verdict(line),
            f"{shown(line['own_pinball'])} / {shown(line['own_ours_pinball'])}" if partial else "",
            "" if name == OURS else shown(other["all_pinball"]),
            "" if name == OURS else shown(other["all_coverage"], 0),
            verdict(other),
        ]
        out.append(f"| {' | '.join(entries)} |")
    return out


def with_p(line):
    """Pinball, and p in brackets where there is one."""
    p = line["all_p"]
    return shown(line["all_pinball"]) + (f" ({'<.001' if p < 0.001 else f'{p:.3f}'})" if np.isfinite(p) else "")


def regrets(sets, calibration):
    """Forecasters x sets: per cent above the least pinball of the set."""
    pinball = pd.DataFrame(
        {
            name: {forecaster: line["all_pinball"] for forecaster, line in overall(lines, calibration).items()}
            for name, lines in sets
        }
    )
    return 100 * (pinball / pinball.min() - 1)


def regret_table(table):
    """Regrets with their mean and worst, the smallest worst first."""
    ordered = table.loc[table.max(axis=1).sort_values(kind="stable").index]
    out = [f"| forecaster | {' | '.join(ordered.columns)} | mean | worst |", "|---" * (len(ordered.columns) + 3) + "|"]
    for name, values in ordered.iterrows():
        entries = [f"{value:.0f}" for value in [*values, values.mean(), values.max()]]
        out.append(f"| {name} | {' | '.join(entries)} |")
    return out


def tally(sets, calibration):
    """How often a rival is better or worse than ours: over whole sets, and over sets by horizon where p can be said."""
    out = ["| rival | sets better | sets worse | horizons better | with p < .05 | horizons worse | with p < .05 |"]
    out.append("|---" * 7 + "|")
    lines = pd.concat([one[one["calibration"] == calibration] for _, one in sets])
    for name in dict.fromkeys(lines["forecaster"]):
        if name == OURS:
            continue
        own = lines[lines["forecaster"] == name]
        whole = own[own["horizon"] == EVERY]
        parts = own[(own["horizon"] != EVERY) & np.isfinite(own["all_p"])]
        counts = [(whole["all_difference"] < 0).sum(), (whole["all_difference"] >= 0).sum()]
        for side in (parts[parts["all_difference"] < 0], parts[parts["all_difference"] >= 0]):
            counts += [len(side), (side["all_p"] < 0.05).sum()]
        out.append(f"| {name} | {' | '.join(map(str, counts))} |")
    return out


def main():
    """Read, lay out."""
    parser = argparse.ArgumentParser(description="Tables of several sets and the regrets over them.")
    parser.add_argument("sets", nargs="+", metavar="NAME=SCORES.csv")
    sets = [read_set(argument) for argument in parser.parse_args().sets]
    out = []
    for calibration, title in CALIBRATIONS.items():
        out += [f"### Regret: {title[0].lower()}{title[1:]}", "", *regret_table(regrets(sets, calibration)), ""]
        out += ["How often who is better:", "", *tally(sets, calibration), ""]
    for name, lines in sets:
        out += [f"### {name}", "", *set_table(lines), ""]
    print("\n".join(out).rstrip())


if __name__ == "__main__":
    main()
