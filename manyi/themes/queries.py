"""The themes nobody named, to who may see the whole organisation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from manyi.feedback.models import FeedbackRecord
from manyi.feedback.queries import visible_to
from manyi.kit.problems import Forbidden, NotFound
from manyi.kit.selection import Scope
from manyi.stats.intervals import wilson
from manyi.stats.result import Estimate
from manyi.text.rising import LEVEL, Rise
from manyi.text.unnamed import FALSE
from manyi.themes import shelf
from manyi.themes.models import Look, UnnamedTheme


@dataclass(frozen=True)
class Week:
    """People who spoke of a theme in a week and their share of all who wrote, None where few."""

    first: date
    n: int | None
    share: Estimate | None


@dataclass(frozen=True)
class Unnamed:
    """A theme nobody named. `rise` is None where its weeks may not be told."""

    number: int
    name: tuple[str, ...]
    weeks: tuple[Week, ...]
    senses: tuple[int, int, int] | None
    rise: Rise | None
    first_week: date
    is_new: bool

    @property
    def is_rising(self) -> bool:
        return self.rise is not None and self.rise.p < FALSE

    @property
    def n(self) -> int | None:
        """Return the people of all weeks, None where one of those must not be told."""
        known = [one.n for one in self.weeks]
        return None if None in known else sum(n for n in known if n is not None)


@dataclass(frozen=True)
class Looked:
    """The last look and what it found, what rose first."""

    look: Look | None
    themes: tuple[Unnamed, ...]


@dataclass(frozen=True)
class Example:
    """A clause that speaks of a theme, and its record."""

    record: FeedbackRecord
    before: str
    words: str
    after: str


def may_see(scope: Scope) -> bool:
    """Whether a scope sees the whole organisation: a theme's name comes from all its voices."""
    return scope.unit_ids is None


def _checked(scope: Scope) -> None:
    if not may_see(scope):
        raise Forbidden("themes.whole_only")


def looked(scope: Scope) -> Looked:
    """Return the themes of the last look; refuses who does not see the whole organisation."""
    _checked(scope)
    mine = {"organisation_id": scope.organisation_id}
    look = Look.objects.filter(**mine).order_by("-week").first()
    if look is None:
        return Looked(None, ())
    rows = UnnamedTheme.objects.filter(**mine, last_week=look.week).order_by("position")
    earlier = Look.objects.filter(**mine, week__lt=look.week).exists()
    return Looked(look, tuple(_shown(look, row, earlier=earlier) for row in rows))


def _shown(look: Look, row: UnnamedTheme, *, earlier: bool) -> Unnamed:
    told = row.figures
    weeks = zip(look.weeks, told["weeks"], look.voices, strict=True)
    return Unnamed(
        row.number,
        tuple(row.name),
        tuple(_week(date.fromisoformat(first), n, voices) for first, n, voices in weeks),
        tuple(told["senses"]) if told["senses"] else None,
        Rise(**told["rise"]) if told["rise"] else None,
        row.first_week,
        earlier and row.first_week == look.week,
    )


def _week(first: date, n: int | None, voices: int | None) -> Week:
    return Week(first, n, None if n is None or not voices else _share(n, voices))


def _share(n: int, voices: int) -> Estimate:
    ends = wilson(n, voices)
    low, high = (100 * end for end in (ends.low, ends.high))
    return Estimate(100 * n / voices, low, high, LEVEL, voices, voices, None, "wilson")


def theme(scope: Scope, number: int) -> Unnamed:
    """Return one theme of the last look."""
    found = next((one for one in looked(scope).themes if one.number == number), None)
    if found is None:
        raise NotFound("not_found")
    return found


def examples(scope: Scope, number: int, *, at_most: int) -> list[Example]:
    """Return the most typical clauses that still stand, of records the scope sees."""
    _checked(scope)
    row = UnnamedTheme.objects.filter(organisation_id=scope.organisation_id, number=number).first()
    voices: list[_Voice] = row.voices if row else []
    seen = visible_to(scope).filter(pk__in=[record for record, *_ in voices])
    records = {one.pk: one for one in seen.exclude(masked=None)}
    standing = (_example(voice, records.get(voice[0])) for voice in voices)
    return [one for one in standing if one is not None][:at_most]


_Voice = tuple[int, int, int, int]


def _example(voice: _Voice, record: FeedbackRecord | None) -> Example | None:
    _, mark, start, end = voice
    if record is None or not record.masked or shelf.mark(record.masked) != mark:
        return None
    text = record.masked
    return Example(record, text[:start], text[start:end], text[end:])
