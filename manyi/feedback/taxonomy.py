"""Which aspects an organisation looks for, and by which generation its texts are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from manyi.feedback import heads
from manyi.feedback.models import TaxonomyVersion
from manyi.kit.localtext import pick
from manyi.text.learned import Learned
from manyi.text.taxonomy import GENERAL, Aspect, Taxonomy, aspects, groups, pack

FIRST = 0


@dataclass(frozen=True)
class Generation:
    """A taxonomy with the number that its findings carry, and the learnt head that reads."""

    number: int
    taxonomy: Taxonomy
    learned: Learned | None = None


def current(organisation_id: int) -> Generation:
    """Return the taxonomy in force; the general one where none was ever chosen."""
    mine = TaxonomyVersion.objects.filter(organisation_id=organisation_id, is_current=True)
    row = mine.first()
    return Generation(FIRST, pack(GENERAL)) if row is None else generation(row)


def number(organisation_id: int) -> int:
    """Return the generation in force."""
    mine = TaxonomyVersion.objects.filter(organisation_id=organisation_id, is_current=True)
    return mine.values_list("number", flat=True).first() or FIRST


def living(organisation_id: int) -> tuple[int, ...]:
    """Return the generations that a new text is read by: that in force, and one under way."""
    return tuple(sorted({number(organisation_id), *_coming(organisation_id)}))


def _coming(organisation_id: int) -> Iterable[int]:
    states = (TaxonomyVersion.State.WAITING, TaxonomyVersion.State.RUNNING)
    mine = TaxonomyVersion.objects.filter(organisation_id=organisation_id, state__in=states)
    return mine.values_list("number", flat=True)


def generations(organisation_id: int, numbers: Iterable[int]) -> list[Generation]:
    """Return these generations with their taxonomies."""
    rows = TaxonomyVersion.objects.filter(organisation_id=organisation_id, number__in=numbers)
    known = {row.number: generation(row) for row in rows}
    return [known.get(one) or Generation(FIRST, pack(GENERAL)) for one in numbers]


def generation(row: TaxonomyVersion) -> Generation:
    learned = heads.learned(row.organisation_id, row.head)
    return Generation(row.number, built(row.pack, row.own), learned)


def built(code: str, own: Iterable[Mapping[str, Any]]) -> Taxonomy:
    """Return a trade's taxonomy with an organisation's own aspects before the others.

    An aspect of its own that has the code of one of the trade's takes its place; one without
    words leaves that aspect out.
    """
    base, mine = pack(code), [_aspect(one) for one in own]
    taken = {one.code for one in mine}
    kept = [one for one in base.aspects if one.code not in taken]
    return Taxonomy.of(base.code, base.name, [*(one for one in mine if one.words), *kept])


def _aspect(one: Mapping[str, Any]) -> Aspect:
    return Aspect(str(one["code"]), dict(one["name"]), tuple(one["words"]))


def names(organisation_id: int, language: str) -> dict[str, str]:
    """Return the name of every aspect that findings may carry, and of the groups above them."""
    return named(current(organisation_id).taxonomy, language)


def named(mine: Taxonomy, language: str) -> dict[str, str]:
    """Return the names of a taxonomy's aspects, beside all that any trade knows."""
    found = {code: pick(name, language) for code, name in groups().items()}
    found |= {code: pick(one.name, language) for code, one in aspects().items()}
    return found | {one.code: pick(one.name, language) for one in mine.aspects if one.name}


def group_of(aspect: str) -> str:
    """Return the first level of an aspect: `service` of `service.attitude`."""
    return aspect.partition(".")[0]
