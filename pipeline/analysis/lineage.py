"""Groups and options that were merged, split, renamed or moved: what of them two waves have in common."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.lineage import Parts, links_between, partition
from pipeline.lineage import parts as joined_parts
from pipeline.model import Link, Question, Survey

Grade = tuple[str, str]
_SAME: Grade = ("same", "")


def comparison_parts(
    survey: Survey, banner: str, wave: str, pairs: Iterable[tuple[str, str]], plan_parts: Parts
) -> Parts:
    """Return the parts of ``banner`` that ``wave`` needs besides those of the plan, to be compared in ``pairs``.

    A part that lies within one of the plan is compared there (the public plan keeps them together).
    """
    printed = {known.key for known in survey.waves if known.is_published_only or not known.asks(banner)}
    partners = [pair for pair in pairs if wave in pair and not printed & set(pair)]
    found = dict.fromkeys(part for pair in partners for part in joined_parts(survey, banner, *pair))
    return tuple(part for part in found if not any(set(part) <= set(whole) for whole in plan_parts))


def group_step(
    survey: Survey, banner: str, group: str, wave_from: str, wave_to: str, is_extra: bool
) -> Grade | None:
    """Return (grade, reason) of a group between two waves; None where it serves no comparison of them.

    is_extra: the group was put together for comparisons and stands beside its own members.
    """
    links = links_between(survey, banner, wave_from, wave_to)
    if not links:
        return None if is_extra else _SAME
    members, parts = frozenset(group.split("+")), partition(survey, banner, wave_from, wave_to)
    if is_extra and tuple(group.split("+")) not in parts:
        return None
    touching = [link for link in links if link.members & members]
    return _step(touching, any(members & set(part) and not set(part) <= members for part in parts))


def option_step(survey: Survey, question: Question, entry: str, wave_from: str, wave_to: str) -> Grade | None:
    """Return (grade, reason) of an option or net between two waves; None for a net that serves other pairs.

    With a link between the waves every option is flagged: the others stood beside other options.
    """
    net = next((net for net in question.nets if net.id == entry), None)
    links = links_between(survey, question.id, wave_from, wave_to)
    if not links:
        return None if net and net.is_lineage else _SAME
    parts = partition(survey, question.id, wave_from, wave_to)
    if net and net.is_lineage and net.options not in parts:
        return None
    offered = {option.id for wave in (wave_from, wave_to) for option in question.offered(wave)}
    members = set(net.options if net else (entry,))
    is_torn = any(members & set(part) and not offered & set(part) <= members for part in parts)
    return _step(links, is_torn)


def _step(links: Iterable[Link], is_torn: bool) -> Grade:
    reason = "、".join(dict.fromkeys(link.reason for link in links))
    if not reason:
        return _SAME
    return ("broken" if is_torn else "flagged"), reason
