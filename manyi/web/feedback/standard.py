"""The standard of service: its items and phrases, tried on a conversation, then put in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from manyi.feedback import queries, standard
from manyi.feedback.models import TalkReading
from manyi.kit.localtext import pick
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem
from manyi.kit.selection import Selection
from manyi.text import mask_all
from manyi.text.standard import BUILT_IN, OWN, Item
from manyi.text.talks import AGENT, CUSTOMER, Turn
from manyi.web.channels import CHANNELS, named
from manyi.web.context import language
from manyi.web.errors import sentences
from manyi.web.feedback import talked
from manyi.web.pages import page

USUAL = ("chat", "phone", "wechat", "mail", "app", "store")
MOST_TURNS, MOST_LETTERS = 200, 20_000
_NEWEST = 1_000  # conversations are looked through for one to try a standard on
_BETWEEN = re.compile(r"[\n,，、;；]")
_ROLE = re.compile(r"\s*([^:：\n]{1,20})[:：]\s*(.*)")


@page("organisation.edit")
def edit(request: Any) -> HttpResponseBase:
    """Show the standard in force or a changed one; put that in force."""
    given, problems = _given(request), []
    if request.method == "POST":
        act = request.POST.get("act", "")
        if act == "choose":
            try:
                return _chosen(request, given)
            except (Forbidden, NotFound, Busy):
                raise
            except Problem as problem:
                problems = sentences(problem)
        given = _changed(given, act)
    return render(request, "web/feedback/standard.html", _context(request, given, problems))


@page("organisation.edit")
@require_POST
def attempt(request: Any) -> HttpResponseBase:
    """Judge the conversation in the form by the standard in the form."""
    context: dict[str, Any] = {}
    try:
        items = standard.check(_of_form(request.POST))
        turns = list(turns_of(request.POST.get("talk", "")))
        if not any(turn.side == AGENT for turn in turns):
            raise Problem("standard.turns_missing")
        judged = standard.judge(turns, items, request.POST.get("channel", ""))
        names = talked.names(items)
        context = {
            "kept": judged.kept,
            "items": [_tried(talked.item(one, names), turns) for one in judged.verdicts],
        }
    except Problem as problem:
        context = {"problems": sentences(problem)}
    return render(request, "web/feedback/_standard_tried.html", context)


def _tried(told: dict[str, Any], turns: Sequence[Turn]) -> dict[str, Any]:
    return {**told, "said": [(n, turns[n - 1].text) for n in told["turns"]]}


def turns_of(lines: str) -> Iterator[Turn]:
    """Yield the turns of a conversation that is written a line a turn."""
    role, said = "", ""
    for line in lines[:MOST_LETTERS].splitlines()[:MOST_TURNS]:
        begun = _ROLE.fullmatch(line)
        if begun is None:
            said = f"{said}\n{line}" if line.strip() else said
            continue
        if role:
            yield Turn(role, said)
        role, said = begun[1].strip(), begun[2]
    if role:
        yield Turn(role, said)


def _chosen(request: Any, given: Sequence[dict[str, Any]]) -> HttpResponseBase:
    standard.choose(by=request.member, items=given, now=timezone.now())
    messages.success(
        request, _("The standard is in force. Conversations are being judged by it again.")
    )
    return redirect("feedback-standard")


def _given(request: Any) -> list[dict[str, Any]]:
    """Return what the form says, else the version asked for, else what is in force."""
    if request.method == "POST":
        return _of_form(request.POST)
    organisation, asked = request.scope.organisation_id, request.GET.get("version", "")
    found = None
    if asked.isascii() and asked.isdecimal() and len(asked) < 8:
        found = standard.version(organisation, int(asked))
    return [one.to_dict() for one in found or standard.current(organisation)]


def _of_form(form: Any) -> list[dict[str, Any]]:
    codes = list(dict.fromkeys(form.getlist("code")))
    return [_item(form, code) for code in codes[: len(BUILT_IN) + standard.MOST_OWN + 1]]


def _item(form: Any, code: str) -> dict[str, Any]:
    return {
        "code": code,
        "is_on": f"on:{code}" in form,
        "knows": f"knows:{code}" in form,
        "weight": _number(form.get(f"weight:{code}", "")),
        "channels": form.getlist(f"channel:{code}"),
        "says": _phrases(form.get(f"says:{code}", "")),
        "never": _phrases(form.get(f"never:{code}", "")),
        "name": {tag: form.get(f"name:{tag}:{code}", "").strip() for tag in ("zh-Hans", "en")},
    }


def _number(given: str) -> float:
    try:
        return float(given.strip())
    except ValueError:
        return float("nan")  # the check says so by name


def _phrases(given: str) -> list[str]:
    return [said for one in _BETWEEN.split(given) if (said := one.strip())]


def _changed(given: Sequence[dict[str, Any]], act: str) -> list[dict[str, Any]]:
    """Return the items with one more of one's own, or without one."""
    if act == "add":
        taken = {one["code"] for one in given}
        code = next(c for n in range(1, 1000) if (c := f"{OWN}{n}") not in taken)
        return [*given, Item(code, knows=False).to_dict()]
    dropped = act.removeprefix("drop:") if act.startswith("drop:") else ""
    return [one for one in given if one["code"] != dropped]


def _context(
    request: HttpRequest, given: Sequence[dict[str, Any]], problems: Iterable[str]
) -> dict[str, Any]:
    organisation = request.scope.organisation_id  # type: ignore[attr-defined]
    channels = _channels(given)
    due = standard.due(organisation).count() if standard.number(organisation) else 0
    return {
        "items": [_shown(one, channels) for one in given],
        "problems": list(problems),
        "channels": channels,
        "number": standard.number(organisation),
        "versions": standard.versions(organisation)[:20],
        "due": due,
        "talk": request.POST.get("talk") or sample(request),
        "channel": request.POST.get("channel", "chat"),
        "may_add": len(given) < len(BUILT_IN) + standard.MOST_OWN,
    }


def _channels(given: Iterable[dict[str, Any]]) -> list[tuple[str, str]]:
    used = [code for one in given for code in one["channels"]]
    return [(code, named(CHANNELS, code)) for code in dict.fromkeys((*USUAL, *used))]


def _shown(one: dict[str, Any], channels: Sequence[tuple[str, str]]) -> dict[str, Any]:
    code = one["code"]
    return {
        **one,
        "is_own": code.startswith(OWN),
        "is_forbidden": code == "forbidden",
        "title": talked.ITEMS.get(code) or pick(one["name"], language()) or _("New item"),
        "about": talked.ABOUT.get(code, ""),
        "name_zh": one["name"].get("zh-Hans", ""),
        "name_en": one["name"].get("en", ""),
        "weight": "" if one["weight"] != one["weight"] else f"{one['weight']:g}",
        "says": "\n".join(one["says"]),
        "never": "\n".join(one["never"]),
        "channels": [(c, name, c in one["channels"]) for c, name in channels],
        "is_narrow": bool(one["channels"]),
    }


def sample(request: Any) -> str:
    """Return the newest conversation without personal data, to try a standard on."""
    mine = TalkReading.objects.filter(organisation_id=request.scope.organisation_id)
    newest = list(mine.order_by("-record_id").values_list("record_id", flat=True)[:_NEWEST])
    seen = queries.among(Selection(request.scope), newest).order_by("-pk")
    pk = seen.values_list("pk", flat=True).first()
    turns = standard.turns_of([pk]).get(pk, []) if pk is not None else []
    words = {CUSTOMER: _("Customer"), AGENT: pgettext("who serves in a conversation", "Agent")}
    colon = pgettext("between label and value", ": ")
    masked = mask_all([turn.text for turn in turns])
    pairs = zip(turns, masked, strict=True)
    return "\n".join(f"{words.get(t.side, t.role)}{colon}{m.text}" for t, m in pairs)
