"""surveys/<id>/waves/<wave>.toml → Wave: when, whom, which files, how worded."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from pipeline.definitions.asked import differing
from pipeline.definitions.margins import NOT_AN_ATTRIBUTE, check_groups, check_totals, margins
from pipeline.definitions.roster_file import read_roster
from pipeline.definitions.survey_file import report_repeats
from pipeline.definitions.toml_section import Section, read_toml
from pipeline.model import Population, Problem, Question, ReceivedFile, Wave, frozen_mapping

LAYOUTS = ("keyed_workbook", "microsoft_forms", "google_forms", "option_columns", "csv", "template")
#: All that is said of a file that says the rest itself.
_TEMPLATE_KEYS = frozenset({"file", "layout", "mode", "labels", "after_deadline"})
MODES = ("紙", "Web")
LONGEST_FIELDWORK = timedelta(days=90)
_KEY = re.compile(r"\d{4}(-[2-9])?")


def wave(path: Path, name: str, raw: Path, questions: tuple[Question, ...], problems: list[Problem]) -> Wave:
    """Return the wave of one file; ``raw`` is the folder of its received files.

    One that is no TOML is one problem, and a wave without even a label.
    """
    section = read_toml(path, name, problems)
    if not section.is_readable:
        return Wave(key=path.stem, label="")
    if not _KEY.fullmatch(path.stem):
        section.note(
            "ファイル名が年度ではありません",
            found=path.name,
            expected="2025.toml、同じ年度の2回目は 2025-2.toml",
        )
    period = section.table("fieldwork")
    start, end = period.day("start"), period.day("end")
    period.finish()
    wording = _wording(section, questions)
    asked = tuple(question for question in questions if question.id in wording)
    result = Wave(
        key=path.stem,
        label=section.words("label", ...),
        wording=frozen_mapping(wording),
        population=_population(section, raw, questions),
        fieldwork_start=start,
        fieldwork_end=end,
        method=section.words("method"),
        scope=section.words("scope"),
        files=tuple(_received_file(entry, asked, path.stem) for entry in section.entries("files")),
        source=section.words("source"),
        differing=frozen_mapping(differing(section, questions, wording, path.stem)),
    )
    _check_worded(section, result)
    report_repeats(section, "files", [entry.file for entry in result.files])
    section.finish()
    if _KEY.fullmatch(path.stem):
        _check_period(section, result)
    return result


def _wording(section: Section, questions: tuple[Question, ...]) -> dict[str, str]:
    asked = section.table("wording")
    wording = {question: asked.words(question, ...) for question in asked.content}
    known = [question.id for question in questions]
    for question in wording:
        if question not in known:
            section.unknown(f"wording.{question}", question, known, "survey.toml にない設問です")
    # Form order decides nothing in the tables: they follow the survey file.
    return {question: wording[question] for question in known if question in wording}


def _check_worded(section: Section, wave: Wave) -> None:
    """Note a question of a received form without its wording: no later form could be compared with it.

    What sheets tell, and the groups of the roster, may never have been put into words.
    """
    unworded = {question for file in wave.files for constants in file.sheets.values() for question in constants}
    unworded |= {wave.population.attribute} if wave.population else set()
    for question, text in wave.wording.items():
        if wave.files and not text.strip() and question not in unworded:
            section.note("設問の文言が空です", f"wording.{question}", '""', "調査票に書かれていた文言")


def _check_period(section: Section, wave: Wave) -> None:
    start, end = wave.fieldwork_start, wave.fieldwork_end
    if (start is None) != (end is None):
        section.note("調査期間の片方がありません", "fieldwork", "", "start と end の両方")
    if start is None or end is None:
        return
    shown = f"{start.isoformat()}～{end.isoformat()}"
    if end < start:
        section.note("調査期間の終わりが始まりより前です", "fieldwork", shown, "start が end 以前")
    elif end - start > LONGEST_FIELDWORK:
        section.note("調査期間が長すぎます", "fieldwork", shown, f"{LONGEST_FIELDWORK.days}日以内")
    if end < date(wave.fiscal_year, 4, 1) or start > date(wave.fiscal_year + 1, 3, 31):
        section.note(
            "調査期間が年度に重なりません",
            "fieldwork",
            shown,
            f"{wave.fiscal_year}年4月1日～{wave.fiscal_year + 1}年3月31日に重なる期間",
        )


def _population(section: Section, raw: Path, questions: tuple[Question, ...]) -> Population | None:
    entry = section.table("population")
    if not entry.content:
        return None
    day, exclusions = entry.day("date"), entry.words("exclusions")
    total = entry.whole("total", None, lowest=1)
    attribute, strata = entry.text("attribute"), entry.mapping("strata", int)
    roster, source = entry.table("roster"), ""
    if roster.content:
        attribute, strata, source = read_roster(roster, raw, questions)
    found = margins(entry, attribute, questions)
    entry.finish()
    if strata and not roster.content:
        _check_groups(entry, attribute, strata, questions)
    if strata and total is not None and total != sum(strata.values()):
        entry.note("区分ごとの対象者数の合計が total と合いません", "total", total, f"{sum(strata.values())}")
    is_declared = any(key in entry.content for key in ("total", "roster", "strata"))
    if total is None and not strata and not is_declared:
        entry.note("対象者数がありません", "total", "（なし）", "total か roster か strata のどれか")
    if total is None and not strata:
        return None
    size = total if total is not None else sum(strata.values())
    check_totals(entry, found, size)
    return Population(size, attribute, frozen_mapping(strata), day, exclusions, source, frozen_mapping(found))


def _check_groups(entry: Section, attribute: str, strata: dict, questions: tuple[Question, ...]) -> None:
    known = {question.id: question for question in questions if question.is_attribute}
    if attribute not in known:
        entry.unknown("attribute", attribute, known, NOT_AN_ATTRIBUTE)
        return
    check_groups(entry, "strata", strata, known[attribute])


def _received_file(entry: Section, asked: tuple[Question, ...], wave: str) -> ReceivedFile:
    by_id = {question.id: question for question in asked}
    columns, later = _columns(entry)
    for question in columns:
        if question not in by_id:
            what = "この調査回の [wording] にない設問です"
            entry.unknown(f"columns.{question}", question, by_id, what)
    labels = _labels(entry, by_id)
    sheets = _sheets(entry, by_id, wave)
    typed_other = entry.texts("typed_other")
    for question in typed_other:
        if not any(option.is_other for option in getattr(by_id.get(question), "options", ())):
            entry.note("「その他」（is_other = true）のある設問ではありません", "typed_other", question)
    result = ReceivedFile(
        file=entry.text("file", ...),
        layout=entry.word("layout", LAYOUTS),
        mode=entry.word("mode", MODES),
        serial=entry.text("serial"),
        header_rows=entry.whole("header_rows", 1, lowest=1) or 1,
        has_codes=entry.flag("has_codes"),
        columns=frozen_mapping(columns),
        later_columns=frozen_mapping(later),
        labels=frozen_mapping(labels),
        sheets=frozen_mapping(sheets),
        ignore_columns=entry.texts("ignore_columns"),
        ignore_sheets=entry.texts("ignore_sheets"),
        no_answer=entry.texts("no_answer"),
        invalid=entry.texts("invalid"),
        not_applicable=entry.texts("not_applicable"),
        typed_other=typed_other,
        unticked=entry.texts("unticked"),
        total_labels=entry.texts("total_labels") or ReceivedFile.total_labels,
        answers=entry.whole("answers", None),
        after_deadline=entry.flag("after_deadline"),
    )
    entry.finish()
    if result.layout == "template":
        for key in entry.content:
            if key not in _TEMPLATE_KEYS:
                entry.note("入力表（template）には書かない項目です", key, key, "file・layout・mode だけ")
    supplied = {*columns, *(key for constants in sheets.values() for key in constants)}
    for question in by_id:
        if question not in supplied and columns:
            entry.note("[wording] にある設問の列が指定されていません", "columns", question, "見出しの文字")
    return result


def _columns(entry: Section) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """Return (question → its first header, question → the further ones)."""
    section = entry.table("columns")
    first, later = {}, {}
    for question, header in section.content.items():
        headers = section.texts(question) if isinstance(header, list) else (section.text(question, ...),)
        if not headers:
            section.note("見出しがありません", question, "[]", "見出しの文字")
        elif headers[0]:
            first[question] = headers[0]
        if len(headers) > 1:
            later[question] = headers[1:]
    return first, later


def _labels(entry: Section, by_id: dict[str, Question]) -> dict[str, dict[str, str]]:
    section = entry.table("labels")
    labels = {}
    for question in section.content:
        values = section.mapping(question)
        if question not in by_id:
            section.unknown(question, question, by_id, "この調査回の [wording] にない設問です")
            continue
        known = [option.id for option in by_id[question].options]
        for label, option in values.items():
            if option not in known:
                section.unknown(f"{question}.{label}", option, known, "選択肢にないIDです")
        labels[question] = frozen_mapping(values)
    return labels


def _sheets(entry: Section, by_id: dict[str, Question], wave: str) -> dict[str, dict[str, str]]:
    section = entry.table("sheets")
    sheets = {}
    for name in section.content:
        constants = section.mapping(name)
        for question, option in constants.items():
            if question not in by_id:
                section.unknown(f"{name}.{question}", question, by_id, "[wording] にない設問です")
                continue
            known = [entry.id for entry in by_id[question].offered(wave)]
            if option not in known:
                section.unknown(f"{name}.{question}", option, known, "この調査回の選択肢にないIDです")
        sheets[name] = frozen_mapping(constants)
    return sheets
