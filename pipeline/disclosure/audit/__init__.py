"""The attacker: what an outsider can work out from published tables. Shares no code with the suppressor."""

from pipeline.disclosure.audit.knowledge import Contradiction, Knowledge, Undecided
from pipeline.disclosure.audit.statements import REST, Reader
from pipeline.disclosure.audit.verdicts import Exposed, Promise, exposed

__all__ = ["Contradiction", "Exposed", "Knowledge", "Promise", "REST", "Reader", "Undecided", "exposed"]
