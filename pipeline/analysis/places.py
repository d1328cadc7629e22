"""Where a row stands: banner and group, with their labels."""

from __future__ import annotations

from pipeline.lineage import name_of
from pipeline.lineage import parts as joined_parts
from pipeline.model import TOTAL_BANNER, UNKNOWN_GROUP, UNKNOWN_GROUP_LABEL, Survey


def place_of(survey: Survey, banner: str, group: str) -> dict:
    """Return banner and group with labels; a merged group ``a+b`` is named by its parts."""
    if banner == TOTAL_BANNER:
        return {}
    attribute = survey.question(banner)
    labels = {option.id: option.label for option in attribute.options} | {UNKNOWN_GROUP: UNKNOWN_GROUP_LABEL}
    parts = group.split("+")
    _, declared = name_of(survey, banner, parts)
    is_declared = tuple(parts) in joined_parts(survey, banner, "", survey.newest.key) and declared
    merged = (
        "組織などの変更の前後で比べられるように合わせて集計"
        if is_declared
        else "回答者の少ない区分を合わせて集計"
    )
    return {
        "banner": banner,
        "banner_label": attribute.label,
        "group": group,
        "group_label": declared if is_declared else "・".join(labels[part] for part in parts),
        "note": merged if len(parts) > 1 else "",
    }
