"""An export of feedback as a coded table, for SPSS and Triple-S: numbers, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from manyi.feedback.models import FeedbackRecord
from manyi.feedback.versions import questionnaire
from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.questionnaire.conditions import is_na
from manyi.questionnaire.model import TEXT_KINDS, Choice, Question
from manyi.reports.columns import Asked, Plan, score_key
from manyi.tabular.variables import Kind, Study, Variable, fit_names, free_code, numbered
from manyi.tabular.writing import Column

Record = dict[str, Any]
Read = Callable[[Record], Any]
_KINDS: Mapping[str, Kind] = {"date": "date", "datetime": "datetime", "number": "number"}


@dataclass(frozen=True)
class _Coded:
    """A variable before its name is fitted, and how its value is read from a record."""

    wanted: str
    variable: Variable
    read: Read


def coded_study(
    rows: QuerySet[FeedbackRecord],
    shown: Plan,
    wire: Callable[[], Iterable[Record]],
    *,
    title: str,
    now: datetime,
) -> Study:
    """Return the coded table of what `wire` yields; its notes say which code a number is."""
    choices = _choices(rows, shown.language)
    found = [*_base(shown), *_scores(shown), *_answers(shown, choices), *_rest(shown)]
    names = fit_names(one.wanted for one in found)
    groups = dict(zip(choices, fit_names(choices), strict=True))
    variables = [_named(one.variable, name, groups) for one, name in zip(found, names, strict=True)]
    return Study(
        title=title,
        variables=variables,
        rows=lambda: ([one.read(record) for one in found] for record in wire()),
        made_at=now,
        language=shown.language,
        notes=tuple(_notes(choices)),
    )


def _named(one: Variable, name: str, groups: Mapping[str, str]) -> Variable:
    group = groups.get(one.group, "") if one.group else ""
    return Variable(**{**one.__dict__, "name": name, "group": group})


def _choices(rows: QuerySet[FeedbackRecord], language: str) -> dict[str, dict[str, str]]:
    """Return the choices of each question, code → label, those of earlier versions last."""
    found: dict[str, dict[str, str]] = {}
    versions = rows.order_by("-version_id").values_list("version_id", flat=True).distinct()
    for version in versions:
        for x in questionnaire(version).questions() if version else ():
            mine = found.setdefault(x.code, {}) if x.choices else {}
            for c in x.choices:
                mine.setdefault(c.code, pick(c.label, language, c.code))
    return found


def _notes(choices: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for question, labels in choices.items():
        pairs = " ".join(f"{number:g}={code}" for code, number in numbered([*labels]).items())
        yield f"{question}: {pairs}"


def _base(shown: Plan) -> Iterator[_Coded]:
    for column in shown.base():
        read = _BASE.get(column.key) or _plain(column)
        if column.key == "unit_name":
            read = _unit_name(shown)
        variable = Variable("", column.label, _KINDS.get(column.kind, "text"))
        yield _Coded(column.key, variable, read)


def _plain(column: Column) -> Read:
    return lambda record: record[column.key]


def _unit_name(shown: Plan) -> Read:
    names = shown.unit_names or {}
    return lambda record: names.get(record["unit"]) if record["unit"] else None


_BASE: Mapping[str, Read] = {
    "day": lambda record: date.fromisoformat(record["day"]),
    "customer": lambda record: (record["customer"] or {}).get("ref"),
    "customer_name": lambda record: (record["customer"] or {}).get("name"),
}


def _scores(shown: Plan) -> Iterator[_Coded]:
    labels = {c.key: c.label for c in shown.columns("labels")}
    for item, metric in shown.items():
        key = score_key(item, metric)
        yield _Coded(key, Variable("", labels[key], "number"), _score(item, metric))


def _score(item: str, metric: str) -> Read:
    def read(record: Record) -> Any:
        mine = (s["value"] for s in record["scores"] if (s["item"], s["metric"]) == (item, metric))
        return next(mine, None)

    return read


def _answers(shown: Plan, choices: Mapping[str, Mapping[str, str]]) -> Iterator[_Coded]:
    for asked in shown.asked:
        x = asked.question
        if asked.choice:
            yield _tick(asked, shown, choices)
        elif x.kind in TEXT_KINDS or x.kind == "date":
            kind: Kind = "date" if x.kind == "date" else "text"
            yield _Coded(asked.key, Variable("", shown.heading(asked), kind), _said(asked))
        else:
            yield _number(asked, shown, choices.get(x.code, {}))
    if shown.sees_text:
        yield from _others(shown)


def _value(asked: Asked, record: Record) -> Any:
    value = record["answers"].get(asked.question.code)
    if asked.row:
        value = value.get(asked.row.code) if isinstance(value, Mapping) else None
    return value


def _said(asked: Asked) -> Read:
    def read(record: Record) -> Any:
        value = _value(asked, record)
        if value is None or is_na(value):
            return None
        return date.fromisoformat(value) if asked.question.kind == "date" else str(value)

    return read


def _tick(asked: Asked, shown: Plan, choices: Mapping[str, Mapping[str, str]]) -> _Coded:
    x, choice = asked.question, asked.choice or Choice("", {})
    label = choices.get(x.code, {}).get(choice.code, choice.code)
    values = ((0.0, say("export.no", shown.language)), (1.0, say("export.yes", shown.language)))

    def read(record: Record) -> Any:
        value = _value(asked, record)
        if value is None or is_na(value):
            return None
        codes = value.get("codes", ()) if isinstance(value, Mapping) else value
        return 1.0 if choice.code in codes else 0.0

    title = pick(x.title, shown.language, x.code)
    variable = Variable("", label, "number", values, group=x.code, group_label=title)
    return _Coded(asked.key, variable, read)


def _number(asked: Asked, shown: Plan, labels: Mapping[str, str]) -> _Coded:
    """A scale, one choice, a number or a consent: a number, with words where it has some."""
    x = asked.question
    values = _values(x, shown.language, labels)
    missing: tuple[float, ...] = ()
    if x.allow_na:
        missing = (free_code([v for v, _ in values], _highest(x)),)
        values = (*values, (missing[0], say("export.na", shown.language)))
    variable = Variable(
        "", shown.heading(asked), "number", values, missing, is_ordered=x.scale is not None
    )
    numbers = numbered([*labels])

    def read(record: Record) -> Any:
        value = _value(asked, record)
        if is_na(value):
            return missing[0] if missing else None
        code = value.get("code") if isinstance(value, Mapping) else value
        return numbers.get(code) if isinstance(code, str) else code

    return _Coded(asked.key, variable, read)


def _highest(x: Question) -> float | None:
    """The largest number that may be answered; None where there is no bound."""
    return x.max if x.kind == "number" else max([0, *x.points()])


def _values(x: Question, language: str, labels: Mapping[str, str]) -> tuple[tuple[float, str], ...]:
    if x.kind == "consent":
        return ((0.0, say("export.no", language)), (1.0, say("export.yes", language)))
    if labels:
        return tuple((number, labels[code]) for code, number in numbered([*labels]).items())
    worded = ((float(p), pick(x.label_of(p), language)) for p in sorted(x.points()))
    return tuple((value, words) for value, words in worded if words)


def _others(shown: Plan) -> Iterator[_Coded]:
    """Yield the words beside “other”, once a question."""
    asked = {a.question.code: a.question for a in shown.asked if not a.row}
    for x in asked.values():
        for other in (c for c in x.choices if c.other):
            label = f"{pick(x.title, shown.language, x.code)} / "
            label += pick(other.label, shown.language, other.code)
            yield _Coded(f"{x.code}.{other.code}.text", Variable("", label), _words(x.code))


def _words(code: str) -> Read:
    def read(record: Record) -> Any:
        value = record["answers"].get(code)
        return (value.get("text") or None) if isinstance(value, Mapping) else None

    return read


def _rest(shown: Plan) -> Iterator[_Coded]:
    tags = say("export.tags", shown.language)
    if shown.sees_text:
        said = (("verbatim", lambda r: r["verbatim"] or None), ("turns", _turns))
        for key, read in said:
            yield _Coded(key, Variable("", say(f"export.{key}", shown.language)), read)
    for name in shown.attributes:
        yield _Coded(f"a:{name}", Variable("", name), _attribute(name))
    yield _Coded("tags", Variable("", tags), lambda record: "; ".join(record["tags"]) or None)


def _turns(record: Record) -> str | None:
    return "\n".join(f"{t['role']}: {t['text']}" for t in record["turns"]) or None


def _attribute(name: str) -> Read:
    def read(record: Record) -> str | None:
        value = record["attributes"].get(name)
        return None if value is None else str(value)

    return read
