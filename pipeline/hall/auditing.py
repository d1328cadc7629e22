"""The public edition is attacked as an outsider would, before anything is written."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.matching import nearest
from pipeline.model import RESPONSE, Plan, Problem, Survey

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.disclosure.audit import Judgement

Cross = tuple[str, str]
#: What --without takes for all crosses at once.
ALL_CROSSES = "all"
_RULES = ("minimum_group", "minimum_cell", "minimum_cell_sensitive", "unanimity_base", "late_returns")
_WHAT = {
    "exposed": "公表版から、少ない人数の答えが計算できてしまいます",
    "undecided": "公表版から少ない人数の答えが分かるかどうかを、確かめきれません",
    "contradiction": "公表版の表どうしが食い違っていて、確かめられません",
}


def crosses_left_out(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return what --without names, each once: ``question-attribute`` or ``all``."""
    # A Japanese keyboard types other commas.
    return tuple(dict.fromkeys(filter(None, re.split(r"[,、，\s]+", arguments.without))))


def audit(
    survey: Survey, files: Mapping[str, bytes], internal: pd.DataFrame, without: Iterable[str]
) -> tuple[dict, list[Problem]]:
    """Return the record of the audit for provenance.json, and errors where anybody is exposed.

    files: the open data of the public edition as they would be written; internal: the estimates of
    the internal edition; without: the crosses left out on request, as on the command line.
    """
    from pipeline.disclosure import audit as attacker

    tables, confidential = attacker.read_tables(files), attacker.Confidential.of(internal)
    judgement = attacker.judged(survey, [tables], confidential)
    parameters = {name: getattr(survey.parameters, name) for name in _RULES}
    record = {"status": judgement.result, "cells": judgement.cells, "parameters": parameters}
    record["without"] = list(without)
    if judgement.result == attacker.PASSED:
        return record, []
    dropped = attacker.fewest_left_out(survey, tables, confidential, judgement)
    return record, _problems(survey, judgement, _way_out(survey, dropped, without))


def audit_with_releases(
    survey: Survey,
    earlier: Sequence[Mapping[str, bytes]],
    files: Mapping[str, bytes],
    internal: pd.DataFrame,
    without: Iterable[str],
) -> list[Problem]:
    """Return an error where an outsider who has all that was released could work out anybody's answer.

    earlier: the open data of the releases, oldest first; the rest as in ``audit``.
    """
    from pipeline.disclosure import audit as attacker

    *before, tables = (attacker.read_tables(made) for made in (*earlier, files))
    confidential = attacker.Confidential.of(internal)
    judgement = attacker.judged(survey, [*before, tables], confidential)
    if judgement.result == attacker.PASSED:
        return []
    dropped = attacker.fewest_left_out(survey, tables, confidential, judgement, before)
    return _problems(survey, judgement, _way_out(survey, dropped, without), "前に公表したものと合わせると、")


def _way_out(survey: Survey, dropped: tuple[Cross, ...], without: Iterable[str]) -> str:
    """Return how to get an edition that passes: tried, not guessed."""
    from pipeline.disclosure import audit as attacker

    rules = "きまりは disclosure.toml にあります。"
    if not dropped:
        return (
            f"クロス集計をすべて外しても変わりません。その設問を公表しない（sensitive = true など）か、きまりを見直してください。{rules}"
        )
    is_all = len(dropped) > attacker.MOST_LEFT_OUT
    names = [ALL_CROSSES] if is_all else [*without, *("-".join(cross) for cross in dropped)]
    made = "クロス集計のない（全体だけの）版" if is_all else "そのクロス集計のない版"
    return f"python -m pipeline report {survey.id} --without {','.join(names)} とすると、{made}を作れます。{rules}"


def _problems(survey: Survey, judgement: Judgement, step: str, beside: str = "") -> list[Problem]:
    file = f"surveys/{survey.id}/disclosure.toml"
    expected = "秘匿のきまりを守った公表版（前の一式はそのまま残ります）"
    keys = [_key(survey, *place) for place in judgement.places] or [survey.newest.key]
    what = beside + _WHAT[judgement.result]
    return [Problem(what, file=file, key=key, expected=expected, next_step=step) for key in keys]


def _key(survey: Survey, wave: str, question: str, banner: str) -> str:
    label = survey.question(question).label if question != RESPONSE else "回答率"
    attributes = {known.id: known.label for known in survey.attributes}
    return f"{wave} {label}" + (f" × {attributes[banner]}" if banner in attributes else "")


def named_crosses(
    survey: Survey, plan: Plan, without: Iterable[str]
) -> tuple[frozenset[Cross], list[Problem]]:
    """Return the crosses of the public edition that --without names, and an error for each it does not have."""
    known = {"-".join(cross): cross for cross in plan.crosses}
    if ALL_CROSSES in without:
        return frozenset(plan.crosses), []
    problems = [
        Problem(
            "公表版に、そのクロス集計はありません",
            file=f"surveys/{survey.id}/survey.toml",
            key="--without",
            found=name,
            expected="、".join(known) or "（クロス集計がありません）",
            next_step=f"「{nearest(name, known)}」の間違いではありませんか。" if nearest(name, known) else "",
        )
        for name in without
        if name not in known
    ]
    return frozenset(known[name] for name in without if name in known), problems
