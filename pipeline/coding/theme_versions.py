"""Which themes the answers of a wave could be sorted into: a theme that came later is not "nobody" before.

A wave is sorted under the versions that its decisions name. A theme that came with a later version than
the oldest of them was not on offer for all of its answers, nor was one given up before that version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from pipeline.coding.decisions import Decision, comment_key
from pipeline.model import Option, Question, Survey, Theme

#: After every wave: a theme that no wave has been sorted under.
_NEVER = "~"


def with_theme_versions(
    survey: Survey, comments: pd.DataFrame, signed: Mapping[tuple[str, str], Decision]
) -> Survey:
    """Return the survey with ``since`` and ``until`` of its themes as waves, told by the decisions.

    comments: frames.COMMENTS. Estimates then say not_asked where a theme was not on offer, and changes
    compare only codes that both waves knew.
    """
    themes = {theme.code: theme for theme in survey.themes if theme.until or theme.since not in ("", "1")}
    if not themes:
        return survey
    oldest = _oldest(comments, signed)
    questions = tuple(_dated(question, themes, oldest.get(question.id, {})) for question in survey.questions)
    return replace(survey, questions=questions)


def _oldest(comments: pd.DataFrame, signed: Mapping) -> dict[str, dict[str, int]]:
    """Return question → wave → the oldest version that the decisions on its own texts name.

    A text that an earlier wave had already was decided then, and stands for both.
    """
    found: dict[str, dict[str, int]] = {}
    seen: dict[tuple[str, str], str] = {}
    rows = comments.sort_values("wave", kind="stable")[["wave", "question", "text"]]
    for wave, question, text in rows.itertuples(index=False, name=None):
        place = question, comment_key(question, text)
        decision = signed.get(place)
        if (
            seen.setdefault(place, wave) == wave
            and decision is not None
            and decision.theme_version.isdecimal()
        ):
            version, known = int(decision.theme_version), found.setdefault(question, {})
            known[wave] = min(known.get(wave, version), version)
    return found


def _dated(question: Question, themes: Mapping[str, Theme], oldest: Mapping[str, int]) -> Question:
    if not (question.is_free_text and oldest):
        return question
    options = (
        _on_offer(option, themes[option.id], oldest) if option.id in themes else option
        for option in question.options
    )
    return replace(question, options=tuple(options))


def _on_offer(option: Option, theme: Theme, oldest: Mapping[str, int]) -> Option:
    waves = sorted(oldest)
    there = [wave for wave in waves if theme.is_offered(str(oldest[wave]))]
    if not there:
        return replace(option, since=_NEVER)
    since = there[0] if there[0] != waves[0] else ""
    return replace(option, since=since, until=there[-1] if there[-1] != waves[-1] else "")
