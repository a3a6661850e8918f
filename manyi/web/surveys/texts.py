"""The texts of a draft as plain fields, one for each language, and back.

A field is named by the JSON pointer of its text and the language: `/pages/0/title:en`. The
structure of the questionnaire stays as it is; changing it is the editor's business.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext

from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.questionnaire import model as m

PREFIX = "text:"
Words = dict[str, str]


@dataclass
class Text:
    """One text: where it stands, what it is called, its words by language."""

    pointer: str
    label: str
    words: Mapping[str, str]
    is_long: bool = False
    needed: bool = False
    problems: list[dict[str, Any]] = field(default_factory=list)

    def fields(self, languages: tuple[str, ...]) -> list[dict[str, Any]]:
        """Return one field for each language, with what is wrong in it."""
        return [
            {
                "name": f"{PREFIX}{self.pointer}:{tag}",
                "language": tag,
                "value": self.words.get(tag, ""),
                "problems": [p["text"] for p in self.problems if p["language"] in ("", tag)],
            }
            for tag in languages
        ]


@dataclass
class Group:
    """The texts of one question, or those around all of them."""

    title: str
    kind: str
    texts: list[Text]
    note: str = ""

    @property
    def is_wrong(self) -> bool:
        return any(t.problems for t in self.texts)


def around(q: m.Questionnaire) -> Group:
    """Return the texts before and after the questions."""
    texts = [
        Text("/intro", gettext("Welcome text"), q.intro, is_long=True),
        Text("/thanks/text", gettext("Thank-you text"), q.thanks.text, is_long=True),
    ]
    return Group(gettext("Welcome and thanks"), "", texts)


def questions(q: m.Questionnaire, language: str) -> list[Group]:
    """Return the texts of every question, page titles before their first question."""
    found, number = [], 0
    for at, page in enumerate(q.pages):
        for i, x in enumerate(page.questions):
            number += x.asks
            base = f"/pages/{at}/questions/{i}"
            texts = list(_texts(x, base))
            if i == 0 and page.title:
                texts.insert(
                    0, Text(f"/pages/{at}/title", gettext("Title of the page"), page.title)
                )
            kind = say(f"questionnaire.kind.{x.kind}", language)
            found.append(Group(pick(x.title, language), kind, texts, str(number) if x.asks else ""))
    return found


def _texts(x: m.Question, base: str) -> Iterator[Text]:
    yield Text(f"{base}/title", gettext("Question"), x.title, needed=True)
    yield Text(f"{base}/help", gettext("Help below the question"), x.help)
    if x.labels:
        for i, (value, words) in enumerate(zip(x.points(), x.labels, strict=True)):
            label = gettext("Answer %(value)s") % {"value": value}
            yield Text(f"{base}/labels/{i}", label, words, needed=True)
    elif x.scale is not None:
        yield Text(f"{base}/ends/worst", gettext("Words at the worst end"), x.worst_label)
        yield Text(f"{base}/ends/best", gettext("Words at the best end"), x.best_label)
    for key, label, choices in (
        ("rows", gettext("Row"), x.rows),
        ("choices", gettext("Choice"), x.choices),
    ):
        for i, choice in enumerate(choices):
            pointer = f"{base}/{key}/{i}/label"
            yield Text(pointer, f"{label} {i + 1}", choice.label, needed=True)


def posted(data: Mapping[str, str]) -> dict[str, Words]:
    """Return the texts of a sent form by pointer; empty ones are there as empty words."""
    found: dict[str, Words] = {}
    for name, value in data.items():
        if name.startswith(PREFIX):
            pointer, _, tag = name.removeprefix(PREFIX).rpartition(":")
            found.setdefault(pointer, {})[tag] = value.replace("\r\n", "\n").strip()
    return found


def put(definition: Any, given: Mapping[str, Words], languages: tuple[str, ...]) -> dict[str, Any]:
    """Return a copy of `definition` in `languages` with the texts that were sent.

    Pointers that lead nowhere are left out: only texts of this draft can be changed.
    """
    made: dict[str, Any] = copy.deepcopy(definition)
    made["languages"] = list(languages)
    _spell_out_labels(made)
    _keep_languages(made, set(languages))
    for pointer, words in given.items():
        kept = {tag: words[tag] for tag in languages if words.get(tag)}
        _set(made, pointer.strip("/").split("/"), kept)
    return made


def _spell_out_labels(made: dict[str, Any]) -> None:
    for x in (x for page in made["pages"] for x in page["questions"]):
        if isinstance(x.get("labels"), str):
            x["labels"] = [dict(words) for words in m.LABEL_SETS[x["labels"]]]


_LOCAL = frozenset({"title", "intro", "consent_notice", "text", "help", "label", "worst", "best"})


def _keep_languages(part: Any, kept: set[str]) -> None:
    """Drop the words in languages that are switched off, everywhere."""
    for key, value in part.items() if isinstance(part, dict) else enumerate(part):
        in_labels = isinstance(part, list) and isinstance(value, dict) and "code" not in value
        is_text = isinstance(value, dict) and (key in _LOCAL or (in_labels and _is_words(value)))
        if is_text:
            for tag in set(value) - kept:
                del value[tag]
        # A model names questions, which look like words without being any.
        elif isinstance(value, (dict, list)) and key != "models":
            _keep_languages(value, kept)


def _is_words(value: Mapping[str, Any]) -> bool:
    return all(isinstance(words, str) for words in value.values())


def _set(made: dict[str, Any], way: list[str], words: Words) -> None:
    part: Any = made
    for key in way[:-1]:
        if isinstance(part, list):
            if not key.isdecimal() or int(key) >= len(part):
                return
            part = part[int(key)]
        elif isinstance(part, dict) and (key in part or key in ("thanks", "ends")):
            part = part.setdefault(key, {})
        else:
            return
    _set_last(part, way[-1], words)


def _set_last(part: Any, key: str, words: Words) -> None:
    if isinstance(part, list) and key.isdecimal() and int(key) < len(part):
        part[int(key)] = words
    elif isinstance(part, dict) and key in _LOCAL:
        part[key] = words
