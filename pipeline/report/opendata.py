"""The tables as tidy CSV for machines, with a code table and a description: opendata/.

Columns are those of ``frames``; cells hold the printed values as numbers, and nothing where
there is no number. UTF-8 with BOM and CRLF, one line per record.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pipeline import frames
from pipeline.model import MEAN, TOTAL_BANNER, Question, Wave
from pipeline.register import errata_bytes
from pipeline.report import announcement, datapackage, printed
from pipeline.report.edition import Edition, Row

FOLDER = "opendata"
CODEBOOK_COLUMNS = [
    "survey",
    "question",
    "number",
    "question_label",
    "kind",
    "is_ordered",
    "base",
    "route",
    "limit",
    "option",
    "option_label",
    "option_type",
    "members",
    "wave",
    "wave_label",
    "wording",
]
#: ``kind`` of the response rate, which is no question of the form.
RATE = "rate"
_SILENT_COUNTS = ("returns", "trimmed", "sweeps", "resamples", "seed")
_COUNTS = frozenset(
    [
        "count",
        "count_low",
        "count_high",
        "base",
        "base_from",
        "base_to",
        "df",
        "population",
        "rest_count",
        "rest_base",
        "waves",
        *_SILENT_COUNTS,
    ]
)
_P_VALUES = frozenset(["p", "p_low", "p_high", "p_adjusted", "p_finite", "p_nonlinear"])
_STATISTICS = frozenset(
    ["statistic", "effect", "residual", "slope", "design_effect", "smallest_weight", "largest_weight", "gap"]
)
_POINTS = frozenset({"change", "change_low", "change_high"})
#: Decimals of statistics that are neither shares nor p-values.
STATISTIC_DECIMALS = 3


def write(edition: Edition, folder: Path) -> None:
    """Write every table of the edition, the codebook and the errata of its release as CSV, and datapackage.json."""
    target = folder / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    made = csv_files(edition)
    if edition.release and edition.release.corrections:
        entries = [entry for correction in edition.release.corrections for entry in correction.errata]
        made[announcement.ERRATA_FILE] = errata_bytes(entries)
    made["datapackage.json"] = datapackage.package(edition, made)
    for name, content in made.items():
        (target / name).write_bytes(content)


def csv_files(edition: Edition) -> dict[str, bytes]:
    """Return {file name: bytes} of every table of the edition and the code table, up to the edition's wave."""
    made = {}
    for name, schema in frames.EDITION_TABLES.items():
        rows = edition.shown(name)
        records = edition.rows(rows) if name == "estimates" else rows.to_dict("records")
        made[f"{name}.csv"] = _csv(schema.columns, _cells(records, schema, _NUMBERS.get(name, _number)))
    return made | {"codebook.csv": _csv(CODEBOOK_COLUMNS, codebook_rows(edition))}


def _csv(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _cells(
    rows: Iterable[Row], schema: frames.Schema, number: Callable[[Row, str], object]
) -> Iterator[list[str]]:
    for row in rows:
        yield [
            _plain(number(row, column)) if column in schema.numbers else _one_line(row[column])
            for column in schema.columns
        ]


def _plain(number: object) -> str:
    """Return a number in plain notation, "" for None."""
    return "" if number is None else f"{number:f}" if not isinstance(number, int) else str(number)


def _one_line(text: object) -> str:
    return re.sub(r"\s+", " ", str(text)).strip()


def _number(row: Row, column: str) -> object:
    """Return a cell of any table: people, p-values, statistics, and all else to one decimal."""
    if column in _COUNTS:
        return printed.whole(row[column])
    if column in _P_VALUES:
        return printed.p_value(row[column])
    return printed.rounded(row[column], STATISTIC_DECIMALS if column in _STATISTICS else 1)


def _estimate_number(row: Row, column: str) -> object:
    return printed.percent(row) if column == "percent" else _number(row, column)


def _change_number(row: Row, column: str) -> object:
    if column in _POINTS:
        return printed.points(row, column)
    if column.startswith("value_"):
        return printed.compared_percent(row, column.removeprefix("value_"))
    return _number(row, column)


#: Tables whose printed numbers come from the counts of their rows.
_NUMBERS = {"estimates": _estimate_number, "changes": _change_number}


# ---- the code table ----------------------------------------------------------------------


def codebook_rows(edition: Edition) -> Iterator[list[str]]:
    """Yield one row per question × option, state or net × wave that asked, in table order."""
    estimates = edition.estimates
    asked = estimates[(estimates["banner"] == TOTAL_BANNER) & (estimates["status"] != "not_asked")]
    known = {question.id: question for question in edition.survey.questions}
    waves = {wave.key: wave for wave in edition.waves}
    for row in asked.to_dict("records"):
        if row["wave"] in waves:
            cells = _codebook_cells(row, known.get(row["question"]), waves[row["wave"]])
            yield [_one_line(cells[column]) for column in CODEBOOK_COLUMNS]


def _codebook_cells(row: Row, question: Question | None, wave: Wave) -> dict[str, str]:
    about = {
        "number": question.number if question else "",
        "kind": question.kind if question else RATE,
        "is_ordered": "true" if question and question.is_ordered else "false",
        "route": route_text(question.at(wave.key)) if question else "",
        "limit": str(question.at(wave.key).limit or "") if question else "",
        "members": "|".join(members(question, row["option"])),
        "wording": wave.wording.get(row["question"], ""),
    }
    return {
        key: row[key] for key in ("survey", "question", "question_label", "option", "option_label", "wave")
    } | {
        **about,
        "base": row["base_kind"],
        "option_type": option_type(question, row["option"]),
        "wave_label": wave_label(wave),
    }


def option_type(question: Question | None, option: str) -> str:
    """Return option, net, mean or state."""
    if option == MEAN:
        return "mean"
    if question is None or any(option == entry.id for entry in question.options):
        return "option"
    return "net" if any(option == net.id for net in question.nets) else "state"


def members(question: Question | None, option: str) -> tuple[str, ...]:
    """Return the options a net is the sum of; none for anything else."""
    nets = question.nets if question else ()
    return next((net.options for net in nets if net.id == option), ())


def route_text(question: Question) -> str:
    """Return ``experience=no|unsure``: who is asked, by the codes of this table; "" = everyone."""
    return f"{question.route.question}={'|'.join(question.route.options)}" if question.route else ""


def wave_label(wave: Wave) -> str:
    """Return the fiscal year by both calendars, ``2025（令和7）年度``."""
    era, has_year, rest = wave.label.partition("年度")
    if not has_year:
        return f"{wave.fiscal_year}年度（{wave.label}）"
    return f"{wave.fiscal_year}（{era}）年度{rest}"
