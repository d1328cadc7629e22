"""The nouns of the house: frozen values that every room may hold.

Only the standard library is imported here. A wave key is the fiscal year as text
(``"2025"``, or ``"2025-2"`` for a second fielding in the same year).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

#: States of an answer that is not an option. They stay apart everywhere.
NO_ANSWER = "no_answer"
INVALID = "invalid"
NOT_APPLICABLE = "not_applicable"
NOT_ASKED = "not_asked"
#: What the state column of a multiple or text question holds when there is an answer.
ANSWERED = "answered"
STATE_LABELS: Mapping[str, str] = MappingProxyType(
    {NO_ANSWER: "無回答", INVALID: "無効", NOT_APPLICABLE: "非該当", NOT_ASKED: "設問なし"}
)
#: Group of a banner that holds the respondents whose attribute is 無回答 or 無効.
UNKNOWN_GROUP = "unknown"
UNKNOWN_GROUP_LABEL = "属性不明"
TOTAL_BANNER = "total"
ALL_GROUP = "all"
#: Option id and label of the mean score of an ordered question.
MEAN = "mean"
MEAN_LABEL = "平均点（100点満点）"
#: What the public edition may say of a withheld share instead of its number.
LOW_BAND, HIGH_BAND = "10%以下", "90%以上"
#: Question id of the response rate in every table.
RESPONSE = "response"
#: Option id of the rows that count people with an answer as a whole (returns).
RETURNS_OPTION = "returns"
#: Question of a signed row that speaks of all questions of a pair of waves (mode, scope).
EVERY_QUESTION = "*"

#: Terms of use of open data a survey may name → (title, where they are written).
LICENCES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "CC-BY-4.0": ("クリエイティブ・コモンズ 表示 4.0 国際", "https://creativecommons.org/licenses/by/4.0/deed.ja"),
        "CC0-1.0": ("CC0 1.0 全世界", "https://creativecommons.org/publicdomain/zero/1.0/deed.ja"),
        "PDL-1.0": ("公共データ利用規約（第1.0版）", "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0"),
    }
)

#: Folder of each edition → what a reader is told it is.
EDITIONS: Mapping[str, str] = MappingProxyType({"internal": "庁内版", "public": "公表版"})
EMPTY: Mapping = MappingProxyType({})


def frozen_mapping(values: Mapping) -> Mapping:
    """Return a read-only copy of ``values`` in the same order."""
    return MappingProxyType(dict(values))


@dataclass(frozen=True)
class Problem:
    """One message to an officer. ``severity`` is ``error`` or ``note``.

    ``found`` never holds the words of a free answer: position, type and length only.
    """

    what: str
    file: str = ""
    sheet: str = ""
    cell: str = ""
    key: str = ""
    found: str = ""
    expected: str = ""
    next_step: str = ""
    severity: str = "error"

    @property
    def is_error(self) -> bool:
        return self.severity == "error"


class ProblemsFound(Exception):
    """Raised once, with every problem of a step, never with the first only."""

    def __init__(self, problems):
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(f"{len(self.problems)} problems")


@dataclass(frozen=True)
class Option:
    """One entry of a question's list. ``since``/``until`` are wave keys, empty = always.

    ``is_outside_scale``: of an ordered question, an answer that is no point of the scale (わからない).
    """

    id: str
    label: str
    short: str = ""
    since: str = ""
    until: str = ""
    is_exclusive: bool = False
    is_other: bool = False
    note: str = ""
    is_outside_scale: bool = False

    @property
    def short_label(self) -> str:
        return self.short or self.label

    def is_offered(self, wave: str) -> bool:
        return (not self.since or wave >= self.since) and (not self.until or wave <= self.until)


@dataclass(frozen=True)
class Net:
    """A sum of options 計, counted from respondents. One of lineage.csv only serves comparisons."""

    id: str
    label: str
    options: tuple[str, ...]
    is_lineage: bool = False


@dataclass(frozen=True)
class Route:
    """The question is asked only of those whose answer to ``question`` is one of ``options``."""

    question: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """How one wave asked a question. ``order`` holds the ids of the options as printed, () = survey file."""

    route: Route | None = None
    limit: int | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """One question with a stable id across waves. ``asked``: how each wave asked it, where they differ."""

    id: str
    label: str
    kind: str
    text: str = ""
    number: str = ""
    options: tuple[Option, ...] = ()
    nets: tuple[Net, ...] = ()
    is_ordered: bool = False
    is_attribute: bool = False
    is_public: bool = True
    is_sensitive: bool = False
    route: Route | None = None
    limit: int | None = None
    base: str = "asked"
    headline: str = ""
    box: str = ""
    chart: str = "bar"
    has_mean: bool = False
    asked: Mapping[str, Asked] = field(default_factory=lambda: EMPTY, hash=False)

    @property
    def heading(self) -> str:
        """Number and label, as headings print them."""
        return f"{self.number} {self.label}".strip()

    @property
    def takes_many(self) -> bool:
        """True when a person may stand behind several options, so shares need not add to 100 %."""
        return self.kind != "single"

    @property
    def is_free_text(self) -> bool:
        return self.kind == "text"

    def option(self, option_id: str) -> Option:
        return next(option for option in self.options if option.id == option_id)

    def offered(self, wave: str) -> tuple[Option, ...]:
        """Options printed on the form of ``wave``, in its order (the survey file's unless it says so)."""
        options = tuple(option for option in self.options if option.is_offered(wave))
        order = self.asked[wave].order if wave in self.asked else ()
        return tuple(sorted(options, key=lambda o: order.index(o.id) if o.id in order else len(order)))

    def at(self, wave: str) -> Question:
        """Return the question with the route and the limit of ``wave``."""
        how = self.asked.get(wave)
        return replace(self, route=how.route, limit=how.limit) if how else self

    def measure_label(self, option_id: str) -> str:
        """Label of an option, net or state id."""
        for entry in (*self.options, *self.nets):
            if entry.id == option_id:
                return entry.label
        return STATE_LABELS.get(option_id, MEAN_LABEL if option_id == MEAN else option_id)

    def scale(self, wave: str) -> dict[str, float]:
        """Return option id → score: 100 for the first option of the scale down to 0, equally spaced."""
        points = [option.id for option in self.offered(wave) if not option.is_outside_scale]
        return {point: 100 - 100 * place / max(1, len(points) - 1) for place, point in enumerate(points)}


@dataclass(frozen=True)
class Cross:
    """A cross-tabulation to publish: ``questions`` by the groups of attribute ``banner``."""

    banner: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Population:
    """People who could answer. ``strata`` maps groups of ``attribute`` to headcounts.

    ``margins`` does the same for further attributes: attribute → group → headcount.
    """

    total: int
    attribute: str = ""
    strata: Mapping[str, int] = field(default_factory=lambda: EMPTY)
    date: date | None = None
    exclusions: str = ""
    source: str = ""
    margins: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: EMPTY)

    @property
    def headcounts(self) -> dict[str, Mapping[str, int]]:
        """Every attribute whose headcounts are known → group → people, the one of ``strata`` first."""
        return ({self.attribute: self.strata} if self.strata else {}) | dict(self.margins)


@dataclass(frozen=True)
class ReceivedFile:
    """How to read one received file. Everything here is written in the wave file.

    columns: question id → header path (upper and lower header joined by " / "); for a
      multiple question with one column per option, the path of the upper header.
    later_columns: question id → further headers of the same question, where the form was
      edited while it was open and the service began a new column.
    unticked: what stands in the column of one option where nobody ticked it, besides blank and 0.
    answers: how many answers the sender says there are; None when nobody said.
    after_deadline: it came when the figures were closed: its rows are in the ledger and in no figure.
    labels: question id → {label or code as received → option id}; an addition to the
      labels of the survey file.
    sheets: sheet name → {question id: option id} constants of that sheet; for csv empty.
    """

    file: str
    layout: str
    mode: str
    serial: str = ""
    header_rows: int = 1
    has_codes: bool = False
    columns: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    later_columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: EMPTY)
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: EMPTY)
    sheets: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: EMPTY)
    ignore_columns: tuple[str, ...] = ()
    ignore_sheets: tuple[str, ...] = ()
    no_answer: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    typed_other: tuple[str, ...] = ()
    unticked: tuple[str, ...] = ()
    total_labels: tuple[str, ...] = ("合計", "計", "総計", "小計")
    answers: int | None = None
    after_deadline: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header that belongs to a question."""
        return (*self.columns.values(), *(header for more in self.later_columns.values() for header in more))


@dataclass(frozen=True)
class Wave:
    """One fielding. ``wording`` holds the questions asked, as worded, in the order of the survey file."""

    key: str
    label: str
    wording: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    population: Population | None = None
    fieldwork_start: date | None = None
    fieldwork_end: date | None = None
    method: str = ""
    scope: str = ""
    files: tuple[ReceivedFile, ...] = ()
    source: str = ""
    differing: Mapping[str, Asked] = field(default_factory=lambda: EMPTY)

    @property
    def fiscal_year(self) -> int:
        return int(self.key.split("-")[0])

    @property
    def is_published_only(self) -> bool:
        """True when nothing but printed figures is known of this wave."""
        return not self.files

    def asks(self, question_id: str) -> bool:
        return question_id in self.wording


@dataclass(frozen=True)
class PublishedFigure:
    """One printed figure: counts between ``count_low`` and ``count_high`` of ``base`` fit it."""

    wave: str
    question: str
    option: str
    count_low: int
    count_high: int
    base: int
    percent: float | None = None
    decimals: int | None = None
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class SignedGrade:
    """One signed row of comparability.csv. ``grade`` is same, flagged or broken."""

    question: str
    wave_from: str
    wave_to: str
    grade: str
    reason: str
    decided_by: str
    date: str


@dataclass(frozen=True)
class Link:
    """One signed row of lineage.csv: from ``wave`` on, options (or groups) ``before`` are ``after``."""

    question: str
    wave: str
    kind: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    id: str
    label: str
    reason: str
    decided_by: str
    date: str

    @property
    def members(self) -> frozenset[str]:
        return frozenset((*self.before, *self.after))


@dataclass(frozen=True)
class SignedStop:
    """One signed row of plausibility.csv: a suspicious figure somebody looked into. Kinds: change, base, zero.

    ``found`` is the figure as printed that was looked into; "" for any.
    """

    question: str
    option: str
    wave_from: str
    wave_to: str
    kind: str
    reason: str
    decided_by: str
    date: str
    found: str = ""


@dataclass(frozen=True)
class Correction:
    """One row of corrections.csv: a known error in a received file, declared and signed.

    ``sheet`` is empty for a file without sheets; ``cell`` is e.g. ``E12``; an empty ``found`` or
    ``corrected`` is a blank cell. ``12行目`` leaves a whole row out: ``found`` is then its number in
    the column of serial numbers, without one blank or its time, and ``corrected`` is ``除外``.
    """

    wave: str
    file: str
    sheet: str
    cell: str
    found: str
    corrected: str
    reason: str
    who: str
    date: str

    @property
    def leaves_row_out(self) -> bool:
        return self.cell.endswith("行目")


@dataclass(frozen=True)
class Theme:
    """A theme of free answers; ``box`` is the question side (good, hard or both).

    ``coarse`` is its coarser public level; ``since`` and ``until`` are the first and the last version
    of the themes it stands in, empty = always; a retired theme names where it went in ``merged_into``.
    """

    code: str
    box: str
    name: str
    public_name: str
    definition: str
    star_heading: str = ""
    includes: str = ""
    excludes: str = ""
    coarse: str = ""
    since: str = ""
    until: str = ""
    merged_into: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What stands behind the star on the page."""
        return self.star_heading or self.public_name

    def is_offered(self, version: str) -> bool:
        """Return whether the theme can be decided under ``version`` of the themes, a whole number."""
        number = int(version)
        return (not self.since or number >= int(self.since)) and (not self.until or number <= int(self.until))


@dataclass(frozen=True)
class Parameters:
    """Bases, margins and levels of survey.toml, and what disclosure.toml says. Units are in the names.

    adjustment: how the p-values of a family are adjusted, ``bh`` (Benjamini-Hochberg) or ``holm``.
    """

    minimum_group: int = 10
    minimum_cell: int = 3
    minimum_cell_sensitive: int = 5
    #: Bases under this show no 0 %, no 100 % and no all-but-one.
    unanimity_base: int = 30
    #: Returns that came after the release change its figures only if they are as many.
    late_returns: int = 10
    small_base: int = 30
    minimum_change_points: float = 3.0
    same_margin_points: float = 5.0
    significance_level: float = 0.05
    confidence_level: float = 0.95
    same_confidence_level: float = 0.90
    adjustment: str = "bh"
    #: Largest weight as a multiple of the average one; 0 = weights are not trimmed.
    largest_weight: float = 0.0
    plausible_points: float = 15.0
    plausible_errors: float = 3.0
    plausible_base_share: float = 0.2

    def fewest(self, question: Question) -> int:
        """Return how many people a published cell of ``question`` must hold, if it holds anybody."""
        return self.minimum_cell_sensitive if question.is_sensitive else self.minimum_cell


@dataclass(frozen=True)
class Plan:
    """Disclosure's answer 秘匿計画 for one edition.

    toplines: questions whose whole-staff figures the edition holds.
    crosses: (question, banner) → groups to merge before counting, as parts in table order;
      what is not listed is not in the edition.
    withheld: (wave, question) whose figures are all withheld, whole staff and groups alike.
    cells: (wave, question, banner) → withheld cells (group, option) → the band told instead, or "".
    weighting: question → attribute → parts by which its whole-staff share may be weighted.
    may_rake: several attributes may be used at once, which rests on their joint table.
    """

    toplines: frozenset[str]
    crosses: Mapping[tuple[str, str], tuple[tuple[str, ...], ...]]
    withheld: frozenset[tuple[str, str]] = frozenset()
    cells: Mapping[tuple[str, str, str], Mapping[tuple[str, str], str]] = field(default_factory=lambda: EMPTY)
    weighting: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]] = field(default_factory=lambda: EMPTY)
    may_rake: bool = False


@dataclass(frozen=True)
class Survey:
    """Everything known before an answer is read.

    preparing: waves whose file names no received files yet; nothing but ``template`` reads them.
    """

    id: str
    title: str
    organisation: str
    questions: tuple[Question, ...]
    waves: tuple[Wave, ...]
    unit: str = "人"
    respondents: str = "職員"
    notice: str = ""
    is_sample: bool = False
    crosses: tuple[Cross, ...] = ()
    published: tuple[PublishedFigure, ...] = ()
    comparability: tuple[SignedGrade, ...] = ()
    corrections: tuple[Correction, ...] = ()
    themes: tuple[Theme, ...] = ()
    parameters: Parameters = field(default_factory=Parameters)
    pages: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    preparing: tuple[Wave, ...] = ()
    links: tuple[Link, ...] = ()
    plausible: tuple[SignedStop, ...] = ()
    #: 全国地方公共団体コード of six digits, and one of LICENCES; "" where the survey file does not say.
    area_code: str = ""
    licence: str = ""

    def at(self, wave: str) -> Survey:
        """Return the survey with every question as ``wave`` asked it."""
        return replace(self, questions=tuple(question.at(wave) for question in self.questions))

    def question(self, question_id: str) -> Question:
        return next(question for question in self.questions if question.id == question_id)

    def wave(self, key: str) -> Wave:
        return next(wave for wave in self.waves if wave.key == key)

    @property
    def newest(self) -> Wave:
        return self.waves[-1]

    @property
    def attributes(self) -> tuple[Question, ...]:
        return tuple(question for question in self.questions if question.is_attribute)
