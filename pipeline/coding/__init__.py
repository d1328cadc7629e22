"""Free text → codes. For now every code is a person's decision."""

from pipeline.coding.decisions import Decisions, codings, comment_key, read_decisions
from pipeline.coding.lines import quotations, read_lines

__all__ = ["Decisions", "codings", "comment_key", "quotations", "read_decisions", "read_lines"]
