"""Returns that came when the figures were closed (締切後): in the ledger, and in no figure.

A file of such returns is declared in the wave file (``after_deadline = true``); the received files of a
release stay as they were, so a few late forms never move a published number.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from pipeline.ingest.respondents import REJECTED, SheetRead
from pipeline.ingest.tables import FileRead
from pipeline.model import Problem, Survey, Wave

#: Reason in the ledger.
AFTER_DEADLINE = "after_deadline"


def late(read: tuple[SheetRead, ...]) -> tuple[SheetRead, ...]:
    """Return the sheets with every accepted answer rejected as late."""
    return tuple(sheet.marked(sheet.accepted.tolist(), REJECTED, AFTER_DEADLINE) for sheet in read)


def check_late(survey: Survey, wave: Wave, files: Iterable[FileRead]) -> list[Problem]:
    """Return an error where so many came late that leaving them out would be a choice of its own."""
    sheets = [read for file in files if file.source.wave.key == wave.key for read in file.read]
    count = sum(int(np.count_nonzero(read.reason.where(AFTER_DEADLINE.__eq__))) for read in sheets)
    most = survey.parameters.late_returns
    if count < most:
        return []
    what, step = (
        "締切後の回答が多く、集計に入れないままにはできません",
        "after_deadline を消し、report --correction で集計し直して、release --correction で訂正版を公表してください。",
    )
    place = f"surveys/{survey.id}/waves/{wave.key}.toml"
    return [
        Problem(
            what,
            file=place,
            key="after_deadline",
            found=f"{count}件",
            expected=f"{most}件より少ないこと",
            next_step=step,
        )
    ]
