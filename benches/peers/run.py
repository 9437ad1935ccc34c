"""Runs residua and its peers over one register and prints a Markdown table; see README.md. Called by run.sh.

Each run is a process of its own, from the start of the program to its end, and is measured by what the system says of
it when it ends. This program loads nothing large, as a child's peak memory starts at that of its parent.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from fleet import write_register
from question import AS_OF

HERE = Path(__file__).resolve().parent
LIBRARIES = ("numpy", "pandas", "pyarrow", "polars", "lightgbm", "scikit-learn")
SLOW_ROWS = 100_000
US = "residua plan --stream"
BOOSTERS = {"pandas_lightgbm": "pandas + LightGBM + conformal", "sklearn_quantile": "scikit-learn + conformal"}


class Line:
    """A line of the table: what runs, on which rows, and what came out of its runs."""

    def __init__(self, who, command, rows, threads):
        self.who, self.command, self.rows, self.threads = who, command, rows, threads
        self.runs = []

    def median(self, name):
        """Median over the runs; none where a run does not say."""
        told = [run[name] for run in self.runs]
        return None if None in told else statistics.median(told)

    def by_wall(self):
        """Assets a second."""
        return self.rows / self.median("wall")

    def by_core(self):
        """Assets a second of one core."""
        return self.rows / self.median("cpu")


def say(text):
    """A line of progress."""
    print(text, file=sys.stderr, flush=True)


def measured(command, threads):
    """Wall and processor seconds and peak megabytes of a process, and what it says of its scoring."""
    environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads)}
    os.sync()
    start = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        child = subprocess.Popen([str(part) for part in command], stdout=out, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            sys.exit(f"failed with {child.returncode}: {' '.join(map(str, command))}")
        out.seek(0)
        last = out.read().decode(errors="replace").strip().splitlines()[-1:]
    scoring = json.loads(last[0])["scoring"] if last and last[0].startswith('{"scoring"') else None
    # ru_maxrss is in kilobytes on Linux, in bytes on macOS.
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak": peak, "scoring": scoring}


def count_lines(path):
    """Lines of a file."""
    with open(path, "rb") as file:
        return sum(part.count(b"\n") for part in iter(lambda: file.read(1 << 20), b""))


def residua(register, threads):
    """The program's own command."""
    month = f"{AS_OF[0]}-{AS_OF[1]:02}"
    options = ["--stream", "--quiet", "--as-of", month, "--threads", threads]
    return lambda out: [os.environ["RESIDUA"], "plan", register, *options, "-o", out]


def peer(script, *before, options):
    """A peer's command."""
    return lambda out: [sys.executable, HERE / f"{script}.py", *before, out, *options]


def lines(registers, models, rows, slow, threads):
    """All lines: the whole register by all; its first rows by boosters that score each row, and residua beside them."""
    most = threads[-1]
    whole = registers[rows]

    def on(many, *options):
        return ["--threads", many, *options]

    made = [Line(US, residua(whole, many), rows, many) for many in threads]
    if slow < rows:
        made.append(Line(US, residua(registers[slow], most), slow, most))
    for many in threads:
        for how, said in (("rows", ""), ("lean", ", bands where written"), ("kinds", ", equal rows once")):
            command = peer("numpy_closed_form", whole, options=on(many, "--how", how))
            made.append(Line(f"numpy closed form{said}", command, rows, many))
    for how, said in (("rows", ""), ("kinds", ", equal rows once")):
        command = peer("numpy_closed_form", whole, options=on(most, "--how", how, "--files", "pandas"))
        made.append(Line(f"numpy closed form, files by pandas{said}", command, rows, most))
    for many in threads:
        for how, said in (("rows", ""), ("kinds", ", equal rows once")):
            command = peer("polars_expressions", whole, options=on(many, "--how", how))
            made.append(Line(f"polars expressions{said}", command, rows, many))
    for script, who in BOOSTERS.items():
        for how, said in (("rows", ""), ("lean", ", bands where written"), ("kinds", ", equal rows once")):
            asked = rows if how == "kinds" else slow
            command = peer(script, "score", models / script, registers[asked], options=on(most, "--how", how))
            made.append(Line(f"{who}{said}", command, asked, most))
    return made


def run(line, folder):
    """Runs a line once more and counts what it wrote."""
    out = folder / "out"
    found = measured(line.command(out), line.threads)
    written = count_lines(out / "plan.csv" if out.is_dir() else out)
    if written != line.rows + 1:
        sys.exit(f"{line.who}: {written} lines for {line.rows} rows")
    shutil.rmtree(out) if out.is_dir() else out.unlink()
    line.runs.append(found)
    say(f"{line.who}, {line.rows:,} rows, {line.threads} threads: {found['wall']:.2f} s, {found['cpu']:.2f} s CPU")


def print_table(made, repeat):
    """The table and what it rests on."""
    ours = {(line.rows, line.threads): line for line in made if line.who == US}
    heads = ["who", "threads", "rows", "wall s", "CPU s", "scoring, CPU s", "peak MB", "assets/s", "assets/core-s"]
    heads += ["× by wall", "× by CPU"]
    print(f"| {' | '.join(heads)} |")
    print(f"| --- |{' ---: |' * (len(heads) - 1)}")
    for line in made:
        beside = ours.get((line.rows, line.threads))
        ratios = ["", ""]
        if beside and beside is not line:
            ratios = [times(beside.by_wall() / line.by_wall()), times(beside.by_core() / line.by_core())]
        scoring = line.median("scoring")
        numbers = [
            line.threads,
            f"{line.rows:,}",
            f"{line.median('wall'):.2f}",
            f"{line.median('cpu'):.2f}",
            "" if scoring is None else f"{scoring:.2f}",
            f"{line.median('peak'):,.0f}",
            f"{line.by_wall():,.0f}",
            f"{line.by_core():,.0f}",
            *ratios,
        ]
        print(f"| {line.who} | {' | '.join(map(str, numbers))} |")
    print()
    print(
        "×: assets a second of residua over those of the line, on the same rows and as many threads; below 1 residua is"
    )
    print("the slower.")
    if repeat > 1:
        widest = max(made, key=spread)
        print(
            f"Medians of {repeat} runs. The widest spread of wall was {spread(widest):.0%} of its median: {widest.who}."
        )
    print()


def times(ratio):
    """A ratio to read."""
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"


def spread(line):
    """Longest less shortest wall, over the median."""
    walls = [one["wall"] for one in line.runs]
    return (max(walls) - min(walls)) / line.median("wall")


def print_at_pace(made, rows, most):
    """What the whole register would take those that saw a part of it."""
    ours = next((line for line in made if line.who == US and (line.rows, line.threads) == (rows, most)), None)
    for line in made:
        if ours and line.who != US and line.rows < rows:
            wall, cpu = rows / line.by_wall(), rows / line.by_core()
            print(
                f"- {line.who}: at its pace {rows:,} rows would take {wall:,.0f} s,"
                f" {times(wall / ours.median('wall'))} times residua's on {most} threads"
                f" ({times(cpu / ours.median('cpu'))} by CPU); extrapolated, not run."
            )


def processor():
    """Name of the processor, where the system tells."""
    try:
        told = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":", 1)[1].strip() for line in told if line.startswith("model name")), platform.machine())


def main():
    """Writes the registers, trains, runs everything and prints."""
    parser = argparse.ArgumentParser(prog="run.sh")
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("kinds", type=int, nargs="?", default=1_000)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--only", nargs="+", default=[], help="lines whose name holds one of these, and residua")
    given = parser.parse_args()
    rows, threads = given.rows, sorted(given.threads)
    slow = min(rows, int(os.environ.get("RESIDUA_PEER_ROWS", SLOW_ROWS)))
    load = os.getloadavg()[0]
    if load > 0.5:
        say(f"the machine is not idle: load {load:.1f}")
    asked = [os.environ["RESIDUA"], "--version"]
    told = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        folder = Path(name)
        models = folder / "models"
        models.mkdir()
        registers = {}
        for count in {rows, slow}:
            registers[count] = folder / f"register-{count}.csv"
            write_register(registers[count], count, given.kinds)
        made = [
            line
            for line in lines(registers, models, rows, slow, threads)
            if line.who == US or not given.only or any(part in line.who for part in given.only)
        ]
        trained = {}
        for script, who in BOOSTERS.items():
            if any(line.who.startswith(who) for line in made):
                command = [sys.executable, HERE / f"{script}.py", "train", models / script, "--threads", threads[-1]]
                trained[who] = measured(command, threads[-1])
                say(f"{who}: trained in {trained[who]['wall']:.1f} s")
        for _ in range(given.repeat):
            for line in made:
                run(line, folder)
        print(
            f"{rows:,} rows of {given.kinds:,} kinds, {registers[rows].stat().st_size / 1e6:,.0f} MB. {told}.", end=" "
        )
        print(f"{os.cpu_count()} cores, {processor()}. Python {platform.python_version()},", end=" ")
        print(", ".join(f"{library} {version(library)}" for library in LIBRARIES) + ".", end=" ")
        print(f"Load of the machine before: {load:.1f}.\n")
        print_table(made, given.repeat)
        for who, found in trained.items():
            print(f"- {who}: training, in no figure above, took {found['wall']:.1f} s, {found['cpu']:.1f} s CPU.")
        print_at_pace(made, rows, threads[-1])


if __name__ == "__main__":
    main()
