"""Rows that know who may see them."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from manyi.kit.selection import Scope


class OrganisationRows(models.QuerySet[Any]):
    """Rows that everybody in the organisation sees: touchpoints."""

    def visible_to(self, scope: Scope) -> Self:
        return self.filter(organisation_id=scope.organisation_id)


class UnitRows(OrganisationRows):
    """Units: those of the scope."""

    def visible_to(self, scope: Scope) -> Self:
        mine = super().visible_to(scope)
        return mine if scope.unit_ids is None else mine.filter(pk__in=scope.unit_ids)


class PlacedRows(OrganisationRows):
    """Rows that belong to a unit; without one they belong to the whole organisation."""

    def visible_to(self, scope: Scope) -> Self:
        mine = super().visible_to(scope)
        return mine if scope.unit_ids is None else mine.filter(unit_id__in=scope.unit_ids)


class TeamRows(OrganisationRows):
    """Teams: those of the scope's units, and those that serve the whole organisation."""

    def visible_to(self, scope: Scope) -> Self:
        mine = super().visible_to(scope)
        if scope.unit_ids is None:
            return mine
        return mine.filter(Q(unit__isnull=True) | Q(unit_id__in=scope.unit_ids))
