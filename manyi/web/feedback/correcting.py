"""A person's word on one record: the form, and what it stores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.views.decorators.http import require_POST

from manyi.accounts.permissions import may
from manyi.feedback import correcting, queries
from manyi.feedback.models import Correction, FeedbackRecord
from manyi.kit.problems import FieldProblem, Problem
from manyi.text.corrected import ASPECT, INTENT, POLARITY, Verdict
from manyi.web import named
from manyi.web.feedback.asked import inbox_page
from manyi.web.settings.editing import attempt

_SENSES: dict[str, int | None] = {"-1": -1, "0": 0, "1": 1, "none": None}


def form(request: Any, r: FeedbackRecord, read: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return what may be corrected of a record, as it is now; None to who may not."""
    may_correct = request.scope.sees_text and may(request.member, "feedback.correct", r.unit)
    if read is None or not may_correct:
        return None
    said = {f["code"]: f["aspect"] for f in read["findings"] if f["code"]}
    return {
        "polarities": _senses(_number(read["sense"])),
        "aspects": [
            {"code": code, "name": name, "senses": _senses(_sum(read["findings"], code))}
            for code, name in said.items()
        ],
        "others": [(c, n) for c, n in named.choices(request.scope) if c not in said],
        "intents": [
            {"code": code, "name": name, "meant": str(name) in read["intents"]}
            for code, name in named.INTENTS.items()
        ],
        "given": list(_given(request, r)),
    }


def _number(sense: str) -> int:
    return {word: number for number, word in named.SENSES.items()}[sense]


def _sum(findings: Iterable[Mapping[str, Any]], code: str) -> int:
    total = sum(_number(f["sense"]) for f in findings if f["code"] == code)
    return (total > 0) - (total < 0)


def _senses(now: int) -> list[dict[str, Any]]:
    return [
        {"value": str(number), "name": named.sense(number), "on": number == now, "sense": word}
        for number, word in named.SENSES.items()
    ]


def _given(request: Any, r: FeedbackRecord) -> Iterator[dict[str, Any]]:
    names = named.aspects(request.scope)
    for one in correcting.of_record(r):
        yield {
            "kind": one.kind,
            "code": one.code,
            "what": _what(one, names),
            "said": _said(one),
            "by": one.by.user.display_name if one.by else gettext("Somebody who left"),
            "at": one.at,
        }


def _what(one: Correction, names: dict[str, str]) -> str:
    if one.kind == POLARITY:
        return gettext("The text as a whole")
    return named.aspect(names, one.code) if one.kind == ASPECT else str(named.INTENTS[one.code])


def _said(one: Correction) -> str:
    if one.sense is None:
        return pgettext("a theme or intent", "not said")
    return pgettext("an intent", "meant") if one.kind == INTENT else named.sense(one.sense)


@inbox_page
@require_POST
def correct(request: Any, pk: int) -> HttpResponseBase:
    """Keep what the form says against the model, or with it."""
    found = queries.record(request.scope, pk)
    return attempt(
        request,
        lambda: correcting.correct(
            by=request.member,
            record=found,
            verdicts=list(_verdicts(request.POST, found)),
            now=timezone.now(),
        ),
        gettext("Kept. It counts from now on."),
        _here(request, pk),
    )


def _verdicts(given: Any, r: FeedbackRecord) -> Iterator[Verdict]:
    if given.get("polarity") in _SENSES:
        yield Verdict(POLARITY, "", _SENSES[given["polarity"]])
    for name, value in given.items():
        if name.startswith("aspect:") and value in _SENSES:
            yield Verdict(ASPECT, name.removeprefix("aspect:"), _SENSES[value])
    if given.get("added"):
        sense = _SENSES.get(given.get("added_sense", ""))
        yield Verdict(ASPECT, given["added"], sense or 0, _place(r, given.get("words", "")))
    yield from _intents(given)


def _intents(given: Any) -> Iterator[Verdict]:
    """Yield what differs from what the form showed."""
    meant, shown = set(given.getlist("intent")), set(given.getlist("intent_before"))
    for code in sorted(meant ^ shown):
        yield Verdict(INTENT, code, 1 if code in meant else None)


def _place(r: FeedbackRecord, words: str) -> tuple[int, int] | None:
    said = words.strip()
    if not said:
        return None
    at = r.verbatim.find(said)
    if at < 0:
        problem = FieldProblem("words", "correction.place_invalid", {"value": said[:60]})
        raise Problem("correction.invalid", errors=(problem,))
    return at, at + len(said)


@inbox_page
@require_POST
def uncorrect(request: Any, pk: int) -> HttpResponseBase:
    """Let the model's word stand again."""
    found = queries.record(request.scope, pk)
    kind, code = request.POST.get("kind", ""), request.POST.get("code", "")
    return attempt(
        request,
        lambda: correcting.withdraw(
            by=request.member, record=found, kind=kind, code=code, now=timezone.now()
        ),
        gettext("The correction is withdrawn."),
        _here(request, pk),
    )


def _here(request: Any, pk: int) -> str:
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return reverse("feedback-one", args=[pk]) + query
