"""Measure, print a table, keep the figures: ``python -m benchmarks [names] [--peers]``."""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import sys
from typing import Any

from benchmarks import budgets, harness
from benchmarks.ctc import CASES as CTC
from benchmarks.decoding import CASES as DECODING
from benchmarks.ensemble import CASES as ENSEMBLE
from benchmarks.linear_model import CASES as LINEAR
from benchmarks.metrics import CASES as METRICS
from benchmarks.nn import CASES as NN
from benchmarks.nn_ops import CASES as NN_OPS
from benchmarks.optim import CASES as OPTIM
from benchmarks.preprocessing import CASES as PREPROCESSING
from benchmarks.real import CASES as REAL
from benchmarks.sequences import CASES as SEQUENCES
from benchmarks.svm import CASES as SVM
from benchmarks.tree import CASES as TREE

PACKAGES = (
    LINEAR,
    SVM,
    TREE,
    ENSEMBLE,
    REAL,
    PREPROCESSING,
    METRICS,
    OPTIM,
    NN,
    NN_OPS,
    CTC,
    SEQUENCES,
    DECODING,
)
CASES = {case.name: case for cases in PACKAGES for case in cases}


def main() -> int:
    """Run the benchmarks named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help="cases, with wildcards; all by default")
    parser.add_argument("--peers", action="store_true", help="measure the installed peers too")
    parser.add_argument("--json", metavar="FILE", help="write the figures here")
    parser.add_argument("--repeats", type=int, default=7, help="pairs of runs per case (7)")
    parser.add_argument("--threads", type=int, help="threads for everybody, BLAS included")
    parser.add_argument("--list", action="store_true", help="print the names of the cases")
    parser.add_argument("--budgets", action="store_true", help="measure imports and first fits")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(harness.first_fit(CASES[options.child])))
        return 0
    if options.budgets:
        budgets.main()
        return 0
    if options.list:
        print("\n".join(CASES))
        return 0
    wanted = [n for n in CASES if any(fnmatch.fnmatch(n, p) for p in options.names or ["*"])]
    unknown = [p for p in options.names if not fnmatch.filter(CASES, p)]
    if unknown:
        parser.error(f"no case named {', '.join(unknown)}; --list prints the names")
    if options.threads:
        _restart_with_threads(options.threads)
    return _run(wanted, options)


def _run(names: list[str], options: argparse.Namespace) -> int:
    about = harness.environment()
    print(f"{about['machine']}, {about['cpus']} CPUs, {about['threads']} threads")
    print(HEADER)
    rows = []
    for name in names:
        rows.append(harness.measure(CASES[name], peers=options.peers, repeats=options.repeats))
        for line in _lines(rows[-1]):
            print(line, flush=True)
        if options.json:
            _store(options.json, {"environment": about, "rows": rows})
    return 0


def _store(path: str, figures: dict[str, Any]) -> None:
    """Write what has been measured so far, whole or not at all."""
    with open(f"{path}.part", "w") as file:
        json.dump(figures, file, indent=1)
        file.write("\n")
    os.replace(f"{path}.part", path)


HEADER = (
    f"{'case':<28}{'ms':>9}  {'peer':<16}{'ms':>9}{'ratio':>7}{'low..high':>13}{'want':>6}"
    f"  {'quality: ours':<26}{'peer':<15}{'cold s':>7}{'cached':>7}"
    f"{'memory':>7}{'B/cell':>7}{'n^':>6}"
)


def _lines(row: dict[str, Any]) -> list[str]:
    """Format one case: a line per peer, or one line without peers."""
    quality = f"{row['quality_name']} {row['quality']:.10g}"
    tail = f"{row['cold_s']:>7.2f}{row['cached_s']:>7.2f}{row['memory_ratio']:>7.2f}"
    tail += f"{row['cell_bytes']:>7.1f}"
    lines = []
    for name, peer in row["peers"].items():
        growth = [x["exponent"] for x in (row, peer) if "exponent" in x]
        spread = f"{peer['ratio_low']:.1f}..{peer['ratio_high']:.1f}"
        lines.append(
            f"{row['case']:<28}{row['ms']:>9.2f}  {name:<16}{peer['ms']:>9.2f}{peer['ratio']:>7.2f}"
            f"{spread:>13}{row['target']:>6.1f}  {quality:<26}{peer['quality']:<15.10g}{tail}"
            + "".join(f"{exponent:>6.2f}" for exponent in growth)
        )
        for what, ours in row.get("also", {}).items():
            lines.append(f"{'':<86}{f'{what} {ours:.6g}':<26}{peer['also'][what]:<15.6g}")
    blank = f"{'':<16}{'':>9}{'':>7}{'':>13}"
    return lines or [
        f"{row['case']:<28}{row['ms']:>9.2f}  {blank}{row['target']:>6.1f}  {quality:<41}{tail}"
    ]


def _restart_with_threads(n: int) -> None:
    """Run again under thread limits, which BLAS reads only when it is loaded."""
    limits = {f"{v}_NUM_THREADS": str(n) for v in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    if any(os.environ.get(k) != v for k, v in limits.items()):
        os.execve(
            sys.executable,
            [sys.executable, "-m", "benchmarks", *sys.argv[1:]],
            {**os.environ, **limits},
        )


if __name__ == "__main__":
    sys.exit(main())
