"""Questions as a page shows them: words, options and problems, ready for the templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from manyi.kit.localtext import LocalText
from manyi.kit.problems import FieldProblem
from manyi.kit.say import say
from manyi.questionnaire import answering, order
from manyi.questionnaire.forms import field_name
from manyi.questionnaire.model import (
    CHOICE_KINDS,
    NA,
    SCALE_KINDS,
    Choice,
    Page,
    Question,
)
from manyi.questionnaire.piping import fill
from manyi.questionnaire.values import OTHER_LENGTH, text_limit, tidy_number
from manyi.respond import speech
from manyi.respond.visit import Typed, Visit

WIDGETS = {
    **dict.fromkeys(SCALE_KINDS, "scale"),
    **dict.fromkeys(CHOICE_KINDS, "choices"),
    "short_text": "line",
    "number": "line",
    "date": "line",
    "long_text": "text",
}
# Cells of a scale in a row on a narrow phone: 48 px each must fit into 288 px.
_COLUMNS = {7: "s7", 8: "s8", 9: "s9", 10: "s10", 11: "s11"}
_COUNTED_FROM = 500


@dataclass(frozen=True)
class Option:
    """One thing to choose. `level` is its place from worst (0) to best (1)."""

    id: str
    value: str
    label: str
    hint: str = ""
    checked: bool = False
    other: bool = False
    exclusive: bool = False
    level: float = 0.5

    @property
    def mouth(self) -> str:
        """Return the mouth of a neutral face drawn in 32 × 32."""
        ends, middle = 22.5 - 2.5 * self.level, 17 + 9 * self.level
        return f"M10.5 {ends:.1f}Q16 {middle:.1f} 21.5 {ends:.1f}"


@dataclass(frozen=True)
class Row:
    id: str
    name: str
    label: str
    options: list[Option]
    na: Option | None
    problem: str


@dataclass(frozen=True)
class Asked:
    """One question of a page."""

    id: str
    name: str
    kind: str
    widget: str
    title: str
    help: str
    optional: bool
    problem: str
    look: str = ""
    columns: str = ""
    options: list[Option] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    na: Option | None = None
    worst: str = ""
    best: str = ""
    value: str = ""
    other_text: str = ""
    limit: int = 0
    low: str = ""
    high: str = ""
    many: bool = False

    @property
    def counted(self) -> int:
        """Return the number of characters worth saying, 0 where nobody will reach it."""
        return self.limit if self.limit < _COUNTED_FROM or self.kind == "long_text" else 0

    @property
    def described_by(self) -> str:
        ids = [f"h-{self.id}"] if self.help else []
        return " ".join([*ids, f"e-{self.id}"] if self.problem else ids)


@dataclass(frozen=True)
class _Words:
    """Texts of this visit, in its language, with what was answered put in."""

    visit: Visit
    typed: Typed
    problems: Mapping[str, str]

    def __call__(self, text: LocalText) -> str:
        visit = self.visit
        return fill(text, visit.q, visit.answers, visit.language, visit.ticket.hidden)

    def given(self, *parts: str) -> list[str]:
        return self.typed.get(field_name(*parts), [])


def questions(
    visit: Visit, page: Page, typed: Typed, problems: tuple[FieldProblem, ...] = ()
) -> list[Asked]:
    """Return what `page` asks this visitor, with `typed` filled in and problems said."""
    shown = answering.visible_questions(visit.q, page, visit.answers, visit.ticket.hidden)
    codes = {x.code for x in shown} | _revealed(visit, page, typed)
    language = speech.ours(visit.language)
    said = {p.pointer: say(p.code, language, p.params) for p in reversed(problems)}
    words = _Words(visit, typed, said)
    return [
        _asked(x, words)
        for x in order.ordered_questions(page, visit.orders)
        if x.code in codes or any(pointer.split(".")[0] == x.code for pointer in said)
    ]


def _revealed(visit: Visit, page: Page, typed: Typed) -> set[str]:
    """Return the questions in which something stands already, shown or not."""
    return {x.code for x in page.questions if any(typed.get(field_name(x.code), ()))}


def _asked(x: Question, words: _Words) -> Asked:
    own = _PARTS.get(WIDGETS.get(x.kind, x.kind), _nothing)(x, words)
    return Asked(
        id=x.code,
        name=field_name(x.code),
        kind=x.kind,
        widget=WIDGETS.get(x.kind, x.kind),
        title=words(x.title),
        help=words(x.help),
        optional=x.asks and not x.required,
        problem=words.problems.get(x.code, ""),
        na=_na(x, words),
        **own,  # type: ignore[arg-type]
    )


Part = dict[str, object]


def _nothing(x: Question, words: _Words) -> Part:
    return {}


def _na(x: Question, words: _Words) -> Option | None:
    if not x.allow_na or x.kind == "matrix":
        return None
    chosen = bool(words.given(x.code, NA)) or NA in words.given(x.code)
    return Option(f"{x.code}-na", NA, "", checked=chosen)


def _scale(x: Question, words: _Words) -> Part:
    return {
        "look": x.look,
        "columns": _columns(x),
        "options": _points(x, words, words.given(x.code), x.code),
        **_ends(x, words),
    }


def _columns(x: Question) -> str:
    count = len(x.points())
    return f"s{max(count, 2)}" if count <= 6 else _COLUMNS.get(count, "sx")


def _ends(x: Question, words: _Words) -> Part:
    points = x.points()
    if not points:
        return {}
    worst, best = words(x.label_of(points[0])), words(x.label_of(points[-1]))
    return {"worst": worst, "best": best, "low": str(points[0]), "high": str(points[-1])}


def _points(x: Question, words: _Words, given: list[str], id_: str) -> list[Option]:
    points = x.points()
    return [
        Option(
            f"{id_}-{i}",
            str(point),
            str(point),
            hint=words(x.label_of(point)),
            checked=str(point) in given,
            level=i / (len(points) - 1),
        )
        for i, point in enumerate(points)
    ]


def _choices(x: Question, words: _Words) -> Part:
    return {
        "options": _options(order.ordered_choices(x, words.visit.orders), words, x.code),
        "many": x.kind == "multiple",
        "other_text": "".join(words.given(x.code, "text")[-1:]),
        "limit": OTHER_LENGTH,
    }


def _options(choices: list[Choice], words: _Words, code: str, row: str = "") -> list[Option]:
    given, id_ = words.given(code, row), f"{code}-{row}" if row else code
    return [
        Option(f"{id_}-{c.code}", c.code, words(c.label), "", c.code in given, c.other, c.exclusive)
        for c in choices
    ]


def _matrix(x: Question, words: _Words) -> Part:
    rows = [_row(x, row, words) for row in order.ordered_rows(x, words.visit.orders)]
    look = "points" if x.scale is not None else "words"
    return {"rows": rows, "look": look, "columns": _columns(x), **_ends(x, words)}


def _row(x: Question, row: Choice, words: _Words) -> Row:
    given, id_ = words.given(x.code, row.code), f"{x.code}-{row.code}"
    options = (
        _points(x, words, given, id_)
        if x.scale is not None
        else _options(order.ordered_choices(x, words.visit.orders), words, x.code, row.code)
    )
    na = Option(f"{id_}-na", NA, "", checked=NA in given) if x.allow_na else None
    problem = words.problems.get(f"{x.code}.{row.code}", "")
    return Row(id_, field_name(x.code, row.code), words(row.label), options, na, problem)


def _line(x: Question, words: _Words) -> Part:
    low, high = (x.min, x.max) if x.kind == "number" else (x.earliest, x.latest)
    return {
        "value": "".join(words.given(x.code)[-1:]),
        "limit": text_limit(x) if x.kind in ("short_text", "long_text") else 0,
        "low": _bound(low),
        "high": _bound(high),
        "look": "numeric" if x.whole else "decimal",
    }


def _bound(value: object) -> str:
    if value is None:
        return ""
    return str(tidy_number(value)) if isinstance(value, (int, float)) else str(value)


def _consent(x: Question, words: _Words) -> Part:
    return {"options": [Option(x.code, "1", words(x.title), checked="1" in words.given(x.code))]}


_PARTS = {
    "scale": _scale,
    "choices": _choices,
    "matrix": _matrix,
    "line": _line,
    "text": _line,
    "consent": _consent,
}
