"""What the report room is given: one edition of the tables, and how rows of it are looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from pipeline import frames
from pipeline.model import ALL_GROUP, EMPTY, RESPONSE, RETURNS_OPTION, TOTAL_BANNER, Survey, Wave
from pipeline.register import Release

Row = Mapping[str, object]


@dataclass(frozen=True)
class Edition:
    """The tables of one edition for one wave's page; holds every wave up to ``wave``.

    ``label`` is what the reader is told the edition is; ``build`` the build number. The
    room treats every edition alike.
    """

    survey: Survey
    wave: Wave
    label: str
    build: str
    estimates: pd.DataFrame
    changes: pd.DataFrame
    associations: pd.DataFrame
    contrasts: pd.DataFrame = field(default_factory=lambda: frames.table(frames.CONTRASTS, ()))
    trends: pd.DataFrame = field(default_factory=lambda: frames.table(frames.TRENDS, ()))
    nonresponse: pd.DataFrame = field(default_factory=lambda: frames.table(frames.NONRESPONSE, ()))
    weights: pd.DataFrame = field(default_factory=lambda: frames.table(frames.WEIGHTS, ()))
    decompositions: pd.DataFrame = field(default_factory=lambda: frames.table(frames.DECOMPOSITIONS, ()))
    #: Approved sentences for this wave's page (frames.LINES); no figures, so not one of EDITION_TABLES.
    lines: pd.DataFrame = field(default_factory=lambda: frames.table(frames.LINES, ()))

    #: What became of the attack on it, for provenance.json; {} where nobody has audited it.
    audit: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    #: The release this edition is; None for a draft.
    release: Release | None = None

    @cached_property
    def _published_decimals(self) -> dict[tuple[str, str, str], int]:
        return {
            (figure.wave, figure.question, figure.option): figure.decimals
            for figure in self.survey.published
            if figure.decimals is not None
        }

    def shown(self, name: str) -> pd.DataFrame:
        """Return the table ``name`` of frames.EDITION_TABLES with the rows of this and earlier waves."""
        rows = getattr(self, name)
        return rows[rows["wave" if "wave" in rows else "wave_to"] <= self.wave.key]

    def rows(self, estimates: pd.DataFrame) -> list[Row]:
        """Return estimates rows as mappings, with one more key: the ``decimals`` a publication printed."""
        known, columns = self._published_decimals, ("wave", "question", "option")
        return [
            row | {"decimals": known.get(tuple(row[c] for c in columns), 1)}
            for row in estimates.to_dict("records")
        ]

    @cached_property
    def _estimate_index(self) -> dict[tuple, Row]:
        columns = ("wave", "question", "option", "banner", "group")
        return {tuple(row[c] for c in columns): row for row in self.rows(self.estimates)}

    @cached_property
    def _plain(self) -> pd.DataFrame:
        return self.estimates[~frames.is_comparison_group(self.estimates)]

    @cached_property
    def _change_index(self) -> dict[tuple, Row]:
        columns = ("question", "option", "wave_from", "wave_to", "banner", "group")
        return {tuple(row[c] for c in columns): row for row in self.changes.to_dict("records")}

    @cached_property
    def _asked(self) -> frozenset[tuple[str, str]]:
        rows = self.estimates.loc[self.estimates["status"] != "not_asked", ["question", "wave"]]
        return frozenset(rows.drop_duplicates().itertuples(index=False, name=None))

    @property
    def waves(self) -> tuple[Wave, ...]:
        """Waves up to this one, oldest first."""
        return tuple(wave for wave in self.survey.waves if wave.key <= self.wave.key)

    def waves_asking(self, question: str) -> tuple[Wave, ...]:
        """Waves up to this one in which ``question`` was asked, oldest first."""
        return tuple(wave for wave in self.waves if (question, wave.key) in self._asked)

    def estimate(
        self,
        question: str,
        option: str,
        wave: str = "",
        banner: str = TOTAL_BANNER,
        group: str = ALL_GROUP,
    ) -> Row | None:
        """Return the estimates row, or None when there is none."""
        return self._estimate_index.get((wave or self.wave.key, question, option, banner, group))

    def change(
        self,
        question: str,
        option: str,
        wave_from: str,
        wave_to: str = "",
        banner: str = TOTAL_BANNER,
        group: str = ALL_GROUP,
    ) -> Row | None:
        """Return the changes row of the pair, or None when there is none."""
        return self._change_index.get((question, option, wave_from, wave_to or self.wave.key, banner, group))

    def association(self, question: str, banner: str) -> Row | None:
        """Return the associations row of this wave's cross, or None when there is none."""
        rows = self.associations
        found = rows[
            (rows["wave"] == self.wave.key) & (rows["question"] == question) & (rows["banner"] == banner)
        ].to_dict("records")
        return found[0] if found else None

    def previous(self, question: str) -> Wave | None:
        """Return the latest wave before this one that asked ``question``."""
        earlier = [wave for wave in self.waves_asking(question) if wave.key < self.wave.key]
        return earlier[-1] if earlier else None

    def groups(self, question: str, banner: str, wave: str = "") -> tuple[tuple[str, str], ...]:
        """Return (group id, label) of the cross of ``question`` by ``banner``, in table order.

        Groups that only serve a comparison with another wave are not in it.
        """
        return self._groups.get((question, banner, wave or self.wave.key), ())

    @cached_property
    def _groups(self) -> dict[tuple[str, str, str], tuple[tuple[str, str], ...]]:
        columns = ["question", "banner", "wave", "group", "group_label"]
        found: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
        for *place, group, label in self._plain[columns].drop_duplicates().itertuples(index=False, name=None):
            found.setdefault(tuple(place), []).append((group, label))
        return {place: tuple(groups) for place, groups in found.items()}

    def lines_of(self, question: str, option: str) -> list[Row]:
        """Return the approved lines of a theme in their order: line, order, stands_for, approver, date."""
        rows = self.lines
        own = rows[(rows["question"] == question) & (rows["code"] == option)]
        return own.sort_values("order", kind="stable").to_dict("records")

    def returns(self, wave: str = "") -> Row | None:
        """Return the response-rate row of ``wave``: count = returns, base = population."""
        return self.estimate(RESPONSE, RETURNS_OPTION, wave)
