"""Suggested codes for the answers of one question: what, how sure, why. A person decides.

Same codebook, answers and decisions in, same suggestions out. The rules' own labels are never learnt from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.coding.blending import FEWEST_REVIEWED, assigned, certainty, expected_errors
from pipeline.coding.codebook import Codebook
from pipeline.coding.decisions import comment_key
from pipeline.coding.features import CHUNK
from pipeline.coding.learning import Desk, lay_out
from pipeline.coding.no_content import classify
from pipeline.coding.word_vectors import WordVectors, installed_vectors

#: Changes whenever the same codebook and decisions would give other suggestions.
FORM = "1"
#: More reviewed texts than this teach nothing new and cost memory by the square: a seeded sample is taken.
MOST_REVIEWED = 3000
MOST_SUGGESTED, WORTH_SHOWING = 3, 0.1
PREDICTION_COLUMNS = ["question", "key", "code", "probability", "certainty", "reason", "model"]
WITHOUT_VECTORS = (
    "単語ベクトル（chiVe）が入っていないので、提案の当たる割合が下がります（文字と規則だけで判断しました）。"
)
BY_RULES = f"確認済みの回答が{FEWEST_REVIEWED}件より少ないので、規則と例文だけで提案しました。"
_SETTLED = {"X0": "内容のない決まった言い方", "X1": "「なかった」という決まった言い方"}


@dataclass(frozen=True)
class Suggested:
    """One suggested code. ``nearest`` is the key of the most similar reviewed answer with the code, or ""."""

    code: str
    probability: float
    certainty: str
    reason: str
    nearest: str = ""
    is_assigned: bool = True


@dataclass(frozen=True)
class Suggestions:
    """Suggestions of one question.

    ``texts`` (answers,) numbers the distinct texts, whose ``keys``, ``probabilities`` (texts, themes) and
    ``offered`` follow; decided texts are offered nothing. ``uncertainty`` (texts,) is the expected number
    of wrong codes. ``notes`` are words for the officer.
    """

    question: str
    model: str
    codes: tuple[str, ...]
    texts: np.ndarray
    keys: tuple[str, ...]
    probabilities: np.ndarray
    offered: tuple[tuple[Suggested, ...], ...]
    uncertainty: np.ndarray
    notes: tuple[str, ...]

    def of_answer(self, number: int) -> tuple[Suggested, ...]:
        """Return what is suggested for one answer, surest first."""
        return self.offered[self.texts[number]]


def suggest(
    codebook: Codebook,
    box: str,
    answers: Sequence[str],
    decided: Sequence[Collection[str] | None],
    *,
    question: str = "",
    earlier: Sequence[tuple[str, Collection[str]]] = (),
    vectors: WordVectors | None | str = "installed",
    seed: int = 0,
) -> Suggestions:
    """Return the suggestions for ``answers`` (masked texts) of a question of one box.

    ``decided`` (answers,) holds people's codes, or None; ``earlier`` are reviewed answers of earlier waves.
    ``vectors``: word vectors, None to go without, or those installed.
    """
    vectors = installed_vectors() if vectors == "installed" else vectors
    question = question or box
    texts, keys, numbers = _distinct(question, [*answers, *(text for text, _ in earlier)])
    codes_of = _codes_of(numbers, [*decided, *(codes for _, codes in earlier)])
    settled = {i: code for i, text in enumerate(texts) if i not in codes_of and (code := classify(text, box))}
    desk = lay_out(codebook, box, texts, vectors)
    taught = _taught(codes_of, desk.codes, seed)
    labels = np.array([[code in codes_of[i] for code in desk.codes] for i in taught], dtype=np.float64)
    labels = labels.reshape(len(taught), len(desk.codes))
    trained = desk.train(taught, labels)
    chances = desk.predict(trained, taught)
    chances[sorted(settled)] = 0
    model = _version(codebook, desk.codes, [(keys[i], sorted(codes_of[i])) for i in taught], vectors)
    notes = (
        *([WITHOUT_VECTORS] if vectors is None else []),
        *([BY_RULES] if len(taught) < FEWEST_REVIEWED else []),
    )
    shown = len(set(numbers[: len(answers)]))
    reasons = _Reasons(desk, taught, labels, keys)
    offered = reasons.offer(chances[:shown], settled, set(codes_of))
    return Suggestions(
        question,
        model,
        desk.codes,
        np.array(numbers[: len(answers)], dtype=np.int64),
        keys[:shown],
        chances[:shown],
        offered,
        np.round(expected_errors(chances[:shown]), 3),
        notes,
    )


def predictions(found: Suggestions) -> pd.DataFrame:
    """Return the rows of predictions.csv, sorted by key and falling probability."""
    rows = [
        (found.question, key, s.code, s.probability, s.certainty, s.reason, found.model)
        for key, offered in sorted(zip(found.keys, found.offered, strict=True), key=lambda pair: pair[0])
        for s in offered
    ]
    return pd.DataFrame(rows, columns=PREDICTION_COLUMNS)


def _distinct(question: str, answers: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], list[int]]:
    """Return the first text of each key, the keys, and the number of each answer's text."""
    place: dict[str, int] = {}
    texts: list[str] = []
    numbers, seen = [], {}
    for text in answers:
        if text not in seen:
            key = comment_key(question, text)
            if key not in place:
                place[key] = len(texts)
                texts.append(text)
            seen[text] = place[key]
        numbers.append(seen[text])
    return tuple(texts), tuple(place), numbers


def _codes_of(numbers: Sequence[int], decided: Sequence[Collection[str] | None]) -> dict[int, frozenset[str]]:
    result: dict[int, frozenset[str]] = {}
    for number, codes in zip(numbers, decided, strict=True):
        if codes:
            result.setdefault(number, frozenset(codes))
    return result


def _taught(codes_of: dict[int, frozenset[str]], codes: Sequence[str], seed: int) -> np.ndarray:
    """Return the reviewed texts that teach: those with content, at most MOST_REVIEWED of them."""
    found = np.array(
        sorted(i for i, own in codes_of.items() if not own & {"X0", "X1"} or own & set(codes)), dtype=np.int64
    )
    if len(found) > MOST_REVIEWED:
        found = np.sort(np.random.default_rng(seed).choice(found, MOST_REVIEWED, replace=False))
    return found


def _version(codebook: Codebook, codes: Sequence[str], reviewed: list, vectors: WordVectors | None) -> str:
    rules = [(rule.code, rule.text, rule.is_active) for rule in codebook.rules if rule.code in codes]
    themes = [(theme.code, theme.name, theme.definition) for theme in codebook.themes if theme.code in codes]
    known = [
        (example.code, example.text, example.is_true)
        for example in codebook.examples
        if example.code in codes
    ]
    parts = (
        FORM,
        themes,
        rules,
        known,
        sorted(codebook.aliases.items()),
        sorted(reviewed),
        vectors and vectors.name,
    )
    return f"{codebook.version}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:12]}"


class _Reasons:
    """Says for each suggestion why: a rule and its words, or what it is most similar to."""

    def __init__(self, desk: Desk, taught: np.ndarray, labels: np.ndarray, keys: Sequence[str]):
        self._desk, self._taught, self._labels, self._keys = desk, taught, labels, keys

    def offer(
        self, chances: np.ndarray, settled: dict[int, str], decided: set[int]
    ) -> tuple[tuple[Suggested, ...], ...]:
        """Return up to three suggestions per text, surest first."""
        is_assigned = assigned(chances)
        result: list[list[Suggested]] = [[] for _ in chances]
        for text, code in settled.items():
            if text < len(result):
                result[text].append(Suggested(code, 1.0, certainty(1.0), _SETTLED[code]))
        open_ = [i for i in range(len(chances)) if i not in settled and i not in decided]
        order = np.argsort(-chances, axis=1, kind="stable")[:, :MOST_SUGGESTED]
        wanted = [
            (i, t) for i in open_ for t in order[i] if is_assigned[i, t] or chances[i, t] >= WORTH_SHOWING
        ]
        similar = self._similar([pair for pair in wanted if not self._fired(*pair)])
        for i, theme in wanted:
            reason, nearest = similar.get((i, theme), (self._fired(i, theme), ""))
            chance = float(chances[i, theme])
            given = Suggested(
                self._desk.codes[theme], chance, certainty(chance), reason, nearest, bool(is_assigned[i, theme])
            )
            result[i].append(given)
        return tuple(map(tuple, result))

    def _fired(self, text: int, theme: int) -> str:
        rules = self._desk.rows.fired[text].get(self._desk.codes[theme])
        return f"規則「{rules[0][0]}」（{'、'.join(rules[0][1])}）" if rules else ""

    def _similar(self, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], tuple[str, str]]:
        """Return the reason and the key of the nearest reviewed answer, or nearest example, of each pair."""
        result = {}
        texts = np.array(sorted({text for text, _ in pairs}), dtype=np.int64)
        themes: dict[int, list[int]] = {}
        for text, theme in pairs:
            themes.setdefault(text, []).append(theme)
        reviewed = self._desk.rows.take(self._taught)
        examples = self._desk.examples
        for start in range(0, len(texts), CHUNK // 10):
            chosen = texts[start : start + CHUNK // 10]
            rows = self._desk.rows.take(chosen)
            to_reviewed, to_examples = rows.products(reviewed), rows.products(self._desk.example_rows)
            for row, text in enumerate(chosen):
                for theme in themes[text]:
                    result[text, theme] = self._most_similar(
                        to_reviewed[row], to_examples[row], examples.texts, examples.labels, theme
                    )
        return result

    def _most_similar(
        self, to_reviewed, to_examples, texts: Sequence[str], labels: np.ndarray, theme: int
    ) -> tuple[str, str]:
        if self._labels[:, theme].any():
            key = self._keys[
                self._taught[np.where(self._labels[:, theme] > 0, to_reviewed, -np.inf).argmax()]
            ]
            return f"確認済みの回答に近い（{key[:12]}）", key
        if labels[:, theme].any():
            return f"例文「{texts[np.where(labels[:, theme] > 0, to_examples, -np.inf).argmax()]}」に近い", ""
        return "言葉の近さ", ""
