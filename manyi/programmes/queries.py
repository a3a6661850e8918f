"""Reading populations: what there are, and how large each category is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from manyi.kit.problems import NotFound
from manyi.kit.selection import Scope
from manyi.programmes.models import Population


@dataclass(frozen=True)
class Known:
    """What is known of a population along one dimension: the size of each category.

    `counted` says that sizes are people, not per cents.
    """

    dimension: str
    sizes: Mapping[str, float]
    counted: bool


def populations(scope: Scope) -> QuerySet[Population]:
    mine = Population.objects.filter(organisation_id=scope.organisation_id)
    return mine.prefetch_related("margins").order_by("-pk")


def population_by_code(scope: Scope, code: str) -> Population:
    """Return the population with this code, or raise NotFound."""
    found = populations(scope).filter(code=code).first()
    if found is None:
        raise NotFound("not_found")
    return found


def known(population: Population) -> tuple[Known, ...]:
    """Return what is known of a population, dimension by dimension."""
    sizes: dict[str, dict[str, float]] = defaultdict(dict)
    counted = set()
    for row in population.margins.all():
        size = row.share if row.count is None else row.count
        assert size is not None
        sizes[row.dimension][row.code] = size
        if row.count is not None:
            counted.add(row.dimension)
    return tuple(Known(name, each, name in counted) for name, each in sizes.items())
