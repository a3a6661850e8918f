"""What keeps a database from an index that would lead it through most of a table."""

from __future__ import annotations

from django.db.models import F
from django.db.models.expressions import CombinedExpression


def beside_index(field: str) -> CombinedExpression:
    """Return a number column's value as no index holds it.

    For a condition that most rows meet, beside one that few do: SQLite without statistics takes
    what is equal to a value for rare.
    """
    return F(field) + 0
