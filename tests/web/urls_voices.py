"""The addresses of surveys, feedback and customers, for `test_every_url.py`."""

from __future__ import annotations

from typing import Any

from tests.voices import receive, voice
from tests.web.urls_table import Row, World, code


def _record(world: World) -> Any:
    """Return what a customer of the North said to Alice."""
    if "northern" not in world.made:
        who = {"ref": "C-N", "name": "周北", "phone": "13500001111", "unit": "N-001"}
        said = voice(unit="N-001", customer=who)
        world.made["northern"] = receive(world.house.alice, said)[0].record_id
    return world.made["northern"]


def north(world: World) -> list[Any]:
    return [_record(world)]


def south(world: World) -> list[Any]:
    return [world.record.pk]


def northern_customer(world: World) -> list[Any]:
    from manyi.feedback.models import FeedbackRecord

    return [FeedbackRecord.objects.get(pk=_record(world)).customer_id]


def southern_customer(world: World) -> list[Any]:
    return [world.record.customer_id]


def _of_customer(deed: str, *, post: bool = False) -> Row:
    return Row(deed, northern_customer, southern_customer, post=post)


ROWS: dict[str, Row] = {
    "surveys": Row("survey.read"),
    "surveys-new": Row("survey.edit"),
    "surveys-file": Row("survey.edit", post=True),
    "surveys-template": Row("survey.edit", lambda w: ["csat"], shared=True),
    "surveys-one": Row("survey.read", code, fine=(200, 302)),
    "surveys-preview": Row("survey.read", code),
    "surveys-share": Row("survey.read", code),
    "surveys-sheet": Row("survey.read", code),
    "surveys-versions": Row("survey.read", code),
    "surveys-definition": Row("survey.read", code),
    "surveys-act": Row("survey.publish", lambda w: [w.survey.code, "close"], post=True),
    "feedback": Row("feedback.read"),
    "feedback-new": Row("feedback.read"),
    "feedback-views": Row("feedback.read", post=True, data=(("name", "x"), ("query", ""))),
    "feedback-views-drop": Row("feedback.read", lambda w: [1], post=True, fine=(404,)),
    "feedback-one": Row("feedback.read", north, south),
    "feedback-tag": Row("feedback.tag", north, south, post=True, data=(("label", "x"),)),
    "feedback-untag": Row("feedback.tag", north, south, post=True, data=(("label", "x"),)),
    "customers": Row("customer.read"),
    "customers-new": Row("customer.edit"),
    "customers-one": _of_customer("customer.read"),
    "customers-edit": _of_customer("customer.edit"),
    "customers-data": _of_customer("customer.edit", post=True),
    "customers-erase": _of_customer("customer.erase", post=True),
    "customers-identity": Row(
        "customer.edit",
        lambda w: [*northern_customer(w), 1],
        lambda w: [*southern_customer(w), 1],
        post=True,
        fine=(404,),
    ),
    "customers-place": Row(
        "customer.edit",
        lambda w: [*northern_customer(w), 1],
        lambda w: [*southern_customer(w), 1],
        post=True,
        fine=(404,),
    ),
}
