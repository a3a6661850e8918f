"""The analyses on offer: the question each answers, and why one is not possible here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from manyi.kit.selection import Selection
from manyi.reports.analysis import drivers, explained, modelled, reliable, segments
from manyi.surveys.models import Survey
from manyi.web.analysis.choosing import Chosen


@dataclass(frozen=True)
class Offer:
    """An analysis: its address, name, the question it answers, and what a survey lacks for it."""

    name: str
    title: str | Promise
    question: str | Promise
    icon: str
    lacks: Callable[[Survey], str] | None = None


def _drivers(survey: Survey) -> str:
    if drivers.offered(survey):
        return ""
    return _("Needs a survey with at least three rating questions.")


def _counted(survey: Survey) -> str:
    return "" if explained.offered(survey) else _("Needs a survey with questions to count.")


def _scored(survey: Survey) -> str:
    return "" if segments.offered(survey) else _("Needs a survey with a rating question.")


def _sets(survey: Survey) -> str:
    if reliable.sets(survey):
        return ""
    return _("Needs a matrix with at least three rows, or three ratings.")


def _kano(survey: Survey) -> str:
    if modelled.marks(survey, "kano"):
        return ""
    return _("Needs a questionnaire with a Kano model; there is a template for it.")


def _servqual(survey: Survey) -> str:
    if modelled.marks(survey, "servqual"):
        return ""
    return _("Needs a questionnaire with a SERVQUAL model; there is a template for it.")


def _index(survey: Survey) -> str:
    if modelled.marks(survey, "index"):
        return ""
    return _("Needs a questionnaire with a satisfaction model; there is a template for it.")


def _any(survey: Survey) -> str:
    return ""


OFFERS: tuple[Offer, ...] = (
    Offer(
        "analysis-explain",
        gettext_lazy("Explain"),
        gettext_lazy("Does one thing depend on another, how much, and how sure is that?"),
        "bulb",
        _counted,
    ),
    Offer(
        "analysis-drivers",
        gettext_lazy("Drivers and priorities"),
        gettext_lazy("What moves satisfaction most, and what should be improved first?"),
        "target-arrow",
        _drivers,
    ),
    Offer(
        "analysis-trees",
        gettext_lazy("Drivers by trees"),
        gettext_lazy("Which answers move satisfaction where lines bend and items work together?"),
        "sitemap",
        _drivers,
    ),
    Offer(
        "analysis-churn",
        gettext_lazy("Who will leave"),
        gettext_lazy("Do the answers tell who leaves later, and whom does it pay to contact?"),
        "logout",
        _scored,
    ),
    Offer(
        "analysis-segments",
        gettext_lazy("Segments compared"),
        gettext_lazy("Which channels, units or kinds of customers truly differ?"),
        "users-group",
        _scored,
    ),
    Offer(
        "analysis-weighting",
        gettext_lazy("Weighting"),
        gettext_lazy("Do the answers stand for all customers, and what if they did?"),
        "scale",
        _scored,
    ),
    Offer(
        "analysis-reliability",
        gettext_lazy("Reliability of a scale"),
        gettext_lazy("Do several ratings measure one thing, and does one of them not belong?"),
        "ruler-measure",
        _sets,
    ),
    Offer(
        "analysis-kano",
        gettext_lazy("Kano model"),
        gettext_lazy("Which features are a must, which delight, which hardly matter?"),
        "star",
        _kano,
    ),
    Offer(
        "analysis-servqual",
        gettext_lazy("SERVQUAL gaps"),
        gettext_lazy("Where does the service fall short of what is expected?"),
        "arrows-sort",
        _servqual,
    ),
    Offer(
        "analysis-index",
        gettext_lazy("Satisfaction index (ACSI, ECSI, CCSI or your own)"),
        gettext_lazy("How satisfied is everybody on 0–100, and what moves that?"),
        "gauge",
        _index,
    ),
    Offer(
        "analysis-quality",
        gettext_lazy("Response quality"),
        gettext_lazy("How many answered without care, and does it change the figure?"),
        "stethoscope",
        _scored,
    ),
    Offer(
        "analysis-response",
        gettext_lazy("Response rates (AAPOR)"),
        gettext_lazy("How many of those who were to be asked answered?"),
        "mail",
        _any,
    ),
    Offer(
        "analysis-sample-size",
        gettext_lazy("Sample size"),
        gettext_lazy("How many customers have to be asked?"),
        "users",
    ),
)


def named(name: str) -> Offer:
    return next(one for one in OFFERS if one.name == name)


def landing(request: Any, selection: Selection) -> dict[str, Any]:
    """Return the page that offers the analyses for a survey."""
    chosen = Chosen(request, selection)
    return {
        "chosen": chosen,
        "choices": chosen.choices(),
        "kept": chosen.kept(),
        "offers": [_offer(one, chosen) for one in OFFERS],
    }


def _offer(one: Offer, chosen: Chosen) -> dict[str, Any]:
    reason = _reason(one, chosen.survey)
    pairs = [*chosen.kept(), *([("survey", chosen.survey.code)] if chosen.survey else [])]
    return {
        "title": one.title,
        "question": one.question,
        "icon": one.icon,
        "reason": reason,
        "href": "" if reason else f"{reverse(one.name)}?{urlencode(pairs)}",
    }


def _reason(one: Offer, survey: Survey | None) -> str:
    if one.lacks is None:
        return ""
    if survey is None:
        return _("Needs a published survey.")
    return one.lacks(survey)
