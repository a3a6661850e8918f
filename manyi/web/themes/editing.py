"""The taxonomy: a trade's aspects and one's own, tried on a sentence, then put in force."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from manyi.feedback import analysing, readers, rereading, taxonomy
from manyi.feedback.models import TaxonomyVersion
from manyi.kit.localtext import pick
from manyi.kit.problems import Problem
from manyi.text import analyse
from manyi.text.taxonomy import GENERAL, Taxonomy, packs
from manyi.themes.queries import may_see
from manyi.themes.queries import theme as unnamed
from manyi.web import named
from manyi.web.context import language
from manyi.web.errors import sentences
from manyi.web.pages import page
from manyi.web.themes import shown

_BETWEEN = re.compile(r"[,，、;；]")
_TRIED = 500
MOST_SHOWN = 24
TONGUES = ("zh-Hans", "en")


@page("organisation.edit")
def edit(request: HttpRequest) -> HttpResponseBase:
    """Show the taxonomy in force; try a changed one on a sentence, or put it in force."""
    given = _given(request)
    problems: list[str] = []
    tried = None
    if request.method == "POST":
        try:
            if request.POST.get("act") == "again":
                readers.again(by=request.member, now=timezone.now())  # type: ignore[attr-defined]
                return _under_way(request)
            if request.POST.get("act") != "try":
                return _chosen(request, given)
            tried = _tried(request, given)
        except Problem as problem:
            problems = sentences(problem)
    return render(request, "web/themes/taxonomy.html", _context(request, given, problems, tried))


@page("organisation.edit")
@require_POST
def attempt(request: HttpRequest) -> HttpResponseBase:
    """Show what the taxonomy in the form finds in the sentence, as one types."""
    try:
        context: dict[str, Any] = {"tried": _tried(request, _given(request))}
    except Problem as problem:
        context = {"faults": sentences(problem)}
    return render(request, "web/themes/_tried.html", context)


def _given(request: HttpRequest) -> dict[str, Any]:
    """Return what the form says, or what is in force."""
    if request.method == "POST":
        pack, lines = request.POST.get("pack", GENERAL), request.POST.get("own", "")
        return {"pack": pack, "lines": lines, "sentence": request.POST.get("sentence", "")[:_TRIED]}
    mine = TaxonomyVersion.objects.filter(organisation_id=request.scope.organisation_id)  # type: ignore[attr-defined]
    row = mine.order_by("-is_current", "-number").first()
    own = [line_of(one) for one in row.own] if row else []
    shown = "\n".join(own + _suggested(request))
    return {"pack": row.pack if row else GENERAL, "lines": shown, "sentence": ""}


def _suggested(request: HttpRequest) -> list[str]:
    """Return the line for a theme nobody named that shall get a name."""
    asked = request.GET.get("unnamed", "")
    scope = request.scope  # type: ignore[attr-defined]
    if not asked.isascii() or not asked.isdecimal() or len(asked) > 9 or not may_see(scope):
        return []
    theme = unnamed(scope, int(asked))
    name = " · ".join(theme.name)
    named = {"name": dict.fromkeys(TONGUES, name), "words": list(theme.name)}
    return [line_of({"code": f"own.u{asked}", **named})]


def line_of(one: Mapping[str, Any]) -> str:
    """Return an aspect as a line of the editor."""
    name = one["name"]
    words = ", ".join(one["words"])
    return f"{one['code']} | {name.get('zh-Hans', '')} | {name.get('en', '')} | {words}"


def own_of(lines: str) -> list[dict[str, Any]]:
    """Return the aspects that the editor's lines name."""
    return [_own(line) for line in lines.splitlines() if line.strip()]


def _own(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in re.split(r"[|｜]", line)] + [""] * 4
    code, chinese, english, words = parts[:4]
    name = {k: v for k, v in (("zh-Hans", chinese), ("en", english)) if v}
    return {"code": code, "name": name, "words": [w for w in _BETWEEN.split(words) if w.strip()]}


def _chosen(request: Any, given: Mapping[str, Any]) -> HttpResponseBase:
    rereading.choose(
        by=request.member, pack_code=given["pack"], own=own_of(given["lines"]), now=timezone.now()
    )
    return _under_way(request)


def _under_way(request: HttpRequest) -> HttpResponseBase:
    messages.success(request, _("All texts are being read again; the numbers change at the end."))
    return redirect("themes-taxonomy")


def _tried(request: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the taxonomy in the form finds in the sentence."""
    built = taxonomy.built(given["pack"], rereading.check(own_of(given["lines"])))
    [said] = analyse([given["sentence"]], taxonomy=built)
    names = taxonomy.named(built, language())
    return {
        "said": bool(given["sentence"].strip()),
        "findings": [
            {
                "aspect": named.aspect(names, one.aspect or ""),
                "polarity": str(named.POLARITIES[one.polarity]),
                "sense": one.polarity,
                "words": [given["sentence"][a:b] for a, b in (*one.aspect_at, *one.opinion_at)],
            }
            for one in said.findings
        ],
    }


def _context(
    request: Any, given: Mapping[str, Any], problems: Iterable[str], tried: Any
) -> dict[str, Any]:
    return {
        **given,
        "problems": list(problems),
        "tried": tried,
        "packs": [(code, pick(name, language())) for code, name in packs().items()],
        "aspects": _listed(taxonomy.current(request.scope.organisation_id).taxonomy),
        "job": analysing.rereading(request.scope.organisation_id),
        **shown.read_by(request.scope.organisation_id),
    }


def _listed(built: Taxonomy) -> list[dict[str, str]]:
    names = taxonomy.named(built, language())
    return [
        {
            "code": one.code,
            "name": named.aspect(names, one.code),
            "words": _words(one.words),
        }
        for one in built.aspects
    ]


def _words(words: Sequence[str]) -> str:
    """Return some of the words that say an aspect, those of the reader's language first."""
    is_english = language() == "en"
    ordered = sorted(words, key=lambda word: word.isascii() is not is_english)
    shown = pgettext("between words", ", ").join(ordered[:MOST_SHOWN])
    return f"{shown} …" if len(ordered) > MOST_SHOWN else shown
