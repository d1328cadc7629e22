"""Paper beside Web in one wave: a form that allows no blanks has no 無回答, and its shares stand higher."""

from __future__ import annotations

import pandas as pd

from pipeline.ingest.nouns import listed
from pipeline.model import NO_ANSWER, NOT_APPLICABLE, Problem, Survey, Wave

#: Fewer answers may lack a blank by chance; fewer blanks make no difference worth a word.
_FEWEST_ANSWERS, _BLANK_SHARE = 30, 0.03


def check_modes(survey: Survey, wave: Wave, responses: pd.DataFrame) -> list[Problem]:
    """Return a note when one mode of the wave has no 無回答 where another has them."""
    rows = responses[responses["wave"] == wave.key]
    modes = list(dict.fromkeys(received.mode for received in wave.files))
    if len(modes) < 2:
        return []
    differing: dict[str, list[str]] = {}
    for question in survey.questions:
        if not wave.asks(question.id) or question.is_free_text:
            continue
        asked = rows[rows[question.id] != NOT_APPLICABLE]
        blanks = {mode: asked[question.id][asked["mode"] == mode] == NO_ANSWER for mode in modes}
        counted = {mode: blank for mode, blank in blanks.items() if len(blank) >= _FEWEST_ANSWERS}
        if any(blank.mean() >= _BLANK_SHARE for blank in counted.values()):
            for mode in (mode for mode, blank in counted.items() if not blank.any()):
                differing.setdefault(mode, []).append(question.label)
    what = "無回答が1件もない集め方があります（必須の設問になっていたのかもしれません）"
    step = "前回との差を読むときは、無回答を除いた割合も確かめてください。集計の数値は変わりません。"
    return [
        Problem(
            what,
            file=f"data/raw/{survey.id}/{wave.key}",
            key=listed(labels),
            found=f"{mode}では無回答が0件",
            expected="どの集め方でも、答えずに進めること",
            next_step=step,
            severity="note",
        )
        for mode, labels in differing.items()
    ]
