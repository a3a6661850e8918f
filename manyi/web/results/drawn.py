"""Pictures of answers whose bars lead to the page filtered by them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from manyi.charts import NPS_COLOURS, Chart, Likert, bars, distribution, histogram, likert
from manyi.charts import nps_strip as strip
from manyi.charts.parts import steps
from manyi.kit.localtext import pick
from manyi.questionnaire.model import Question
from manyi.reports.results import Bar, Counted, Grid, Scaled
from manyi.web.context import language

Link = Callable[[str, str], str]
"""(question or question.row, code) → the page with that filter added or taken away."""
MOST_NUMBERS = 12
_BINS = 8


def scaled(x: Question, found: Scaled, link: Link, *, few: int) -> dict[str, Any] | None:
    """Return columns from the worst to the best answer."""
    shares = found.spread.shares
    if not shares:
        return None
    colours = NPS_COLOURS if x.metric == "nps" and len(shares) == len(NPS_COLOURS) else None
    picture = distribution(
        [_answer(x, one.value) for one in shares],
        found.spread.heights,
        shares=[one.share for one in shares],
        colours=colours,
        language=language(),
        few=few,
    )
    return _led(picture, [link(x.code, f"{one.value:g}") for one in shares])


def nps(found: Scaled, *, few: int) -> Chart | None:
    """Return the strip of detractors, passives and promoters with the score."""
    shares = found.spread.shares
    score = dict(found.numbers).get("nps")
    if not shares or score is None or score.estimate.n < few:
        return None
    parts = [0, 0, 0]
    for one, n in zip(shares, found.spread.heights, strict=True):
        parts[0 if one.value < 7 else 1 if one.value < 9 else 2] += n
    return strip(parts[0], parts[1], parts[2], score=score.estimate, language=language())


def counted(x: Question, found: Counted, link: Link, *, few: int) -> dict[str, Any] | None:
    """Return bars of choices, or a histogram of many different numbers."""
    if not found.bars:
        return None
    if x.kind == "number" and len(found.bars) > MOST_NUMBERS:
        return {"picture": _histogram(found.bars), "table": None}
    shown = [(label(x, one), one.share) for one in found.bars]
    picture = bars(shown, kind="share", language=language(), few=few)
    return _led(picture, [link(x.code, one.code) for one in found.bars])


def _histogram(found: Sequence[Bar]) -> Chart:
    values = [float(one.code) for one in found]
    first, last, width = steps(min(values), max(values), "mean", _BINS + 1)
    counts = [0] * max(round((last - first) / width), 1)
    for value, one in zip(values, found, strict=True):
        counts[min(int((value - first) / width), len(counts) - 1)] += one.n
    edges = [round(first + width * i, 6) for i in range(len(counts) + 1)]
    return histogram(edges, counts, language=language())


def grid(x: Question, found: Grid, link: Link) -> dict[str, Any] | None:
    """Return the rows of a matrix as bars that share one middle."""
    told = [one for one in found.rows if one.counts]
    if not told:
        return None
    answers = [_answer(x, p) for p in x.points()]
    picture = likert(
        [Likert(pick(one.label, language(), one.code), tuple(one.counts)) for one in told],
        answers=answers,
        language=language(),
    )
    hrefs = [[link(f"{x.code}.{one.code}", f"{p:g}") for p in x.points()] for one in told]
    for at, series in enumerate(picture.option["series"][1:]):
        for row, datum in enumerate(series["data"]):
            datum["href"] = hrefs[row][at]
    rows = [
        [cells[0], *map(_cell, cells[1:-1], hrefs[i]), cells[-1]]
        for i, cells in enumerate(picture.table.rows)
    ]
    return {"picture": picture, "table": {"columns": picture.table.columns, "rows": rows}}


def _cell(text: str, href: str) -> dict[str, str]:
    return {"text": text, "href": href}


def _led(picture: Chart, hrefs: Sequence[str]) -> dict[str, Any]:
    """Return the picture whose bars, and the first cells of whose table, lead on."""
    for datum, href in zip(picture.option["series"][0]["data"], hrefs, strict=True):
        if isinstance(datum, dict):
            datum["href"] = href
    rows = [
        [_cell(cells[0], href), *cells[1:]]
        for cells, href in zip(picture.table.rows, hrefs, strict=True)
    ]
    table = {"columns": picture.table.columns, "rows": rows}
    return {"picture": picture, "table": table}


def _answer(x: Question, value: float) -> str:
    words = pick(x.label_of(value), language())
    if len(x.points()) > 7 or not words:
        return f"{value:g}"
    return f"{value:g} {words}"


def label(x: Question, one: Bar) -> str:
    """Return what an answer is called."""
    if x.kind == "consent":
        return {"yes": _("Agreed"), "no": _("Did not agree")}.get(one.code, one.code)
    return pick(one.label, language(), one.code)
