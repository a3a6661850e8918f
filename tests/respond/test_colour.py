"""Whatever colour an organisation has, its survey can be read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from manyi.respond.colour import NIGHT, PAPER, Rgb, contrast, shades


def rgb(colour: str) -> Rgb:
    return (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))


@given(st.from_regex(r"#[0-9A-Fa-f]{6}", fullmatch=True))
def test_every_colour_becomes_readable(colour: str) -> None:
    found = shades(colour)
    for accent, text, tint, page in (
        (found.accent, found.on_accent, found.tint, PAPER),
        (found.dark_accent, found.dark_on_accent, found.dark_tint, NIGHT),
    ):
        assert contrast(rgb(accent), rgb(tint)) >= 4.5
        assert contrast(rgb(accent), page) >= 4.5
        assert contrast(rgb(accent), rgb(text)) >= 4.5


def test_a_readable_colour_is_left_alone() -> None:
    assert shades("#0F5F59").accent == "#0f5f59"
    assert shades("teal; }").accent == shades("#0F766E").accent


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == 21
    assert round(contrast((118, 118, 118), (255, 255, 255)), 2) == 4.54
