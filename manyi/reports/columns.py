"""The columns of an export of feedback, found in what is selected; and its codebook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.db.models import QuerySet

from manyi.accounts.models import Unit
from manyi.feedback.models import FeedbackRecord, Score
from manyi.feedback.versions import questionnaire
from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.questionnaire.model import NUMBER_KINDS, TEXT_KINDS, Choice, Question, Questionnaire
from manyi.tabular.writing import Column, Kind

Face = Literal["labels", "codes"]
MOST_ATTRIBUTES = 200
_BASE: tuple[tuple[str, Kind], ...] = (
    *(("id", "code"), ("source", "text"), ("source_ref", "code"), ("survey", "code")),
    *(("kind", "text"), ("channel", "text"), ("occurred_at", "datetime"), ("day", "date")),
    *(("state", "text"), ("language", "code"), ("unit", "code"), ("unit_name", "text")),
    *(("touchpoint", "text"), ("agent", "code"), ("customer", "code"), ("customer_name", "text")),
)
_PERSONAL = frozenset({"customer", "customer_name", "source_ref"})


@dataclass(frozen=True)
class Asked:
    """One column of answers: a question, a row of a matrix, or one of several choices."""

    key: str
    question: Question
    row: Choice | None = None
    choice: Choice | None = None


@dataclass(frozen=True)
class Plan:
    """What an export of these records holds, and for whom it is written."""

    language: str
    sees_text: bool
    sees_personal: bool
    scores: tuple[tuple[str, str, float, float], ...] = ()
    asked: tuple[Asked, ...] = ()
    attributes: tuple[str, ...] = ()
    unit_names: Mapping[str, str] | None = None

    def base(self) -> list[Column]:
        """Return the columns that every record has."""
        hidden = frozenset() if self.sees_personal else _PERSONAL
        return [
            Column(key, say(f"export.{key}", self.language), kind)
            for key, kind in _BASE
            if key not in hidden
        ]

    def columns(self, face: Face) -> list[Column]:
        """Return all columns in order; on the sheet of codes their headings are codes."""
        found = self.base()
        found += [Column(score_key(i, m), _score_label(i, m), "number") for i, m in self.items()]
        found += [Column(f"q:{a.key}", self.heading(a), _kind(a, face)) for a in self.asked]
        found.append(Column("verbatim", say("export.verbatim", self.language), width=60))
        if self.sees_text:
            found.append(Column("turns", say("export.turns", self.language), width=60))
        found += [Column(f"a:{name}", name) for name in self.attributes]
        found.append(Column("tags", say("export.tags", self.language)))
        if face == "labels":
            return found
        return [replace(c, label=c.key.removeprefix("q:").removeprefix("a:")) for c in found]

    def items(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys((item, metric) for item, metric, _, _ in self.scores))

    def heading(self, asked: Asked) -> str:
        """Return a question's words, with those of its row or choice."""
        title = pick(asked.question.title, self.language, asked.question.code)
        part = asked.row or asked.choice
        return f"{title} / {pick(part.label, self.language, part.code)}" if part else title


def score_key(item: str, metric: str) -> str:
    return f"s:{item}:{metric}"


def _score_label(item: str, metric: str) -> str:
    return f"{item} ({metric})"


def _kind(asked: Asked, face: Face) -> Kind:
    if asked.question.kind in NUMBER_KINDS:
        return "number"
    return "code" if face == "codes" else "text"


def plan(
    rows: QuerySet[FeedbackRecord], *, language: str, sees_text: bool, sees_personal: bool
) -> Plan:
    """Look once through what is selected and return the columns that it needs."""
    ids = rows.order_by().values("pk")
    scores = Score.objects.filter(record_id__in=ids).order_by("item", "metric")
    organisation = rows.values_list("organisation_id", flat=True).first()
    units = Unit.objects.filter(organisation_id=organisation or 0).values_list("code", "name")
    return Plan(
        language=language,
        sees_text=sees_text,
        sees_personal=sees_personal,
        scores=tuple(scores.values_list("item", "metric", "worst", "best").distinct()),
        asked=tuple(_asked(rows, sees_text)),
        attributes=tuple(_attributes(rows)) if sees_text else (),
        unit_names={code: pick(name, language, code) for code, name in units},
    )


def _attributes(rows: QuerySet[FeedbackRecord]) -> list[str]:
    found: dict[str, bool] = {}
    for held in rows.order_by("pk").values_list("attributes", flat=True).iterator(chunk_size=2000):
        found.update(dict.fromkeys(held, True))
    return list(found)[:MOST_ATTRIBUTES]


def _asked(rows: QuerySet[FeedbackRecord], sees_text: bool) -> Iterator[Asked]:  # noqa: FBT001
    """Yield the columns of all questions asked, a code that several surveys share only once.

    Without leave for texts the free ones are left out.
    """
    versions = rows.order_by("-version_id").values_list("version_id", flat=True).distinct()
    seen: set[str] = set()
    for version in versions:
        for one in _columns_of(questionnaire(version)) if version else ():
            if one.key in seen or (one.question.kind in TEXT_KINDS and not sees_text):
                continue
            seen.add(one.key)
            yield one


def _columns_of(asked: Questionnaire) -> Iterator[Asked]:
    for x in asked.questions():
        if x.kind == "statement":
            continue
        if x.kind == "matrix":
            yield from (Asked(f"{x.code}.{row.code}", x, row=row) for row in x.rows)
        elif x.kind == "multiple":
            yield from (Asked(f"{x.code}.{c.code}", x, choice=c) for c in x.choices)
        else:
            yield Asked(x.code, x)


def codebook_entries(shown: Plan) -> Iterator[dict[str, Any]]:
    """Yield one line for each code of each column, with what it means."""
    for item, metric, worst, best in shown.scores:
        params = {"worst": f"{worst:g}", "best": f"{best:g}"}
        yield {
            "column": score_key(item, metric),
            "label": _score_label(item, metric),
            "code": f"{worst:g}–{best:g}",
            "meaning": say("export.scale", shown.language, params),
            "note": say("export.metric", shown.language, {"metric": metric}),
        }
    for asked in shown.asked:
        for code, meaning in _codes(asked, shown.language):
            yield {
                "column": asked.key,
                "label": shown.heading(asked),
                "code": code,
                "meaning": meaning,
                "note": asked.question.kind,
            }


def _codes(asked: Asked, language: str) -> Iterable[tuple[str, str]]:
    x = asked.question
    if asked.choice:
        return (("1", say("export.yes", language)), ("0", say("export.no", language)))
    if x.kind == "consent":
        return (("yes", say("export.yes", language)), ("no", say("export.no", language)))
    if x.choices:
        return ((c.code, pick(c.label, language, c.code)) for c in x.choices)
    if x.scale is None:
        return (("", ""),)
    return ((str(p), pick(x.label_of(p), language)) for p in x.points())
