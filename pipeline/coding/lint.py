"""What each rule is worth: hits, how many of them people agreed with, and rules that look wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.coding.codebook import Codebook
from pipeline.coding.rules import RuleSet
from pipeline.coding.tokens import Sentence, sentences

NEVER = "一度も当たりません"
ELSEWHERE = "ほかの主題の文にだけ当たります"
ONE_CHARACTER = "1文字の語があります"


@dataclass(frozen=True)
class RuleFinding:
    """One rule over a set of answers.

    hits: answers in which it fired; reviewed: those of them that a person decided; right: those the
    person gave its theme; notes: what looks wrong, in Japanese.
    """

    code: str
    rule: str
    hits: int
    reviewed: int
    right: int
    notes: tuple[str, ...]

    @property
    def precision(self) -> float | None:
        """Share (0–1) of the reviewed hits that were right; None without any."""
        return self.right / self.reviewed if self.reviewed else None


def rule_findings(
    codebook: Codebook, box: str, answers: Sequence[str], decided: Sequence[frozenset[str] | None]
) -> tuple[RuleFinding, ...]:
    """Return one finding for each active rule of one side, in the order of the codebook.

    answers, decided: (n,) texts and what people decided, None = undecided.
    """
    rules = codebook.rule_set(box).rules
    fired = _fired_answers(rules, [sentences(text, codebook.aliases) for text in answers])
    findings = []
    for rule, places in zip(rules, fired, strict=True):
        reviewed = [decided[place] for place in places if decided[place] is not None]
        right = sum(rule.code in codes for codes in reviewed)
        notes = []
        if not places:
            notes.append(NEVER)
        if reviewed and not right and all(codes for codes in reviewed):
            notes.append(ELSEWHERE)
        if single := [str(term) for term in rule.all_terms if len(term.text) == 1]:
            notes.append(f"{ONE_CHARACTER}（{'、'.join(single)}）")
        findings.append(RuleFinding(rule.code, rule.text, len(places), len(reviewed), right, tuple(notes)))
    return tuple(findings)


def example_findings(codebook: Codebook, box: str) -> tuple[RuleFinding, ...]:
    """Return what ``rule_findings`` does, with the example sentences as answers that are decided."""
    examples = [
        example for example in codebook.examples if example.is_true and example.code in codebook.codes(box)
    ]
    return rule_findings(codebook, box, [e.text for e in examples], [frozenset((e.code,)) for e in examples])


def _fired_answers(rules: Sequence, answers: Sequence[Sequence[Sentence]]) -> list[list[int]]:
    """Return for each rule the numbers of the answers in which it fired."""
    rule_set = RuleSet(rules)
    fired: list[list[int]] = [[] for _ in rules]
    for place, of_answer in enumerate(answers):
        for number in rule_set.fired_numbers(of_answer):
            fired[number].append(place)
    return fired
