"""The settings of a survey as one form: what it is, how it asks, when, and in which words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from manyi.accounts.queries import touchpoints
from manyi.kit.localtext import LANGUAGES
from manyi.kit.problems import Busy, Forbidden, NotFound, Problem
from manyi.questionnaire.read import load
from manyi.surveys import actions
from manyi.surveys.models import Survey
from manyi.web.context import language
from manyi.web.errors import sentences
from manyi.web.forms import LANGUAGE_NAMES, show
from manyi.web.settings.fields import UnitField
from manyi.web.surveys import texts, wrongs

_MINUTE = "%Y-%m-%dT%H:%M"


def _moment(label: Any, hint: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTE)
    return forms.DateTimeField(
        required=False, label=label, help_text=hint, widget=widget, input_formats=[_MINUTE]
    )


class SettingsForm(forms.Form):
    """Everything but the texts."""

    is_anonymous = forms.TypedChoiceField(
        choices=[("yes", _("Anonymous")), ("no", _("Identified"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        label=_("Who answers"),
    )
    opens_at = _moment(_("Opens at"), _("Empty: as soon as it is published."))
    closes_at = _moment(_("Closes at"), _("Empty: when you close it."))
    response_limit = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000_000,
        label=_("At most so many answers"),
        help_text=_("Empty: no limit."),
    )
    redirect = forms.URLField(
        required=False,
        assume_scheme="https",
        label=_("Then go on to"),
        help_text=_("An address that opens after the thank-you page, for example your shop."),
    )

    def __init__(self, request: Any, survey: Survey) -> None:
        data = request.POST if request.method == "POST" else None
        super().__init__(data, initial=_initial(survey))
        self.fields["unit"] = UnitField(
            request.scope,
            label=_("Unit"),
            help_text=_("Answers without a unit in their link belong to it."),
        )
        self.fields["touchpoint"] = forms.ChoiceField(
            required=False,
            label=_("Touchpoint"),
            choices=[("", _("None")), *_touchpoints(request)],
            help_text=_("The moment that is asked about."),
        )

    def values(self, request: Any) -> dict[str, Any]:
        """Return the settings as the action takes them."""
        kept = {k: v for k, v in self.cleaned_data.items() if k != "redirect"}
        code = kept["touchpoint"]
        kept["touchpoint"] = touchpoints(request.scope).filter(code=code).first() if code else None
        return kept


def _initial(survey: Survey) -> dict[str, Any]:
    thanks = survey.definition.get("thanks") or {}
    return {
        "is_anonymous": "yes" if survey.is_anonymous else "no",
        "opens_at": _local(survey.opens_at),
        "closes_at": _local(survey.closes_at),
        "response_limit": survey.response_limit,
        "redirect": thanks.get("redirect") or "",
        "unit": survey.unit.code if survey.unit else "",
        "touchpoint": survey.touchpoint.code if survey.touchpoint else "",
    }


def _local(at: datetime | None) -> datetime | None:
    return timezone.localtime(at) if at else None


def _touchpoints(request: Any) -> list[tuple[str, str]]:
    return [(t.code, t.name_in(language())) for t in touchpoints(request.scope)]


class Edit:
    """The form of one draft as it is shown, or as it came back."""

    def __init__(self, request: Any, survey: Survey) -> None:
        self.request, self.survey = request, survey
        self.form = SettingsForm(request, survey)
        self.q = load(survey.definition)
        self.sent = texts.posted(request.POST.dict()) if request.method == "POST" else {}
        self.problems: dict[str, list[dict[str, Any]]] = {}
        self.unplaced: list[str] = []

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the languages that have a column: those of the draft, and all that we know."""
        return tuple(dict.fromkeys((*self.q.languages, *LANGUAGES)))

    @property
    def chosen(self) -> tuple[str, ...]:
        if self.request.method != "POST":
            return self.q.languages
        asked = self.request.POST.getlist("languages")
        return tuple(tag for tag in self.columns if tag in asked)

    def languages(self) -> list[dict[str, Any]]:
        """Return the switches of the languages."""
        return [
            {"tag": tag, "label": LANGUAGE_NAMES.get(tag, tag), "on": tag in self.chosen}
            for tag in self.columns
        ]

    def saved(self) -> bool:
        """Whether the form was sent and the draft took it; problems stand at their fields."""
        if self.request.method != "POST":
            return False
        if not self.form.is_valid() or not self.chosen:
            if not self.chosen:
                self.unplaced.append(gettext("Choose at least one language."))
            return False
        try:
            self._save()
        except (Forbidden, NotFound, Busy):
            raise
        except Problem as problem:
            self._note(problem)
            return False
        return True

    def _save(self) -> None:
        values = self.form.values(self.request)
        around = dict(self.sent)
        closed = {t: w for t, w in around.pop("/closed_text", {}).items() if w}
        made = texts.put(self.survey.definition, around, self.chosen)
        made.setdefault("thanks", {})["redirect"] = self.form.cleaned_data["redirect"] or None
        actions.update_draft(
            by=self.request.member,
            survey=self.survey,
            definition=made,
            title=load(made).title,
            closed_text={t: closed[t] for t in self.chosen if t in closed},
            now=timezone.now(),
            **values,
        )

    def _note(self, problem: Problem) -> None:
        if problem.code != "questionnaire.invalid":
            show(self.form, problem)
            return
        self.problems = wrongs.by_field(problem)
        known = {t.pointer for group in self.groups() for t in group.texts}
        for pointer, found in self.problems.items():
            if pointer not in known:
                self.unplaced += [
                    f"{p['text']} ({pointer})" if pointer else p["text"] for p in found
                ]
        if not self.unplaced:
            self.unplaced = sentences(problem)[:1]

    def groups(self) -> list[texts.Group]:
        """Return all texts in their groups, with what was sent and what is wrong with it."""
        title = texts.Text("/title", gettext("Title"), self.survey.title, needed=True)
        notice = texts.Text(
            "/consent_notice", gettext("Consent notice"), self.q.consent_notice, is_long=True
        )
        closed = texts.Text(
            "/closed_text", gettext("When it is closed"), self.survey.closed_text, is_long=True
        )
        around = texts.around(self.q)
        around.texts.append(closed)
        first = [texts.Group("", "", [title]), texts.Group("", "", [notice]), around]
        found = [*first, *texts.questions(self.q, language())]
        for text in (t for group in found for t in group.texts):
            text.words = self.sent.get(text.pointer, text.words)
            text.problems = self.problems.get(text.pointer, [])
        return found

    def context(self) -> dict[str, Any]:
        """Return what the template of the settings needs."""
        title, notice, around, *questions = self.groups()
        return {
            "form": self.form,
            "languages": self.languages(),
            "title_group": self._laid(title),
            "notice_group": self._laid(notice),
            "around": self._laid(around),
            "questions": [self._laid(g) for g in questions],
            "unplaced": self.unplaced,
            "has_problems": bool(self.unplaced or self.form.errors),
        }

    def _laid(self, group: texts.Group) -> dict[str, Any]:
        return {
            "title": group.title,
            "kind": group.kind,
            "number": group.note,
            "is_wrong": group.is_wrong,
            "texts": [
                {
                    "label": t.label,
                    "is_long": t.is_long,
                    "needed": t.needed,
                    "fields": [self._named(f) for f in t.fields(self.columns)],
                }
                for t in group.texts
            ],
        }

    def _named(self, one: dict[str, Any]) -> dict[str, Any]:
        tag = one["language"]
        return {
            **one,
            "id": "f" + "".join(c if c.isalnum() else "-" for c in one["name"]),
            "language_name": LANGUAGE_NAMES.get(tag, tag),
        }
