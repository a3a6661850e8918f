"""The questionnaire as a frozen value; `read.load` is the only maker that people's input meets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from manyi.kit.localtext import LocalText
from manyi.kit.scale import AGREEMENT_5, AGREEMENT_7, NPS_SCALE, SATISFACTION_5, Scale

Kind = Literal[
    "rating",
    "nps",
    "ces",
    "single",
    "multiple",
    "matrix",
    "short_text",
    "long_text",
    "number",
    "date",
    "statement",
    "consent",
]
MarkKind = Literal["kano", "servqual", "index"]
Look = Literal["numbers", "stars", "faces", "labels"]
Order = Literal["fixed", "random"]
KINDS: tuple[Kind, ...] = (
    "rating",
    "nps",
    "ces",
    "single",
    "multiple",
    "matrix",
    "short_text",
    "long_text",
    "number",
    "date",
    "statement",
    "consent",
)
MARKS: tuple[MarkKind, ...] = ("kano", "servqual", "index")
# The names of the two questions of a mark, in the words of its method.
PAIRS: Mapping[str, tuple[str, str]] = {
    "kano": ("present", "absent"),
    "servqual": ("expected", "perceived"),
}
_ECSI = ("expectation", "quality", "value", "satisfaction", "complaints", "loyalty")
STRUCTURES: Mapping[str, tuple[str, ...]] = {
    "acsi": _ECSI,
    "ecsi": ("image", *_ECSI),
    "ccsi": ("image", *(name for name in _ECSI if name != "complaints")),
}
LOOKS: tuple[Look, ...] = ("numbers", "stars", "faces", "labels")
ORDERS: tuple[Order, ...] = ("fixed", "random")
OWN = "own"
METRICS = ("csat", "nps", "ces")
TEXT_KINDS = ("short_text", "long_text")
SCALE_KINDS = ("rating", "nps", "ces")
NUMBER_KINDS = (*SCALE_KINDS, "number")
CHOICE_KINDS = ("single", "multiple")

NA = "na"
OTHER = "other"
OVERALL = "overall"
RATING_SCALE = Scale(1, 5)
CES_SCALE = Scale(1, 7)
DEFAULT_SCALES = {"rating": RATING_SCALE, "nps": NPS_SCALE, "ces": CES_SCALE}
DEFAULT_METRICS = {"rating": "csat", "nps": "nps", "ces": "ces", "matrix": "csat"}
DEFAULT_LENGTHS = {"short_text": 255, "long_text": 5000}
LABEL_SETS: Mapping[str, tuple[LocalText, ...]] = {
    "satisfaction_5": SATISFACTION_5,
    "agreement_5": AGREEMENT_5,
    "agreement_7": AGREEMENT_7,
}

MAX_QUESTIONS = 200
MAX_PAGES = 100
MAX_CHOICES = 100
MAX_HIDDEN = 50
MAX_MODELS = 10
MAX_GROUPS = 20
MAX_PATHS = 100
MAX_LANGUAGES = 20
MAX_TEXT = 2000
MAX_POINTS = 101
MAX_BYTES = 500_000


# ── conditions ────────────────────────────────────────────────────────────────────────────

Operator = Literal[
    "equals",
    "not_equals",
    "in",
    "not_in",
    "at_least",
    "at_most",
    "answered",
    "not_answered",
    "includes",
]
OPERATORS: tuple[Operator, ...] = (
    "equals",
    "not_equals",
    "in",
    "not_in",
    "at_least",
    "at_most",
    "answered",
    "not_answered",
    "includes",
)
Plain = str | int | float | bool


@dataclass(frozen=True)
class Compare:
    """A comparison of one earlier answer (or matrix row, or hidden field) with a value."""

    question: str
    op: Operator
    value: Plain | tuple[Plain, ...] | None = None
    row: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class All:
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Either:
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    of: Condition


Condition = Compare | All | Either | Not


# ── definition ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Choice:
    """An answer to choose, or a row of a matrix. `other` asks for a text besides."""

    code: str
    label: LocalText
    other: bool = False
    exclusive: bool = False

    @property
    def stays_last(self) -> bool:
        return self.other or self.exclusive


@dataclass(frozen=True)
class Question:
    """One question. Fields that its kind does not use keep their defaults.

    `labels` go from the worst to the best answer of `scale`. `metric` None makes no score.
    """

    code: str
    kind: Kind
    title: LocalText
    help: LocalText = field(default_factory=dict)
    required: bool = False
    allow_na: bool = False
    show_if: Condition | None = None
    scale: Scale | None = None
    look: Look = "numbers"
    labels: tuple[LocalText, ...] = ()
    worst_label: LocalText = field(default_factory=dict)
    best_label: LocalText = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    choice_order: Order = "fixed"
    min_choices: int | None = None
    max_choices: int | None = None
    rows: tuple[Choice, ...] = ()
    row_order: Order = "fixed"
    min: float | None = None
    max: float | None = None
    whole: bool = False
    earliest: date | None = None
    latest: date | None = None
    max_length: int | None = None
    item: str = ""
    metric: str | None = None
    top_box: frozenset[float] | None = None
    touchpoint: str | None = None

    @property
    def asks(self) -> bool:
        """Whether the question expects an answer (a statement does not)."""
        return self.kind != "statement"

    def points(self) -> tuple[int, ...]:
        """Return the answers of the scale from the worst to the best, () without a scale."""
        if self.scale is None:
            return ()
        low_first = tuple(int(v) for v in self.scale.points())
        return low_first if self.scale.worst < self.scale.best else low_first[::-1]

    def label_of(self, value: float) -> LocalText:
        """Return the words of a scale answer, {} where it has none."""
        points = self.points()
        if value not in points:
            return {}
        if self.labels:
            return self.labels[points.index(int(value))]
        ends = {points[0]: self.worst_label, points[-1]: self.best_label}
        return ends.get(int(value), {})

    def choice(self, code: str) -> Choice | None:
        return next((c for c in self.choices if c.code == code), None)

    def row(self, code: str) -> Choice | None:
        return next((r for r in self.rows if r.code == code), None)

    @property
    def other_choice(self) -> Choice | None:
        return next((c for c in self.choices if c.other), None)


@dataclass(frozen=True)
class Page:
    code: str
    questions: tuple[Question, ...]
    title: LocalText = field(default_factory=dict)
    show_if: Condition | None = None
    order: Order = "fixed"


@dataclass(frozen=True)
class Hidden:
    """A field that arrives with the link and is stored, never shown as a question."""

    code: str
    max_length: int = 200


@dataclass(frozen=True)
class Group:
    """Items of a model that belong together: `QUESTION.ROW`, `QUESTION`, or rows alone."""

    code: str
    items: tuple[str, ...]
    label: LocalText = field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """What an analysis may take some questions for.

    kano: `first` asks about a feature that is there, `second` about one that is not; servqual:
    `first` is what is expected, `second` what is perceived, `groups` are dimensions of rows;
    index: `groups` are the blocks of ratings of a satisfaction model of that `structure`; of
    the structure `own` they may be any, with `paths` (from, to) and the block told first.
    """

    kind: MarkKind
    first: str = ""
    second: str = ""
    structure: str = ""
    groups: tuple[Group, ...] = ()
    paths: tuple[tuple[str, str], ...] = ()
    outcome: str = ""


@dataclass(frozen=True)
class Thanks:
    text: LocalText = field(default_factory=dict)
    redirect: str | None = None


@dataclass(frozen=True)
class Questionnaire:
    """A whole survey; the first language is the one that always exists."""

    title: LocalText
    languages: tuple[str, ...]
    pages: tuple[Page, ...]
    schema: int = 1
    intro: LocalText = field(default_factory=dict)
    thanks: Thanks = field(default_factory=Thanks)
    consent_notice: LocalText = field(default_factory=dict)
    hidden: tuple[Hidden, ...] = ()
    models: tuple[Mark, ...] = ()

    @property
    def language(self) -> str:
        return self.languages[0]

    def questions(self) -> Iterator[Question]:
        """Yield every question in its fixed order, shown or not."""
        for page in self.pages:
            yield from page.questions

    def question(self, code: str) -> Question | None:
        return next((x for x in self.questions() if x.code == code), None)

    def page(self, code: str) -> Page | None:
        return next((p for p in self.pages if p.code == code), None)


@dataclass(frozen=True)
class Item:
    """What a questionnaire scores: the (item, metric) that a stored score will carry."""

    item: str
    metric: str
    worst: float
    best: float
    question: str
    row: str
    title: LocalText
    top_box: frozenset[float] | None
    touchpoint: str | None


def items(q: Questionnaire) -> list[Item]:
    """Return every item that answers to `q` can score, in the order of the questions."""
    return [one for question in q.questions() for one in _items_of(question)]


def _items_of(x: Question) -> Iterator[Item]:
    if x.metric is None or x.scale is None:
        return
    ends = (x.scale.worst, x.scale.best)
    if x.kind != "matrix":
        yield Item(x.item, x.metric, *ends, x.code, "", x.title, x.top_box, x.touchpoint)
    for row in x.rows:
        code = f"{x.item}.{row.code}"
        yield Item(code, x.metric, *ends, x.code, row.code, row.label, x.top_box, x.touchpoint)
