"""From received files and the last wave: the draft of a wave file (or of a whole new survey).

Pure: bytes and a Survey in, text out. The draft is for an officer to edit; nothing in it is free text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from pipeline.ingest.proposal.answers import findings
from pipeline.ingest.proposal.columns import Matcher
from pipeline.ingest.proposal.file_text import Answers
from pipeline.ingest.proposal.new_survey import is_headcount, new_survey, survey_text, with_groups
from pipeline.ingest.proposal.reading import Table, look, read_table
from pipeline.ingest.proposal.roster import Roster, find_roster, sheet_groups
from pipeline.ingest.proposal.wave_text import wave_text
from pipeline.model import Problem, ProblemsFound, Survey

__all__ = ["Draft", "propose"]


@dataclass(frozen=True)
class Draft:
    """What was drafted. ``survey_text`` is "" for a known survey.

    files: file → what it was taken for, in Japanese.
    """

    wave_text: str
    survey_text: str
    files: Mapping[str, str]

    @property
    def todos(self) -> int:
        """How many places the officer must decide."""
        lines = f"{self.wave_text}{self.survey_text}".splitlines()
        return sum("# TODO " in line or '"TODO ' in line for line in lines)


def propose(survey: Survey | None, survey_id: str, wave: str, contents: Mapping[str, bytes]) -> Draft:
    """Return the draft of ``wave`` from the received files (name → bytes), in the order given.

    Waves from ``wave`` on are not looked at. None for a survey that does not exist yet.
    Raises ProblemsFound when files cannot be read or none of them holds answers.
    """
    tables, rosters, looks = _tables(survey, survey_id, wave, contents)
    drafted = survey is None
    if survey is None:
        tables = [table for table in tables if not is_headcount(table)] or tables
        survey = new_survey(survey_id, wave, tables)
        rest = {file: looked for file, looked in looks.items() if file not in {t.file for t in tables}}
        for file, looked in rest.items():
            if found := find_roster(file, looked, survey, wave):
                survey = with_groups(survey, found)
                rosters[file] = find_roster(file, looked, survey, wave)
    survey = replace(survey, waves=tuple(known for known in survey.waves if known.key < wave))
    matcher = Matcher(survey, wave)
    # Twice: what one file says in full explains the bare numbers of another.
    for table in tables:
        matcher.match(table)
    answers = [_answers(matcher, table, survey, wave) for table in tables]
    words = dict.fromkeys(contents, "人数の表のようですが、どの属性の人数か分かりません")
    words |= {file: f"職員名簿（{found.attribute.label}別の人数）" for file, found in rosters.items()}
    words |= {a.table.file: f"{a.table.layout}、{len(a.matches)}問を見つけました" for a in answers}
    text = wave_text(survey, wave, answers, next(iter(rosters.values()), None), matcher)
    typed = {question for found in answers for question in found.findings.typed}
    return Draft(text, survey_text(survey, typed) if drafted else "", words)


def _tables(survey: Survey | None, survey_id: str, wave: str, contents: Mapping[str, bytes]):
    """Return (files of answers, rosters by file, every file as looked at)."""
    earlier = [known for known in survey.waves if known.key < wave] if survey else []
    serials = [received.serial for known in reversed(earlier) for received in known.files if received.serial]
    tables: list[Table] = []
    rosters: dict[str, Roster] = {}
    looks, problems = {}, []
    for file, content in contents.items():
        try:
            looked = looks[file] = look(survey_id, wave, file, content)
            if survey and (found := find_roster(file, looked, survey, wave)):
                rosters[file] = found
            else:
                tables.append(read_table(survey_id, wave, file, content, looked, serials))
        except ProblemsFound as unreadable:
            problems += unreadable.problems
    if not tables and not problems:
        step = "回答のファイルを data/raw/調査名/年度/ に置いて、もう一度実行してください。"
        problems.append(Problem("回答のファイルがありません", found="、".join(contents), next_step=step))
    if problems:
        raise ProblemsFound([replace(p, next_step=_again(p, survey_id, wave)) for p in problems])
    return tables, rosters, looks


def _again(problem: Problem, survey_id: str, wave: str) -> str:
    """Return the next step with the command that was run, not the check that cannot run yet."""
    command = f"python -m pipeline propose {survey_id} --wave {wave}"
    return problem.next_step.replace(f"python -m pipeline check {survey_id}", command)


def _answers(matcher: Matcher, table: Table, survey: Survey, wave: str) -> Answers:
    matches = tuple(matcher.match(table))
    groups = sheet_groups(table.sheets, survey, wave) if table.sheets else None
    if groups and any(match.question == groups[0] and match.is_sure for match in matches):
        groups = None
    if groups:
        matches = tuple(match for match in matches if match.question != groups[0])
    before = [r for known in reversed(survey.waves) for r in known.files if r.layout == table.layout]
    return Answers(table, matches, findings(table, matches, wave), groups, before[0] if before else None)
