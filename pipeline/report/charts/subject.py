"""One question of one edition, as the charts read it. What a mark may show is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pipeline.model import (
    ALL_GROUP,
    INVALID,
    NO_ANSWER,
    STATE_LABELS,
    TOTAL_BANNER,
    UNKNOWN_GROUP,
    Option,
    Question,
    Wave,
)
from pipeline.numerals import percent_text
from pipeline.report import asking, widths, wording
from pipeline.report.bands import band
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import NUMBERS_FOLLOW

#: One grey end for both states: the reader's question is who gave no usable answer.
NO_USABLE_ANSWER = "・".join(STATE_LABELS[state] for state in (NO_ANSWER, INVALID))
#: Printed where a signed row says that two waves cannot be compared.
BREAK_WORDS = "設問変更"
ALL_LABEL = "全体"
#: Words that content systems refuse in an alternative text.
_REFUSED_WORDS = ("写真", "イラスト", "ここ", "こちら")


@dataclass(frozen=True)
class Place:
    """Where in the tables a row of a chart stands: a wave, and a group of a banner."""

    wave: str
    banner: str = TOTAL_BANNER
    group: str = ALL_GROUP


@dataclass(frozen=True)
class Subject:
    """The rows of one question, looked up by place."""

    edition: Edition
    question: Question

    @property
    def here(self) -> Place:
        return Place(self.edition.wave.key)

    def row(self, item: str, place: Place) -> Row | None:
        """Return the estimates row of an option, net or state id."""
        return self.edition.estimate(self.question.id, item, place.wave, place.banner, place.group)

    def rows(self, place: Place) -> list[Row]:
        """Return the rows of options offered and states at ``place``, in survey order."""
        items = [*(option.id for option in self.question.options), NO_ANSWER, INVALID]
        found = [self.row(item, place) for item in items]
        return [row for row in found if row is not None and row["status"] != "not_asked"]

    def short_label(self, item: str) -> str:
        """Return the label of an option or net for a title."""
        found = (option.short_label for option in self.question.options if option.id == item)
        return next(found, self.question.measure_label(item))

    def is_withheld(self, place: Place) -> bool:
        """True when any row of the place is withheld, so that the whole cannot be drawn."""
        return any(row["status"] == "withheld" for row in self.rows(place))

    def base_text(self, place: Place) -> str:
        """Return n as text (``448``, ``23*``, ``x``)."""
        rows = self.rows(place)
        shown = [row for row in rows if row["status"] == "shown"]
        return wording.base_cell(next(iter(shown or rows), None))

    def known_options(self, places: Sequence[Place]) -> list[Option]:
        """Return the options with a known share at any of ``places``, in survey order."""
        return [
            option
            for option in self.question.options
            if any(wording.is_exact(self.row(option.id, place)) for place in places)
        ]

    def unusable_label(self, places: list[Place]) -> str:
        """Return the one label of the grey end over ``places``: 無回答, 無効 or both."""
        present = [
            state
            for state in (NO_ANSWER, INVALID)
            if any(wording.is_exact(row := self.row(state, place)) and row["count"] for place in places)
        ]
        return STATE_LABELS[present[0]] if len(present) == 1 else NO_USABLE_ANSWER if present else ""

    def unusable_count(self, place: Place) -> int:
        """Return the people whose answer is 無回答 or 無効."""
        found = (self.row(state, place) for state in (NO_ANSWER, INVALID))
        return sum(int(row["count"]) for row in found if wording.is_exact(row))

    @cached_property
    def _breaks(self) -> dict[str, dict[tuple[str, str], bool]]:
        """Option → pair of waves → is it broken; the question itself, "", is where all its options are."""
        changes = self.edition.changes
        mine = changes[(changes["question"] == self.question.id) & (changes["banner"] == TOTAL_BANNER)]
        found: dict[str, dict[tuple[str, str], bool]] = {"": {}}
        rows = mine[["option", "wave_from", "wave_to", "comparability"]].itertuples(index=False, name=None)
        for option, start, end, grade in rows:
            is_broken = grade == "broken"
            found.setdefault(option, {})[start, end] = is_broken
            found[""][start, end] = is_broken and found[""].get((start, end), True)
        return found

    def is_broken(self, earlier: str, later: str, item: str = "") -> bool:
        """True when two waves of the question, or of one option, cannot be compared.

        The grade of the pair tells, else the worst step between.
        """
        breaks = self._breaks.get(item, self._breaks[""])
        if (earlier, later) in breaks:
            return breaks[earlier, later]
        order = {wave.key: index for index, wave in enumerate(self.edition.waves)}
        start, end = order[earlier], order[later]
        return any(
            is_broken and start <= order[first] and order[last] <= end
            for (first, last), is_broken in breaks.items()
            if first in order and last in order
        )

    def is_restructured(self, earlier: str, later: str) -> bool:
        """True when the options as a whole do not mean the same in two waves: any of them is broken."""
        items = [option.id for option in self.question.options]
        return any(self.is_broken(earlier, later, item) for item in ("", *items))

    def is_claimed(self, earlier: str, item: str) -> bool:
        """True when this wave is said to be higher or lower than ``earlier`` on ``item``."""
        change = self.edition.change(self.question.id, item, earlier)
        return change is not None and change["status"] == "shown" and change["verdict"] in ("up", "down")

    def banners(self) -> list[Question]:
        """Return the attributes this question is crossed with in this wave, in table order."""
        estimates = self.edition.estimates
        mine = estimates[
            (estimates["question"] == self.question.id) & (estimates["wave"] == self.edition.wave.key)
        ]
        found = [banner for banner in mine["banner"].drop_duplicates() if banner != TOTAL_BANNER]
        return [self.edition.survey.question(banner) for banner in found]

    def group_places(self, banner: str) -> list[tuple[str, Place]]:
        """Return (label, place) of the whole and of every known group of ``banner``.

        属性不明 is left to the table: it is no group whose view a reader could compare.
        """
        groups = self.edition.groups(self.question.id, banner)
        wave = self.edition.wave.key
        known = [(label, Place(wave, banner, group)) for group, label in groups if group != UNKNOWN_GROUP]
        return [(ALL_LABEL, self.here), *known]

    @property
    def confidence(self) -> str:
        """Return the level of the intervals in percent."""
        return wording.level_percent(self.edition.survey.parameters.confidence_level)

    @property
    def base_words(self) -> str:
        """Return who is counted by n."""
        return asking.base_words(self.edition.survey, self.question)


def percent_label(row: Row | None) -> str:
    """Return the share for a mark: ``43.2%``, ``75.1〜76.1%``, or a sign without %."""
    if wording.is_exact(row):
        return f"{wording.percent_cell(row)}%" if row["count"] else wording.ZERO
    return (
        f"{wording.percent_range(row)}%" if wording.is_known(row) else band(row) or wording.status_sign(row)
    )


def spoken_percent(row: Row) -> str:
    """Return the share for a sentence: ``43.2%`` or ``75.1〜76.1%``."""
    return wording.percent_words(row) if wording.is_exact(row) else percent_label(row)


def percent_bounds(row: Row) -> tuple[float, float]:
    """Return the lowest and highest percentage of a known row; equal for an exact one."""
    return tuple(100 * row[side] / row["base"] for side in ("count_low", "count_high"))


def counted_percent(count: int, base: int) -> str:
    """Return ``18.7`` for a segment summed from several rows, ``-`` for nobody."""
    return percent_text(count, base) if count else wording.ZERO


def alt_text(*sentences: str) -> str:
    """Return the alternative text: plain widths, none of the refused words, ending at the table."""
    text = widths.plain_width("".join(sentence for sentence in sentences if sentence))
    for word in _REFUSED_WORDS:
        # A label may hold such a word; the table beneath has it in full.
        text = text.replace(word, "・".join(word))
    return text + NUMBERS_FOLLOW


def sign_note(sign: str) -> str:
    """Return the meaning of a sign as one line under a chart."""
    return f"{sign} {dict(wording.SIGN_NOTES)[sign]}"


def wave_words(wave: Wave, base: str) -> str:
    """Return ``令和7年度 (n=448)``."""
    return f"{wave.label} (n={base})"
