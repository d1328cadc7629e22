"""What was read → both editions, with everything found that is wrong on the way. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pipeline.hall.auditing import audit, named_crosses
from pipeline.hall.plausibility import plausibility_problems
from pipeline.hall.reading import Read
from pipeline.model import EDITIONS, Problem, ProblemsFound, Survey, frozen_mapping
from pipeline.workspace import Workspace, public_build

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.coding import Predicted
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


def tabulate_all(workspace: Workspace, reads: list[Read], without: tuple[str, ...] = ()) -> list[Tabulated]:
    """Return both editions of every survey. Raises ProblemsFound with the problems of all of them.

    without: crosses that the public editions leave out, as ``question-attribute``. A public edition
    from which an outsider could work out anybody's answer is a problem.
    """
    from pipeline import report as report_room

    results, problems = [], []
    for read in reads:
        try:
            made = _audited(_tabulated(workspace, read, without), without)
        except ProblemsFound as found:
            problems.extend(found.problems)
            continue
        found = report_room.problems(made.editions["public"])
        problems.extend(found)
        results.append(replace(made, notes=(*made.notes, *found)))
    if any(problem.is_error for problem in problems):
        raise ProblemsFound(problems)
    return results


def _audited(made: Tabulated, without: tuple[str, ...]) -> Tabulated:
    """Return it with the build number and the audit of its public edition. Raises ProblemsFound."""
    from pipeline import report as report_room

    survey, public = made.read.survey, made.editions["public"]
    files = report_room.open_tables(public)
    record, problems = audit(survey, files, made.editions["internal"].estimates, without)
    if problems:
        raise ProblemsFound(problems)
    build = public_build(made.read.sources, files, public.lines)
    public = replace(public, audit=record, build=build)
    return replace(made, editions=frozen_mapping({**made.editions, "public": public}))


def _tabulated(workspace: Workspace, read: Read, without: tuple[str, ...]) -> Tabulated:
    from pipeline import analysis, coding, disclosure
    from pipeline import report as report_room

    survey = read.survey
    signed = coding.read_signed_decisions(workspace.decisions(survey.id), survey)
    decisions = {place: decision.codes for place, decision in signed.items()}
    survey = coding.with_theme_versions(survey, read.comments, signed)
    codings = coding.codings(read.comments, decisions)
    uncoded = sorted(analysis.uncoded_waves(survey, read.responses, codings))
    folder = workspace.decisions(survey.id).parent
    found = coding.predicted(survey, read.responses, read.comments, decisions, folder, uncoded)
    predictions = {
        "internal": found.table,
        "public": disclosure.shown_predictions(found.table, survey),
    }
    cubes = analysis.tabulate(survey, read.responses, codings)
    joint = analysis.tabulate_jointly(survey, read.responses, codings)
    plans = {
        "internal": disclosure.internal_plan(survey, cubes),
        "public": disclosure.public_plan(survey, cubes),
    }
    if without:
        crosses, problems = named_crosses(survey, plans["public"], without)
        if problems:
            raise ProblemsFound(problems)
        plans["public"] = disclosure.without(survey, plans["public"], crosses)
    # The officer's words are for the public page; inside, every question is shown in order.
    withheld = disclosure.withheld_toplines(plans["public"])
    asked = survey.at(survey.newest.key)
    worded = {"internal": replace(asked, pages=frozen_mapping({})), "public": asked}
    lines, notes = _lines(workspace, read, _sorted_people(codings, found.table, survey.newest.key))
    editions = {}
    for name, label in EDITIONS.items():
        estimates = analysis.estimates(survey, cubes, plans[name], predictions[name])
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
    notes += [_uncoded_note(survey, found, *key) for key in uncoded]
    notes += plausibility_problems(survey, editions["public"], "note")
    return Tabulated(read, frozen_mapping(editions), tuple(notes))


def _sorted_people(codings: pd.DataFrame, predicted: pd.DataFrame, wave: str) -> dict[tuple[str, str], int]:
    """Return (question, code) → answers of the wave with the theme: as decided, or as estimated if more."""
    own = codings[codings["wave"] == wave]
    people = own.groupby(["question", "code"]).size().to_dict()
    rows = predicted[(predicted["wave"] == wave) & (predicted["base_kind"] == "with_content")]
    for row in rows.to_dict("records"):
        place = row["question"], row["option"]
        people[place] = max(people.get(place, 0), round(row["value"] * row["base"]))
    return people


def _lines(
    workspace: Workspace, read: Read, people: Mapping[tuple[str, str], int]
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the approved lines of the newest wave, with a note for each that names somebody or keeps the
    words of an answer, and for each theme whose lines stand for more answers than ``people``.
    """
    from pipeline import coding

    survey, wave = read.survey, read.survey.newest.key
    path = workspace.lines(survey.id, wave)
    lines = coding.read_lines(path, survey)
    if lines.empty:
        return lines, []
    place, folder = path.relative_to(workspace.root).as_posix(), f"surveys/{survey.id}/names"
    names = coding.read_names(workspace.root / folder, folder)
    named = coding.personal(lines, lambda line: coding.plain_kinds(line, names), place)
    quoted = coding.quotations(lines, read.comments, wave, place)
    return lines, [*named, *quoted, *coding.overstated(lines, people, place)]


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


def _uncoded_note(survey: Survey, found: Predicted, wave: str, question: str) -> Problem:
    what = "分類が終わっていない自由記述があります"
    key = f"{wave} {survey.question(question).label}"
    table = found.table
    if ((table["wave"] == wave) & (table["question"] == question)).any():
        step = "結果ページには、監査で補正した推計を載せます。全部を分類すると、件数に替わります。"
    else:
        step = "分類を終えるまで、その年度の件数は結果ページに載りません。"
    progress = found.progress[wave, question]
    return Problem(what, key=key, found=progress, next_step=step, severity="note")
