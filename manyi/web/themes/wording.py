"""The words people use: what is said here more than elsewhere, as a cloud and as a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from manyi.charts.figures import joined
from manyi.feedback import queries, taxonomy
from manyi.feedback.models import Reading
from manyi.kit.selection import Selection
from manyi.metrics.guard import limits
from manyi.stats.metrics import nps_of_counts
from manyi.stats.result import Estimate
from manyi.tabular.writing import Column
from manyi.text import Phrase, keywords
from manyi.web import named
from manyi.web.context import language
from manyi.web.themes.shown import inbox

READ, LISTED, SIZES = 2_000, 48, 6


@dataclass(frozen=True)
class _Text:
    """A text without personal data, who wrote it, and how they speak in it (-1, 0 or 1)."""

    words: str
    person: int
    is_anonymous: bool
    sense: int


@dataclass(frozen=True)
class Word:
    """A word or phrase, by how many people, of whom how many speak ill, neither and well."""

    text: str
    senses: tuple[int, int, int]
    net: Estimate

    @property
    def n(self) -> int:
        return sum(self.senses)

    @property
    def sense(self) -> str:
        """Return how those speak who say it, as far as the interval tells."""
        low, high = self.net.low, self.net.high
        if low is None or high is None or low <= 0 <= high:
            return "neutral"
        return "positive" if low > 0 else "negative"


def shown(request: Any, selection: Selection) -> dict[str, Any]:
    """Return what is said here more than elsewhere, from the newest masked texts."""
    texts = _texts(selection)
    least = limits(selection.scope).privacy_n
    found = keywords([one.words for one in texts], most=2 * LISTED) if texts else []
    told = [word for one in found if (word := _word(one, texts, least)) is not None][:LISTED]
    told.sort(key=lambda one: (-one.n, one.text))
    rows = [_row(request, one, size) for one, size in zip(told, _sizes(told), strict=True)]
    return {
        "texts": len(texts),
        "capped": len(texts) == READ,
        "phrases": rows,
        "cloud": _in_the_middle(rows),
        "least": least,
    }


def _texts(selection: Selection) -> list[_Text]:
    rows = queries.records(selection).exclude(masked=None).exclude(masked="")
    fields = ("pk", "masked", "customer_id", "is_anonymous")
    read = list(rows.values_list(*fields)[:READ])
    senses = _senses(selection.scope.organisation_id, [pk for pk, *_ in read])
    return [
        _Text(words, -pk if customer is None else customer, anonymous, senses.get(pk, 0))
        for pk, words, customer, anonymous in read
    ]


def _senses(organisation: int, ids: Sequence[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    number = taxonomy.number(organisation)
    for at in range(0, len(ids), 500):
        mine = Reading.objects.filter(generation=number, record_id__in=ids[at : at + 500])
        found.update(mine.values_list("record_id", "polarity"))
    return found


def _word(one: Phrase, texts: Sequence[_Text], least: int) -> Word | None:
    """Return a word with its people; None where these, or the anonymous among them, are few."""
    of = [texts[k] for k in one.of]
    people: dict[int, int] = defaultdict(int)
    for text in of:
        people[text.person] += text.sense
    hidden = len({text.person for text in of if text.is_anonymous})
    if len(people) < least or 0 < hidden < least:
        return None
    bad, good = (sum(1 for s in people.values() if s * sign > 0) for sign in (-1, 1))
    neither = len(people) - bad - good
    net = nps_of_counts(good, neither, bad, method="adjusted_wald")
    low, high = (max(-100.0, min(100.0, end)) for end in (net.low, net.high) if end is not None)
    return Word(one.text, (bad, neither, good), replace(net, low=low, high=high))


def _sizes(told: Sequence[Word]) -> list[int]:
    """Return a size of 1 to SIZES for each: letters are as high as the root of the people."""
    if not told:
        return []
    roots = [one.n**0.5 for one in told]
    low, high = min(roots), max(roots)
    step = (high - low) or 1.0
    return [1 + round((SIZES - 1) * (root - low) / step) for root in roots]


def _row(request: Any, one: Word, size: int) -> dict[str, Any]:
    return {
        "text": one.text,
        "n": one.n,
        "size": size,
        "sense": one.sense,
        "tone": str(named.POLARITIES[one.sense]) if one.sense != "neutral" else _("No clear tone"),
        "net": one.net,
        "href": inbox(request, q=one.text),
    }


def _in_the_middle(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows so that the largest stand in the middle lines; always in one order."""
    return [*reversed(rows[1::2]), *rows[::2]]


def columns() -> list[Column]:
    """Return the columns of the download."""
    return [
        Column("word", _("Word or phrase")),
        Column("n", _("People"), "integer"),
        Column("net", _("Net sentiment"), "number"),
        Column("low", _("Low end"), "number"),
        Column("high", _("High end"), "number"),
    ]


def lines(found: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the words as they may be shown."""
    for row in found["phrases"]:
        net: Estimate = row["net"]
        told = {"net": net.value, "low": net.low, "high": net.high}
        yield {"word": row["text"], "n": row["n"], **told}


def answer(found: Mapping[str, Any]) -> str:
    """Return the page's answer in a sentence."""
    rows = found["phrases"]
    bad = sorted((r for r in rows if r["sense"] == "negative"), key=lambda r: r["net"].high)
    good = sorted((r for r in rows if r["sense"] == "positive"), key=lambda r: -r["net"].low)
    worst, best = ([row["text"] for row in some[:3]] for some in (bad, good))
    said = []
    between = pgettext("between words", ", ")
    if worst:
        said.append(_("Said with complaints: %(words)s.") % {"words": between.join(worst)})
    if best:
        said.append(_("Said with praise: %(words)s.") % {"words": between.join(best)})
    return joined(said, language())
