"""Answers for the pages of numbers, given through the one door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from manyi.feedback.submit import Context, submit_all
from manyi.packs.templates import template
from manyi.surveys import actions as surveys
from manyi.surveys.models import SurveyVersion
from tests.factories import NOW, House
from tests.voices import rated, receive

OCTOBER = "from=2026-10-01&to=2026-10-31"
BEFORE = NOW - timedelta(days=400)


def fill(house: House) -> None:
    """Give North twenty good answers and South twenty bad ones, in October 2026."""
    good = [rated(5, unit="N-001", channel="wechat") for _ in range(16)]
    good += [rated(2, unit="N-002", channel="sms") for _ in range(4)]
    bad = [rated(1, unit="S-001", channel="sms") for _ in range(15)]
    bad += [rated(4, unit="S-001", channel="sms") for _ in range(5)]
    receive(house.alice, *good, *bad)


def publish(house: House, name: str = "property", **settings: Any) -> SurveyVersion:
    """Publish a template's survey."""
    survey = surveys.create(by=house.alice, definition=template(name), now=BEFORE)
    surveys.update_draft(by=house.alice, survey=survey, now=BEFORE, **settings)
    return surveys.publish(by=house.alice, survey=survey, now=BEFORE)


def answer(
    version: SurveyVersion,
    *given: dict[str, Any],
    unit: str = "N-001",
    channel: str = "wechat",
    at: datetime = NOW - timedelta(days=3),
    tag: str = "",
) -> None:
    """Answer a survey once for each of `given`."""
    for i, values in enumerate(given):
        context = Context(language="zh-Hans", channel=channel, unit=unit)
        done = submit_all(version, f"{unit}{channel}{tag}{i}", values, context=context, now=at)
        assert done.is_complete, done.problems
