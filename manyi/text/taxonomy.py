"""What customers speak of: reviewed aspects in two levels, and which of them a trade uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from manyi.kit.localtext import LocalText
from manyi.kit.problems import Problem
from manyi.text import lexicon

FOLDER = Path(__file__).parent / "taxonomies"
GENERAL = "general"
OVERALL = "overall.satisfaction"
"""What is said of the whole: nobody can mend it."""


@dataclass(frozen=True)
class Aspect:
    """One thing that customers speak of; `words` are what they call it, in any language.

    `besides` are words that hold one of a single character and speak of something else: 方面 (a
    matter) is no 面 (noodles).
    """

    code: str
    name: LocalText
    words: tuple[str, ...]
    besides: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The first level: `service` of `service.attitude`."""
        return self.code.partition(".")[0]


@dataclass(frozen=True)
class Taxonomy:
    """The aspects that are looked for, in order of precedence where two share a word."""

    code: str
    name: LocalText
    aspects: tuple[Aspect, ...]

    @staticmethod
    def of(code: str, name: LocalText, aspects: Sequence[Aspect]) -> Taxonomy:
        """Return a taxonomy of these aspects, an organisation's own included."""
        return Taxonomy(code, name, tuple(aspects))

    @cached_property
    def words(self) -> lexicon.Lexicon:
        """Return the words that are looked for, made when a text is first read: those that name
        an aspect, then those that name none."""
        besides = {word for one in self.aspects for word in one.besides} - self._owner.keys()
        return lexicon.Lexicon.of([*self._owner, *sorted(besides)])

    @cached_property
    def of_word(self) -> tuple[int, ...]:
        """Return the number of the aspect that each word names, of those that name one."""
        return tuple(self._owner.values())

    @property
    def naming(self) -> tuple[str, ...]:
        """Return the words that name an aspect."""
        return tuple(self._owner)

    @cached_property
    def _owner(self) -> dict[str, int]:
        owner: dict[str, int] = {}
        for number, aspect in enumerate(self.aspects):
            for word in aspect.words:
                owner.setdefault(word, number)
        return owner

    def __getitem__(self, code: str) -> Aspect:
        return next(a for a in self.aspects if a.code == code)

    def extended(self, added: Iterable[Aspect]) -> Taxonomy:
        """Return this taxonomy with an organisation's own aspects before the others."""
        return Taxonomy.of(self.code, self.name, [*added, *self.aspects])


def _read(name: str) -> list[Mapping[str, object]]:
    found: list[Mapping[str, object]] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return found


@cache
def groups() -> dict[str, LocalText]:
    """Return the names of the first level."""
    return {str(g["code"]): _name(g) for g in _read("groups.json")}


@cache
def aspects() -> dict[str, Aspect]:
    """Return every aspect of every trade."""
    return {
        str(a["code"]): Aspect(str(a["code"]), _name(a), _words(a), _besides(a))
        for a in _read("aspects.json")
    }


def _name(row: Mapping[str, object]) -> LocalText:
    name = row["name"]
    assert isinstance(name, dict)
    return {str(k): str(v) for k, v in name.items()}


def _words(row: Mapping[str, object]) -> tuple[str, ...]:
    found: list[str] = []
    for language in ("zh", "en"):
        words = row[language]
        assert isinstance(words, list)
        found += [str(w) for w in words]
    return tuple(found)


def _besides(row: Mapping[str, object]) -> tuple[str, ...]:
    found = row.get("besides", [])
    assert isinstance(found, list)
    return tuple(str(w) for w in found)


@cache
def packs() -> dict[str, LocalText]:
    """Return code and name of the trades there are."""
    return {str(p["code"]): _name(p) for p in _read("packs.json")}


@cache
def pack(code: str = GENERAL) -> Taxonomy:
    """Return the taxonomy of a trade; refuses an unknown one."""
    for row in _read("packs.json"):
        if row["code"] == code:
            chosen = row["aspects"]
            assert isinstance(chosen, list)
            return Taxonomy.of(code, _name(row), [aspects()[str(c)] for c in chosen])
    raise Problem("taxonomy_unknown", value=code)
