"""release: the build that lies there, with 案 taken off, frozen into the register. An explicit act of a person."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from pipeline import register
from pipeline.hall.plausibility import plausibility_problems
from pipeline.hall.reading import changed_meanwhile, chosen_surveys, read_all, say, show_all
from pipeline.hall.released import exposed_with_releases
from pipeline.hall.tabulating import Tabulated, tabulate_all
from pipeline.hall.writing import alone, tidy
from pipeline.matching import is_formula
from pipeline.model import EDITIONS, Problem, ProblemsFound, Survey
from pipeline.register import Correction, Recorded, Release
from pipeline.swap import replacing
from pipeline.workspace import Workspace, can_typeset

#: A survey made every two years is published before the next one.
_LATEST = timedelta(days=3 * 365)
USAGE = (
    "python -m pipeline release 調査 --wave 年度 --approver 決裁した人 --reference 決裁番号 "
    "[--date 2026-04-01] [--correction 訂正の理由]"
)


@dataclass(frozen=True)
class _Act:
    """Who releases what: the words of the command, checked."""

    approver: str
    reference: str
    date: date
    reason: str


def release(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Freeze the public build of one wave. Raises ProblemsFound with everything that speaks against it."""
    act = _act(arguments)
    tidy(workspace)
    survey = chosen_surveys(workspace, arguments.surveys, arguments.wave)[0]
    sources = workspace.sources(survey.id)
    if problems := list(_not_current(workspace, survey, sources)):
        raise ProblemsFound(problems)
    without = workspace.left_out(survey.id)
    made = tabulate_all(workspace, read_all(workspace, [survey], {survey.id: sources}), without)[0]
    with alone(workspace):
        # Whoever released in the meantime took the next number: the register is read under the lock.
        before = register.recorded(workspace.releases(survey.id, survey.newest.key))
        if problems := list(_altered(workspace, before)):
            raise ProblemsFound(problems)
        target = _freeze(workspace, made, act, before)
    number, place = int(target.name), target.relative_to(workspace.root).as_posix()
    say(f"{survey.id} {survey.newest.key}: 第{number}版を公表台帳に入れました（{act.date.isoformat()}）")
    print(f"  公表するもの: {place}/{register.PUBLIC}/")
    print(
        f"次にすること: {place} を git に登録（コミット）し、public/page.html を市のホームページに載せてください。"
    )
    return 0


def _act(arguments: argparse.Namespace) -> _Act:
    """Return the act. Raises ProblemsFound with all that is missing from the command."""
    problems = []
    if len(arguments.surveys) != 1 or not arguments.wave:
        found = " ".join(filter(None, (*arguments.surveys, arguments.wave))) or "（なし）"
        problems.append(_wrong("公表する調査と年度を1つずつ書いてください", found, "調査 --wave 年度"))
    if arguments.edition != "public":
        label = EDITIONS.get(arguments.edition, arguments.edition)
        problems.append(
            _wrong("公表できない版です", label, f"{EDITIONS['public']}だけ（庁内版は公表できません）")
        )
    for name, words in (("approver", "決裁した人の名前"), ("reference", "決裁番号")):
        if not getattr(arguments, name).strip():
            problems.append(_wrong(f"{words}がありません", "（なし）", f"--{name} {words}"))
    # The day the register is written is the only thing a clock decides.
    day = _day(arguments.date) if arguments.date else datetime.now(UTC).astimezone().date()
    if day is None:
        problems.append(_wrong("公表日の書き方が違います", arguments.date, "2026-04-01 のような日付"))
    if arguments.correction is not None and not arguments.correction.strip():
        problems.append(_wrong("訂正の理由がありません", "（なし）", "--correction 訂正の理由"))
    if is_formula((arguments.correction or "").strip()):
        what, expected = "訂正の理由が、表計算ソフトで計算式になる文字で始まっています", "文字で始まる理由"
        problems.append(_wrong(what, "--correction", expected))
    if problems:
        raise ProblemsFound(problems)
    reason = " ".join((arguments.correction or "").split())
    return _Act(arguments.approver.strip(), arguments.reference.strip(), day, reason)


def _wrong(what: str, found: str, expected: str) -> Problem:
    return Problem(what, found=found, expected=expected, next_step=USAGE)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _not_current(workspace: Workspace, survey: Survey, sources) -> Iterator[Problem]:
    if not workspace.is_current(survey, sources, workspace.left_out(survey.id)):
        folder = workspace.reports(survey.id, survey.newest.key).relative_to(workspace.root).as_posix()
        step = f"python -m pipeline report {survey.id} --wave {survey.newest.key} を実行し、できたページを確かめてから公表してください。"
        what = "いまの集計は、受け取ったファイル・調査定義・プログラムと合っていません（確かめたものでなければ公表できません）"
        yield Problem(what, file=f"{folder}/{register.PUBLIC}", next_step=step)


def _altered(workspace: Workspace, before: list[Recorded]) -> Iterator[Problem]:
    for recorded in before:
        place = recorded.folder.relative_to(workspace.root).as_posix()
        for name in recorded.altered():
            step = "公表したものは直しません。git から元に戻し、直すときは訂正版を公表してください。"
            yield Problem(
                "公表台帳のファイルが、公表したときと違います", file=f"{place}/{name}", next_step=step
            )


def _freeze(workspace: Workspace, made: Tabulated, act: _Act, before: list[Recorded]) -> Path:
    """Write the release beside those before it and return its folder; nothing is written when anything is wrong."""
    from pipeline import report as report_room
    from pipeline.disclosure import hygiene

    survey, sources, wave = made.read.survey, made.read.sources, made.read.survey.newest.key
    draft = made.editions[register.PUBLIC]
    tables = report_room.open_tables(draft)
    rows = _rows(tables)
    looked_at = workspace.reports(survey.id, wave) / register.PUBLIC
    number = before[-1].number + 1 if before else 1
    errata = register.errata(before[-1].rows, rows, (number, act.date, act.reason)) if before else []
    content = _content(looked_at)
    problems = plausibility_problems(survey, draft, "error")
    problems += _not_looked_at(workspace, looked_at, tables)
    internal = made.editions["internal"].estimates
    problems += exposed_with_releases(workspace, survey, tables, internal)
    problems += [*_against(survey, act, before, errata, content), *_other_waves(workspace, survey, rows)]
    if problems:
        raise ProblemsFound(problems)
    corrections = [found for recorded in before if (found := recorded.correction)]
    corrections += [Correction(number, act.date, act.reason, tuple(errata))] if act.reason else []
    edition = replace(draft, release=Release(number, act.date, tuple(corrections)))
    totals = {status: int(count) for status, count in made.read.ledger["status"].value_counts().items()}
    target = workspace.releases(survey.id, wave) / str(number)
    with replacing(target) as (folder,):
        public = folder / register.PUBLIC
        public.mkdir()
        hashes = (sources.inputs, sources.definitions, sources.code)
        notes = report_room.write(edition, public, *hashes, totals, can_typeset())
        record = {
            "survey": survey.id,
            "wave": wave,
            "release": number,
            "date": act.date.isoformat(),
            "approver": act.approver,
            "reference": act.reference,
            "correction": act.reason,
            "build": draft.build,
            "content": content,
            "code": sources.code,
            "inputs": sources.inputs,
            "definitions": sources.definitions,
        }
        register.write(folder, rows, errata, record)
        problems = hygiene.problems(public, report_room.inline_scripts())
        problems += changed_meanwhile(workspace, survey.id, sources)
        if problems:
            raise ProblemsFound(problems)
    show_all(notes)
    return target


def _rows(tables: Mapping[str, bytes]) -> list[register.Row]:
    from pipeline import frames

    schemas = frames.EDITION_TABLES.items()
    return [
        row
        for name, schema in schemas
        for row in register.rows(name, tables[f"{name}.csv"], schema.key, schema.numbers)
    ]


def _content(folder: Path) -> str:
    """Return the SHA-256 of what a reader of the build sees, whatever its build number: page, charts, numbers."""
    seen = [
        f"{name} {digest}"
        for name, digest in register.file_hashes(folder).items()
        if name.startswith(("fragments/", "charts/", "opendata/")) and not name.endswith(".json")
    ]
    return sha256("\n".join(seen).encode()).hexdigest()


def _not_looked_at(workspace: Workspace, folder: Path, tables: Mapping[str, bytes]) -> Iterator[Problem]:
    """Yield the tables that would be released and are not the ones in the build that was looked at."""
    for name, content in tables.items():
        path = folder / "opendata" / name
        if path.read_bytes() != content:
            place = path.relative_to(workspace.root).as_posix()
            step = "もう一度 report を実行し、できたページを確かめてください。"
            yield Problem("確かめた集計と、公表しようとする集計が違います", file=place, next_step=step)


def _other_waves(workspace: Workspace, survey: Survey, rows: list[register.Row]) -> Iterator[Problem]:
    """Yield each earlier wave whose last release prints another number than this one would."""
    now = {row.place: row for row in rows if row.table == "estimates" and row.numbers}
    for wave in survey.waves[:-1]:
        for last in register.recorded(workspace.releases(survey.id, wave.key))[-1:]:
            shared = {place: row for place, row in last.rows.items() if place in now}
            moved = register.errata(shared, now.values(), (last.number, date.min, ""))
            if moved:
                step = f"先に --wave {wave.key} の訂正版を公表するか、数値が変わったわけ（定義や訂正の表）を確かめてください。"
                place = last.folder.relative_to(workspace.root).as_posix()
                what, found = (
                    "前の調査回で公表した数値と違う数値になります",
                    f"{len(moved)}か所（{_named(moved)}）",
                )
                yield Problem(what, file=place, found=found, next_step=step)


def _named(errata: list[register.Erratum]) -> str:
    return "、".join(
        f"{entry.question} {entry.option} {entry.field} {entry.old or 'x'}→{entry.new}"
        for entry in errata[:3]
    )


def _against(
    survey: Survey, act: _Act, before: list[Recorded], errata: list, content: str
) -> Iterator[Problem]:
    """Yield what the releases before, and the time of the survey, say against this one."""
    yield from _ill_dated(survey, act)
    place = f"surveys/{survey.id}/{register.FOLDER}/{survey.newest.key}"
    if not before:
        if act.reason:
            step = "まだ公表していません。--correction を付けずに公表してください。"
            yield Problem("訂正する公表がありません", file=place, next_step=step)
        return
    last = before[-1]
    if last.record["content"] == content:
        what, step = "前の公表から変わったところがありません", "公表し直す必要はありません。"
        yield Problem(what, file=f"{place}/{last.number}", next_step=step)
    elif errata and not act.reason:
        yield Problem(
            "公表した数値が変わっています（訂正版として公表します）",
            file=f"{place}/{last.number}",
            found=f"{len(errata)}か所（{_named(errata)}）",
            next_step="確かめて、--correction 訂正の理由 を付けて公表してください。訂正の表がページに載ります。",
        )
    if act.date < date.fromisoformat(last.record["date"]):
        yield Problem(
            "公表日が前の公表より前です",
            file=place,
            found=act.date.isoformat(),
            expected=f"{last.record['date']}以後",
            next_step="--date の日付を確かめてください。",
        )


def _ill_dated(survey: Survey, act: _Act) -> Iterator[Problem]:
    """Yield a day before the survey ended, or so late that it is a slip: it could never be taken back."""
    end = survey.newest.fieldwork_end
    if end is not None and not end <= act.date <= end + _LATEST:
        yield Problem(
            "公表日が調査の時期と合いません",
            found=act.date.isoformat(),
            expected=f"{end.isoformat()}（調査の終わり）から{(end + _LATEST).isoformat()}まで",
            next_step="--date の日付を確かめてください。公表日はあとから直せません。",
        )
