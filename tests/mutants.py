#!/usr/bin/env python3
"""Changes one thing at a time in units, book, decide and price, in a random order, and asks the tests whether they notice.

In: how many mutants, and a seed. Out: a line a mutant on standard output (JSON), and the shares on standard error.
Run it in a clone of its own: it edits the sources and puts them back. Needs cargo-mutants, patch and Python 3.9.

    CARGO_PROFILE_TEST_OPT_LEVEL=0 python3 tests/mutants.py 100 --seed 1 > mutants.jsonl
"""

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path

ROOMS = ["units", "book", "decide", "price"]
SECONDS = 1800


def passes(*arguments):
    """Whether a run of the tests passes; a run without an end does not."""
    try:
        run = subprocess.run(["cargo", "test", "-q", *arguments], capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


def outcome(mutant):
    """`unviable`, `missed`, or which tests noticed: those of its file, all unit tests, the pinned figures, or the rest."""
    path = Path(mutant["file"])
    before = path.read_bytes()
    try:
        subprocess.run(["patch", "-s", "-p0", "--no-backup-if-mismatch", str(path)],
                       input=mutant["diff"].encode(), check=True, capture_output=True)
        if not passes("--lib", "--no-run"):
            return "unviable"
        module = "::".join(path.with_suffix("").parts[1:]).removesuffix("::mod") + "::"
        stages = [("file", ["--lib", module]), ("unit", ["--lib"]), ("pinned", ["--test", "pinned"]), ("rest", [])]
        return next((name for name, tests in stages if not passes(*tests)), "missed")
    finally:
        path.write_bytes(before)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("count", type=int)
    arguments.add_argument("--seed", type=int, default=1)
    asked = arguments.parse_args()
    files = [flag for room in ROOMS for flag in ("-f", f"src/{room}/**")]
    listed = subprocess.run(["cargo", "mutants", "--list", "--json", "--diff", *files], capture_output=True, check=True)
    mutants = json.loads(listed.stdout)
    random.Random(asked.seed).shuffle(mutants)
    counts = {}
    for mutant in mutants[:asked.count]:
        found = outcome(mutant)
        counts[found] = counts.get(found, 0) + 1
        print(json.dumps({"mutant": mutant["name"], "outcome": found}), flush=True)
    viable = sum(counts.values()) - counts.get("unviable", 0)
    noticed = viable - counts.get("missed", 0)
    print(f"{len(mutants)} mutants, {viable} tried, {noticed} noticed: {counts}", file=sys.stderr)


if __name__ == "__main__":
    main()
