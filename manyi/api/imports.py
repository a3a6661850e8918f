"""Files on their way in."""

from __future__ import annotations

from ninja import Router

router = Router(tags=["imports"])
