"""How long the gate and the attacker take: python benchmarks/disclosure_speed.py

Prints the median and the longest time of one table by its size, and the time to audit two waves of
twenty questions by fourteen departments at once.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.department_tables import attacked, gated, question, random_counts  # noqa: E402

SIZES = {(6, 3): 30, (10, 4): 20, (14, 5): 20, (20, 5): 3}
QUESTIONS, WAVES, DEPARTMENTS, ANSWERS = 20, ("2023", "2025"), 14, 5


def _seconds(call, *arguments):
    start = time.perf_counter()
    found = call(*arguments)
    return time.perf_counter() - start, found


def main() -> None:
    """Time each size, then one audit of everything."""
    for shape, number in SIZES.items():
        asked = question(shape[1])
        taken = [_seconds(gated, asked, random_counts(shape, seed))[0] for seed in range(number)]
        print(
            f"秘匿 {shape[0]}×{shape[1]}: 中央値 {statistics.median(taken):.2f}秒、最大 {max(taken):.2f}秒（{number}表）"
        )
    tables = {}
    for wave in WAVES:
        for number in range(QUESTIONS):
            asked = question(ANSWERS, f"q{number}")
            # Everybody answers every question: the departments are as large in all of them.
            counts = random_counts((DEPARTMENTS, ANSWERS), 1000 * WAVES.index(wave) + number)
            sizes = random_counts((DEPARTMENTS, ANSWERS), 7 + WAVES.index(wave)).sum(axis=1)
            counts[:, 0] += sizes + 60 - counts.sum(axis=1)
            tables[wave, asked] = (counts, gated(asked, counts))
    hidden = sum(len(cells) for _, cells in tables.values())
    taken, found = _seconds(attacked, tables)
    print(
        f"監査 {len(WAVES)}回×{QUESTIONS}問×{DEPARTMENTS}部局: {taken:.1f}秒（秘匿 {hidden}欄、分かる欄 {len(found)}）"
    )


if __name__ == "__main__":
    main()
