"""Text is cut into the likeliest pieces, and every piece knows where it stands."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from manyi.text.normal import batch
from manyi.text.pieces import MARK, UNKNOWN, Pieces

KNOWN = Pieces.of(
    [MARK, "服", "务", "服务", "好", "很", "很好", f"{MARK}good", "go", "od", "!"],
    [-3.0, -6.0, -6.0, -4.0, -4.0, -4.0, -5.0, -5.0, -4.0, -4.0, -3.0],
)
NAMES = {number: piece for piece, number in KNOWN.number.items()}


def cut(text: str) -> list[str]:
    one = batch([text])
    return [NAMES.get(n, "?") for n, _, _ in KNOWN.cut(one)[0]]


def test_the_likeliest_path_wins() -> None:
    assert cut("服务很好") == [MARK, "服务", "很好"]


def test_white_space_begins_a_run() -> None:
    assert cut("good 服务") == [f"{MARK}good", MARK, "服务"]


def test_what_is_not_known_is_one_unknown_piece_a_character() -> None:
    assert cut("服乙务") == [MARK, "服", "?", "务"]
    assert KNOWN.cut(batch(["乙"]))[0][1][0] == UNKNOWN


def test_places_point_into_the_folded_text() -> None:
    one = batch(["好!", "服务 很好"])
    said = "".join(map(chr, one.codes.tolist()))
    pieces = [[said[a:b] for _, a, b in found] for found in KNOWN.cut(one)]
    assert pieces == [["", "好", "!"], ["", "服务", "", "很好"]]


@given(st.lists(st.text(max_size=30), max_size=4))
def test_pieces_cover_all_but_white_space(texts: list[str]) -> None:
    one = batch(texts)
    for i, found in enumerate(KNOWN.cut(one)):
        covered = [c for _, a, b in found for c in range(a, b)]
        assert covered == sorted(set(covered))
        places = range(int(one.starts[i]), int(one.ends[i]))
        assert {p for p in places if one.kinds[p] != 4} <= set(covered) <= set(places)


def test_a_run_of_any_length_is_cut_in_bounded_time() -> None:
    one = batch(["好服" * 9_000])
    assert len(KNOWN.cut(one)[0]) >= 18_000
