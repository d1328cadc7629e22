"""Free text → codes. For now every code is a person's decision."""

from pipeline.coding.decisions import Decisions, codings, comment_key, read_decisions

__all__ = ["Decisions", "codings", "comment_key", "read_decisions"]
