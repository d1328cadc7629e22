"""surveys/<id>/ → Survey. Standard library only; every problem is reported at once.

A plain ``report`` reads these before anything heavy is imported.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pipeline.decoding import read_text
from pipeline.definitions import (
    asked,
    corrections,
    differences,
    disclosure_file,
    known_figures,
    lineage_file,
    open_terms,
    plausibility_file,
    survey_file,
    wave_file,
)
from pipeline.definitions.lineage_file import with_nets
from pipeline.definitions.salvage import usable
from pipeline.definitions.toml_section import NEXT_STEP, Section, read_toml
from pipeline.matching import nearest
from pipeline.model import Problem, ProblemsFound, Survey, Theme, Wave, frozen_mapping

__all__ = ["load", "read", "survey_ids", "with_nets"]


def survey_ids(root: Path) -> list[str]:
    """Return the ids of all surveys of the workspace, sorted."""
    return sorted(path.parent.name for path in (root / "surveys").glob("*/survey.toml"))


def load(root: Path, survey_id: str, coming: str = "") -> Survey:
    """Return the survey of ``root/surveys/<survey_id>``. Raises ProblemsFound with all problems.

    ``coming`` is a wave whose file is about to be drafted: what is already written about it may
    stand, and differences between the other waves are not its business.
    """
    survey, problems = read(root, survey_id, coming)
    if problems:
        raise ProblemsFound(problems)
    return survey


def read(root: Path, survey_id: str, coming: str = "") -> tuple[Survey | None, list[Problem]]:
    """Return the survey and every problem of its files.

    With problems the survey holds what is left to read received files by, so that their problems
    can be told in the same run, and nothing else; None when not even that is left.
    """
    folder = root / "surveys" / survey_id
    if not (folder / "survey.toml").is_file():
        close = nearest(survey_id, survey_ids(root))
        problem = Problem(
            "調査がありません",
            file=f"surveys/{survey_id}/survey.toml",
            found=survey_id,
            expected="、".join(survey_ids(root)) or "surveys/ の下に調査のフォルダー",
            next_step=f"「{close}」の間違いではありませんか。" if close else "",
        )
        return None, [problem]
    problems: list[Problem] = []
    survey = _read(folder, root / "data" / "raw" / survey_id, coming, problems)
    return (usable(survey) if problems else survey), problems


def _read(folder: Path, raw: Path, coming: str, problems: list[Problem]) -> Survey | None:
    place = f"surveys/{folder.name}"
    themes = known_figures.themes(folder / "themes.tsv", f"{place}/themes.tsv", problems)
    section = read_toml(folder / "survey.toml", f"{place}/survey.toml", problems)
    if not section.is_readable:
        # Without questions every other file would only be full of unknown ones.
        return None
    survey = _described(section, folder, themes, problems)
    questions = survey.questions
    section.finish()
    printed = f"{place}/published.csv"
    figures, waves = known_figures.published(folder / "published.csv", printed, questions, problems)
    for path in sorted((folder / "waves").glob("*.toml")):
        name = f"{place}/waves/{path.name}"
        wave = wave_file.wave(path, name, raw / path.stem, questions, problems)
        waves[wave.key] = _merged(wave, waves.get(wave.key), name, problems) if wave.label else wave
    printed_waves = {figure.wave for figure in figures}
    ordered = [waves[key] for key in sorted(waves, key=_wave_order)]
    preparing = tuple(wave for wave in ordered if not wave.files and wave.key not in printed_waves)
    known = tuple(wave for wave in ordered if wave not in preparing)
    survey = replace(survey, waves=known, preparing=preparing, published=figures)
    survey = replace(survey, questions=asked.as_asked(questions, ordered))
    keys = [*waves, *([coming] if coming else ())]
    _check_wave_references(survey, keys, place, problems)
    signed = f"{place}/comparability.csv"
    grades = known_figures.signed_grades(
        folder / "comparability.csv", signed, questions, ordered, keys, problems
    )
    declared = corrections.corrections(
        folder / "corrections.csv", f"{place}/corrections.csv", known, problems
    )
    survey = replace(survey, comparability=grades, corrections=declared)
    return _with_lineage(survey, folder, ordered, coming, problems)


def _described(section: Section, folder: Path, themes: tuple[Theme, ...], problems: list[Problem]) -> Survey:
    """Return what survey.toml, disclosure.toml and the page texts say, without any wave."""
    place = f"surveys/{folder.name}"
    questions = survey_file.questions(section, themes)
    return Survey(
        id=folder.name,
        title=section.words("title", ...),
        organisation=section.words("organisation", ...),
        questions=questions,
        waves=(),
        unit=section.words("unit", "人"),
        respondents=section.words("respondents", "職員"),
        notice=section.words("notice"),
        is_sample=section.flag("is_sample"),
        crosses=survey_file.crosses(section, questions),
        themes=themes,
        parameters=disclosure_file.with_disclosure(
            survey_file.parameters(section),
            folder / "disclosure.toml",
            f"{place}/disclosure.toml",
            problems,
        ),
        pages=frozen_mapping(_pages(folder / "page", problems)),
        area_code=open_terms.area_code(section),
        licence=open_terms.licence(section),
    )


def _with_lineage(survey: Survey, folder: Path, waves: list[Wave], coming: str, problems: list) -> Survey:
    """Return the survey with its links and signed figures; what differs without a signature is reported."""
    place = f"surveys/{survey.id}"
    name, counted = f"{place}/lineage.csv", f"{place}/plausibility.csv"
    links = lineage_file.links(folder / "lineage.csv", name, survey.questions, waves, coming, problems)
    survey = with_nets(replace(survey, links=links))
    problems.extend(lineage_file.clashes(survey, name))
    keys = [*(wave.key for wave in waves), *([coming] if coming else ())]
    stops = plausibility_file.signed_stops(
        folder / "plausibility.csv", counted, survey.questions, keys, problems
    )
    survey = replace(survey, plausible=stops)
    if not coming:
        problems.extend(differences.problems(survey, f"{place}/comparability.csv"))
    return survey


def _wave_order(key: str) -> tuple[int, int]:
    year, _, number = key.partition("-")
    return (int(year), int(number or 1)) if year.isdigit() else (0, 0)


def _merged(wave: Wave, printed: Wave | None, name: str, problems: list[Problem]) -> Wave:
    """Return the wave; a wave file without received files may stand beside printed figures."""
    if wave.files and printed:
        what = "受領ファイルのある調査回は published.csv に書けません"
        problems.append(Problem(what, file=name, key=wave.key, next_step=NEXT_STEP))
    if wave.files or printed is None:
        return wave
    return replace(
        wave,
        wording=frozen_mapping({**printed.wording, **wave.wording}),
        population=wave.population or printed.population,
        source=wave.source or printed.source,
    )


def _pages(folder: Path, problems: list[Problem]) -> dict[str, str]:
    pages = {}
    for path in sorted(folder.glob("*.md")):
        try:
            pages[path.stem] = read_text(path, f"surveys/{folder.parent.name}/page/{path.name}")
        except ProblemsFound as unreadable:
            problems.extend(unreadable.problems)
    return pages


def _check_wave_references(survey: Survey, keys: list[str], place: str, problems: list[Problem]) -> None:
    if not keys:
        what = "調査回が1つもありません"
        problems.append(Problem(what, file=f"{place}/waves", expected="2025.toml など", next_step=NEXT_STEP))
        return
    for question in survey.questions:
        for option in question.options:
            for field in ("since", "until"):
                value = getattr(option, field)
                if value and value not in keys:
                    problems.append(
                        Problem(
                            "調査回がありません",
                            file=f"{place}/survey.toml",
                            key=f"questions[{question.id}].options[{option.id}].{field}",
                            found=value,
                            expected="、".join(keys),
                            next_step=NEXT_STEP,
                        )
                    )
    for key in survey.pages:
        if key not in keys:
            what = "調査回のないページがあります"
            expected = "、".join(keys)
            problems.append(
                Problem(
                    what, file=f"{place}/page/{key}.md", found=key, expected=expected, next_step=NEXT_STEP
                )
            )
