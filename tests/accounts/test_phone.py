from __future__ import annotations

import pytest

from manyi.accounts.phone import e164


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800000000", "+8613800000000"),
        ("+86 138-0000-0000", "+8613800000000"),
        ("8613800000000", "+8613800000000"),
        ("0086 138 0000 0000", "+8613800000000"),
        ("010-6655 4433", "+861066554433"),
        ("+44 20 7946 0958", "+442079460958"),
        ("", None),
        ("alice", None),
        ("12", None),
        ("A-1380000", None),
        ("1" * 40, None),
    ],
)
def test_phones_become_e164(typed: str, number: str | None) -> None:
    assert e164(typed) == number
