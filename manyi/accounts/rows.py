"""Rows that know who may see them."""

from __future__ import annotations

from typing import Self, TypeVar

from django.db import models
from django.db.models import Q

from manyi.kit.selection import Scope

M = TypeVar("M", bound=models.Model)


class OrganisationRows(models.QuerySet[M]):
    """Rows that everybody in the organisation sees: touchpoints."""

    def visible_to(self, scope: Scope) -> Self:
        return self.filter(organisation_id=scope.organisation_id)


class UnitRows(OrganisationRows[M]):
    """Units: those of the scope."""

    def visible_to(self, scope: Scope) -> Self:
        mine = super().visible_to(scope)
        return mine if scope.unit_ids is None else mine.filter(pk__in=scope.unit_ids)


class PlacedRows(OrganisationRows[M]):
    """Rows that belong to a unit; without one they belong to the whole organisation."""

    def visible_to(self, scope: Scope) -> Self:
        mine = super().visible_to(scope)
        return mine if scope.unit_ids is None else mine.filter(unit_id__in=scope.unit_ids)


class TeamRows(OrganisationRows[M]):
    """Teams: those of the scope's units, and those that serve the whole organisation."""

    def visible_to(self, scope: Scope) -> Self:
        mine = super().visible_to(scope)
        if scope.unit_ids is None:
            return mine
        return mine.filter(Q(unit__isnull=True) | Q(unit_id__in=scope.unit_ids))
