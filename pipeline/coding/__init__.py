"""Free text → codes. What a page counts is a person's decision; the rest helps people to decide."""

from pipeline.coding.decisions import (
    Decisions,
    codings,
    comment_key,
    read_decisions,
    read_signed_decisions,
)
from pipeline.coding.lines import overstated, personal, quotations, read_lines
from pipeline.coding.masked_file import masked_answers
from pipeline.coding.masking import plain_kinds
from pipeline.coding.name_lists import read_names
from pipeline.coding.predicted import Predicted, predicted
from pipeline.coding.theme_versions import with_theme_versions
from pipeline.coding.twins import twin_problems

__all__ = [
    "Decisions",
    "Predicted",
    "codings",
    "comment_key",
    "masked_answers",
    "overstated",
    "personal",
    "plain_kinds",
    "predicted",
    "quotations",
    "read_decisions",
    "read_lines",
    "read_names",
    "read_signed_decisions",
    "twin_problems",
    "with_theme_versions",
]
