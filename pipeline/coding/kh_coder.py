"""KH Coder coding-rule files → rules of the same evaluation, judged within a sentence.

Supported: ＊name, and/or/not and their signs, parentheses, comparisons and arithmetic of counts, 'literal
strings', lemma, lemma-->part of speech, lemma=>surface, a+b, near(a-b)[n], seq(a-b)[n], <＊code>, lw, lc.
Variables, headings and serial numbers know no answer and are refused with what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.coding.kh_nodes import enough, looked_for
from pipeline.coding.kh_reader import Reader
from pipeline.coding.rules import Rule, RuleError
from pipeline.coding.terms import Term, View
from pipeline.coding.tokens import Sentence

_PIECE = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\S+")


@dataclass(frozen=True)
class KhRule:
    """One code of a KH Coder file, for a theme or as part of others (``code`` empty)."""

    code: str
    name: str
    text: str
    condition: object
    is_active: bool = True
    memo: str = ""
    needed: tuple = field(default=(), compare=False)
    all_terms: tuple = field(default=(), compare=False)

    @property
    def terms(self) -> tuple[Term, ...]:
        """What ``Rule.terms`` is: the words that are looked for."""
        return tuple(Term(text) for text in looked_for(self.condition))

    @property
    def enough(self) -> tuple[Term, ...]:
        """What ``Rule.enough`` is."""
        return tuple(Term(text) for text in enough(self.condition))

    def fired(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the words that fired, or the code's name where it rests on absent words; () when not."""
        if not self.condition.value(sentence):
            return ()
        return self.condition.words(sentence) or (self.name,)

    def fired_in(self, view: View) -> tuple[str, ...]:
        """Return what ``fired`` does."""
        return self.fired(view.sentence)


def read_kh_rules(text: str) -> tuple[tuple[KhRule, ...], tuple[RuleError, ...]]:
    """Return the codes of a file in its order, and everything that cannot be read, with line and column."""
    rules: dict[str, KhRule] = {}
    errors = []
    for line, name, pieces, source in _codes(text, errors):
        try:
            if name in rules:
                raise RuleError(
                    "同じ名前のコードが2回あります", 1, name, "どちらかの名前を変えてください。", line
                )
            condition = Reader(pieces, rules, line, name).condition()
        except RuleError as error:
            errors.append(error)
            continue
        rules[name] = KhRule("", name, source, condition)
    return tuple(rules.values()), tuple(errors)


def _codes(text: str, errors: list[RuleError]):
    """Yield (line of the name, name, [(line, column, token)], source) of each code."""
    code = None
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        if line.startswith("#") or not line.strip():
            continue
        if line[0] in "＊*":
            if code:
                yield code
            code = (number, line[1:].strip(), [], "")
            continue
        plain = line.replace("\u3000", " ").replace("\t", " ")
        if code is None:
            first = plain.split()[0]
            errors.append(
                RuleError(
                    "コードの名前より前に条件があります",
                    1,
                    first,
                    "前の行に「＊名前」を書いてください。",
                    number,
                )
            )
            code = (number, "", [], "")
        pieces = [(number, found.start() + 1, found.group()) for found in _PIECE.finditer(plain)]
        code = (code[0], code[1], code[2] + pieces, f"{code[3]} {plain.strip()}".strip())
    if code and code[1]:
        yield code


def kh_text(rules: Iterable[Rule], names: dict[str, str]) -> str:
    """Return the rules as a KH Coder file, one code a theme. names: code → name of the theme."""
    conditions: dict[str, list[str]] = {}
    for rule in rules:
        parts = []
        for part in rule.parts:
            atoms = [
                f"'{term.text}'" if term.is_exact or len(term.forms) > 1 else term.text for term in part.terms
            ]
            parts.append(("not " if part.is_negated else "") + f"( {' or '.join(atoms)} )")
        conditions.setdefault(rule.code, []).append(f"( {' and '.join(parts)} )")
    return "\n".join(f"＊{names[code]}\n" + "\nor ".join(found) + "\n" for code, found in conditions.items())


def chi_square(hits: Sequence[int], bases: Sequence[int]) -> float:
    """Return the chi-square of hits over groups against no hits, k groups, as KH Coder prints it.

    Pearson's statistic of the 2 × k table; Yates' continuity correction only where k = 2.
    """
    total, base = sum(hits), sum(bases)
    if len(hits) < 2 or not 0 < total < base:
        return 0.0
    cells = [
        (observed, size * share)
        for hit, size in zip(hits, bases, strict=True)
        for observed, share in ((hit, total / base), (size - hit, 1 - total / base))
    ]
    correction = (
        min(0.5, *(abs(observed - expected) for observed, expected in cells)) if len(hits) == 2 else 0.0
    )
    return sum((abs(observed - expected) - correction) ** 2 / expected for observed, expected in cells)
