"""What one record says, in words: scores, answers, turns, attributes, earlier versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from manyi.accounts.permissions import may
from manyi.customers.queries import customers
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.queries import customers_heard, of_customer
from manyi.feedback.submit import reference
from manyi.feedback.wire import content_for, state, words_of
from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.kit.selection import Scope
from manyi.questionnaire.conditions import is_na
from manyi.questionnaire.model import Question, Questionnaire
from manyi.text.talks import CUSTOMER, side_of
from manyi.web.channels import CHANNELS
from manyi.web.context import language
from manyi.web.feedback import cards, told, words


def record(scope: Scope, r: FeedbackRecord, asked_words: str) -> dict[str, Any]:
    """Return everything that the page of a record shows, as `scope` may see it."""
    hidden = cards.prepared(scope, [r])
    q = cards.asked(r)
    scores = [words.score(s, q) for s in sorted(r.scores.all(), key=lambda s: s.pk)]
    main = words.main(list(r.scores.all()))
    read = told.of_record(scope, r)
    return {
        "record": r,
        "read": read,
        "title": cards.title(r),
        "score": words.score(main, q) if main else None,
        "scores": scores if q is None else [],
        "verbatim": _verbatim(words_of(scope, r), read, asked_words),
        "answers": list(answers(q, content_for(scope, r)["answers"])) if q else [],
        "facts": facts(scope, r, hidden, q),
        **_written(scope, r),
        "state": words.named(words.STATES, state(r)) if state(r) in words.STATES else "",
        "masked": not scope.sees_text,
        "reference": reference(r.pk),
        "unit_hidden": bool(r.is_anonymous and hidden.get((r.survey_id, r.unit_id))),
    }


def _written(scope: Scope, r: FeedbackRecord) -> dict[str, Any]:
    """Return what else was written, to who sees text."""
    if not scope.sees_text:
        return {"turns": [], "attributes": [], "history": [], "tags": []}
    return {
        "turns": turns(r),
        "attributes": attributes(r),
        "history": history(r),
        "tags": sorted(tag.label for tag in r.tags.all()),
    }


def _verbatim(text: str, read: dict[str, Any] | None, asked_words: str) -> str:
    """Return the text with the words asked for marked, else those that say what was found."""
    if read is None or asked_words:
        return words.marked(text, asked_words)
    return str(read["marked"])


# --- answers in the words of the questions


def answers(q: Questionnaire, given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each answered question with its answer in words."""
    for number, x in enumerate((x for x in q.questions() if x.asks), start=1):
        if x.code in given:
            yield {
                "number": number,
                "title": pick(x.title, language()),
                "kind": say(f"questionnaire.kind.{x.kind}", language()),
                **_answer(x, given[x.code]),
            }


def _answer(x: Question, value: Any) -> dict[str, Any]:
    if is_na(value):
        return {"text": gettext("Not applicable")}
    if x.kind == "matrix":
        return {"rows": [_row(x, code, one) for code, one in value.items()]}
    if x.kind in ("single", "multiple"):
        return {"chosen": list(_chosen(x, value))}
    if x.scale is not None and isinstance(value, (int, float)):
        return {"scale": _scale(x, value)}
    if x.kind == "consent":
        return {"text": gettext("Agreed") if value is True else gettext("Did not agree")}
    return {"text": str(value)}


def _scale(x: Question, value: float) -> dict[str, Any]:
    assert x.scale is not None
    index = x.scale.index(value)
    points = x.points()
    step = 1 + min(4, round(index / 25))
    if x.kind == "nps":
        step = 1 if value <= 4 else 2 if value <= 6 else 3 if value <= 8 else 5
    return {
        "value": value,
        "of": int(x.scale.high),
        "word": pick(x.label_of(value), language()),
        "step": step,
        "points": [{"value": p, "given": p == value} for p in points] if len(points) <= 11 else [],
    }


def _row(x: Question, code: str, value: Any) -> dict[str, Any]:
    row = x.row(code)
    shown: dict[str, Any] = {"title": pick(row.label, language()) if row else code}
    if is_na(value):
        return {**shown, "text": gettext("Not applicable")}
    if isinstance(value, (int, float)) and x.scale is not None:
        return {**shown, "scale": _scale(x, value)}
    choice = x.choice(str(value))
    return {**shown, "text": pick(choice.label, language()) if choice else str(value)}


def _chosen(x: Question, value: Any) -> Iterator[dict[str, str]]:
    more = value.get("other") or value.get("text") or "" if isinstance(value, Mapping) else ""
    codes = value.get("codes", [value.get("code")]) if isinstance(value, Mapping) else value
    for code in [codes] if isinstance(codes, str) else codes:
        choice = x.choice(code)
        yield {
            "label": pick(choice.label, language()) if choice else str(code),
            "text": more if choice and choice.other else "",
        }


# --- what stands around it


def turns(r: FeedbackRecord) -> list[dict[str, Any]]:
    """Return a conversation in its order; the customer's turns stand on their own side."""
    return [
        {
            "role": _role(t.role),
            "is_customer": side_of(t.role) == CUSTOMER,
            "at": None if r.is_anonymous else t.at,
            "text": t.text,
        }
        for t in sorted(r.turns.all(), key=lambda t: t.position)
    ]


def _role(name: str) -> str:
    known = name if name in words.ROLES else side_of(name) or name
    return words.named(words.ROLES, known)


def facts(
    scope: Scope, r: FeedbackRecord, hidden: cards.Pairs, q: Questionnaire | None
) -> list[tuple[str, str]]:
    """Return term and words of all that is known about where the record comes from."""
    version = gettext("version %(n)s") % {"n": r.version.number} if r.version else ""
    survey = f"{r.survey.title_in(language())} · {version}" if r.survey else ""
    found = [
        (gettext("Kind"), words.named(words.KINDS, r.kind)),
        (gettext("Survey"), survey),
        (gettext("Unit"), cards.unit(r, hidden)),
        (gettext("Touchpoint"), r.touchpoint.name_in(language()) if r.touchpoint else ""),
        (gettext("Service staff"), (r.agent.name or r.agent.code) if r.agent else ""),
        (gettext("Channel"), words.named(CHANNELS, r.channel)),
        (gettext("Source"), words.named(words.SOURCES, r.source)),
        (gettext("Language"), words.named(words.LANGUAGES, r.language)),
        (gettext("Number at the source"), _ref(r) if scope.sees_text else ""),
    ]
    return [(term, value) for term, value in found if value]


def _ref(r: FeedbackRecord) -> str:
    return "" if r.is_anonymous or r.source == "survey" else r.source_ref


def attributes(r: FeedbackRecord) -> list[tuple[str, str]]:
    return [(str(k), _plain(v)) for k, v in sorted(r.attributes.items())]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return "—" if value is None else str(value)


def history(r: FeedbackRecord) -> list[dict[str, Any]]:
    """Return what the record said before its source sent it again, the latest first."""
    return [
        {
            "revision": h.revision,
            "at": h.replaced_at,
            "verbatim": h.content.get("verbatim") or "",
            "scores": [_old_score(s) for s in h.content.get("scores") or []],
        }
        for h in r.history.order_by("-revision")[:20]
    ]


def _old_score(one: Mapping[str, Any]) -> str:
    best = max(one.get("scale") or [0])
    metric = words.named(words.METRICS, str(one.get("metric", "")))
    return f"{metric} {one.get('value'):g}/{best:g}"


def customer(request: Any, r: FeedbackRecord) -> dict[str, Any] | None:
    """Return the card of who spoke: to who may know them, else None."""
    if r.customer_id is None or r.is_anonymous:
        return None
    if not may(request.member, "customer.read") or not request.scope.sees_personal:
        return {"hidden": True}
    mine = customers(request.scope, customers_heard(request.scope))
    found = mine.filter(pk=r.customer_id).first()
    if found is None:
        return {"hidden": True}
    return {
        "name": found.name or found.ref or gettext("Without a name"),
        "ref": found.ref or "",
        "href": reverse("customers-one", args=[r.customer_id]),
        "places": [
            " · ".join(filter(None, [p.unit.name_in(language()), p.room, p.relation]))
            for p in found.places.all()
            if request.scope.unit_ids is None or p.unit_id in request.scope.unit_ids
        ],
        "voices": of_customer(request.scope, r.customer_id).count(),
    }
