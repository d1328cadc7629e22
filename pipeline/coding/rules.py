"""Rules: a small grammar, one rule a row, judged within one sentence.

::

    専門 & 知識 | 知見      every part joined by & ; | binds tighter than &
    負担 | 手間 & 減る      a term matches 減った, 減らせた: dictionary and normalised forms
    "生の声"                exactly these characters
    連絡 & つく !問題       what follows ! must not occur

A term may be several words (顔が見える); then their normalised forms follow each other.
Besides, a term of two or more characters matches inside a text: 市民 in 市民活動団体. With hiragana in
it, it must begin with a word there (生の声 is not in 高校生の声) and not be a form of another word (思い is
not in 思います, つながり not in 向上につながり); two hiragana must be whole words (ない is not in 少ない).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.coding.terms import Term, View
from pipeline.coding.tokens import Sentence, normalised
from pipeline.model import EMPTY, Problem

_PIECE = re.compile(r'\s+|"[^"]*"|[&|!()]|[^\s"&|!()]+|"')
_PARENTHESES = "かっこは使えません"


class RuleError(Exception):
    """A rule that cannot be read: what is wrong, where (from 1), at which token, and how to repair it."""

    def __init__(self, what: str, column: int, token: str, fix: str, line: int = 1):
        super().__init__(what)
        self.what, self.line, self.column, self.token, self.fix = what, line, column, token, fix

    def problem(self, file: str, sheet: str = "", cell: str = "", key: str = "") -> Problem:
        """Return the message to an officer."""
        where = "・".join(part for part in (cell, f"{self.line}行目の{self.column}文字目") if part)
        found = f"「{self.token}」" if self.token else "（行の終わり）"
        return Problem(
            self.what, file=file, sheet=sheet, cell=where, key=key, found=found, next_step=self.fix
        )


@dataclass(frozen=True)
class Part:
    """One of the terms must occur; or, if ``is_negated``, none of them may."""

    terms: tuple[Term, ...]
    is_negated: bool = False

    def __str__(self) -> str:
        return ("!" if self.is_negated else "") + " | ".join(map(str, self.terms))


@dataclass(frozen=True)
class Rule:
    """One rule of a theme. ``parts`` all must hold."""

    code: str
    text: str
    parts: tuple[Part, ...]
    is_active: bool = True
    memo: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term that may occur for the rule to hold."""
        return tuple(term for part in self.parts if not part.is_negated for term in part.terms)

    @property
    def enough(self) -> tuple[Term, ...]:
        """Terms of which each alone makes the rule hold."""
        return self.terms if len(self.parts) == 1 else ()

    @property
    def needed(self) -> tuple[Term, ...]:
        """Terms of which one occurs whenever the rule holds: those of its most selective part."""
        parts = [part.terms for part in self.parts if not part.is_negated]
        return max(parts, key=lambda terms: (min(len(term.text) for term in terms), -len(terms)))

    @property
    def all_terms(self) -> tuple[Term, ...]:
        return tuple(term for part in self.parts for term in part.terms)

    def fired(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the terms that fired in this sentence; () when the rule does not hold."""
        return self.fired_in(View(sentence))

    def fired_in(self, view: View) -> tuple[str, ...]:
        """Return what ``fired`` does."""
        words: list[str] = []
        for part in self.parts:
            found = [str(term) for term in part.terms if view.has(term)]
            if bool(found) == part.is_negated:
                return ()
            words += found
        return tuple(dict.fromkeys(words))


def printed(rule: Rule) -> str:
    """Return the rule as text; reading it again gives the same parts."""
    return " & ".join(map(str, rule.parts))


def parse(
    text: str, code: str = "", is_active: bool = True, memo: str = "", aliases: Mapping[str, str] = EMPTY
) -> Rule:
    """Return the rule written as ``text``. Raises RuleError at the first thing that cannot be read."""
    pieces = [(p.start() + 1, p.group()) for p in _PIECE.finditer(normalised(text)) if p.group().strip()]
    if not pieces:
        raise RuleError("規則が空です", 1, "", "語を書くか、行を消してください。")
    parts: list[Part] = []
    position = 0
    while position < len(pieces):
        if parts:
            position = _after_joint(pieces, position)
        part, position = _part(pieces, position, aliases)
        parts.append(part)
    if all(part.is_negated for part in parts):
        fix = "! の付かない語を1つ以上書いてください（例: 連絡 & つく !問題）。"
        raise RuleError("出てはいけない語だけの規則です", pieces[0][0], pieces[0][1], fix)
    return Rule(code, text, tuple(parts), is_active, memo)


def _after_joint(pieces: list[tuple[int, str]], position: int) -> int:
    """Return the position after ``&``, which may be left out before ``!``."""
    column, token = pieces[position]
    if token == "&":
        return position + 1
    if token == "!":
        return position
    if token in "()":
        raise RuleError(
            _PARENTHESES, column, token, "2行に分けて書いてください（| は & より先に結び付きます）。"
        )
    fix = f'間に & か | を書いてください（例: {pieces[position - 1][1]} & {token}）。続きの文字なら " で囲みます。'
    raise RuleError("語と語の間に記号がありません", column, token, fix)


def _part(pieces: list[tuple[int, str]], position: int, aliases: Mapping[str, str]) -> tuple[Part, int]:
    """Return one part and the position after it."""
    is_negated = position < len(pieces) and pieces[position][1] == "!"
    position += is_negated
    terms = [_term(pieces, position, aliases)]
    position += 1
    while position < len(pieces) and pieces[position][1] == "|":
        terms.append(_term(pieces, position + 1, aliases))
        position += 2
    return Part(tuple(terms), is_negated), position


def _term(pieces: list[tuple[int, str]], position: int, aliases: Mapping[str, str]) -> Term:
    if position >= len(pieces):
        column, token = pieces[-1]
        raise RuleError(
            "語がないまま規則が終わっています",
            column,
            token,
            f"「{token}」のあとに語を書くか、記号を消してください。",
        )
    column, token = pieces[position]
    if token in ("(", ")"):
        raise RuleError(
            _PARENTHESES, column, token, "2行に分けて書いてください（| は & より先に結び付きます）。"
        )
    if token in ("&", "|", "!"):
        raise RuleError(
            "語があるはずのところに記号があります",
            column,
            token,
            f"「{token}」を1つ消すか、語を書いてください。",
        )
    if token == '"':
        raise RuleError(
            '引用符（"）が閉じていません', column, token, 'そのままの文字を " と " で囲んでください。'
        )
    if not token.startswith('"'):
        return Term(normalised(token, aliases))
    if not token[1:-1].strip():
        raise RuleError("引用符の中が空です", column, token, "文字を書くか、消してください。")
    return Term(normalised(token[1:-1], aliases), is_exact=True)


class RuleSet:
    """Active rules behind an inverted index of their terms: a sentence is looked at once for all rules."""

    def __init__(self, rules: Iterable[Rule]):
        self.rules = tuple(rule for rule in rules if rule.is_active)
        terms = dict.fromkeys(term for rule in self.rules for term in rule.all_terms)
        self._by_form: dict[str, list[Term]] = {}
        self._by_first: dict[str, list[Term]] = {}
        self._by_characters: dict[str, list[Term]] = {}
        for term in terms:
            if not term.is_exact:
                index, key = (
                    (self._by_form, term.forms[0])
                    if len(term.forms) == 1
                    else (self._by_first, term.forms[0])
                )
                index.setdefault(key, []).append(term)
                self._by_form.setdefault(term.text, []).append(term)
            if term.is_exact or len(term.text) > 1:
                self._by_characters.setdefault(term.text, []).append(term)
        self._lengths = sorted({len(text) for text in self._by_characters})
        self._always = [i for i, rule in enumerate(self.rules) if not rule.needed]
        self._by_term: dict[Term, list[int]] = {}
        for number, rule in enumerate(self.rules):
            for term in rule.needed:
                self._by_term.setdefault(term, []).append(number)

    def hits(self, sentences: Iterable[Sentence]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
        """Return code → (rule text, terms that fired) over the sentences, codes and rules in file order."""
        fired = self.fired_numbers(sentences)
        result: dict[str, list] = {}
        for number in sorted(fired):
            result.setdefault(self.rules[number].code, []).append((self.rules[number].text, fired[number]))
        return result

    def fired_numbers(self, sentences: Iterable[Sentence]) -> dict[int, tuple[str, ...]]:
        """Return place in ``rules`` → terms that fired over the sentences."""
        fired: dict[int, tuple[str, ...]] = {}
        for sentence in sentences:
            for number, words in self._fired(sentence):
                fired[number] = tuple(dict.fromkeys((*fired.get(number, ()), *words)))
        return fired

    def _fired(self, sentence: Sentence):
        found = self._terms(sentence)
        view = View(sentence, found)
        numbers = {number for term in found for number in self._by_term.get(term, ())}
        for number in sorted(numbers.union(self._always)):
            if words := self.rules[number].fired_in(view):
                yield number, words

    def _terms(self, sentence: Sentence) -> frozenset[Term]:
        """Return every term of the rules that occurs."""
        view, found = View(sentence), set()
        for form in view.forms:
            found.update(self._by_form.get(form, ()))
            if form in self._by_first:
                found.update(term for term in self._by_first[form] if view.holds_phrase(term.forms))
        text = sentence.text
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                for term in self._by_characters.get(text[start : start + length], ()):
                    if term not in found and view.accepts(term, start):
                        found.add(term)
        return frozenset(found)


def hits(
    rules: Iterable[Rule], sentences: Iterable[Sentence]
) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return code → (rule text, terms that fired) of the active rules. For many answers keep a RuleSet."""
    return RuleSet(rules).hits(sentences)
