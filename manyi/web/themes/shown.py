"""Themes as their pages show them: bars, a map by unit, and the words people use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from manyi.accounts.models import Unit
from manyi.accounts.permissions import may
from manyi.charts import Chart, Likert, bars, heat, likert
from manyi.charts.figures import joined
from manyi.charts.treemap import Tile, tiles
from manyi.connectors.llm import service
from manyi.feedback import analysing, checking, outside, readers
from manyi.kit.selection import Selection
from manyi.lake.mentions import ASPECT, INTENT
from manyi.metrics.guard import limits
from manyi.metrics.rows import Row
from manyi.metrics.themes import Theme, Themes, themes
from manyi.stats.result import Estimate
from manyi.tabular.writing import Column
from manyi.text.taxonomy import OVERALL
from manyi.themes.queries import may_see
from manyi.web import filters, named, numbers
from manyi.web.context import language
from manyi.web.voices import may_read

DRAWN, LISTED = 12, 60
MOST_UNITS, MOST_ASPECTS = 24, 10
# What no complaint is about.
_NO_THEME = frozenset({OVERALL, *named.INTENTS})


def tabs(request: Any, active: str) -> list[dict[str, Any]]:
    """Return the tabs of the section, with what is looked at kept."""
    known = [
        ("themes", _("Themes")),
        ("themes-intents", _("What they want")),
        ("themes-emotions", _("How they feel")),
        ("themes-units", _("By unit")),
        ("themes-changes", _("What changed")),
        ("themes-words", _("Words and phrases")),
        ("themes-unnamed", _("Nobody named")),
        ("themes-summary", _("Summary")),
    ]
    kept = filters.address(request, format=None)
    query = kept if kept.startswith("?") else ""
    return [
        {"label": label, "href": reverse(name) + query, "active": name == active}
        for name, label in known
        if _is_open(request, name)
    ]


def _is_open(request: Any, name: str) -> bool:
    if name == "themes-unnamed":
        return may_read(request) and may_see(request.scope)
    if name == "themes-summary":
        return may_summarise(request)
    return name != "themes-words" or may_read(request)


def may_summarise(request: Any) -> bool:
    """Whether the organisation lets the outside model summarise, and this person reads texts."""
    choice = service.agreed(request.scope.organisation_id)
    return bool(choice and choice.summarises and request.scope.sees_text and may_read(request))


def common(request: Any, selection: Selection, active: str) -> dict[str, Any]:
    """Return what every page of the section shows."""
    return {
        "tabs": tabs(request, active),
        "limits": limits(selection.scope),
        **read_by(selection.scope.organisation_id),
        "outsiders": list(outside.counted(selection.scope.organisation_id).items()),
        "waiting": analysing.waiting_of(selection.scope.organisation_id),
        "job": analysing.rereading(selection.scope.organisation_id),
        "may_edit": may(request.member, "organisation.edit"),
        "may_check": checking.may_check(request.member),
        "left_out": numbers.left_out_words(selection),
    }


def read_by(organisation_id: int) -> dict[str, Any]:
    """Return which models made what is shown, and which of them no longer reads."""
    found, now = readers.models(organisation_id), analysing.model(organisation_id)
    between = "、" if language() == "zh-Hans" else ", "
    return {
        "model": between.join(found),
        "model_now": now,
        "is_outdated": any(one != now for one in found),
    }


def listed(request: Any, selection: Selection, facet: str) -> dict[str, Any]:
    """Return the themes (or intents) of a selection, most spoken of first."""
    found = themes(selection, facet)
    label = labels(selection, facet)
    rows = [line(request, one, label, facet) for one in found.rows[:LISTED]]
    return {
        "failed": found.is_failed,
        "voices": found.voices.n,
        "is_intent": facet == INTENT,
        "answer": answer(found, label),
        "chart": drawn(found, label),
        "shares": _wanted(rows, limits(selection.scope).precision_n) if facet == INTENT else None,
        "rows": rows,
        "maps": mapped(rows),
        "more": max(len(found.rows) - LISTED, 0),
        "has_before": selection.when is not None,
    }


def labels(selection: Selection, facet: str) -> Mapping[str, str]:
    """Return what to call each code of a facet."""
    if facet == INTENT:
        return {code: str(words) for code, words in named.INTENTS.items()}
    names = named.aspects(selection.scope)
    return {code: named.aspect(names, code) for code in names}


def answer(found: Themes, label: Mapping[str, str]) -> str:
    """Return the page's answer in a sentence."""
    told = [one for one in found.rows if one.share.ok]
    if not told:
        return ""
    first = told[0]
    said = _("Most spoken of: %(aspect)s, by %(share)s of those who wrote something.") % {
        "aspect": label.get(first.aspect, first.aspect),
        "share": numbers.written(first.share.estimate, "share"),
    }
    sure = [
        one
        for one in told
        if one.aspect not in _NO_THEME and one.net.ok and _ends(one.net.estimate)[1] < 0
    ]
    if not sure:
        return said
    worst = max(sure, key=lambda one: one.negative or 0)
    more = _("The most complaints: %(aspect)s.") % {"aspect": label.get(worst.aspect, worst.aspect)}
    return joined([said, more], language())


def _ends(found: Estimate) -> tuple[float, float]:
    low = found.low if found.low is not None else 0.0
    return low, found.high if found.high is not None else 0.0


def drawn(found: Themes, label: Mapping[str, str]) -> Chart | None:
    """Return how the most spoken-of themes are spoken of; None where nothing may be drawn."""
    rows = [one for one in found.rows if one.net.ok][:DRAWN]
    if not rows:
        return None
    return likert(
        [
            Likert(
                label.get(one.aspect, one.aspect),
                (one.negative or 0, one.neutral or 0, one.positive or 0),
            )
            for one in rows
        ],
        answers=[str(words) for words in named.POLARITIES.values()],
        language=language(),
    )


def shares(each: Iterable[tuple[str, str, Row]], few: int) -> Chart | None:
    """Return shares of voices as bars with their intervals, each of which leads to its voices;
    None where nothing may be drawn. `each`: name, address, share."""
    told = [(name, href, share.estimate) for name, href, share in each if share.ok]
    if not told:
        return None
    links = {name: href for name, href, _ in told}
    values = [(name, share) for name, _, share in told]
    return bars(values, kind="share", language=language(), few=few, links=links)


def _wanted(rows: Sequence[Mapping[str, Any]], few: int) -> Chart | None:
    return shares(((one["name"], one["href"], one["theme"].share) for one in rows), few)


# Width and height for which tiles are laid out: wide pages, and phones.
_WHOLE = {"wide": (1200.0, 340.0), "phone": (350.0, 520.0)}
TILES = 24
_STRONG = 40.0
# Below so many pixels of the layout a tile shows fewer words, or none.
_ROOM = (("roomy", 130, 76), ("some", 84, 46), ("little", 46, 26))


def mapped(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the themes as tiles: as large as they are spoken of, coloured by how."""
    told = [one for one in rows if one["shown"] and one["theme"].n][:TILES]
    told = sorted(told, key=lambda one: (-one["theme"].n, one["code"]))
    amounts = [one["theme"].n for one in told]
    found = []
    for shape, (width, height) in _WHOLE.items():
        laid = tiles(amounts, width=width, height=height) if told else []
        placed = [_tile(one, at, width, height) for one, at in zip(told, laid, strict=True)]
        found.append({"shape": shape, "tiles": placed})
    return found if told else []


def _tile(one: Mapping[str, Any], at: Tile, width: float, height: float) -> dict[str, Any]:
    net = one["theme"].net.estimate
    across, down = at.width * width / 100, at.height * height / 100
    room = next((name for name, w, h in _ROOM if across >= w and down >= h), "none")
    ends = {key: f"{getattr(at, key):.2f}%" for key in ("x", "y", "width", "height")}
    told = {
        "n": one["theme"].n,
        "net_words": numbers.written(net, "points"),
        "short": one["name"].rpartition(" · ")[2],
    }
    return {**one, **told, "at": ends, "room": room, "tone": tone(net)}


def tone(net: Estimate) -> str:
    """Return how a theme is spoken of, neutral where the interval holds 0."""
    low, high = _ends(net)
    if low <= 0 <= high or net.value is None:
        return "neutral"
    word = "good" if net.value > 0 else "bad"
    return f"very-{word}" if abs(net.value) >= _STRONG else word


def line(request: Any, one: Theme, label: Mapping[str, str], facet: str) -> dict[str, Any]:
    """Return one theme as its row shows it; each count leads to its voices."""
    name = "intent" if facet == INTENT else "aspect"
    return {
        "code": one.aspect,
        "name": label.get(one.aspect, one.aspect),
        "href": inbox(request, **{name: one.aspect}),
        "counts": [
            {"n": n, "sense": sense, "href": inbox(request, **{name: one.aspect}, polarity=sense)}
            for n, sense in zip(
                (one.negative, one.neutral, one.positive), named.POLARITIES, strict=True
            )
        ],
        "share": numbers.figure_of(one.share),
        "net": numbers.figure_of(one.net),
        "shown": one.net.ok,
        "change": one.change,
        "direction": one.direction,
        "theme": one,
    }


def inbox(request: Any, **conditions: str) -> str:
    """Return the address of the voices behind a number, for who may read them."""
    if not may_read(request):
        return ""
    kept = [
        (k, v)
        for k, values in request.GET.lists()
        for v in values
        if v and k not in ("format", "cursor", "level", *conditions)
    ]
    return f"{reverse('feedback')}?{urlencode([*kept, *conditions.items()])}"


# --- by unit


def by_unit(request: Any, selection: Selection) -> dict[str, Any]:
    """Return where which themes hurt: net sentiment by unit and aspect."""
    found = themes(selection.split("unit"), ASPECT)
    label = named.aspects(selection.scope)
    top = found.most(None, MOST_ASPECTS)
    codes = found.most("unit", MOST_UNITS)
    units = Unit.objects.visible_to(request.scope).filter(code__in=codes)
    names = {unit.code: unit.name_in(language()) for unit in units}
    rows = [code for code in codes if code in names]
    least = limits(selection.scope)
    told = found.among("unit", names, top)
    cells = {
        (names[one.group["unit"] or ""], label.get(one.aspect, one.aspect)): numbers.drawn(one.net)
        for one in told
    }
    columns = [label.get(code, code) for code in top]
    chart = None
    if rows and columns:
        chart = heat(
            [names[code] for code in rows],
            columns,
            cells,
            low=-100,
            high=100,
            kind="points",
            language=language(),
            few=least.precision_n,
        )
        whole = {"interval": 0, "width": 76, "overflow": "break", "fontSize": 11}
        chart.option["xAxis"]["axisLabel"].update(whole)
        chart.option["grid"]["top"] = 24
    table = [
        (one, names[one.group["unit"] or ""], label.get(one.aspect, one.aspect)) for one in told
    ]
    return {"failed": found.is_failed, "chart": chart, "units": len(rows), "cells": table}


# --- the same as a table


def columns() -> list[Column]:
    """Return the columns of the download."""
    return [
        Column("code", _("Code"), "code"),
        Column("name", pgettext("spoken of", "Theme")),
        Column("n", _("Voices"), "integer"),
        Column("share", _("Share, %"), "number"),
        Column("share_low", _("Low end"), "number"),
        Column("share_high", _("High end"), "number"),
        Column("negative", _("Negative voices"), "integer"),
        Column("neutral", _("Mixed or neutral voices"), "integer"),
        Column("positive", _("Positive voices"), "integer"),
        Column("net", _("Net sentiment"), "number"),
        Column("net_low", _("Net sentiment, low end"), "number"),
        Column("net_high", _("Net sentiment, high end"), "number"),
        Column("status", _("Status")),
    ]


def lines(shown: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the themes as they may be shown."""
    for one in shown["rows"]:
        theme: Theme = one["theme"]
        share, net = theme.share.estimate, theme.net.estimate
        yield {
            "code": theme.aspect,
            "name": one["name"],
            "n": theme.n,
            "share": share.value,
            "share_low": share.low,
            "share_high": share.high,
            "negative": theme.negative,
            "neutral": theme.neutral,
            "positive": theme.positive,
            "net": net.value,
            "net_low": net.low,
            "net_high": net.high,
            "status": theme.net.status,
        }


def unit_columns() -> list[Column]:
    """Return the columns of the map's download."""
    return [
        Column("unit", _("Unit code"), "code"),
        Column("unit_name", _("Unit")),
        Column("code", _("Code"), "code"),
        Column("name", pgettext("spoken of", "Theme")),
        Column("n", _("Voices"), "integer"),
        Column("net", _("Net sentiment"), "number"),
        Column("net_low", _("Net sentiment, low end"), "number"),
        Column("net_high", _("Net sentiment, high end"), "number"),
        Column("status", _("Status")),
    ]


def unit_lines(cells: Sequence[tuple[Theme, str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the cells of the map as they may be shown."""
    for theme, unit, name in cells:
        net = theme.net.estimate
        yield {
            "unit": theme.group["unit"],
            "unit_name": unit,
            "code": theme.aspect,
            "name": name,
            "n": theme.n,
            "net": net.value,
            "net_low": net.low,
            "net_high": net.high,
            "status": theme.net.status,
        }
