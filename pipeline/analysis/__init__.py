"""Pure arithmetic: responses → Cubes → estimates, changes, associations. No files, no clock."""

from pipeline.analysis.associations import associations
from pipeline.analysis.changes import changes
from pipeline.analysis.choices import uncoded_waves
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.cubes import tabulate
from pipeline.analysis.estimates import estimates, standard_errors
from pipeline.analysis.trends import trends

__all__ = [
    "associations",
    "changes",
    "contrasts",
    "estimates",
    "standard_errors",
    "tabulate",
    "trends",
    "uncoded_waves",
]
