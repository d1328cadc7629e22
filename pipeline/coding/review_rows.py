"""Which answer stands on which sheet of the review workbook, and in which order it is read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.coding.decisions import Decision
from pipeline.coding.review import (
    AGAIN,
    AUDIT,
    CONFIRM_SHEET,
    DECIDED,
    DOUBTFUL,
    SHORT,
    UNDECIDED,
    Carried,
    Row,
    Sheet,
    Suggestion,
    Text,
    reviewed,
)
from pipeline.model import EMPTY, Survey

#: At most this share of the answers goes on the list of short texts (issue of the coding notes, §3.5).
_MOST_SHORT_SHARE = 0.2
_MOST_SUGGESTIONS = 3
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_LONGEST_NAME = 31

#: What a stratum of the audit is called: the sample, what is all read, the rest.
_OF_STRATUM = {"S": AUDIT, "A": DOUBTFUL, "B": UNDECIDED}

Place = tuple[str, str]


@dataclass(frozen=True)
class Known:
    """Everything known of the answers before the officer reads them, by (question, key).

    decisions: what was decided; retired: codes of themes that are no longer offered; predictions: the
    rows of ``predictions.csv``; doubts: how unsure the machine is; reasons: (question, key, code) → what
    the sheet says instead of the reason of the row; forms: the code the form of a text has for certain; short: texts that
    look empty; strata: part of the audit a text is in (audit_file); carried: what was typed beside decisions.
    """

    decisions: Mapping[Place, Decision] = field(default_factory=lambda: EMPTY)
    retired: Collection[str] = ()
    predictions: Sequence[tuple] = ()
    doubts: Mapping[Place, float] = field(default_factory=lambda: EMPTY)
    reasons: Mapping[tuple[str, str, str], str] = field(default_factory=lambda: EMPTY)
    forms: Mapping[Place, str] = field(default_factory=lambda: EMPTY)
    short: Collection[Place] = ()
    strata: Mapping[Place, str] = field(default_factory=lambda: EMPTY)
    carried: Mapping[str, Carried] = field(default_factory=lambda: EMPTY)

    def is_current(self, place: Place) -> bool:
        """True when the text is decided and every code of it is still offered."""
        decision = self.decisions.get(place)
        return decision is not None and not set(decision.codes) & set(self.retired)


def sheets(survey: Survey, texts: Iterable[Text], known: Known) -> tuple[Sheet, ...]:
    """Return a sheet per question and 確認リスト, each text once.

    On a sheet: the random audit, then decisions whose theme was retired, then the least certain first
    (without predictions alike texts together), then what is decided.
    """
    texts = list(texts)
    suggestions, doubts = _suggestions(known), known.doubts
    confirm = _to_confirm(texts, known)
    rows = {text.place: _row(text, known, suggestions.get(text.place, ()), text in confirm) for text in texts}
    order = (AUDIT, AGAIN, DOUBTFUL, UNDECIDED, SHORT, DECIDED)

    def reading(row: Row) -> tuple:
        return order.index(row.part), -doubts.get(row.text.place, 0.0), row.text.shown, row.text.id

    names = _sheet_names(survey)
    found = [
        Sheet(
            names[question.id],
            question.id,
            tuple(
                sorted(
                    (rows[t.place] for t in texts if t.question == question.id and t not in confirm),
                    key=reading,
                )
            ),
        )
        for question in reviewed(survey)
    ]
    listed = sorted(
        (rows[text.place] for text in confirm),
        key=lambda row: (row.form == "", row.form, row.text.question, *reading(row)),
    )
    return (*found, Sheet(CONFIRM_SHEET, "", tuple(listed)))


def _row(text: Text, known: Known, suggestions: tuple[Suggestion, ...], is_short: bool) -> Row:
    prior = known.decisions.get(text.place)
    if known.is_current(text.place):
        part = DECIDED
    elif prior:
        part = AGAIN
    else:
        part = SHORT if is_short else _OF_STRATUM.get(known.strata.get(text.place, ""), UNDECIDED)
    form = known.forms.get(text.place, "") if is_short else ""
    return Row(text, part, suggestions, prior, form, known.carried.get(text.id, Carried()))


def _to_confirm(texts: list[Text], known: Known) -> set[Text]:
    """Return the undecided short texts: those with a certain form, and the shortest that look empty."""
    free = [t for t in texts if t.place not in known.decisions and known.strata.get(t.place, "") != "S"]
    certain = {text for text in free if known.forms.get(text.place)}
    doubtful = sorted(
        (t for t in free if t.place in known.short and t not in certain), key=lambda t: (len(t.shown), t.id)
    )
    total = sum(text.count for text in texts)
    room, kept = _MOST_SHORT_SHARE * total, set()
    for text in doubtful:
        room -= text.count
        if room < 0:
            break
        kept.add(text)
    return certain | kept


def _sheet_names(survey: Survey) -> dict[str, str]:
    """Return question → sheet name: its label as far as a workbook takes it."""
    names: dict[str, str] = {}
    for question in reviewed(survey):
        name = question.label.translate(_FORBIDDEN).strip()[:_LONGEST_NAME] or question.id
        names[question.id] = question.id if name in names.values() or name == CONFIRM_SHEET else name
    return names


def _suggestions(known: Known) -> dict[Place, tuple[Suggestion, ...]]:
    """Return the likeliest codes of each text, the likeliest first."""
    found: dict[Place, list[tuple]] = {}
    for question, key, code, probability, certainty, reason, _ in known.predictions:
        why = known.reasons.get((question, key, code), reason)
        found.setdefault((question, key), []).append((-probability, code, certainty, why))
    return {
        place: tuple(Suggestion(*cells[1:]) for cells in sorted(rows)[:_MOST_SUGGESTIONS])
        for place, rows in found.items()
    }
