"""What is wrong with a definition, in plain words, at its place."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext

from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.web.context import language


def listed(problem: Problem) -> list[dict[str, str]]:
    """Return each thing that is wrong: the sentence, where in words, and the JSON pointer."""
    if not problem.errors:
        return [{"text": say(problem.code, language(), problem.params), "where": "", "pointer": ""}]
    return [
        {"text": say(e.code, language(), e.params), "where": place(e.pointer), "pointer": e.pointer}
        for e in problem.errors
    ]


def place(pointer: str) -> str:
    """Return `/pages/0/questions/2/title` as “page 1, question 3”, nothing for other places."""
    found = re.match(r"/pages/(\d+)(?:/questions/(\d+))?(?:/(?:choices|rows)/(\d+))?", pointer)
    if found is None:
        return ""
    page, question, choice = (int(n) + 1 if n else None for n in found.groups())
    if question is None:
        return gettext("Page %(page)s") % {"page": page}
    if choice is None:
        return gettext("Page %(page)s, question %(question)s") % {
            "page": page,
            "question": question,
        }
    words = gettext("Page %(page)s, question %(question)s, choice %(choice)s")
    return words % {"page": page, "question": question, "choice": choice}


def by_field(problem: Problem) -> dict[str, list[dict[str, Any]]]:
    """Return the problems of a definition by pointer, `~1` read back as `/`."""
    found: dict[str, list[dict[str, Any]]] = {}
    for error in problem.errors:
        entry = {
            "text": say(error.code, language(), error.params),
            "language": error.params.get("language", ""),
        }
        found.setdefault(error.pointer.replace("~1", "/"), []).append(entry)
    return found
