"""Customers that know who may see them."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from manyi.kit.selection import Scope


class CustomerRows(models.QuerySet[Any]):
    def visible_to(self, scope: Scope, heard: Any = ()) -> Self:
        """Keep the customers who belong to a unit of `scope`, or are among `heard`.

        `heard` are the ids of customers whose records `scope` sees, as a list or a subquery;
        records live on a higher floor, which hands them in.
        """
        mine = self.filter(organisation_id=scope.organisation_id)
        if scope.unit_ids is None:
            return mine
        placed = Q(pk__in=self._placed(scope.unit_ids))
        return mine.filter(placed | Q(pk__in=heard))

    def _placed(self, unit_ids: frozenset[int]) -> models.QuerySet[Any, Any]:
        places = self.model._meta.get_field("places").related_model
        return places._default_manager.filter(unit_id__in=unit_ids).values("customer_id")
