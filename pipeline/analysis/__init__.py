"""Pure arithmetic: responses → Cubes → estimates, changes, associations. No files, no clock."""

from pipeline.analysis.associations import associations
from pipeline.analysis.changes import changes
from pipeline.analysis.choices import uncoded_waves
from pipeline.analysis.contrasts import contrasts
from pipeline.analysis.cubes import tabulate, tabulate_jointly
from pipeline.analysis.decompositions import decompositions
from pipeline.analysis.estimates import estimates, standard_errors
from pipeline.analysis.nested import asked_for
from pipeline.analysis.nonresponse import nonresponse, weights
from pipeline.analysis.trends import trends

__all__ = [
    "asked_for",
    "associations",
    "changes",
    "contrasts",
    "decompositions",
    "estimates",
    "nonresponse",
    "standard_errors",
    "tabulate",
    "tabulate_jointly",
    "trends",
    "uncoded_waves",
    "weights",
]
