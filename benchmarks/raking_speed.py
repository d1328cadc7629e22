"""Seconds to rake 100,000 answers to four margins: on the joint table of counts, and on the rows.

Run: python benchmarks/raking_speed.py [answers]. It prints and judges nothing but that both agree.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from pipeline.analysis.weighting import rake  # noqa: E402

SIZES = (15, 6, 6, 4)


def main(answers: int) -> None:
    """Rake the same answers both ways and print the seconds."""
    random = np.random.Generator(np.random.PCG64(1))
    codes = [random.integers(0, size, answers) for size in SIZES]
    tilted = [
        np.bincount(code) * random.uniform(0.8, 1.25, size) for code, size in zip(codes, SIZES, strict=True)
    ]
    targets = [2.0 * answers * counts / counts.sum() for counts in tilted]

    started = time.perf_counter()
    joint = np.ravel_multi_index(codes, SIZES)
    people = np.bincount(joint, minlength=int(np.prod(SIZES)))
    cells = np.flatnonzero(people)
    by_cell = [code[cells] for code in (axis.ravel() for axis in np.indices(SIZES))]
    fitted = rake(people[cells], np.ones(len(cells)), by_cell, targets)
    weights = np.zeros(len(people))
    weights[cells] = fitted.weights
    mapped = weights[joint]
    on_table = time.perf_counter() - started

    started = time.perf_counter()
    on_rows = rake(np.ones(answers), np.ones(answers), codes, targets)
    seconds = time.perf_counter() - started
    assert np.allclose(mapped, on_rows.weights, rtol=1e-9)
    print(f"{answers} answers, {len(cells)} cells, {fitted.sweeps} sweeps")
    print(f"joint table {on_table:.4f} s   rows {seconds:.4f} s   {seconds / on_table:.0f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
