"""Sentences with made-up people in them: names, numbers, addresses, in Chinese and English.

Numbers carry right check digits. Templates of the two parts differ, so that a figure on the
development part is not about sentences seen in training.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from manyi.text import store
from manyi.text.people import DOUBLE, SINGLE

_WORDS = store.words("synthetic")
_GIVEN: Final[str] = _WORDS["given"]
_FIRST: list[str] = _WORDS["first"]
_LAST: list[str] = _WORDS["last"]
_CITIES: list[str] = _WORDS["cities"]
_DISTRICTS: list[str] = _WORDS["districts"]
_ROADS: list[str] = _WORDS["roads"]
_ESTATES: list[str] = _WORDS["estates"]
_STREETS: list[str] = _WORDS["streets"]
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁苏浙赣鄂桂晋陕吉闽贵粤川琼"

_TRAIN: list[str] = _WORDS["train"]
_DEV: list[str] = _WORDS["dev"]
# Nothing here tells who somebody is.
NEGATIVES: list[str] = _WORDS["negatives"]


def number_of_person(rng: random.Random) -> str:
    """Return an ID number with the right check digit."""
    body = f"{rng.choice((110101, 310104, 440305, 510107, 330106, 420111))}{rng.randint(1950, 2008)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}{rng.randint(1, 999):03}"  # noqa: E501
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights, strict=True)) % 11]


def number_of_card(rng: random.Random) -> str:
    """Return a card number that passes Luhn, at times in groups of four."""
    body = rng.choice(("621700", "622202", "436742", "545619")) + "".join(
        rng.choices("0123456789", k=rng.choice((9, 12)))
    )
    total = sum(
        d if i % 2 else d * 2 - 9 * (d > 4) for i, d in enumerate(int(c) for c in reversed(body))
    )
    whole = body + str(-total % 10)
    return (
        " ".join(whole[i : i + 4] for i in range(0, len(whole), 4)) if rng.random() < 0.3 else whole
    )


def name(rng: random.Random) -> str:
    family = rng.choice(SINGLE[:120]) if rng.random() < 0.95 else rng.choice(DOUBLE.split("|"))
    return family + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2, 2))))


def address(rng: random.Random) -> str:
    start = rng.choice((rng.choice(_CITIES) + rng.choice(_DISTRICTS), rng.choice(_DISTRICTS), ""))
    road = f"{rng.choice(_ROADS)}{rng.choice(('路', '街', '大道', '巷'))}{rng.randint(1, 999)}号"
    flat = f"{rng.randint(1, 30)}{rng.choice(('栋', '幢', '号楼'))}{rng.choice(('', f'{rng.randint(1, 4)}单元'))}{rng.randint(1, 32)}0{rng.randint(1, 6)}{rng.choice(('室', '', '房'))}"  # noqa: E501
    place = rng.choice((road, rng.choice(_ESTATES) + flat, road + rng.choice(_ESTATES) + flat))
    return start + place


def _phone(rng: random.Random) -> str:
    body = (
        f"1{rng.choice('3456789')}{rng.randint(0, 9)}",
        f"{rng.randint(0, 9999):04}",
        f"{rng.randint(0, 9999):04}",
    )
    return rng.choice(("", "", "-", " ")).join(body)


def _plate(rng: random.Random) -> str:
    tail = "".join(rng.choices("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", k=4)) + rng.choice(
        "0123456789"
    )
    return (
        rng.choice(_PROVINCES)
        + rng.choice("ABCDEFGH")
        + rng.choice((tail, "D" + f"{rng.randint(0, 99999):05}"))
    )


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=count))


_MAKERS: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "name": ("name", name),
    "name2": ("name", name),
    "family": ("name", lambda r: r.choice(SINGLE[:80])),
    "address": ("address", address),
    "phone": ("phone", _phone),
    "landline": (
        "phone",
        lambda r: f"0{r.choice(('10', '21', '571', '755'))}-{r.randint(20000000, 89999999)}",
    ),
    "id": ("id_number", number_of_person),
    "card": ("card", number_of_card),
    "plate": ("plate", _plate),
    "wechat": ("wechat", lambda r: _letters(r, 4) + "_" + str(r.randint(10, 99999))),
    "qq": ("qq", lambda r: str(r.randint(10**6, 10**10))),
    "email": (
        "email",
        lambda r: (
            f"{_letters(r, 5)}{r.randint(1, 99)}@{r.choice(('qq.com', '163.com', 'example.org', 'mail.co.uk'))}"  # noqa: E501
        ),
    ),
    "passport": ("passport", lambda r: f"E{r.randint(10**7, 10**8 - 1)}"),
    "en_name": ("name", lambda r: f"{r.choice(_FIRST)} {r.choice(_LAST)}"),
    "en_surname": ("name", lambda r: r.choice(_LAST)),
    "en_phone": (
        "phone",
        lambda r: f"({r.randint(201, 989)}) {r.randint(200, 999)}-{r.randint(0, 9999):04}",
    ),
    "en_address": (
        "address",
        lambda r: (
            f"{r.randint(1, 999)} {r.choice(_STREETS)} {r.choice(('Street', 'Road', 'Avenue', 'Lane'))}"  # noqa: E501
        ),
    ),
}

Sentence = tuple[str, list[tuple[int, int, str]]]


def sentences(part: str, count: int, seed: int = 7) -> list[Sentence]:
    """Return sentences with the places and kinds of what is personal in them."""
    rng = random.Random(f"{part}{seed}")  # noqa: S311
    templates = _TRAIN if part == "train" else _DEV
    return [_filled(templates[i % len(templates)], rng) for i in range(count)]


def _filled(template: str, rng: random.Random) -> Sentence:
    text, spans = "", []
    for piece in template.split("{"):
        key, closed, rest = piece.partition("}")
        if not closed:
            text += piece
            continue
        kind, make = _MAKERS[key]
        value = make(rng)
        spans.append((len(text), len(text) + len(value), kind))
        text += value + rest
    return text, spans
