"""The addresses of staff pages and API reads that `manyi bench pages` opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from manyi.accounts.models import Member, Unit
from manyi.accounts.permissions import may, scope
from manyi.base.ids import new_id
from manyi.feedback.models import FeedbackRecord
from manyi.feedback.queries import visible_to
from manyi.metrics.models import Indicator
from manyi.surveys.models import Survey

_ALWAYS = "from=2000-01-01"
_QUEUE, _NEVER_SAID, _LI = "%E6%8E%92%E9%98%9F", "%E6%B2%A1%E8%AF%B4%E8%BF%87", "%E6%9D%8E"
_PARTS = ("trend", "units", "channels", "completion", "voices")
_INBOX = (
    f"q={_QUEUE}",
    f"q={_QUEUE}&{_ALWAYS}",
    f"q={_NEVER_SAID}&{_ALWAYS}",
    f"q=parking&{_ALWAYS}",
    _ALWAYS,
    "attribute:tier=gold",
    f"attribute:tier=gold&{_ALWAYS}",
    f"attribute:tier=none&{_ALWAYS}",
    f"answer:overall=1&{_ALWAYS}",
    "score=low",
    f"score=low&{_ALWAYS}",
    f"text=1&channel=sms&{_ALWAYS}",
    f"kind=praise&{_ALWAYS}",
    f"source=nowhere&{_ALWAYS}",
    f"tag=none&{_ALWAYS}",
    f"agent=SH-001-A1&{_ALWAYS}",
)
_SETTINGS = (
    *("/settings/", "/settings/members/", "/settings/audit/", "/settings/organisation/"),
    *("/settings/tokens/", "/settings/llm/", "/feedback/standard/"),
)
_API = ("feedback", f"feedback?q={_QUEUE}", "feedback?attribute:tier=gold", "customers", "units")
_THEMES = ("", "intents/", "emotions/", "emotions/?part=units", "units/", "words/", "changes/")
_FILTERED = ("channel=sms", "attribute:tier=gold", "answer:overall=1")
_MANAGED = ("taxonomy/", "checking/", "learning/", "unnamed/")
_MEANT = "%E7%AD%89%E5%A4%AA%E4%B9%85%E6%B2%A1%E4%BA%BA%E7%90%86"
_ANALYSES = (
    *("", "drivers/", "explain/", "segments/", "reliability/", "quality/", "sample-size/"),
    *("drivers/trees/", "churn/", "weighting/", "response/", "kano/", "servqual/", "index/"),
    *(f"{slow}/?part=found" for slow in ("quality", "drivers/trees", "churn")),
)
_METRICS = ("by=unit", "by=channel&interval=month", "interval=day", "by=agent", "answer:overall=1")


@dataclass(frozen=True)
class _Places:
    """What a member sees, to look at: places, surveys, a voice, and the last year as a query."""

    member: Member
    region: Unit
    store: Unit
    known: Survey
    anonymous: Survey
    voice: FeedbackRecord
    deep: int
    year: str


def addresses(member: Member) -> list[str]:
    """Return every address to open as this member."""
    at = _places(member)
    shown = [*_overview(at), *_results(at), *_standings(at), *_themes(at), *_analyses(at)]
    return [*shown, *_inbox(at), *_others(at), *_api(at)]


def _places(member: Member) -> _Places:
    today = datetime.now(UTC).date()
    mine = Unit.objects.filter(organisation=member.organisation)
    region = member.unit or mine.filter(depth=1).earliest("path")
    seen = visible_to(scope(member))
    named = seen.filter(customer__isnull=False).order_by("-occurred_at")
    surveys = Survey.objects.filter(organisation=member.organisation)
    return _Places(
        member=member,
        region=region,
        store=mine.filter(path__startswith=region.path, children=None).earliest("path"),
        known=surveys.filter(is_anonymous=False).earliest("pk"),
        anonymous=surveys.filter(is_anonymous=True).earliest("pk"),
        voice=named[40:41].get(),
        deep=seen.order_by("-occurred_at").values_list("pk", flat=True)[seen.count() // 2],
        year=f"from={today - timedelta(days=364)}&to={today}",
    )


def _overview(at: _Places) -> list[str]:
    found = ["/", f"/?{at.year}", f"/?unit={at.region.code}", f"/?unit={at.store.code}&{at.year}"]
    found += [f"/?{one}" for one in _FILTERED]
    return found + [
        f"/?part={part}&metric=csat{when}" for when in ("", f"&{at.year}") for part in _PARTS
    ]


def _results(at: _Places) -> list[str]:
    found = ["/results/", f"/results/?{at.year}"]
    for survey in (at.known, at.anonymous):
        page = f"/surveys/{survey.code}/results/"
        found += [page, f"{page}?{at.year}", f"{page}?unit={at.region.code}"]
        found += [f"{page}?split={by}" for by in ("unit", "channel", "week", "agent")]
        cards = ("overall", "aspects", "reasons", "comment")
        found += [f"{page}{asked}/?{at.year}" for asked in cards]
    return found


def _standings(at: _Places) -> list[str]:
    indicator = Indicator.objects.filter(organisation=at.member.organisation).earliest("pk")
    region = f"/standings/{at.region.code}/"
    return [
        *("/standings/", f"/standings/?{at.year}", f"/standings/{at.store.code}/"),
        *(f"/standings/?{one}" for one in _FILTERED[:2]),
        *(region, f"{region}?{at.year}", f"{region}?part=units&metric=csat"),
        *("/indicators/", f"/indicators/?{at.year}", f"/indicators/{indicator.pk}/"),
    ]


def _themes(at: _Places) -> list[str]:
    pages = [f"/themes/{part}" for part in _THEMES]
    of_year = [f"{page}{'&' if '?' in page else '?'}{at.year}" for page in pages]
    asked = (f"unit={at.region.code}", *_FILTERED[:2])
    return [*pages, *of_year, *(f"/themes/?{one}" for one in asked)]


def _analyses(at: _Places) -> list[str]:
    pages = [f"/analysis/{part}" for part in _ANALYSES]
    return [*pages, f"/analysis/drivers/?survey={at.known.code}&{at.year}"]


def _inbox(at: _Places) -> list[str]:
    return [
        *("/feedback/", *(f"/feedback/?{query}" for query in _INBOX)),
        f"/feedback/new/?since={new_id()}",
        f"/feedback/?unit={at.region.code}&{at.year}",
        f"/feedback/?unit={at.store.code}&{_ALWAYS}",
        f"/feedback/?cursor={at.deep}&{_ALWAYS}",
        f"/feedback/?survey={at.anonymous.code}&{at.year}",
        f"/feedback/{at.voice.pk}/",
    ]


def _others(at: _Places) -> list[str]:
    return [
        *("/customers/", "/customers/?q=D-00007", f"/customers/?q={_LI}"),
        *(f"/customers/{at.voice.customer_id}/", "/surveys/", f"/surveys/{at.known.code}/"),
        *(f"/surveys/{at.known.code}/share/", "/units/"),
        *((f"/units/{at.store.pk}/",) if may(at.member, "unit.edit") else ()),
        *("/exports/", "/imports/", f"/search/?q={_QUEUE}", f"/search/?q={_MEANT}&how=meaning"),
        *("/feedback/talks/", "/methods/"),
        *((*_SETTINGS, *_of_all_units()) if at.member.unit_id is None else ()),
    ]


def _of_all_units() -> list[str]:
    return [f"/themes/{part}" for part in _MANAGED]


def _api(at: _Places) -> list[str]:
    found = [*_API, "surveys", f"feedback/{at.voice.pk}", f"surveys/{at.known.code}/responses"]
    found += [f"metrics?metric=csat&{query}&{at.year}" for query in _METRICS]
    found += [f"text/similar?q={_MEANT}", f"text/similar?q={_MEANT}&{at.year}"]
    return [f"/api/v1/{path}" for path in found]
