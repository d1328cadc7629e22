"""Every interval and every pair of years of 2,160 tables: one vectorised pass beside loops over scipy.stats.

    python benchmarks/inference_speed.py

60 questions × 6 banners of groups × 6 waves. Every table has options × groups of counts, of which
come the shares, Wilson's intervals, chi-square with V, and for all 15 pairs of waves the pooled
test of every cell. The loop takes one table and one cell after another, on a part of the tables
(--part, the time is scaled up); both must agree to 1e-9 on that part.
"""

from __future__ import annotations

import argparse
import time
from itertools import combinations

import numpy as np

from pipeline.analysis.hypotheses import pooled_z, two_sided
from pipeline.analysis.intervals import newcombe, wilson

QUESTIONS, WAVES, OPTIONS = 60, 6, 5
BANNERS = (14, 5, 5, 5, 4, 4)
PAIRS = tuple(combinations(range(WAVES), 2))


def tables(seed: int = 4) -> list[np.ndarray]:
    """Return per banner the counts of options: (questions, waves, groups, options)."""
    random = np.random.default_rng(seed)
    return [random.integers(20, 120, (QUESTIONS, WAVES, groups, OPTIONS)) for groups in BANNERS]


def vectorised(counts: list[np.ndarray]) -> list[dict[str, np.ndarray]]:
    """Return every number of every table: one pass per banner, whose tables have one shape."""
    from scipy.special import chdtrc

    results = []
    for cube in counts:
        base = cube.sum(axis=3, keepdims=True)
        low, high = wilson(cube, base)
        total = base.sum(axis=2, keepdims=True)
        expected = base * cube.sum(axis=2, keepdims=True) / total
        statistic = ((cube - expected) ** 2 / expected).sum(axis=(2, 3))
        degrees = (cube.shape[2] - 1) * (cube.shape[3] - 1)
        first, second = ([pair[side] for pair in PAIRS] for side in (0, 1))
        sides = cube[:, first], base[:, first], cube[:, second], base[:, second]
        change = newcombe(*sides)
        results.append(
            {
                "low": low,
                "high": high,
                "statistic": statistic,
                "p": chdtrc(degrees, statistic),
                "change_low": change[0],
                "change_high": change[1],
                "p_change": two_sided(pooled_z(*sides)),
            }
        )
    return results


def _interval(stats, count: int, base: int) -> tuple[float, float]:
    z2 = stats.norm.ppf(0.975) ** 2
    half = np.sqrt(z2 * (count * (base - count) / base + z2 / 4))
    return (count + z2 / 2 - half) / (base + z2), (count + z2 / 2 + half) / (base + z2)


def looped(counts: list[np.ndarray], questions: int) -> list[dict[str, np.ndarray]]:
    """Return the same of the first ``questions`` questions, table by table and cell by cell."""
    from scipy import stats

    results = []
    for cube in counts:
        made = {
            name: [] for name in ("low", "high", "statistic", "p", "change_low", "change_high", "p_change")
        }
        for question in cube[:questions]:
            for table in question:
                test = stats.chi2_contingency(table, correction=False)
                made["statistic"].append(test.statistic)
                made["p"].append(test.pvalue)
                bounds = [[_interval(stats, x, row.sum()) for x in row] for row in table]
                made["low"].append([[cell[0] for cell in row] for row in bounds])
                made["high"].append([[cell[1] for cell in row] for row in bounds])
            for pair in PAIRS:
                _looped_pair(stats, made, *(question[wave] for wave in pair))
        results.append({name: np.array(values) for name, values in made.items()})
    return results


def _looped_pair(stats, made: dict[str, list], one: np.ndarray, other: np.ndarray) -> None:
    rows = {name: [] for name in ("change_low", "change_high", "p_change")}
    for before, after in zip(one, other, strict=True):
        n1, n2 = int(before.sum()), int(after.sum())
        for x1, x2 in zip(before.tolist(), after.tolist(), strict=True):
            (low1, high1), (low2, high2) = _interval(stats, x1, n1), _interval(stats, x2, n2)
            p1, p2 = x1 / n1, x2 / n2
            rows["change_low"].append(p2 - p1 - np.hypot(p2 - low2, high1 - p1))
            rows["change_high"].append(p2 - p1 + np.hypot(high2 - p2, p1 - low1))
            pooled = (x1 + x2) / (n1 + n2)
            z = (p2 - p1) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
            rows["p_change"].append(2 * stats.norm.sf(abs(z)))
    for name, values in rows.items():
        made[name].append(values)


def main() -> None:
    """Print both times; stop where the numbers differ or the pass is not 200 times faster."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", type=int, default=1, help="questions of the loop (of 60)")
    part = parser.parse_args().part
    counts = tables()
    vectorised(counts)
    times = []
    for _ in range(5):
        started = time.perf_counter()
        fast = vectorised(counts)
        times.append(time.perf_counter() - started)
    started = time.perf_counter()
    slow = looped(counts, part)
    loop = (time.perf_counter() - started) * QUESTIONS / part
    for mine, theirs in zip(fast, slow, strict=True):
        for name, values in theirs.items():
            np.testing.assert_allclose(mine[name][:part].ravel(), values.ravel(), rtol=1e-9, atol=1e-9)
    best = sorted(times)[len(times) // 2]
    cells = QUESTIONS * len(PAIRS) * OPTIONS * sum(BANNERS)
    print(f"{QUESTIONS * WAVES * len(BANNERS):,} tables, {cells:,} pairs of cells")
    print(
        f"vectorised {best:.3f} s, loop {loop:.1f} s (from {part} of {QUESTIONS} questions): {loop / best:,.0f} times"
    )
    if loop < 200 * best:
        raise SystemExit("fewer than 200 times")


if __name__ == "__main__":
    main()
