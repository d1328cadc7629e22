"""Pure arithmetic: responses → Cubes → estimates, changes, associations. No files, no clock."""

from pipeline.analysis.associations import associations
from pipeline.analysis.changes import changes
from pipeline.analysis.choices import uncoded_waves
from pipeline.analysis.cubes import tabulate
from pipeline.analysis.estimates import count_returns, estimates, standard_errors

__all__ = [
    "associations",
    "changes",
    "count_returns",
    "estimates",
    "standard_errors",
    "tabulate",
    "uncoded_waves",
]
