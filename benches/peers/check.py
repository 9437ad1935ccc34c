"""Checks of the peers on a small fleet: bash benches/peers/run.sh --check

1. The register has the bytes of `benches/stream/main.rs`.
2. Every way of numpy and polars answers as `question.answer` does: month and route the same, numbers to 1e-9.
3. The boosters come near: their band holds 8 of 10 fresh sales, medians differ little, all their ways agree. Then their
   median differences and how often they choose the same month and route are printed.
"""

import csv
import hashlib
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import boosters
import fleet
import pandas_lightgbm
import question
import sklearn_quantile

HERE = Path(__file__).resolve().parent
ROWS, KINDS = 6_000, 2_000
REGISTERS = {
    (3_000, 7): "32b590b904b02c51bdf9602f7ff544d76a9b14f11d28142300181b1371259b44",
    (50_000, 20_000): "4f15e08ab6f90f87a470cb319cefc70f586a736425f86693ee6b5d90e8b72ad3",
}


def answers(path):
    """Rows of a file of answers."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == question.ANSWERS, header
    return [row[:4] + [float(cell) for cell in row[4:]] for row in rows]


def run(script, *arguments):
    """Runs a peer."""
    command = [sys.executable, HERE / f"{script}.py", *arguments]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)


def farthest(found, wanted):
    """Largest relative difference; words must agree."""
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one[:4] == other[:4], (one, other)
    return max(
        abs(a - b) / max(abs(b), 1.0)
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one[4:], other[4:], strict=True)
    )


def check_registers(folder):
    """The registers of the Rust bench."""
    for (rows, kinds), digest in REGISTERS.items():
        path = folder / "register.csv"
        fleet.write_register(path, rows, kinds)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest, (rows, kinds)
    print("registers: the bytes of benches/stream/main.rs")


def check_closed_forms(folder, register, wanted):
    """numpy and polars against one row at a time."""
    ways = [("polars_expressions", ["--how", how]) for how in ("rows", "kinds")]
    for how in ("rows", "lean", "kinds"):
        ways += [("numpy_closed_form", ["--how", how, "--files", files]) for files in ("arrow", "pandas")]
    for script, options in ways:
        for threads in (1, 2):
            run(script, register, folder / "out.csv", *options, "--threads", threads, "--exact")
            difference = farthest(answers(folder / "out.csv"), wanted)
            assert difference < 1e-9, (script, options, difference)
        print(f"{script} {' '.join(options)}: within {difference:.1e}")


def check_booster(folder, register, wanted, peer):
    """One booster: coverage, its three ways, and how near it comes."""
    name = peer.__name__
    models, moved = boosters.train(peer, 2)
    features, target = boosters.sales(20_000, boosters.SEED + 1)
    low, _, high = [boosters.forecast(peer, models, moved, features, 2, level) for level in range(3)]
    held = np.mean((low <= target) & (target <= high))
    assert 0.78 < held < 0.82, held
    path = folder / name
    boosters.save(path, models, moved)
    ways = {}
    for how in ("rows", "lean", "kinds"):
        run(name, "score", path, register, folder / "out.csv", "--how", how, "--threads", 2, "--exact")
        ways[how] = answers(folder / "out.csv")
    assert max(farthest(ways[how], ways["rows"]) for how in ("lean", "kinds")) < 1e-9
    pairs = list(zip(ways["rows"], wanted, strict=True))
    apart = [statistics.median(abs(one[place] / other[place] - 1) for one, other in pairs) for place in (4, 5, 6)]
    assert max(apart) < 0.1, apart
    month, route = [sum(one[place] == other[place] for one, other in pairs) / len(pairs) for place in (2, 3)]
    print(
        f"{name}: band holds {held:.1%} of fresh sales; p10, p50, p90 now differ from the closed form by"
        f" {', '.join(f'{one:.1%}' for one in apart)} in the median; same month {month:.0%}, same route {route:.0%}"
    )


def main():
    """All checks."""
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        check_registers(folder)
        register = folder / "register.csv"
        fleet.write_register(register, ROWS, KINDS)
        with open(register, encoding="utf-8", newline="") as file:
            wanted = [question.answer(row) for row in csv.DictReader(file)]
        check_closed_forms(folder, register, wanted)
        for peer in (pandas_lightgbm, sklearn_quantile):
            check_booster(folder, register, wanted, peer)


if __name__ == "__main__":
    main()
