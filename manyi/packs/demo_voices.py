"""Three months of voices of the demo's customers: the same seed gives the same voices.

Two stores have long queues and so lower scores, at weekends above all; one of them put in
self-checkout a month ago. Who was served badly leaves more often: the day stands in `left_on` of
the customer, who from then on is nobody known. Everything else is ordinary noise.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from manyi.packs import demo_words as words
from manyi.packs.demo_house import MENDED, MENDED_FOR, STORES, Store
from manyi.packs.demo_talks import TALKS, talks

SEED = 20_260_801
VISITS = 3_000
A_BLOCK = VISITS + TALKS
CUSTOMERS = 400
DAYS = 90
ZONE = ZoneInfo("Asia/Shanghai")
KINDS = {
    "survey": 0.46,
    "review": 0.27,
    "delivery": 0.10,
    "service": 0.07,
    "complaint": 0.05,
    "suggestion": 0.02,
    "praise": 0.015,
    "conversation": 0.015,
}
_OPEN_FROM, _OPEN_FOR = 8, 13.5  # hours
_WEEKDAY = (1.0, 0.9, 0.9, 1.0, 1.2, 1.9, 1.8)
_STAYS, _MOOD = 3.3, 2.2  # log odds that a middling visit is not the last, by mood
_TIERS = ("regular", "silver", "gold")


@dataclass(frozen=True)
class _Visit:
    """One customer at one store: what it was like, before anybody asked."""

    ref: str
    customer: int
    store: Store
    at: datetime
    language: str
    queue: float
    mood: float  # on 1–5, before rounding


def voices(block: int, *, survey: str, until: datetime) -> Iterator[dict[str, Any]]:
    """Yield the wire records of one block of about 3,200, of the 90 days before `until`."""
    rng = np.random.default_rng([SEED, block])
    makers = {
        "survey": _survey,
        "review": _review,
        "delivery": _delivery,
        "service": _service,
        "complaint": _complaint,
        "suggestion": _suggestion,
        "praise": _praise,
        "conversation": _conversation,
    }
    names, shares, told = list(KINDS), list(KINDS.values()), []
    for i in range(VISITS):
        visit = _visit(rng, block, i, until)
        kind = names[int(rng.choice(len(names), p=shares))]
        record = makers[kind](rng, visit)
        if kind == "survey":
            record["survey"] = survey
        told.append((visit, _common(rng, visit) | record))
    yield from _with_leaving(block, told, until)
    # After the visits, so that these are what they always were.
    yield from talks(block, [_moment(rng, until) for _ in range(TALKS)], words.GOODS)


def _visit(rng: np.random.Generator, block: int, i: int, until: datetime) -> _Visit:
    at = _moment(rng, until)
    sizes = np.array([store.size for store in STORES])
    store = STORES[int(rng.choice(len(STORES), p=sizes / sizes.sum()))]
    queue = _queue(store, at, until)
    return _Visit(
        ref=f"{block}-{i}",
        customer=block * CUSTOMERS + int(rng.integers(CUSTOMERS)),
        store=store,
        at=at,
        language="en" if rng.random() < 0.12 else "zh-Hans",
        queue=queue,
        mood=4.25 + store.quality - 0.55 * queue + float(rng.normal(0, 0.8)),
    )


def _moment(rng: np.random.Generator, until: datetime) -> datetime:
    first = (until.astimezone(ZONE) - timedelta(days=DAYS)).date()
    days = [first + timedelta(days=d) for d in range(DAYS)]
    chances = np.array([_WEEKDAY[day.weekday()] for day in days])
    day = days[int(rng.choice(DAYS, p=chances / chances.sum()))]
    hours = _OPEN_FROM + _OPEN_FOR * float(rng.beta(2.2, 1.6))
    return datetime.combine(day, time(tzinfo=ZONE)) + timedelta(seconds=round(hours * 3600))


def _queue(store: Store, at: datetime, until: datetime) -> float:
    """Return how long one waits: longer at weekends, short where self-checkout came."""
    mended = store.code == MENDED and at > until - MENDED_FOR
    usual = 0.2 if mended else store.queue
    return usual + (0.5 if at.weekday() >= 5 and not mended else 0.0)


def _common(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    record: dict[str, Any] = {
        "occurred_at": visit.at.isoformat(),
        "language": visit.language,
        "unit": visit.store.code,
        "agent": f"{visit.store.code}-A{rng.integers(1, 5)}" if rng.random() < 0.5 else None,
        "attributes": {"weekend": visit.at.weekday() >= 5, "basket": int(rng.gamma(2.0, 60.0))},
    }
    if rng.random() < 0.7:
        record["customer"] = _customer(visit)
    return record


def _customer(visit: _Visit) -> dict[str, Any]:
    number = visit.customer
    if number % 9 == 0:
        name = words.ENGLISH_NAMES[number % len(words.ENGLISH_NAMES)]
    else:
        name = words.SURNAMES[number % len(words.SURNAMES)]
        name += words.GIVEN[number // 3 % len(words.GIVEN)]
    found: dict[str, Any] = {
        "ref": f"D-{number:05}",
        "name": name,
        "attributes": {"tier": _TIERS[(number * 7) % 10 // 4]},
    }
    if number < 1000:  # +44 7700 900000–900999 is reserved for fiction
        found["phone"] = f"+447700900{number:03}"
    return found


_Told = list[tuple[_Visit, dict[str, Any]]]


def _with_leaving(block: int, told: _Told, until: datetime) -> Iterator[dict[str, Any]]:
    """Yield the records with the day on which their customer left, and nobody's after it."""
    gone = _gone(np.random.default_rng([SEED, block, 1]), told, until)
    for visit, record in told:
        day = gone.get(visit.customer)
        if "customer" in record and day is not None:
            if visit.at.date() > day:
                del record["customer"]
            else:
                record["customer"]["attributes"]["left_on"] = day.isoformat()
        yield record


def _gone(rng: np.random.Generator, told: _Told, until: datetime) -> dict[int, date]:
    """Return when customers left: each visit may be the one too many, a bad one above all."""
    gone: dict[int, date] = {}
    known = [visit for visit, record in told if "customer" in record]
    for visit in sorted(known, key=lambda one: one.at):
        chance, after = float(rng.random()), int(rng.integers(3, 25))
        day = (visit.at + timedelta(days=after)).date()
        bad = 1 / (1 + math.exp(_STAYS + _MOOD * (visit.mood - 3.7)))
        if visit.customer not in gone and chance < bad and day <= until.astimezone(ZONE).date():
            gone[visit.customer] = day
    return gone


def _score(rng: np.random.Generator, mean: float, spread: float = 0.6) -> int:
    return int(np.clip(round(float(rng.normal(mean, spread))), 1, 5))


def _overall(visit: _Visit) -> int:
    return int(np.clip(round(visit.mood), 1, 5))


def _survey(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    overall = _overall(visit)
    aspects: dict[str, Any] = {
        "products": _score(rng, visit.mood + 0.1),
        "price": _score(rng, visit.mood - 0.2),
        "staff": _score(rng, visit.mood + 0.15),
        "environment": _score(rng, visit.mood + 0.1),
        "checkout": _score(rng, visit.mood - 0.8 * visit.queue + 0.2),
    }
    if rng.random() < 0.05:
        aspects["price"] = {"na": True}
    answers: dict[str, Any] = {"overall": overall, "aspects": aspects}
    if overall <= 2:
        answers["reasons"] = ["queue"] if visit.queue > 1 else [_pick(rng, _REASONS)]
    if rng.random() < 0.9:
        answers["recommend"] = int(np.clip(round(visit.mood * 2.1 - 1 + rng.normal(0, 1)), 0, 10))
    if rng.random() < 0.55:
        answers["comment"] = _comment(rng, visit, _pick(rng, _SPOKEN_OF))
    place = "checkout" if rng.random() < 0.6 else None
    return {
        "source": "demo-survey",
        "source_ref": visit.ref,
        "channel": _pick(rng, ("qr", "wechat", "sms")),
        "touchpoint": place,
        "answers": answers,
    }


_SPOKEN_OF = ("store", "store", "store", "checkout", "fresh", "fresh", "service_desk", "parking")
_REASONS = ("stock", "staff", "price", "quality")


def _rated(
    rng: np.random.Generator, visit: _Visit, *, source: str, kind: str, touchpoint: str, score: int
) -> dict[str, Any]:
    return {
        "source": source,
        "source_ref": visit.ref,
        "kind": kind,
        "touchpoint": touchpoint,
        "scores": [{"metric": "csat", "value": score, "scale": [1, 5]}],
        "verbatim": _comment(rng, visit, touchpoint),
    }


def _review(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    place = _pick(rng, ("checkout", "fresh", "checkout", "fresh", "parking", "service_desk"))
    record = _rated(
        rng, visit, source="reviews", kind="review", touchpoint=place, score=_overall(visit)
    )
    return record | {"channel": "review_site"}


def _delivery(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    score = _score(rng, 4.1 + visit.store.quality, 0.9)
    record = _rated(rng, visit, source="app", kind="rating", touchpoint="delivery", score=score)
    return record | {"channel": "app"}


def _service(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    effort = int(np.clip(round(float(rng.normal(visit.mood + 1.2, 1.1))), 1, 7))
    return {
        "source": "service-desk",
        "source_ref": visit.ref,
        "kind": "rating",
        "channel": "tablet",
        "touchpoint": "service_desk",
        "scores": [
            {"metric": "ces", "value": effort, "scale": [1, 7]},
            {"metric": "csat", "value": _overall(visit), "scale": [1, 5]},
        ],
        "verbatim": _comment(rng, visit, "service_desk") if rng.random() < 0.4 else None,
    }


def _complaint(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    place = "checkout" if visit.queue > 0.8 else _pick(rng, ("fresh", "delivery", "service_desk"))
    return {
        "source": "hotline",
        "source_ref": visit.ref,
        "kind": "complaint",
        "channel": "phone",
        "touchpoint": place,
        "verbatim": _sentence(rng, words.BAD[visit.language][place], visit)
        + _stop(visit)
        + _sentence(rng, words.BAD[visit.language]["store"], visit)
        + _stop(visit),
    }


def _suggestion(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    text = _sentence(rng, words.SUGGESTIONS[visit.language], visit)
    return {"source": "app", "source_ref": visit.ref, "kind": "suggestion", "channel": "app"} | {
        "verbatim": text + _stop(visit)
    }


def _praise(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    text = _sentence(rng, words.GOOD[visit.language]["service_desk"], visit)
    return {"source": "hotline", "source_ref": visit.ref, "kind": "praise", "channel": "phone"} | {
        "touchpoint": "service_desk",
        "verbatim": text + _stop(visit),
    }


def _conversation(rng: np.random.Generator, visit: _Visit) -> dict[str, Any]:
    talk = words.TALKS[visit.language][int(rng.integers(len(words.TALKS[visit.language])))]
    turns = [
        {
            "role": role,
            "at": (visit.at + timedelta(seconds=45 * i)).isoformat(),
            "text": _filled(rng, text, visit),
        }
        for i, (role, text) in enumerate(talk)
    ]
    return {
        "source": "chat",
        "source_ref": visit.ref,
        "kind": "conversation",
        "channel": "chat",
        "scores": [{"metric": "csat", "value": _score(rng, 3.9, 1.0), "scale": [1, 5]}],
        "turns": turns,
    }


def _comment(rng: np.random.Generator, visit: _Visit, place: str) -> str:
    """Return one to three sentences that fit the score; long queues are what one speaks of."""
    if 2.6 < visit.mood < 3.6 and rng.random() < 0.6:
        parts = [_sentence(rng, words.MIXED[visit.language], visit)]
    else:
        said = (words.GOOD if visit.mood >= 3.2 else words.BAD)[visit.language]
        parts = [_sentence(rng, said[place], visit)]
        if rng.random() < 0.45:
            parts.append(_sentence(rng, said[_pick(rng, _SPOKEN_OF)], visit))
    if visit.queue > 1 and place != "delivery" and rng.random() < 0.5:
        parts.insert(0, _sentence(rng, words.BAD[visit.language]["checkout"][:3], visit))
    comma = "，" if visit.language == "zh-Hans" else ". "
    return comma.join(dict.fromkeys(parts)) + _stop(visit)


def _sentence(rng: np.random.Generator, choices: tuple[str, ...], visit: _Visit) -> str:
    return _filled(rng, _pick(rng, choices), visit)


def _filled(rng: np.random.Generator, text: str, visit: _Visit) -> str:
    return text.format(
        minutes=int(8 + 14 * visit.queue + rng.integers(0, 12)),
        goods=_pick(rng, words.GOODS[visit.language]),
        staff=f"A{rng.integers(1, 5)}",
    )


def _pick(rng: np.random.Generator, choices: tuple[str, ...]) -> str:
    return choices[int(rng.integers(len(choices)))]


def _stop(visit: _Visit) -> str:
    return "。" if visit.language == "zh-Hans" else "."
