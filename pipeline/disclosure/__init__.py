"""Cubes → Plan: what an edition may hold. Everything public is counted again under it."""

from pipeline.disclosure.lines import shown_lines
from pipeline.disclosure.plan import internal_plan, public_plan, withheld_toplines, without
from pipeline.disclosure.predicted import shown_predictions

__all__ = [
    "internal_plan",
    "public_plan",
    "shown_lines",
    "shown_predictions",
    "withheld_toplines",
    "without",
]
