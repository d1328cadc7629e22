"""Sums of people by name: number → factor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from pipeline.disclosure.audit.knowledge import Knowledge

Terms = dict


def joined(terms: Iterable[Terms]) -> Terms:
    """Return the sum of terms that share no number."""
    return {name: factor for part in terms for name, factor in part.items()}


def minus(terms: Mapping, others: Mapping, factor: float = 1) -> Terms:
    """Return terms − factor × others."""
    return dict(terms) | {name: terms.get(name, 0) - factor * own for name, own in others.items()}


def scaled(parts: Iterable[tuple[Mapping, float]]) -> Terms:
    """Return Σ factor × terms."""
    found: Terms = {}
    for terms, factor in parts:
        for name, own in terms.items():
            found[name] = found.get(name, 0) + factor * own
    return found


def make_between(
    knowledge: Knowledge, people: Mapping, everybody: Mapping, low: Fraction, high: Fraction
) -> None:
    """Make known: low % ≤ people of everybody ≤ high %."""
    hundredfold = {name: 100 * factor for name, factor in people.items()}
    knowledge.sum(minus(hundredfold, everybody, float(low)), 0, float("inf"))
    knowledge.sum(minus(hundredfold, everybody, float(high)), -float("inf"), 0)


def as_one(knowledge: Knowledge, terms: Terms):
    """Return the name of one number that is the sum of the terms."""
    if len(terms) == 1 and next(iter(terms.values())) == 1:
        return next(iter(terms))
    name = ("sum", *terms.items())
    knowledge.number(name)
    knowledge.sum(minus(terms, {name: 1}), 0)
    return name
