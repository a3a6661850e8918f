"""A population as the API and exports show it."""

from __future__ import annotations

from typing import Any

from manyi.programmes.models import Margin, Population


def population(row: Population) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "code": row.code,
        "name": row.name,
        "is_active": row.is_active,
        "margins": [margin(one) for one in row.margins.all()],
    }


def margin(row: Margin) -> dict[str, Any]:
    """Return a category with its share, or its count, whichever was given."""
    size = {"share": row.share} if row.count is None else {"count": row.count}
    return {"dimension": row.dimension, "code": row.code, **size}
