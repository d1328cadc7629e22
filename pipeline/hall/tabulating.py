"""What was read → both editions, with everything found that is wrong on the way. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.hall.plausibility import plausibility_problems
from pipeline.hall.reading import Read
from pipeline.model import EDITIONS, Problem, ProblemsFound, Survey, frozen_mapping
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.report import Edition


@dataclass(frozen=True)
class Tabulated:
    """One survey, counted: the editions by name, and the answers nobody has classified yet."""

    read: Read
    editions: Mapping[str, Edition]
    notes: tuple[Problem, ...]

    def table(self, edition: str, name: str) -> pd.DataFrame:
        """Return a table of an edition as it is kept; the internal estimates with standard errors."""
        from pipeline import analysis

        frame = getattr(self.editions[edition], name)
        if (edition, name) == ("internal", "estimates"):
            return frame.assign(se=analysis.standard_errors(frame))
        return frame


def tabulate_all(workspace: Workspace, reads: list[Read]) -> list[Tabulated]:
    """Return both editions of every survey. Raises ProblemsFound with the problems of all of them."""
    from pipeline import report as report_room

    results, problems = [], []
    for read in reads:
        try:
            made = _tabulated(workspace, read)
        except ProblemsFound as found:
            problems.extend(found.problems)
            continue
        found = report_room.problems(made.editions["public"])
        problems.extend(found)
        results.append(replace(made, notes=(*made.notes, *found)))
    if any(problem.is_error for problem in problems):
        raise ProblemsFound(problems)
    return results


def _tabulated(workspace: Workspace, read: Read) -> Tabulated:
    from pipeline import analysis, coding, disclosure
    from pipeline import report as report_room

    survey = read.survey
    decisions = coding.read_decisions(workspace.decisions(survey.id), survey)
    codings = coding.codings(read.comments, decisions)
    cubes = analysis.tabulate(survey, read.responses, codings)
    joint = analysis.tabulate_jointly(survey, read.responses, codings)
    plans = {
        "internal": disclosure.internal_plan(survey, cubes),
        "public": disclosure.public_plan(survey, cubes),
    }
    # The officer's words are for the public page; inside, every question is shown in order.
    withheld = plans["public"].withheld
    asked = survey.at(survey.newest.key)
    worded = {"internal": replace(asked, pages=frozen_mapping({})), "public": asked}
    lines, notes = _lines(workspace, read)
    editions = {}
    for name, label in EDITIONS.items():
        estimates = analysis.estimates(survey, cubes, plans[name])
        tables = {
            "estimates": estimates,
            "changes": analysis.changes(survey, estimates, withheld),
            "associations": analysis.associations(survey, estimates),
            "contrasts": analysis.contrasts(survey, estimates),
            "trends": analysis.trends(survey, estimates, withheld),
            "weights": analysis.weights(survey, joint, plans[name]),
            "decompositions": analysis.decompositions(survey, cubes, plans[name]),
            "lines": disclosure.shown_lines(lines, estimates, survey.newest.key),
        }
        tables["nonresponse"] = analysis.nonresponse(survey, estimates, tables["changes"], joint, plans[name])
        editions[name] = report_room.Edition(worded[name], survey.newest, label, read.sources.build, **tables)
    notes += [] if survey.newest.key in survey.pages else [_no_page_note(survey)]
    notes += _left_out(survey, len(lines), len(editions["public"].lines))
    uncoded = sorted(analysis.uncoded_waves(survey, read.responses, codings))
    notes += [_uncoded_note(survey, *key) for key in uncoded]
    notes += plausibility_problems(survey, editions["public"], "note")
    return Tabulated(read, frozen_mapping(editions), tuple(notes))


def _lines(workspace: Workspace, read: Read) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the approved lines of the newest wave, and a note for each that keeps the words of an answer."""
    from pipeline import coding

    survey, wave = read.survey, read.survey.newest.key
    path = workspace.lines(survey.id, wave)
    lines = coding.read_lines(path, survey)
    place = path.relative_to(workspace.root).as_posix()
    return lines, coding.quotations(lines, read.comments, wave, place)


def _left_out(survey: Survey, written: int, shown: int) -> list[Problem]:
    """Return a note where lines stand under themes that the public edition has no number of people for."""
    if written == shown:
        return []
    what = "人数を載せない主題、1人か2人だけの主題の公表文は、公表版に載せません"
    file, found = f"surveys/{survey.id}/coding/{survey.newest.key}/lines.csv", f"{written - shown}文"
    return [Problem(what, file=file, found=found, severity="note")]


def _no_page_note(survey: Survey) -> Problem:
    file = f"surveys/{survey.id}/page/{survey.newest.key}.md"
    step = (
        f"python -m pipeline propose {survey.id} --page で下書きを作れます。"
        "なくても、すべての設問を並べたページができます。"
    )
    return Problem("ページの文章がないため、標準の文章を使います", file=file, next_step=step, severity="note")


def _uncoded_note(survey: Survey, wave: str, question: str) -> Problem:
    what = "分類が終わっていない自由記述があります"
    key = f"{wave} {survey.question(question).label}"
    step = "分類を終えるまで、その年度の件数は結果ページに載りません。"
    return Problem(what, key=key, next_step=step, severity="note")
