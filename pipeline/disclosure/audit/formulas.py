"""The published formulas, inverted by trying: which counts print these figures?

Written apart from ``analysis`` on purpose: an outsider has the formulas of methods.html only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist

#: Printed figures are compared with half a unit of their last decimal, and this much more.
_SLACK = 1e-9
_Z = NormalDist().inv_cdf(0.975)


def _prints(value: float, text: str) -> bool:
    decimals = len(text.partition(".")[2])
    return abs(value - float(text)) <= 0.5 * 10**-decimals + _SLACK


def _prints_p(value: float, text: str) -> bool:
    """Return whether p, printed to four significant digits, is ``text``."""
    return (
        abs(value - float(text)) <= max(5e-4 * abs(value), 0.5 * 10 ** -len(text.partition(".")[2])) + 1e-12
    )


def wilson(count: int, base: int, staff: int | None = None) -> tuple[float, float]:
    """Return the Wilson interval in percent; of ``staff`` people in the finite reading."""
    if base == 0:
        return 0.0, 100.0
    z2 = _Z**2
    if staff is not None:
        z2 *= (staff - base) / (staff - 1) if staff > base else 0
    centre, half = (
        (count + z2 / 2) / (base + z2),
        (z2 * (count * (base - count) / base + z2 / 4)) ** 0.5 / (base + z2),
    )
    low, high = (0 if count == 0 else centre - half), (1 if count == base else centre + half)
    if staff is not None:
        people = max(staff, base)
        low, high = max(low, count / people), min(high, (people - base + count) / people)
    return 100 * low, 100 * high


def interval_fits(base: int, low: str, high: str, staff: int | None = None) -> Callable[[int], bool]:
    """Return the test of a count against its printed interval."""

    def fits(count: int) -> bool:
        if count > base:
            return False
        found = wilson(count, base, staff)
        return _prints(found[0], low) and _prints(found[1], high)

    return fits


def change_fits(bases: Sequence[int], printed: Mapping[str, str]) -> Callable[[int, int], bool]:
    """Return the test of two counts against what a change prints: points, interval, p."""

    def fits(earlier: int, later: int) -> bool:
        if earlier > bases[0] or later > bases[1]:
            return False
        change, low, high, p = _compared(earlier, bases[0], later, bases[1])
        values = {"change": change, "low": low, "high": high}
        if not all(_prints(values[name], text) for name, text in printed.items() if name in values):
            return False
        return "p" not in printed or _prints_p(p, printed["p"])

    return fits


def _compared(x1: int, n1: int, x2: int, n2: int) -> tuple[float, float, float, float]:
    """Return (points, Newcombe low, high, pooled p)."""
    p1, p2 = 100 * x1 / n1, 100 * x2 / n2
    (low1, high1), (low2, high2) = wilson(x1, n1), wilson(x2, n2)
    low = p2 - p1 - ((p2 - low2) ** 2 + (high1 - p1) ** 2) ** 0.5
    high = p2 - p1 + ((high2 - p2) ** 2 + (p1 - low1) ** 2) ** 0.5
    pooled = (x1 + x2) / (n1 + n2)
    if pooled in (0, 1):
        return p2 - p1, low, high, 1.0
    z = (x2 / n2 - x1 / n1) / (pooled * (1 - pooled) * (1 / n1 + 1 / n2)) ** 0.5
    return p2 - p1, low, high, 2 * NormalDist().cdf(-abs(z))


def association_fits(
    shape: tuple[int, int], known: Sequence[int | None], printed: Mapping[str, str]
) -> Callable[..., bool]:
    """Return the test of the unknown counts of a cross against its printed χ² and V.

    known: the counts row by row, None for those that the test is given, in the same order.
    """

    def fits(*values: int) -> bool:
        left = iter(values)
        counts = [next(left) if count is None else count for count in known]
        table = [counts[row * shape[1] : (row + 1) * shape[1]] for row in range(shape[0])]
        statistic, effect = _chi_square(table)
        found = {"statistic": statistic, "effect": effect, "base": float(sum(counts))}
        return all(_prints(found[name], text) for name, text in printed.items())

    return fits


def _chi_square(table: list[list[int]]) -> tuple[float, float]:
    """Return (χ², Cramér's V) without the rows and columns that hold nobody."""
    rows = [row for row in table if sum(row)]
    columns = [column for column in zip(*rows, strict=True) if sum(column)]
    if min(len(rows), len(columns)) < 2:
        return 0.0, 0.0
    total = sum(map(sum, rows))
    sums = [sum(row) for row in zip(*columns, strict=True)]
    statistic = sum(
        (count - size * sum(column) / total) ** 2 / (size * sum(column) / total)
        for column in columns
        for count, size in zip(column, sums, strict=True)
    )
    return statistic, (statistic / total / (min(len(rows), len(columns)) - 1)) ** 0.5
