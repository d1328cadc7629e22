"""How long the gate and the attacker take: python benchmarks/disclosure_speed.py

Prints the median and the longest time of one table by its size, and the time to audit two waves of
twenty questions by fourteen departments at once, in processor seconds. Ends with 1 when a table takes
longer than its limit, the audit longer than two minutes, or the audit finds anybody out.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.department_tables import attacked, counted, gated, question, random_counts  # noqa: E402

#: Departments × answers → (tables, most seconds for one of them).
SIZES = {(6, 3): (67, 2), (10, 4): (67, 2), (14, 5): (66, 2), (20, 6): (5, 15)}
QUESTIONS, WAVES, DEPARTMENTS, ANSWERS = 20, ("2023", "2025"), 14, 5
AUDIT_SECONDS = 120


def _seconds(call, *arguments):
    start = time.process_time()
    found = call(*arguments)
    return time.process_time() - start, found


def _gate() -> bool:
    """Time each size; return whether all are within their limits."""
    is_fast = True
    for shape, (number, limit) in SIZES.items():
        asked = question(shape[1])
        taken = [_seconds(gated, counted(asked, random_counts(shape, seed)))[0] for seed in range(number)]
        print(
            f"秘匿 {shape[0]}×{shape[1]}: 中央値 {statistics.median(taken):.2f}秒、"
            f"最大 {max(taken):.2f}秒（{number}表、限度 {limit}秒）"
        )
        is_fast &= max(taken) <= limit
    return is_fast


def _counts(wave: int, number: int) -> np.ndarray:
    """Return random answers of the same people: every department is as large in all questions of a wave."""
    sizes = random_counts((DEPARTMENTS, ANSWERS), 7 + wave).sum(axis=1) + 60
    counts = random_counts((DEPARTMENTS, ANSWERS), 1000 * wave + number)
    counts[:, 0] += sizes - counts.sum(axis=1)
    return counts


def _audit() -> bool:
    """Time one audit of everything; return whether it was fast and found nobody out."""
    waves = {}
    for place, wave in enumerate(WAVES):
        asked = [question(ANSWERS, f"q{number}") for number in range(QUESTIONS)]
        tables = [counted(each, _counts(place, number)) for number, each in enumerate(asked)]
        waves[wave] = [(table, gated(table)) for table in tables]
    hidden = sum(len(cells) for tables in waves.values() for _, cells in tables)
    taken, found = _seconds(attacked, waves)
    print(
        f"監査 {len(WAVES)}回×{QUESTIONS}問×{DEPARTMENTS}部局: {taken:.1f}秒"
        f"（秘匿 {hidden}欄、分かる欄 {len(found)}、限度 {AUDIT_SECONDS}秒）"
    )
    return not found and taken <= AUDIT_SECONDS


if __name__ == "__main__":
    passed = [_gate(), _audit()]
    sys.exit(0 if all(passed) else 1)
