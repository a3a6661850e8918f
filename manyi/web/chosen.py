"""What is chosen, in words: a selection by its names and labels instead of its codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from manyi.accounts.models import Unit
from manyi.accounts.queries import agents, touchpoints
from manyi.kit.localtext import pick
from manyi.kit.selection import ATTRIBUTE, Scope, Selection
from manyi.questionnaire.model import Question
from manyi.reports import results
from manyi.surveys.models import Survey
from manyi.surveys.queries import surveys
from manyi.web import channels, named
from manyi.web.context import language

LANGUAGES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
DIMENSIONS: dict[str, str | Promise] = {
    "unit": gettext_lazy("Unit"),
    "touchpoint": gettext_lazy("Touchpoint"),
    "channel": gettext_lazy("Channel"),
    "agent": gettext_lazy("Agent"),
    "survey": gettext_lazy("Survey"),
    "source": gettext_lazy("Source"),
    "kind": gettext_lazy("Kind"),
    "language": gettext_lazy("Language"),
    "period": gettext_lazy("Period"),
    "aspect": pgettext_lazy("spoken of", "Theme"),
    "polarity": gettext_lazy("Tone"),
    "emotion": gettext_lazy("Emotion"),
    "intent": gettext_lazy("Intent"),
}
_TABLES: dict[str, Mapping[str, str | Promise]] = {
    "channel": channels.CHANNELS,
    "language": LANGUAGES,
    "source": channels.SOURCES,
    "kind": channels.KINDS,
    "polarity": named.POLARITIES,
    "emotion": named.EMOTIONS,
    "intent": named.INTENTS,
}


def selected(selection: Selection) -> str:
    """Return the selection in words: its period, then its conditions."""
    told = []
    if selection.when is not None:
        told.append(f"{selection.when.first:%Y-%m-%d} – {selection.when.last:%Y-%m-%d}")
    pairs = [(dimension(d), _called(selection, d)) for d in selection.where]
    pairs += answered(selection)
    told += [f"{name}{_(': ')}{_(', ').join(values)}" for name, values in pairs]
    return _("; ").join(told) or _("everything")


def answered(selection: Selection) -> list[tuple[str, list[str]]]:
    """Return the questions whose answers are chosen, with these, as respondents read them."""
    if not selection.answers:
        return []
    known = {one.code: one for one in _questions(selection)}
    return [
        (question(known.get(key.partition(".")[0]), key), [answer(known, key, c) for c in codes])
        for key, codes in selection.answers.items()
    ]


def _questions(selection: Selection) -> Iterable[Question]:
    codes = selection.where.get("survey", ())
    if len(codes) != 1:
        return ()
    found = surveys(selection.scope).filter(code=codes[0]).first()
    return [one.question for one in results.asked(found)] if found is not None else ()


def question(x: Question | None, key: str) -> str:
    """Return what a question, or a row of it, is called; its code where it is not known."""
    if x is None:
        return key
    row = key.partition(".")[2]
    found = x.row(row)
    words = pick(found.label, language(), row) if found else pick(x.title, language(), x.code)
    return words.rstrip("？?：:")


def answer(known: Mapping[str, Question], key: str, code: str) -> str:
    """Return what an answer is called: its label, or its number with the word for it."""
    x = known.get(key.partition(".")[0])
    choice = x.choice(code) if x else None
    if choice is not None:
        return pick(choice.label, language(), code)
    words = pick(x.label_of(float(code)), language()) if x and code.isdecimal() else ""
    return f"{code} {words}".strip()


def _called(selection: Selection, dimension_code: str) -> list[str]:
    """Return what the chosen values of a dimension are called; a code that is none stays."""
    codes = list(selection.where[dimension_code])
    if dimension_code == "aspect":
        names = named.aspects(selection.scope)
        return [named.aspect(names, code) for code in codes]
    if dimension_code in _NAMED:
        names = _NAMED[dimension_code](selection.scope, codes)
        return [names.get(code, code) for code in codes]
    return [group(dimension_code, code) for code in codes]


def _units(scope: Scope, codes: list[str]) -> dict[str, str]:
    seen = Unit.objects.visible_to(scope).filter(code__in=codes)
    return {unit.code: unit.name_in(language()) for unit in seen}


def _surveys(scope: Scope, codes: list[str]) -> dict[str, str]:
    seen: Iterable[Survey] = surveys(scope).filter(code__in=codes)
    return {survey.code: survey.title_in(language()) for survey in seen}


def _touchpoints(scope: Scope, codes: list[str]) -> dict[str, str]:
    seen = touchpoints(scope).filter(code__in=codes)
    return {one.code: one.name_in(language()) for one in seen}


def _agents(scope: Scope, codes: list[str]) -> dict[str, str]:
    seen = agents(scope).filter(code__in=codes)
    return {one.code: one.name or one.code for one in seen}


_NAMED: dict[str, Callable[[Scope, list[str]], dict[str, str]]] = {
    "unit": _units,
    "survey": _surveys,
    "touchpoint": _touchpoints,
    "agent": _agents,
}


def dimension(code: str) -> str:
    """Return what a dimension is called; an attribute is called as it was given."""
    return str(DIMENSIONS.get(code, code.removeprefix(ATTRIBUTE)))


def group(dimension_code: str, code: str | None) -> str:
    """Return what a group is called where its code is not a name already."""
    if code is None:
        return _("not given")
    return channels.named(_TABLES.get(dimension_code, {}), code)
