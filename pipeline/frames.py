"""Schema and primary key of every table; check, read, write. And the Cube, the counts between rooms.

A table is a DataFrame whose rows are the noun it is named after. Text columns hold str
("" = nothing), number columns float64 (NaN = nothing), so that a state is never a value.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.model import INVALID, NO_ANSWER


@dataclass(frozen=True)
class Schema:
    """Column names, the ones that hold numbers, and the primary key."""

    name: str
    columns: tuple[str, ...]
    numbers: frozenset[str]
    key: tuple[str, ...]


def _schema(name: str, columns: str, numbers: str, key: str) -> Schema:
    return Schema(name, tuple(columns.split()), frozenset(numbers.split()), tuple(key.split()))


LEDGER = _schema(
    "ledger",
    "wave file sha256 sheet row status reason respondent corrected",
    "row",
    "wave file sheet row",
)
#: What became of every row and of every answer, per file and question: both sides must add up.
RECONCILIATION = _schema(
    "reconciliation",
    "wave file question read accepted rejected duplicate answered no_answer invalid not_applicable",
    "read accepted rejected duplicate answered no_answer invalid not_applicable",
    "wave file question",
)
COMMENTS = _schema(
    "comments", "wave respondent question text", "", "wave respondent question"
)
#: Codes of free answers, one row per comment and theme.
CODINGS = _schema(
    "codings", "wave respondent question code", "", "wave respondent question code"
)
#: Sentences for the page: what answers of a theme say, how many they are, and who approved it.
LINES = _schema(
    "lines",
    "question code line order stands_for approver date",
    "order stands_for",
    "question code order",
)
ESTIMATES = _schema(
    "estimates",
    "survey wave question question_label measure banner banner_label group group_label option"
    " option_label count count_low count_high base base_kind percent value unit low high basis"
    " weighting is_small_base status note population population_kind finite_low finite_high",
    "count count_low count_high base percent value low high population finite_low finite_high",
    "survey wave question measure banner group option",
)
CHANGES = _schema(
    "changes",
    "survey question question_label measure banner banner_label group group_label option"
    " option_label wave_from wave_to value_from value_to base_from base_to change unit low high"
    " p p_adjusted p_low p_high family comparability verdict verdict_reason verdict_finite"
    " p_finite basis status note change_low change_high finite_low finite_high",
    "value_from value_to base_from base_to change low high p p_adjusted p_low p_high p_finite"
    " change_low change_high finite_low finite_high",
    "survey question measure banner group option wave_from wave_to",
)
ASSOCIATIONS = _schema(
    "associations",
    "survey wave question question_label banner banner_label test statistic df p effect"
    " effect_name base status note",
    "statistic df p effect base",
    "survey wave question banner",
)
#: A group against the rest of the people in the same table.
CONTRASTS = _schema(
    "contrasts",
    "survey wave question question_label measure banner banner_label group group_label option"
    " option_label count base rest_count rest_base value rest_value difference unit low high"
    " finite_low finite_high residual p p_adjusted p_finite family verdict verdict_reason"
    " verdict_finite status note",
    "count base rest_count rest_base value rest_value difference low high finite_low finite_high"
    " residual p p_adjusted p_finite",
    "survey wave question measure banner group option",
)
#: The slope over three and more waves.
TRENDS = _schema(
    "trends",
    "survey question question_label measure banner banner_label group group_label option"
    " option_label wave_from wave_to waves slope unit low high p p_adjusted family statistic df"
    " p_nonlinear verdict verdict_reason status note",
    "waves slope low high p p_adjusted statistic df p_nonlinear",
    "survey question measure banner group option wave_from wave_to",
)
#: What those who did not answer could change: the headline of each question, whole staff.
NONRESPONSE = _schema(
    "nonresponse",
    "survey wave question question_label measure option option_label count base percent returns population"
    " response_rate poststratified poststratified_low poststratified_high poststratified_finite_low"
    " poststratified_finite_high poststratified_by raked raked_low raked_high raked_finite_low"
    " raked_finite_high raked_by bound_low bound_high wave_from verdict limit tipping tipping_share"
    " unit basis status note",
    "count base percent returns population response_rate poststratified poststratified_low"
    " poststratified_high poststratified_finite_low poststratified_finite_high raked raked_low raked_high"
    " raked_finite_low raked_finite_high bound_low bound_high limit tipping tipping_share",
    "survey wave question option",
)
#: Diagnostics of the weights behind it; weights as multiples of the average one.
WEIGHTS = _schema(
    "weights",
    "survey wave method attributes groups returns population effective_base design_effect smallest_weight"
    " largest_weight weight_limit trimmed sweeps gap status note",
    "returns population effective_base design_effect smallest_weight largest_weight weight_limit trimmed"
    " sweeps gap",
    "survey wave method attributes groups",
)
#: The parts of a change that come from opinions and from who answered, one attribute at a time.
DECOMPOSITIONS = _schema(
    "decompositions",
    "survey question question_label measure option option_label wave_from wave_to banner banner_label groups"
    " change opinion opinion_low opinion_high opinion_finite_low opinion_finite_high composition"
    " composition_low composition_high composition_finite_low composition_finite_high unit resamples seed"
    " comparability status note",
    "change opinion opinion_low opinion_high opinion_finite_low opinion_finite_high composition"
    " composition_low composition_high composition_finite_low composition_finite_high resamples seed",
    "survey question measure option wave_from wave_to banner",
)
#: Every table of an edition, in the order of the files: the hall, the open data and the notebooks loop over it.
EDITION_TABLES: dict[str, Schema] = {
    schema.name: schema for schema in (ESTIMATES, CHANGES, ASSOCIATIONS, CONTRASTS, TRENDS, NONRESPONSE, WEIGHTS, DECOMPOSITIONS)
}


def table(schema: Schema, rows: Iterable[dict]) -> pd.DataFrame:
    """Return the rows as a checked frame; a missing text cell is "", a missing number NaN."""
    frame = pd.DataFrame(list(rows), columns=list(schema.columns))
    return _typed(frame, schema)


def _typed(frame: pd.DataFrame, schema: Schema) -> pd.DataFrame:
    for column in schema.columns:
        if column in schema.numbers:
            frame[column] = pd.to_numeric(frame[column]).astype("float64")
        else:
            cells = frame[column].astype(object)
            frame[column] = cells.where(cells.notna(), "").map(str).astype(object)
    check(frame, schema)
    return frame


def check(frame: pd.DataFrame, schema: Schema) -> None:
    """Raise AssertionError when columns or the primary key do not hold (a programmer's mistake)."""
    assert list(frame.columns) == list(schema.columns), (schema.name, list(frame.columns))
    repeated = frame[frame.duplicated(list(schema.key), keep=False)]
    assert repeated.empty, (schema.name, repeated[list(schema.key)].head().to_dict("records"))


def comparison_groups(estimates: pd.DataFrame) -> frozenset[tuple[str, str, str]]:
    """Return the (question, banner, group) that stand beside their own members in some wave.

    Such a group, ``a+b``, was put together to be compared with another wave (lineage.csv). It is no
    part of the cross: whoever sums or tests the groups of a cross leaves it out.
    """
    places = estimates.loc[estimates["group"].str.contains("+", regex=False), ["question", "banner"]]
    wanted = set(places.drop_duplicates().itertuples(index=False, name=None))
    found = set()
    rows = estimates[["wave", "question", "banner", "group"]].drop_duplicates()
    for (question, banner, _), part in rows.groupby(["question", "banner", "wave"], sort=False) if wanted else ():
        if (question, banner) in wanted:
            members = {group: set(group.split("+")) for group in part["group"]}
            found |= {
                (question, banner, group)
                for group, own in members.items()
                if len(own) > 1 and any(other < own for other in members.values())
            }
    return frozenset(found)


def is_comparison_group(estimates: pd.DataFrame) -> pd.Series:
    """Return, for each row of estimates, whether its group only serves comparisons: (n,) bool."""
    extra = comparison_groups(estimates)
    places = zip(estimates["question"], estimates["banner"], estimates["group"], strict=True)
    return pd.Series([place in extra for place in places] if extra else False, index=estimates.index, dtype=bool)


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write any table as UTF-8 CSV with bare line feeds and full float precision; 12, not 12.0."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbers = frame.select_dtypes("float64")
    wholes = [column for column in numbers if (numbers[column].dropna() % 1 == 0).all()]
    frame = frame.astype(dict.fromkeys(wholes, "Int64"))
    path.write_bytes(frame.to_csv(index=False, lineterminator="\n").encode("utf-8"))


def read(path: Path, schema: Schema) -> pd.DataFrame:
    """Return the table written by ``write``, checked against its schema."""
    frame = read_text_table(path)
    return _typed(frame, schema)


def read_text_table(path: Path) -> pd.DataFrame:
    """Return a CSV as text cells, nothing inferred ("" for an empty cell)."""
    content = io.StringIO(path.read_text(encoding="utf-8"))
    return pd.read_csv(content, dtype=str, keep_default_na=False)


@dataclass(frozen=True)
class Cube:
    """Counts 度数 of one question by one banner. Cubes of two parts of the rows add.

    Axes of ``n`` (people), ``w`` (Σ weight) and ``w2`` (Σ weight²): wave × stratum × group ×
    entry. Entry 0 counts everyone asked; then come ``entries``: the options in the order of
    the survey file, the states no_answer and invalid, and the nets.
    """

    question: str
    banner: str
    waves: tuple[str, ...]
    strata: tuple[str, ...]
    groups: tuple[str, ...]
    entries: tuple[str, ...]
    n: np.ndarray
    w: np.ndarray
    w2: np.ndarray

    def __add__(self, other: Cube) -> Cube:
        """Return the Cube of both parts. Raises ValueError when the axes differ."""
        axes = ("question", "banner", "waves", "strata", "groups", "entries")
        if any(getattr(self, axis) != getattr(other, axis) for axis in axes):
            raise ValueError(f"Cubes with different axes: {self.question} × {self.banner}")
        return replace(self, n=self.n + other.n, w=self.w + other.w, w2=self.w2 + other.w2)

    def merged(self, parts: tuple[tuple[str, ...], ...]) -> Cube:
        """Return the Cube with each part of groups summed into one, named ``a+b``."""
        places = [[self.groups.index(group) for group in part] for part in parts]

        def summed(counts: np.ndarray) -> np.ndarray:
            return np.stack([counts[:, :, place].sum(axis=2) for place in places], axis=2)

        names = tuple("+".join(part) for part in parts)
        return replace(self, groups=names, n=summed(self.n), w=summed(self.w), w2=summed(self.w2))

    def people(self) -> np.ndarray:
        """Return counts of people over all strata: (waves, groups, 1 + entries)."""
        return self.n.sum(axis=1)

    def answered(self) -> np.ndarray:
        """Return people asked less 無回答 and 無効: (waves, groups)."""
        people = self.people()
        states = [1 + self.entries.index(state) for state in (NO_ANSWER, INVALID)]
        return people[:, :, 0] - people[:, :, states].sum(axis=2)
