"""Which way a sentence says that something went: a number that is right may stand beside the opposite word."""

from __future__ import annotations

import re

from pipeline.report.verifying.quantities import Discrepancy, quantities, tight

#: The closed list: words of one group say the same.
_WORDS = {
    "up": "上昇|増[えやし加大]|高[いくかまめ]|上回|上が|伸び|アップ|多[いか]|多く(?!の)",
    "down": "低下|減[っりらじ少]|低[いくかまめ]|下回|下が|ダウン|少な[いか]|少なく(?!とも)",
    "same": "変化なし|変わら|横ばい|同じ値",
    "most": "最も|もっとも|いちばん|一番",
    "not": "とは(?:いえ|言え|判定し)|とも(?:いえ|言え|判定し)|判定しません",
}
_DIRECTION = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS.items()))


def turn(published: str, saved: str) -> Discrepancy | None:
    """Return the words of direction where ``saved`` does not say the same of them as ``published``, else None.

    In a sentence without numbers a word more or less is a matter of wording, an opposite one is not.
    """
    old, new = (list(_DIRECTION.finditer(tight(text))) for text in (published, saved))
    kinds = [[match.lastgroup for match in side] for side in (old, new)]
    if kinds[0] == kinds[1] or not (quantities(published) or len(old) == len(new)):
        return None
    said = ["、".join(match.group(0) for match in side) or "（なし）" for side in (old, new)]
    return Discrepancy("向きが違います", said[1], said[0])
