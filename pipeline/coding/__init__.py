"""Free text → codes. What a page counts is a person's decision; the rest helps people to decide."""

from pipeline.coding.decisions import Decisions, codings, comment_key, read_decisions
from pipeline.coding.lines import quotations, read_lines
from pipeline.coding.twins import twin_problems, write_twins

__all__ = [
    "Decisions",
    "codings",
    "comment_key",
    "quotations",
    "read_decisions",
    "read_lines",
    "twin_problems",
    "write_twins",
]
