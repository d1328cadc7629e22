"""The draft of a wave file: when, whom, how worded, and the received files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from pipeline.ingest.proposal.columns import Matcher
from pipeline.ingest.proposal.file_text import Answers, file_lines
from pipeline.ingest.proposal.likeness import likeness, wording_of
from pipeline.ingest.proposal.roster import Roster
from pipeline.ingest.proposal.toml_text import comment, entry, todo
from pipeline.matching import fold, nearest
from pipeline.model import Question, Survey, Wave
from pipeline.numerals import era_year

#: A header is the wording when it is so like it, so long beside it, and ends as a question does.
_WORDED, _LONG_ENOUGH = 0.7, 0.8
_ASKING = re.compile(r"(か|さい)[。．.?？]?\s*([（(［\[].*)?$")
_LONGEST_FIELDWORK = timedelta(days=90)
_AS_BEFORE = "TODO 前回のまま。確かめる"


def wave_text(
    survey: Survey, wave: str, answers: Sequence[Answers], roster: Roster | None, matcher: Matcher
) -> str:
    """Return the whole draft. ``survey`` holds the waves before ``wave`` only."""
    last = survey.waves[-1] if survey.waves else None
    supplied = {question for found in answers for question in found.supplied}
    asked = tuple(question for question in survey.questions if question.id in supplied)
    lines = [*_head_lines(wave, last, answers), *_population_lines(survey, wave, roster, last)]
    lines += ["[wording]", comment("聞いた設問と、調査票の文言（ここにない設問は「設問なし」になります）")]
    for question in survey.questions:
        lines += _wording_lines(question, wave, answers, last)
    lines.append("")
    for found in answers:
        lines += file_lines(found, asked, matcher)
    return "\n".join(lines).rstrip("\n") + "\n"


def wave_label(wave: str) -> str:
    """Return the label of a wave key: 2025 → 令和7年度, 2025-2 → 令和7年度（2回目）."""
    year, _, number = wave.partition("-")
    # Even 2019, whose first month was still 平成, is called 令和元年度.
    era, count = era_year(date(int(year), 12, 31))
    label = f"{era}{'元' if count == 1 else count}年度"
    return f"{label}（{number}回目）" if number else label


def _head_lines(wave: str, last: Wave | None, answers: Sequence[Answers]) -> Iterator[str]:
    source = f"受け取ったファイルと前回（{last.label}）から" if last else "受け取ったファイルから"
    yield comment(f"{wave_label(wave)}の調査回の下書きです（{source}作りました）。")
    yield comment("「TODO」の行は、プログラムが決められなかったところです。確かめて直し、TODO を消してください。")
    yield comment("行の右の類似度（0～1）は、見出しと設問がどれだけ似ているかです。1.00でない行は、調査票と見比べてください。")
    yield ""
    yield entry("label", wave_label(wave))
    for name, example in (("method", "無記名の調査票を…"), ("scope", "全職員")):
        before = getattr(last, name) if last else ""
        yield entry(name, before, _AS_BEFORE) if before else todo(entry(name, example, "例"))
    yield from _fieldwork_lines(wave, last, answers)
    yield ""


def _fieldwork_lines(wave: str, last: Wave | None, answers: Sequence[Answers]) -> Iterator[str]:
    days = sorted(day for found in answers for day in found.table.days())
    year = int(wave.split("-")[0])
    in_year = [day for day in days if date(year, 4, 1) <= day <= date(year + 1, 3, 31)]
    if in_year and in_year[-1] - in_year[0] <= _LONGEST_FIELDWORK:
        period = {"start": in_year[0], "end": in_year[-1]}
        yield entry("fieldwork", period, "TODO 回答の日時の最初と最後。調査の期間に直す")
        if len(in_year) < len(days):
            yield comment(f"ほかに、年度の外の日時が{len(days) - len(in_year)}日分あります（試しの回答か、前回のファイル）")
        return
    if last and last.fieldwork_start and last.fieldwork_end:
        shift = year - last.fiscal_year
        period = {"start": _shifted(last.fieldwork_start, shift), "end": _shifted(last.fieldwork_end, shift)}
        yield entry("fieldwork", period, f"TODO 前回の{shift}年後。調査の期間に直す")
    else:
        period = {"start": date(year + 1, 1, 15), "end": date(year + 1, 1, 31)}
        yield todo(entry("fieldwork", period, "例。調査の期間"))


def _shifted(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)


def _population_lines(survey: Survey, wave: str, roster: Roster | None, last: Wave | None) -> Iterator[str]:
    before = last.population if last else None
    if roster is None:
        yield comment("職員名簿の人数の表が見つかりません。対象者数を書いてください（ないと回答率が出ません）")
        yield todo("[population]")
        total = f"  # 前回は{before.total}{survey.unit}" if before else ""
        yield todo(f"total = 0{total}")
        yield ""
        return
    yield "[population]"
    if before and before.date:
        day = _shifted(before.date, int(wave.split("-")[0]) - last.fiscal_year)
        yield entry("date", day, "TODO 名簿の日付。前回の日付をずらしたもの")
    else:
        yield todo(entry("date", date(int(wave.split("-")[0]), 12, 1), "例。名簿の日付"))
    if before and before.exclusions:
        yield entry("exclusions", before.exclusions, _AS_BEFORE)
    yield entry(
        "roster",
        {
            "file": roster.file,
            "attribute": roster.attribute.id,
            "group_column": roster.group_column,
            "count_column": roster.count_column,
        },
    )
    labels = [option.label for option in roster.attribute.offered(wave)]
    for group in roster.strange:
        close = nearest(group, labels)
        hint = f"似た選択肢「{close}」" if close else "似た選択肢もありません"
        yield todo(f"職員名簿の区分「{group}」が選択肢にありません（{hint}）。survey.toml の {roster.attribute.id} に加える")
    yield ""


def _wording_lines(
    question: Question, wave: str, answers: Sequence[Answers], last: Wave | None
) -> Iterator[str]:
    before = last.wording.get(question.id) if last else None
    owners = [found for found in answers if question.id in found.supplied]
    if not owners:
        if before is not None:
            remark = "前回は聞いたが、列が見つからない。聞いたなら、この行を使う"
            yield todo(entry(question.id, question.text or before, remark))
        else:
            yield comment(f"{question.id}（{question.label}）: 列が見つからないため「設問なし」とします")
        return
    text, source, header = _wording(question, before or "", owners)
    if last and before is None:
        yield comment(f"{question.id}: 前回は聞いていません")
    elif before and text and fold(before) != fold(text):
        yield comment(f"{question.id}: 前回と文言が違います。比べてよいかの署名（comparability.csv）がいります")
        yield comment(f"  前回: {before}")
        yield comment(f"  今回: {text}（{source}）")
    if last and before is not None:
        yield from _option_lines(question, wave, last.key)
    yield entry(question.id, text, f"TODO {source}。見出し「{header}」と見比べる" if header else "")


def _wording(question: Question, before: str, owners: Sequence[Answers]) -> tuple[str, str, str]:
    """Return the wording as asked, where it was found, and the header it must be looked up beside.

    A header that is a wording is taken, and needs no second look; else the survey file or the last wave.
    """
    matches = [m for found in owners for m in found.matches if m.question.id == question.id]
    if not matches and question.is_attribute:
        return "", "シートごとに決まっている", ""
    known = question.text or before
    for match in matches:
        header = wording_of(match.unit.header)
        is_long = len(header) >= _LONG_ENOUGH * len(known)
        if _ASKING.search(header) and is_long and (not known or likeness(header, known) >= _WORDED):
            return header, "ファイルの見出し", ""
    headers = [match.unit.header for match in matches]
    is_header = any(fold(known) == fold(wording_of(header.split(" / ")[-1])) for header in headers)
    source = "前回のまま" if not question.text or fold(question.text) == fold(before) else "survey.toml のまま"
    return known, source, "" if is_header else (headers or [question.label])[0]


def _option_lines(question: Question, wave: str, before: str) -> Iterator[str]:
    now, then = question.offered(wave), question.offered(before)
    new = "".join(f"「{option.label}」" for option in now if option not in then)
    gone = "".join(f"「{option.label}」" for option in then if option not in now)
    if new or gone:
        yield comment(f"{question.id}: 前回と選択肢が違います。今回から: {new or 'なし'} 前回まで: {gone or 'なし'}")
