"""Who is known by name alone in conversations, and the side that a person gives them.

What a person says is kept by the fingerprint of a name (so that no mapping names customers), by
what several names have in common (“…女士”, “wx…”), or for all other names.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from manyi.tabular import talks
from manyi.tabular.limits import Cell
from manyi.tabular.words import CUSTOMERS, fold

AGENT, CUSTOMER, SYSTEM, GUESS = CHOICES = ("agent", "customer", "system", "guess")
OTHERS, _NAME = "*", "name-"
MOST = 30
_SEVERAL = 3
_CHARACTERS = 2_000_000
_LONGEST = 100_000
_EXAMPLES, _EXAMPLE = 2, 60
_TITLE = re.compile(r"^\S{1,3}(女士|先生|小姐|太太|同学|老师|阿姨|大姐|大哥)$")
_ENGLISH_TITLE = re.compile(r"^(mr|mrs|ms|miss|dr)\b\.? ")
_DIGITS = re.compile(r"\d+")


@dataclass
class Speaker:
    """One name, or several of one kind: the side that was said, and what the talks tell or ""."""

    key: str
    names: list[str]
    n: int = 1
    turns: int = 0
    side: str = GUESS
    guess: str = ""
    examples: list[str] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Return what the names have in common, as people write it: “…女士”; "" for one name."""
        return "" if self.key.startswith(_NAME) else self.key.replace(OTHERS, "…")


@dataclass
class _Heard:
    name: str
    turns: int = 0
    talks: int = 0
    guesses: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)


def key_of(name: str) -> str:
    """Return what a mapping keeps instead of a name."""
    digest = hashlib.sha256(f"speaker {fold(name)}".encode("utf-8", "replace")).hexdigest()
    return f"{_NAME}{digest[:20]}"


def kind_of(name: str) -> str:
    """Return what a name has in common with its like, or "": "*女士", "wx_*", "mrs *"."""
    plain = fold(name)
    if title := _TITLE.match(plain):
        return f"*{title[1]}"
    if title := _ENGLISH_TITLE.match(plain):
        return f"{title[1]} *"
    return _DIGITS.sub("*", plain) if _DIGITS.search(plain) else ""


def side_of(name: str, said: Mapping[str, str]) -> str:
    """Return the side that a person gave a name; "" for none, and for whom everybody knows."""
    if not said or talks.speaker(name):
        return ""
    keys = (key_of(name), fold(name), kind_of(name), OTHERS)
    side = next((said[key] for key in keys if key in said), GUESS)
    return "" if side == GUESS else side


def turns(cell: Cell, said: Mapping[str, str]) -> list[talks.Turn]:
    """Return the turns of a cell, first with the sides that were said, then with those guessed."""
    if not said:
        return talks.turns(cell)
    found = talks.as_written(cell, frozenset(_named(cell, said)))
    return talks.sided([{**one, "role": _role(one["role"], said)} for one in found])


def _named(cell: Cell, said: Mapping[str, str]) -> Iterable[str]:
    """Return the names of a cell without times that a person said speak; “all others” is nobody."""
    own = {key: side for key, side in said.items() if key != OTHERS}
    return (name for name in talks.beginnings(cell) if side_of(name, own))


def _role(name: str, said: Mapping[str, str]) -> str:
    side = side_of(name, said)
    if not side or name.isascii():
        return side or name
    return {AGENT: "客服", CUSTOMER: "客户", SYSTEM: "系统"}[side]


def unknown(cells: Sequence[Cell], said: Mapping[str, str]) -> list[Speaker]:
    """Return at most 30 speakers of whom a name alone is known, those who speak most first.

    Names that are alike stand together, and who speaks in one talk only with all others.
    """
    grouped = _alike(_heard(cells), said)
    single = [k for k, g in grouped.items() if k not in said and len(g) == 1 and g[0].talks == 1]
    if len(single) >= _SEVERAL or (single and OTHERS in said):
        _move(grouped, single)
    ordered = sorted(grouped, key=lambda k: (k == OTHERS, -sum(one.turns for one in grouped[k])))
    if len(ordered) > MOST:
        _move(grouped, [k for k in ordered[MOST - 1 :] if k != OTHERS])
        ordered = [*ordered[: MOST - 1], OTHERS]
    return [_speaker(key, grouped[key], said) for key in ordered]


def _alike(heard: Sequence[_Heard], said: Mapping[str, str]) -> dict[str, list[_Heard]]:
    """Return the names by key: alone, or with their like where there are several of a kind."""
    grouped: dict[str, list[_Heard]] = {}
    kinds = Counter(kind_of(one.name) for one in heard)
    for one in heard:
        kind, own = kind_of(one.name), key_of(one.name)
        together = kind and own not in said and (kinds[kind] >= _SEVERAL or kind in said)
        grouped.setdefault(kind if together else own, []).append(one)
    return grouped


def _move(grouped: dict[str, list[_Heard]], keys: Sequence[str]) -> None:
    for key in keys:
        grouped.setdefault(OTHERS, []).extend(grouped.pop(key))


def _speaker(key: str, group: Sequence[_Heard], said: Mapping[str, str]) -> Speaker:
    guesses: Counter[str] = Counter()
    for one in group:
        guesses += one.guesses
    spoken = sorted(group, key=lambda one: -one.turns)
    lines = [line for one in spoken for line in one.examples]
    is_one = key.startswith(_NAME)
    side = side_of(group[0].name, said) if is_one else said.get(key, said.get(OTHERS, ""))
    return Speaker(
        key,
        [one.name for one in spoken[:3]],
        len(group),
        sum(one.turns for one in group),
        side or GUESS,
        next((side for side, n in guesses.most_common(1) if n), ""),
        lines[:_EXAMPLES],
    )


def _heard(cells: Sequence[Cell]) -> list[_Heard]:
    found: dict[str, _Heard] = {}
    left = _CHARACTERS
    for cell in cells:
        if not isinstance(cell, str) or len(cell) > _LONGEST:
            continue
        left -= len(cell)
        if left < 0:
            break
        _hear(found, cell)
    return list(found.values())


def _hear(found: dict[str, _Heard], cell: str) -> None:
    written = talks.as_written(cell) or talks.as_written(cell, frozenset(talks.repeated(cell)))
    met: set[str] = set()
    for one, sided in zip(written, talks.sided(written), strict=True):
        name = one["role"]
        if talks.speaker(name) or not fold(name):
            continue
        heard = found.setdefault(fold(name), _Heard(name))
        heard.turns += 1
        heard.talks += fold(name) not in met
        met.add(fold(name))
        if sided["role"] != name:
            heard.guesses[CUSTOMER if sided["role"].lower() in CUSTOMERS else AGENT] += 1
        if one["text"].strip() and len(heard.examples) < _EXAMPLES:
            heard.examples.append(" ".join(one["text"][: 4 * _EXAMPLE].split())[:_EXAMPLE])
