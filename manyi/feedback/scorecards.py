"""How each person's conversations went: shares of the standard kept, endings, waits; and notes.

Every figure has its interval and n. A card is for its person and those who manage: others are
refused. Who has fewer conversations than the organisation's minimum has no figures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manyi.accounts.models import Agent, Member, Organisation
from manyi.accounts.permissions import may, require
from manyi.feedback import queries, standard
from manyi.feedback.models import TalkReading
from manyi.kit.selection import Selection
from manyi.stats.compare import holm
from manyi.stats.effect.waves import share_test_counts, welch
from manyi.stats.metrics import mean_of
from manyi.stats.moments import from_values
from manyi.stats.rates import share_counts
from manyi.stats.result import Estimate, Test, nothing
from manyi.text.rubric import MET
from manyi.text.standard import OWN
from manyi.text.talks import version

MOST = 100_000
ALPHA = 0.05


@dataclass(frozen=True)
class Item:
    """One item of the standard: kept in this share of the `occasions`; `p` against the others."""

    code: str
    kept: Estimate
    occasions: int
    difference: Estimate | None
    p: float | None

    @property
    def verdict(self) -> int:
        """Return -1 or 1 where it is kept less or more often than by the others, else 0."""
        if self.p is None or self.p >= ALPHA or self.difference is None:
            return 0
        return 1 if (self.difference.value or 0.0) > 0 else -1


@dataclass(frozen=True)
class Note:
    """What to speak about with this person; `code` names the sentence."""

    code: str
    params: Mapping[str, object]


@dataclass(frozen=True)
class Card:
    """One person's conversations. `ending` runs from -100 to 100; `wait` is the median answer.

    `kept` is how much of the standard was kept by weight, 0 to 100, in the mean conversation.
    """

    agent: Agent
    n: int
    ending: Estimate
    kept: Estimate
    wait: float | None
    items: tuple[Item, ...]
    notes: tuple[Note, ...]
    is_few: bool
    models: tuple[str, ...]
    """Which models read these conversations; after an upgrade an earlier one beside the latest."""


@dataclass
class _Heard:
    """What is added up of one person's conversations."""

    endings: list[float]
    waits: list[float]
    kept: list[float]
    items: dict[str, list[bool]]
    models: dict[str, None]
    n: int = 0

    @staticmethod
    def empty() -> _Heard:
        return _Heard([], [], [], defaultdict(list), {})

    def add(
        self,
        ending: float | None,
        wait: float | None,
        kept: float | None,
        items: Mapping[str, list[object]],
        model: str,
    ) -> None:
        self.n += 1
        self.models[model] = None
        if ending is not None:
            self.endings.append(ending)
        if wait is not None:
            self.waits.append(wait)
        if kept is not None:
            self.kept.append(kept)
        for code, (result, _) in items.items():
            # A promise of which the end is not seen is no broken one.
            if result != "open":
                self.items[code].append(result == MET)


def may_see(by: Member) -> bool:
    """Whether there are cards that `by` may see."""
    if not may(by, "scorecard.read"):
        return False
    mine = TalkReading.objects.filter(organisation_id=by.organisation_id)
    if not may(by, "agent.edit"):
        mine = mine.filter(agent__member=by)
    return mine.filter(agent__isnull=False).exists()


def cards(by: Member, selection: Selection) -> list[Card]:
    """Return the cards that `by` may see, most conversations first; raises Forbidden."""
    require(by, "scorecard.read")
    heard = _heard(selection)
    agents = {one.pk: one for one in Agent.objects.filter(pk__in=heard).select_related("unit")}
    least = Organisation.objects.values_list("precision_n", flat=True).get(pk=by.organisation_id)
    shown = [pk for pk in heard if may(by, "agent.edit") or agents[pk].member_id == by.pk]
    asked = [one.code for one in standard.current(by.organisation_id) if one.is_on]
    found = [_card(agents[pk], heard[pk], _others(heard, pk), asked, least) for pk in shown]
    return sorted(found, key=lambda one: (-one.n, one.agent.code))


def models(found: Iterable[Card]) -> list[str]:
    """Return the models that read the conversations of these cards; without any that in force."""
    return list(dict.fromkeys(m for one in found for m in one.models)) or [version()]


def _heard(selection: Selection) -> dict[int, _Heard]:
    rows = TalkReading.objects.filter(
        queries.holds_record(selection),
        organisation_id=selection.scope.organisation_id,
        agent__isnull=False,
        record__is_anonymous=False,
    ).order_by("-record_id")
    fields = ("agent_id", "satisfied", "dissatisfied", "mean_response", "kept", "items", "model")
    found: dict[int, _Heard] = defaultdict(_Heard.empty)
    for agent, good, bad, wait, kept, items, model in rows.values_list(*fields)[:MOST]:
        ending = None if good is None or bad is None else good - bad
        found[agent].add(ending, wait, kept, items, model)
    return dict(found)


def _others(heard: Mapping[int, _Heard], pk: int) -> _Heard:
    whole = _Heard.empty()
    for other, one in heard.items():
        if other != pk:
            whole.endings += one.endings
            whole.waits += one.waits
            for code, kept in one.items.items():
                whole.items[code] += kept
    return whole


def _card(agent: Agent, mine: _Heard, others: _Heard, asked: Sequence[str], least: int) -> Card:
    read_by = tuple(mine.models)
    if mine.n < least:
        none = nothing(n=mine.n)
        return Card(agent, mine.n, none, none, None, (), (), is_few=True, models=read_by)
    items = tuple(_items(mine, others, asked, least))
    return Card(
        agent,
        mine.n,
        _ending(mine.endings),
        mean_of(from_values(np.array(mine.kept, float)), low=0.0, high=100.0),
        float(np.median(mine.waits)) if mine.waits else None,
        items,
        tuple(_notes(mine, others, items, least)),
        is_few=False,
        models=read_by,
    )


def _ending(endings: Sequence[float]) -> Estimate:
    return mean_of(from_values(100.0 * np.array(endings, float)), low=-100.0, high=100.0)


def _items(mine: _Heard, others: _Heard, asked: Sequence[str], least: int) -> Iterator[Item]:
    tests = {
        code: _test(mine.items[code], others.items[code])
        for code in asked
        if min(len(mine.items[code]), len(others.items[code])) >= least
    }
    adjusted = dict(zip(tests, holm([one.p for one in tests.values()]), strict=True))
    for code in asked:
        kept = mine.items[code]
        test = tests.get(code)
        told = share_counts(sum(kept), len(kept)) if len(kept) >= least else nothing(n=len(kept))
        effect = None if test is None else test.effect
        yield Item(code, told, len(kept), effect, adjusted.get(code))


def _test(mine: Sequence[bool], others: Sequence[bool]) -> Test:
    return share_test_counts(sum(mine), len(mine), sum(others), len(others))


def _notes(mine: _Heard, others: _Heard, items: Iterable[Item], least: int) -> Iterator[Note]:
    for one in items:
        if one.code == "forbidden" and (said := mine.items["forbidden"].count(False)):
            yield Note("coach.forbidden", {"n": said})
        elif one.verdict < 0:
            code = "own" if one.code.startswith(OWN) else one.code
            told = {"item": one.code, "share": one.kept.value, "n": one.occasions}
            yield Note(f"coach.{code}", told)
        elif one.verdict > 0:
            yield Note("coach.strength", {"item": one.code, "share": one.kept.value})
    if _is_slower(mine.waits, others.waits, least):
        yield Note("coach.slow", {"seconds": float(np.median(mine.waits))})


def _is_slower(mine: Sequence[float], others: Sequence[float], least: int) -> bool:
    """Whether answers take longer than the others', by Welch's test of their logarithms."""
    if min(len(mine), len(others)) < max(least, 2):
        return False
    test = welch(*(from_values(np.log1p(np.array(one))) for one in (mine, others)))
    return test.p is not None and test.p < ALPHA and (test.effect.value or 0.0) > 0
