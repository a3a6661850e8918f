"""How customers feel by unit: a map of shares, and the same as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from manyi.accounts.models import Unit
from manyi.charts import Chart, heat
from manyi.kit.selection import Selection
from manyi.metrics.emotions import Emotion, emotions
from manyi.metrics.guard import limits
from manyi.tabular.writing import Column
from manyi.web import named, numbers
from manyi.web.context import language
from manyi.web.themes.shown import MOST_UNITS

# Much joy is good, much anger bad, and calm neither: colours say so.
_GOOD, _BAD, _NEITHER = 1, -1, 0
_TONES = {"happy": _GOOD, "neutral": _NEITHER, "surprise": _NEITHER}
Cell = tuple[Emotion, str, str]


def by_unit(selection: Selection) -> dict[str, Any]:
    """Return the share of each emotion in the units with the most voices."""
    found = emotions(selection.split("unit"))
    names = _names(selection, found or ())
    felt = {one.code for one in found or () if one.n is None or one.n > 0}
    asked = [code for code in named.EMOTIONS if code in felt]
    label = {code: str(named.EMOTIONS[code]) for code in asked}
    cells = [
        (one, names[str(one.group["unit"])], label[one.code])
        for one in found or ()
        if str(one.group["unit"]) in names and one.code in felt
    ]
    return {"failed": found is None, "chart": _map(selection, cells, names, label), "cells": cells}


def _names(selection: Selection, found: Sequence[Emotion]) -> dict[str, str]:
    """Return the names of the units with the most voices that are told, these first."""
    n = Counter[str]()
    for one in found:
        n[one.group["unit"] or ""] += one.n or 0
    codes = sorted((code for code in n if code and n[code]), key=lambda code: (-n[code], code))
    known = Unit.objects.visible_to(selection.scope).filter(code__in=codes[:MOST_UNITS])
    each = {unit.code: unit.name_in(language()) for unit in known}
    return {code: each[code] for code in codes if code in each}


def _map(
    selection: Selection,
    cells: Sequence[Cell],
    names: Mapping[str, str],
    label: Mapping[str, str],
) -> Chart | None:
    if not cells:
        return None
    chart = heat(
        list(names.values()),
        list(label.values()),
        {(unit, name): numbers.drawn(one.share) for one, unit, name in cells},
        low=0,
        high=100,
        kind="share",
        language=language(),
        few=limits(selection.scope).precision_n,
        tones={name: _TONES.get(code, _BAD) for code, name in label.items()},
    )
    chart.option["grid"]["top"] = 24
    return chart


def columns() -> list[Column]:
    """Return the columns of the map's download."""
    return [
        Column("unit", _("Unit code"), "code"),
        Column("unit_name", _("Unit")),
        Column("code", _("Code"), "code"),
        Column("name", _("Emotion")),
        Column("n", _("Voices"), "integer"),
        Column("share", _("Share, %"), "number"),
        Column("share_low", _("Low end"), "number"),
        Column("share_high", _("High end"), "number"),
        Column("status", _("Status")),
    ]


def lines(cells: Sequence[Cell]) -> Iterator[dict[str, Any]]:
    """Yield the cells of the map as they may be shown."""
    for one, unit, name in cells:
        share = one.share.estimate
        yield {
            "unit": one.group["unit"],
            "unit_name": unit,
            "code": one.code,
            "name": name,
            "n": one.n,
            "share": share.value,
            "share_low": share.low,
            "share_high": share.high,
            "status": one.share.status,
        }
