"""The attacker: what an outsider can work out from published tables. Shares no code with the suppressor."""

from pipeline.disclosure.audit.hearing import (
    MOST_LEFT_OUT,
    PASSED,
    Confidential,
    Judgement,
    fewest_left_out,
    judged,
    left_out,
    promises,
    read_tables,
)
from pipeline.disclosure.audit.knowledge import Contradiction, Knowledge, Undecided
from pipeline.disclosure.audit.statements import REST, Reader
from pipeline.disclosure.audit.verdicts import Exposed, Promise, exposed

__all__ = [
    "MOST_LEFT_OUT",
    "PASSED",
    "REST",
    "Confidential",
    "Contradiction",
    "Exposed",
    "Judgement",
    "Knowledge",
    "Promise",
    "Reader",
    "Undecided",
    "exposed",
    "fewest_left_out",
    "judged",
    "left_out",
    "promises",
    "read_tables",
]
