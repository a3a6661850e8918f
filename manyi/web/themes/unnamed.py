"""Themes nobody named, as their pages show them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from manyi.accounts.permissions import may, require
from manyi.charts import trend
from manyi.connectors.llm import naming
from manyi.connectors.models import ThemeLabel
from manyi.kit.localtext import pick
from manyi.metrics.guard import limits
from manyi.tabular.writing import Column
from manyi.themes import actions, queries
from manyi.themes.queries import Example, Unnamed
from manyi.web import downloads, filters
from manyi.web.context import language
from manyi.web.pages import page
from manyi.web.themes import shown
from manyi.web.voices import record_href

EXAMPLES, FIRST, SHOWN = 30, 10, 60
_BREAKS = "。，！？；、,.!?; "


@page("metric.read")
def unnamed(request: Any) -> HttpResponseBase:
    """List the themes of the last look, what rose first."""
    require(request.member, "feedback.read")
    found = queries.looked(request.scope)
    if downloads.wanted(request):
        title = _("Themes nobody named")
        return downloads.table_response(request, title, columns(), lines(found.themes))
    names = naming.labels(request.scope.organisation_id)
    rows = [_row(one, names.get(one.number)) for one in found.themes[:SHOWN]]
    context = {
        **shown.common(request, filters.selection(request), "themes-unnamed"),
        "look": found.look,
        "answer": answer(found),
        "rows": rows,
        "first": rows[:FIRST],
        "rest": rows[FIRST:],
        "more": max(len(found.themes) - SHOWN, 0),
        "is_whole": actions.is_whole(request.scope.organisation_id),
        "downloads": downloads.choices(request),
    }
    return render(request, "web/themes/unnamed.html", context)


def name(one: Unnamed) -> str:
    """Return what a theme is called: its phrases side by side."""
    return " · ".join(one.name)


def answer(found: queries.Looked) -> str:
    """Return the page's answer in a sentence."""
    if found.look is None or not found.themes:
        return ""
    rising = [one for one in found.themes if one.is_rising]
    if not rising:
        return _("No theme rose last week beyond what chance explains.")
    return _("Risen last week: %(names)s.") % {
        "names": _("; ").join(name(one) for one in rising[:3])
    }


def _row(one: Unnamed, label: ThemeLabel | None = None) -> dict[str, Any]:
    negative, neutral, positive = one.senses or (None, None, None)
    return {
        "theme": one,
        "label": pick(label.label, language()) if label else "",
        "labelled_by": label.model if label else "",
        "name": name(one),
        "href": reverse("themes-unnamed-one", args=[one.number]),
        "week": one.weeks[-1].share,
        "n": one.n,
        "negative": negative,
        "neutral": neutral,
        "positive": positive,
    }


@page("metric.read")
def one(request: Any, number: int) -> HttpResponseBase:
    """Show one theme: its weeks, how it rose, and what is said."""
    require(request.member, "feedback.read")
    found = queries.theme(request.scope, number)
    points = [(week.first.isoformat(), week.share) for week in found.weeks]
    few = limits(request.scope).precision_n
    context = {
        **_row(found, naming.labels(request.scope.organisation_id).get(number)),
        "tabs": shown.tabs(request, "themes-unnamed"),
        "chart": trend(points, language=language(), few=few),
        "examples": [
            _example(example)
            for example in queries.examples(request.scope, number, at_most=EXAMPLES)
        ],
        "may_edit": may(request.member, "organisation.edit"),
        "may_open": request.scope.sees_text,
    }
    return render(request, "web/themes/unnamed_one.html", context)


def _example(example: Example) -> dict[str, Any]:
    return {
        "before": example.before[-60:].lstrip(_BREAKS),
        "words": example.words,
        "after": example.after[:60],
        "day": example.record.day,
        "href": record_href(str(example.record.pk)),
    }


@page("organisation.edit")
@require_POST
def choose(request: HttpRequest) -> HttpResponseBase:
    """Look among all clauses from the next look on, or only among those no theme catches."""
    member = request.member  # type: ignore[attr-defined]
    look_among = actions.look_among_all if request.POST.get("among") == "all" else None
    (look_among or actions.look_among_loose)(by=member, now=timezone.now())
    return redirect("themes-unnamed")


def columns() -> list[Column]:
    """Return the columns of the download."""
    return [
        Column("number", _("Number"), "integer"),
        Column("name", _("Name")),
        Column("week", _("Week"), "date"),
        Column("n", _("People"), "integer"),
        Column("share", _("Share, %"), "number"),
        Column("share_low", _("Low end"), "number"),
        Column("share_high", _("High end"), "number"),
        Column("ratio", _("Times the weeks before"), "number"),
        Column("p", "p", "number"),
    ]


def lines(themes: tuple[Unnamed, ...]) -> Iterator[dict[str, Any]]:
    """Yield each week of each theme."""
    for theme in themes:
        for week in theme.weeks:
            last = week is theme.weeks[-1]
            share = week.share
            yield {
                "number": theme.number,
                "name": name(theme),
                "week": week.first,
                "n": week.n,
                "share": share and share.value,
                "share_low": share and share.low,
                "share_high": share and share.high,
                "ratio": theme.rise.ratio if last and theme.rise else None,
                "p": theme.rise.p if last and theme.rise else None,
            }
