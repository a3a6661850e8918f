"""Customers that know who may see them."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Exists, OuterRef, Q

from manyi.accounts.permissions import sees_few
from manyi.kit.selection import Scope

M = TypeVar("M", bound=models.Model)


class CustomerRows(models.QuerySet[M]):
    def visible_to(self, scope: Scope, heard: Any = ()) -> Self:
        """Keep the customers who belong to a unit of `scope`, or are among `heard`.

        `heard` are the ids of customers whose records `scope` sees, as a list or a subquery;
        records live on a higher floor, which hands them in.
        """
        mine = self.filter(organisation_id=scope.organisation_id)
        if scope.unit_ids is None:
            return mine
        places: Any = self.model._meta.get_field("places").related_model
        placed = places.objects.filter(unit_id__in=scope.unit_ids).values("customer_id")
        if sees_few(scope) or not isinstance(heard, models.QuerySet):
            return mine.filter(Q(pk__in=placed) | Q(pk__in=heard))
        # Of many units most customers are seen: each is looked up as its turn comes.
        each = (rows.filter(customer_id=OuterRef("pk")) for rows in (placed, heard))
        return mine.filter(reduce(or_, (Q(Exists(rows)) for rows in each)))
