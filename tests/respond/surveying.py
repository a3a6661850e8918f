"""Surveys to answer in tests, and the public's browser without JavaScript."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from manyi.surveys import actions
from manyi.surveys.models import Survey
from tests.factories import House

NOW = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)


def text(zh: str, en: str) -> dict[str, str]:
    return {"zh-Hans": zh, "en": en}


SCORE: dict[str, Any] = {
    "code": "nps",
    "kind": "nps",
    "title": text("您有多大可能把我们推荐给朋友或同事？", "How likely are you to recommend us?"),
    "ends": {"worst": text("完全不可能", "Not at all"), "best": text("非常可能", "Very likely")},
    "required": True,
}
SHORT: dict[str, Any] = {
    "schema": 1,
    "languages": ["zh-Hans", "en"],
    "title": text("维修服务回访", "About your repair"),
    "intro": text("感谢您选择安居。\n只需不到一分钟。", "Thank you.\nThis takes under a minute."),
    "hidden": [{"code": "order"}],
    "pages": [
        {"code": "score", "questions": [SCORE]},
        {
            "code": "why_low",
            "show_if": {"question": "nps", "is": "at_most", "value": 6},
            "questions": [
                {
                    "code": "reason",
                    "kind": "multiple",
                    "title": text("哪里让您不满意？", "What went wrong?"),
                    "required": True,
                    "choices": [
                        {"code": "late", "label": text("上门晚", "Came late")},
                        {"code": "price", "label": text("价格高", "Too expensive")},
                        {"code": "other", "label": text("其他", "Other"), "other": True},
                    ],
                }
            ],
        },
        {
            "code": "words",
            "questions": [
                {
                    "code": "comment",
                    "kind": "long_text",
                    "title": text(
                        "您给了 {{nps}} 分，还想说些什么？", "You gave {{nps}}. Anything else?"
                    ),
                    "max_length": 500,
                }
            ],
        },
    ],
    "thanks": {"text": text("谢谢，我们会逐条阅读。", "Thank you. We read every word.")},
}


def _choices(*pairs: tuple[str, str, str]) -> list[dict[str, Any]]:
    return [{"code": code, "label": text(zh, en)} for code, zh, en in pairs]


_CHANNELS = _choices(
    ("app", "手机应用", "App"), ("phone", "电话", "Phone"), ("desk", "前台", "Front desk")
)
EVERY_KIND: dict[str, Any] = {
    "schema": 1,
    "languages": ["zh-Hans", "en"],
    "title": text("2026 年物业服务满意度调查", "Property service survey 2026"),
    "intro": text("请根据最近三个月的体验作答。", "Please think of the last three months."),
    "consent_notice": text(
        "您的回答仅用于改进物业服务，保存不超过两年。您可以随时要求删除。",
        "Your answers serve to improve our service and are kept for two years at most.",
    ),
    "pages": [
        {
            "code": "one",
            "questions": [
                {
                    "code": "overall",
                    "kind": "rating",
                    "title": text(
                        "总体来说，您对我们的服务满意吗？", "Overall, how satisfied are you?"
                    ),
                    "look": "faces",
                    "labels": "satisfaction_5",
                    "required": True,
                },
                {
                    "code": "numbers",
                    "kind": "rating",
                    "title": text("保洁打几分？", "How clean is it?"),
                    "help": text("1 分最低，5 分最高。", "1 is lowest, 5 is highest."),
                    "ends": {"worst": text("很差", "Poor"), "best": text("很好", "Excellent")},
                    "allow_na": True,
                },
                {
                    "code": "stars",
                    "kind": "rating",
                    "title": text("安保", "Security"),
                    "look": "stars",
                },
                {
                    "code": "worded",
                    "kind": "rating",
                    "title": text("对缴费方式是否满意？", "Paying"),
                    "labels": "satisfaction_5",
                },
                {**SCORE, "required": False},
                {
                    "code": "effort",
                    "kind": "ces",
                    "title": text("报修是否方便？", "Was it easy to report a repair?"),
                    "ends": {
                        "worst": text("非常费力", "Very hard"),
                        "best": text("非常轻松", "Very easy"),
                    },
                },
                {
                    "code": "ten",
                    "kind": "rating",
                    "scale": [1, 10],
                    "title": text("绿化", "Greenery"),
                },
            ],
        },
        {
            "code": "two",
            "title": text("更多细节", "Some details"),
            "questions": [
                {
                    "code": "channel",
                    "kind": "single",
                    "title": text("您通常怎样联系我们？", "How do you reach us?"),
                    "allow_na": True,
                    "choices": [
                        *_CHANNELS,
                        {"code": "other", "label": text("其他", "Other"), "other": True},
                    ],
                },
                {
                    "code": "used",
                    "kind": "multiple",
                    "title": text("您用过哪些服务？", "What have you used?"),
                    "choices": [
                        *_choices(("repair", "维修", "Repair"), ("parcel", "代收快递", "Parcels")),
                        {"code": "none", "label": text("都没有", "None"), "exclusive": True},
                    ],
                },
                {
                    "code": "aspects",
                    "kind": "matrix",
                    "title": text("请评价下列各项", "Please rate"),
                    "labels": "satisfaction_5",
                    "allow_na": True,
                    "rows": _choices(
                        ("clean", "公共区域保洁", "Cleaning"),
                        ("safe", "门岗与安保", "Security"),
                        ("lift", "电梯运行", "Lifts"),
                    ),
                },
                {
                    "code": "where",
                    "kind": "matrix",
                    "title": text("各事项您希望在哪里办理？", "Where would you like to do this?"),
                    "rows": _choices(("pay", "缴费", "Paying"), ("visit", "访客登记", "Visitors")),
                    "choices": _CHANNELS,
                },
            ],
        },
        {
            "code": "three",
            "questions": [
                {
                    "code": "hello",
                    "kind": "statement",
                    "title": text("最后几个问题。", "Nearly done."),
                },
                {
                    "code": "years",
                    "kind": "number",
                    "title": text("居住年数", "Years here"),
                    "min": 0,
                    "max": 99,
                },
                {"code": "since", "kind": "date", "title": text("最近一次报修日期", "Last repair")},
                {
                    "code": "building",
                    "kind": "short_text",
                    "title": text("楼栋", "Building"),
                    "max_length": 40,
                },
                {
                    "code": "comment",
                    "kind": "long_text",
                    "title": text("还想说些什么？", "Anything else?"),
                    "max_length": 500,
                },
                {
                    "code": "agree",
                    "kind": "consent",
                    "title": text(
                        "我同意物业就此问卷与我联系。", "You may contact me about this survey."
                    ),
                    "required": True,
                },
            ],
        },
    ],
}


def publish(house: House, definition: dict[str, Any], **settings: Any) -> Survey:
    """Store and publish a survey."""
    survey = actions.create(by=house.alice, definition=definition, now=NOW, **settings)
    actions.publish(by=house.alice, survey=survey, now=NOW)
    return survey


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.names: set[str] = set()
        self.buttons: list[str] = []
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "button":
            self.buttons.append(found.get("value", ""))
        if tag == "textarea":
            self._area = found["name"]
            self.names.add(self._area)
        if tag != "input" or "name" not in found:
            return
        self.names.add(found["name"])
        checkable = found.get("type") in ("radio", "checkbox")
        if not checkable or "checked" in found:
            self.fields.append((found["name"], found.get("value", "")))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.fields.append((self._area, data.removeprefix("\n")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None


@dataclass
class Browser:
    """A browser without JavaScript or cookies: it opens, fills in, presses and looks."""

    code: str
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))
    response: Any = None
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Language": "en"})

    @property
    def html(self) -> str:
        return str(self.response.content.decode())

    @property
    def form(self) -> _Form:
        parser = _Form()
        parser.feed(self.html)
        return parser

    def open(self, query: str = "") -> Browser:
        self.response = self.client.get(f"/s/{self.code}/{query}", headers=self.headers)
        return self

    def data(self, go: str = "next", **answers: Any) -> dict[str, list[str]]:
        """Return what the page's form would send; an answer is named q_CODE or q_CODE__PART."""
        found: dict[str, list[str]] = {}
        for name, value in self.form.fields:
            found.setdefault(name, []).append(value)
        for key, value in answers.items():
            name = key.replace("q_", "q.", 1).replace("__", ".")
            found[name] = [str(v) for v in value] if isinstance(value, list) else [str(value)]
        return {**found, "go": [go]}

    def press(self, go: str = "next", **answers: Any) -> Browser:
        return self.send(self.data(go, **answers))

    def send(self, data: dict[str, Any]) -> Browser:
        action = re.search(r'action="([^"]+)"', self.html)
        path = action.group(1) if action else f"/s/{self.code}/"
        self.response = self.client.post(
            path,
            data=urlencoded(data),
            content_type="application/x-www-form-urlencoded",
            headers=self.headers,
        )
        return self


def urlencoded(data: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode(data, doseq=True)
