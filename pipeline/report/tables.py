"""The tables of one question: shares, the years side by side, changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise

from pipeline.model import (
    ALL_GROUP,
    HIGH_BAND,
    INVALID,
    LOW_BAND,
    MEAN,
    MEAN_LABEL,
    NO_ANSWER,
    STATE_LABELS,
    TOTAL_BANNER,
    Option,
    Question,
    Wave,
)
from pipeline.report import predicted, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Table
from pipeline.report.people import COLUMN, people_cell
from pipeline.report.sentences import headline_item

N_LABELS = {"asked": "回答者数（n）", "with_content": "内容のある回答をした人（n）"}
#: Signs whose meaning is said under the table that holds them; the others are in the notes.
_SAID_UNDER_TABLE = (
    wording.WITHHELD,
    LOW_BAND,
    HIGH_BAND,
    wording.SMALL_BASE,
    wording.ROUNDED,
    wording.ABOUT,
    predicted.SIGN,
)


def shares_table(edition: Edition, question: Question) -> Table:
    """Return the counts and shares of this wave beside the last one, with change and verdict."""
    last = edition.previous(question.id)
    waves = (edition.wave, last) if last else (edition.wave,)
    heads = ["選択肢" if not question.is_free_text else "内容"]
    for wave in waves:
        heads += [f"{wave.label}（人）", f"{wave.label}（%）"]
    evidence: list[Row] = []
    rows = []
    for item, label in items(edition, question, waves):
        now = edition.estimate(question.id, item)
        before = edition.estimate(question.id, item, last.key) if last else None
        change = edition.change(question.id, item, last.key) if last else None
        cells = [label]
        for row in (now, before) if last else (now,):
            cells += [wording.count_cell(row), wording.percent_cell(row)]
        rows.append((*cells, *_change_cells(change, before, now, last)))
        evidence += [row for row in (now, before, change) if row is not None]
    at = sum(1 for item, _ in items(edition, question, waves) if item != MEAN and not _is_net(question, item))
    rows.insert(at, _n_row(edition, question, waves, len(heads) + (2 if last else 0)))
    years = "と".join(wave.label for wave in waves)
    return Table(
        caption=f"{question.label}（{years}、単位は人と%）",
        columns=(*heads, *(("変化（ポイント）", "判定") if last else ())),
        rows=tuple(rows),
        notes=(*sign_notes(rows), *_pair_notes(evidence, edition)),
        evidence=tuple(evidence),
    )


def _change_cells(change: Row | None, before: Row | None, now: Row | None, last: Wave | None) -> tuple:
    if last is None:
        return ()
    if change is None:
        return (wording.NOT_ASKED, wording.NOT_ASKED)
    return (wording.change_cell(change, before, now), wording.verdict_word(change))


def _n_row(edition: Edition, question: Question, waves: Iterable[Wave], width: int) -> tuple[str, ...]:
    cells = [N_LABELS[question.base]]
    for wave in waves:
        row = any_row(edition, question, wave.key)
        cells += [wording.base_cell(row), "100.0" if wording.is_shown(row) else wording.status_sign(row)]
    return (*cells, *[""] * (width - len(cells)))


def any_row(
    edition: Edition, question: Question, wave: str, banner: str = TOTAL_BANNER, group: str = ALL_GROUP
) -> Row | None:
    """Return a row that tells the base of ``question``, a shown one where there is any; None without rows."""
    ids = (*(option.id for option in question.options), *(net.id for net in question.nets), NO_ANSWER)
    rows = [edition.estimate(question.id, item, wave, banner, group) for item in ids]
    present = [row for row in rows if row is not None]
    return next((row for row in present if row["status"] == "shown"), present[0] if present else None)


def _is_net(question: Question, item: str) -> bool:
    return any(net.id == item for net in question.nets)


def items(edition: Edition, question: Question, waves: Iterable[Wave]) -> list[tuple[str, str]]:
    """Return (id, label) of what any of ``waves`` has: options in reading order, states that occur, nets, the mean."""
    keys = [wave.key for wave in waves]
    options = [
        option
        for option in reading_order(edition, question)
        if any(_is_present(edition.estimate(question.id, option.id, key)) for key in keys)
    ]
    states = [
        state
        for state in (NO_ANSWER, INVALID)
        if any(_occurs(edition.estimate(question.id, state, key)) for key in keys)
    ]
    nets = [
        net
        for net in question.nets
        if any(_is_present(edition.estimate(question.id, net.id, key)) for key in keys)
    ]
    has_mean = any(_is_present(edition.estimate(question.id, MEAN, key)) for key in keys)
    return [
        *((option.id, option.label) for option in options),
        *((state, STATE_LABELS[state]) for state in states),
        *((net.id, net.label) for net in nets),
        *([(MEAN, MEAN_LABEL)] if has_mean else []),
    ]


def _is_present(row: Row | None) -> bool:
    return row is not None and row["status"] != "not_asked"


def _occurs(row: Row | None) -> bool:
    """True for a state that somebody is in, or that is withheld. 無回答 of nobody says nothing."""
    return row is not None and (
        row["status"] == "withheld" or bool(wording.is_known(row) and row["count_high"])
    )


def reading_order(edition: Edition, question: Question) -> list[Option]:
    """Return the options as tables list them: a scale as on the form, many answers by size."""
    if not question.takes_many:
        return list(question.options)

    def place(option: Option) -> tuple[int, float]:
        row = edition.estimate(question.id, option.id)
        last = 2 if option.is_exclusive else int(option.is_other)
        estimated = predicted.people(row) if predicted.is_predicted(row) else 0
        return last, -(row["count"] if wording.is_exact(row) else estimated)

    return sorted(question.options, key=place)


def series_table(edition: Edition, question: Question) -> Table | None:
    """Return the shares of every wave side by side, newest first; None for fewer than three."""
    waves = edition.waves_asking(question.id)[::-1]
    if len(waves) < 3:
        return None
    evidence: list[Row] = []
    rows = []
    for item, label in items(edition, question, waves):
        found = [edition.estimate(question.id, item, wave.key) for wave in waves]
        rows.append((label, *(wording.percent_cell(row) for row in found)))
        evidence += [row for row in found if row is not None]
    bases = [wording.base_cell(any_row(edition, question, wave.key)) for wave in waves]
    rows.append((N_LABELS[question.base], *bases))
    steps = [
        edition.change(question.id, item, before.key, after.key)
        for after, before in pairwise(waves)
        for item, _ in items(edition, question, waves)
    ]
    return Table(
        caption=f"{question.label}の推移（単位は%、最後の行は人）",
        columns=("選択肢", *(wave.label for wave in waves)),
        rows=tuple(rows),
        notes=(*sign_notes(rows), *_pair_notes((step for step in steps if step is not None), edition)),
        evidence=tuple(evidence),
    )


def changes_table(edition: Edition, question: Question) -> Table | None:
    """Return every pair of waves of the headline item, and of many answers every rise and fall."""
    found = list(_pairs(edition, question))
    if not found:
        return None
    spoken = {item for item, *_ in found}
    rows, evidence = [], []
    for item, before_wave, after_wave, change in found:
        before = edition.estimate(question.id, item, before_wave.key)
        after = edition.estimate(question.id, item, after_wave.key)
        rows.append(
            (
                f"{before_wave.label}から{after_wave.label}",
                *((question.measure_label(item),) if len(spoken) > 1 else ()),
                *(_share_with_base(row) for row in (before, after)),
                wording.change_cell(change, before, after),
                people_cell(change),
                wording.interval_cell(change),
                wording.adjusted_p_cell(change),
                wording.verdict_word(change),
            )
        )
        evidence += [row for row in (before, after, change) if row is not None]
    level = wording.level_percent(edition.survey.parameters.confidence_level)
    sides = ("前の値", "後の値", "変化", COLUMN, f"{level}%信頼区間")
    columns = ("比べた年度", "項目", *sides, "p値（調整後）", "判定")
    return Table(
        caption=f"{changes_subject(edition, question)}の経年の変化（割合は%、変化はポイント、人数の差は人）",
        columns=columns if len(spoken) > 1 else (columns[0], *columns[2:]),
        rows=tuple(rows),
        notes=(*sign_notes(rows), *_pair_notes(evidence, edition)),
        evidence=tuple(evidence),
    )


def changes_subject(edition: Edition, question: Question) -> str:
    """Return what ``changes_table`` is about: its one item, or the question."""
    spoken = {item for item, *_ in _pairs(edition, question)}
    return question.label if len(spoken) > 1 else f"「{question.measure_label(next(iter(spoken)))}」"


def _pairs(edition: Edition, question: Question) -> Iterator[tuple[str, Wave, Wave, Row]]:
    """Yield (item, from, to, changes row): newest pairs first, the headline item before others."""
    headline = headline_item(edition, question)
    others = [option.id for option in reading_order(edition, question) if option.id != headline]
    waves = edition.waves_asking(question.id)
    pairs = sorted(combinations(waves, 2), key=lambda pair: (pair[1].key, pair[0].key), reverse=True)
    for item in (headline, *(others if question.takes_many else ())):
        for before, after in pairs:
            change = edition.change(question.id, item, before.key, after.key)
            if change is not None and (item == headline or change["verdict"] in ("up", "down")):
                yield item, before, after, change


def _share_with_base(row: Row | None) -> str:
    is_range = wording.is_known(row) and not (wording.is_exact(row) or wording.is_mean(row))
    cell = wording.percent_range(row) if is_range else wording.percent_cell(row)
    return f"{cell}（n={wording.base_cell(row)}）" if wording.is_shown(row) else cell


def sign_notes(rows: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the meaning of every sign that stands in the cells of a table."""
    cells = [cell for row in rows for cell in row[1:]]
    meaning = dict(wording.SIGN_NOTES)
    return tuple(
        f"「{sign}」{meaning[sign]}"
        for sign in _SAID_UNDER_TABLE
        if any(cell == sign if sign == wording.WITHHELD else sign in cell for cell in cells)
    )


def _pair_notes(rows: Iterable[Row], edition: Edition) -> tuple[str, ...]:
    """Return one note per signed reason, with the pairs of waves that it flags or breaks."""
    pairs: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        if "comparability" in row and row["status"] != "not_asked" and (reason := wording.signed_reason(row)):
            pair = "と".join(edition.survey.wave(row[side]).label for side in ("wave_from", "wave_to"))
            word = "比較できません" if row["comparability"] == "broken" else "条件に違いがあります"
            pairs.setdefault((word, reason), {})[pair] = None
    return tuple(f"{'、'.join(found)}は{word}（{reason}）。" for (word, reason), found in pairs.items())
