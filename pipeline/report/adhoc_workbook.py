"""One internal workbook with a cross that somebody asked for: shares, people, and every number in one list."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pandas as pd

from pipeline.model import ALL_GROUP, Question
from pipeline.report import printed, wording
from pipeline.report.edition import Row
from pipeline.report.internal_workbook import Listed, workbook_bytes

MARK = "庁内限り・公表しない"
_STATES = {"low": "下限", "high": "上限"}


def adhoc_bytes(
    title: str,
    about: list[str],
    question: Question,
    estimates: pd.DataFrame,
    contrasts: pd.DataFrame,
    confidence: float,
) -> bytes:
    """Return the workbook; the same tables give the same bytes.

    about: lines for the first sheet; estimates, contrasts: rows of this question in one wave.
    """
    rows = estimates.to_dict("records")
    against = {(row["banner"], row["group"], row["option"]): row for row in contrasts.to_dict("records")}
    options = list(
        dict.fromkeys((row["option"], row["option_label"]) for row in rows if row["measure"] != "mean")
    )
    sheets = [
        Listed("説明", (MARK,), [(line,) for line in about]),
        Listed("割合（%）", _across(options), _crossed(rows, options, "share")),
        Listed("人数", _across(options), _crossed(rows, options, "people")),
        Listed(
            "数値の一覧", _headers(wording.level_percent(confidence)), [_line(row, against) for row in rows]
        ),
    ]
    return workbook_bytes(f"{title}（{MARK}）", [sheet for sheet in sheets if sheet.headers], f"&C{MARK}")


def _across(options: list[tuple[str, str]]) -> tuple[str, ...]:
    labels = [label for _, label in options]
    # Headers of an Excel table are unique, labels of options need not be.
    return (
        "属性",
        "区分",
        "n",
        "備考",
        *(
            f"{label}（{labels[:at].count(label) + 1}）" if label in labels[:at] else label
            for at, label in enumerate(labels)
        ),
    )


def _crossed(rows: list[Row], options: list[tuple[str, str]], what: str) -> Iterator[tuple]:
    by_group: dict[tuple, dict[str, Row]] = {}
    for row in rows:
        by_group.setdefault((row["banner_label"], row["group_label"]), {})[row["option"]] = row
    for (banner, group), found in by_group.items():
        first = next(iter(found.values()))
        cells = [(_percent if what == "share" else _people)(found.get(option)) for option, _ in options]
        yield (banner, group, _base(first), _small(first), *cells)


def _percent(row: Row | None) -> str | float:
    value = printed.percent(row) if wording.is_exact(row) else None
    return wording.status_sign(row) if value is None else float(value)


def _people(row: Row | None) -> str | float:
    return int(row["count"]) if wording.is_exact(row) else wording.status_sign(row)


def _base(row: Row) -> str | float:
    return int(row["base"]) if wording.is_shown(row) else wording.status_sign(row)


def _small(row: Row) -> str:
    return f"{wording.SMALL_BASE} 参考値" if row["is_small_base"] == "true" else ""


def _headers(level: str) -> tuple[str, ...]:
    bounds = tuple(f"{level}%信頼区間の{end}" for end in _STATES.values())
    staff = tuple(f"対象者に限った{end}" for end in _STATES.values())
    about = ("属性", "区分", "項目", "人数", "n", "割合（%）", *bounds, *staff, "備考")
    return (
        *about,
        "ほかの人の割合（%）",
        "ほかの人との差（ポイント）",
        *(f"差の{name}" for name in (*bounds, *staff)),
        "差のp値（調整なし）",
    )


def _line(row: Row, against: dict[tuple, Row]) -> tuple:
    own = (
        row["banner_label"],
        row["group_label"],
        row["option_label"],
        _people(row),
        _base(row),
        _percent(row),
    )
    if row["measure"] == "mean":
        own = (*own[:3], "", _base(row), _plain(printed.rounded(row["value"], 2)))
    bounds = [_plain(printed.rounded(row[end])) for end in ("low", "high", "finite_low", "finite_high")]
    other = against.get((row["banner"], row["group"], row["option"])) if row["group"] != ALL_GROUP else None
    if other is None:
        return (*own, *bounds, _small(row), *[""] * 7)
    compared = ("rest_value", "difference", "low", "high", "finite_low", "finite_high")
    return (
        *own,
        *bounds,
        _small(row),
        *(_plain(printed.rounded(other[c])) for c in compared),
        _plain(printed.p_value(other["p"])),
    )


def _plain(number: Decimal | None) -> str | float:
    return "" if number is None else float(number)
