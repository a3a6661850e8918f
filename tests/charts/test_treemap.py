"""Tiles fill the whole, are as large as their amounts, and stay near to squares."""

from __future__ import annotations

import pytest

from manyi.charts.treemap import tiles

AMOUNTS = [60.0, 60.0, 40.0, 30.0, 20.0, 20.0, 10.0]


def test_tiles_share_the_whole_by_amount() -> None:
    found = tiles(AMOUNTS, width=600, height=400)
    assert sum(one.area for one in found) == pytest.approx(1)
    assert [one.area for one in found] == pytest.approx([a / 240 for a in AMOUNTS])
    for one in found:
        assert one.x >= -1e-9 and one.x + one.width <= 100 + 1e-9
        assert one.y >= -1e-9 and one.y + one.height <= 100 + 1e-9


def test_no_two_tiles_lie_on_each_other() -> None:
    found = tiles(AMOUNTS, width=600, height=400)
    for k, one in enumerate(found):
        for other in found[k + 1 :]:
            across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert across <= 1e-9 or down <= 1e-9


def test_tiles_are_near_to_squares() -> None:
    """The example of the paper: 6 by 4, whose worst tile is 2.67 by 1 or better."""
    found = tiles([6, 6, 4, 3, 2, 2, 1], width=6, height=4)
    sides = [(one.width * 6, one.height * 4) for one in found]
    assert max(max(w / h, h / w) for w, h in sides) < 2.8


def test_nothing_has_no_tiles() -> None:
    assert tiles([], width=1, height=1) == []
