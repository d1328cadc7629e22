"""What a survey with problems is still good for: reading received files, to tell their problems too.

Nothing is counted from it. What would make a reader stumble is left out or made harmless.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.model import Population, Question, Survey, Wave, frozen_mapping


def usable(survey: Survey | None) -> Survey | None:
    """Return the survey with every reference in it resolved; None when there is nothing to read by."""
    if survey is None:
        return None
    questions: dict[str, Question] = {}
    for question in survey.questions:
        if question.id and question.id not in questions:
            questions[question.id] = _harmless(question, questions)
    waves = tuple(_resolved(wave, questions) for wave in survey.waves if wave.key[:4].isdigit())
    if not questions or not waves:
        return None
    known = {wave.key for wave in waves}
    corrections = tuple(correction for correction in survey.corrections if correction.wave in known)
    return replace(survey, questions=tuple(questions.values()), waves=waves, corrections=corrections)


def _harmless(question: Question, earlier: dict[str, Question]) -> Question:
    """Return the question; one whose kind or options are wrong takes any text, so that nothing echoes."""
    options = {option.id: option for option in question.options if option.id}
    if question.kind not in ("single", "multiple", "text") or not (options or question.is_free_text):
        return replace(question, kind="text", options=(), route=None)
    route = question.route
    if route and route.question not in earlier:
        route = None
    return replace(question, options=tuple(options.values()), route=route)


def _resolved(wave: Wave, questions: dict[str, Question]) -> Wave:
    # A layout that does not exist is left to the reader of the folder: the file is at least known.
    files = tuple(
        replace(
            received,
            sheets=frozen_mapping(
                {
                    name: _offered(constants, questions, wave.key)
                    for name, constants in received.sheets.items()
                }
            ),
            typed_other=tuple(question for question in received.typed_other if question in questions),
        )
        for received in wave.files
        if received.file
    )
    if wave.fieldwork_start and wave.fieldwork_end and wave.fieldwork_end < wave.fieldwork_start:
        # Against such a period every time would be outside.
        wave = replace(wave, fieldwork_start=None, fieldwork_end=None)
    wording = {question: text for question, text in wave.wording.items() if question in questions}
    population = _counted(wave.population, questions)
    return replace(wave, files=files, wording=frozen_mapping(wording), population=population)


def _offered(constants, questions: dict[str, Question], wave: str):
    """Return the constants of one sheet that name a question and an option of the wave."""
    return frozen_mapping(
        {
            question: option
            for question, option in constants.items()
            if question in questions and option in {entry.id for entry in questions[question].offered(wave)}
        }
    )


def _counted(population: Population | None, questions: dict[str, Question]) -> Population | None:
    if population is None:
        return None
    # Margins only weight answers, and nothing is counted from this survey.
    population = replace(population, margins=frozen_mapping({}))
    if not population.strata:
        return population
    attribute = questions.get(population.attribute)
    groups = {option.id for option in attribute.options} if attribute else set()
    strata = {group: count for group, count in population.strata.items() if group in groups}
    return replace(
        population, attribute=population.attribute if strata else "", strata=frozen_mapping(strata)
    )
