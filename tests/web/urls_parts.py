"""The addresses of surveys, imports, results, feedback and customers."""

from __future__ import annotations

from typing import Any

from manyi.accounts.actions import save_view
from manyi.connectors.models import Import
from manyi.customers.actions import request_erasure
from manyi.customers.models import Customer
from manyi.feedback.models import FeedbackRecord
from manyi.metrics.models import Indicator
from manyi.reports.models import Export
from tests import factories, voices
from tests.web.urls_table import Row, World, code


def northern(world: World) -> FeedbackRecord:
    """Return what a customer of the North said."""
    if "northern" not in world.made:
        customer = {"ref": "C-11", "name": "赵北", "phone": "13933334444"}
        said = voices.voice(unit="N-001", verbatim="北边的门口太暗", customer=customer)
        voices.receive(world.house.alice, said)
        world.made["northern"] = FeedbackRecord.objects.get(source_ref=said["source_ref"])
    return world.made["northern"]  # type: ignore[no-any-return]


def imported(world: World) -> Import:
    """Return a file that Alice handed in."""
    if "import" not in world.made:
        world.made["import"] = Import.objects.create(
            organisation=world.house.organisation,
            user=world.house.alice.user,
            file_name="Anju Group.csv",
            path="imports/none.jsonl",
            state=Import.State.DONE,
            created_at=factories.NOW,
        )
    return world.made["import"]  # type: ignore[no-any-return]


def exported(world: World) -> Export:
    """Return a file that Alice asked for."""
    if "export" not in world.made:
        world.made["export"] = Export.objects.create(
            organisation=world.house.organisation,
            user=world.house.alice.user,
            file_name="Anju Group.xlsx",
            created_at=factories.NOW,
        )
    return world.made["export"]  # type: ignore[no-any-return]


def indicator(world: World) -> list[Any]:
    """Return an indicator of Alice's organisation."""
    mine = {"organisation": world.house.organisation, "code": "whole"}
    row, _ = Indicator.objects.get_or_create(
        **mine, defaults={"name": factories.text("安居集团总指数", "Anju Group index")}
    )
    return [row.pk]


def view(world: World) -> list[Any]:
    """Return filters that Alice keeps for herself."""
    kept = save_view(by=world.house.alice, page="feedback", name="天河店", query="unit=S")
    return [kept.pk]


def file(world: World) -> list[Any]:
    return [imported(world).pk]


def column(world: World) -> list[Any]:
    return [imported(world).pk, 0]


def export(world: World) -> list[Any]:
    return [exported(world).pk]


def record(world: World) -> list[Any]:
    return [northern(world).pk]


def southern_record(world: World) -> list[Any]:
    return [world.record.pk]


def customer(world: World) -> list[Any]:
    return [northern(world).customer_id]


def erasure(world: World) -> list[Any]:
    """Return the wish of a customer of the North to be forgotten."""
    one = Customer.objects.get(pk=customer(world)[0])
    asked = request_erasure(by=world.house.alice, customer=one, now=factories.NOW)
    return [asked.pk]


def southern_customer(world: World) -> list[Any]:
    return [world.record.customer_id]


def asked(world: World) -> list[Any]:
    return [world.survey.code, "overall"]


def identity(world: World) -> list[Any]:
    return [northern(world).customer_id, 1]


READ, EDIT, RUN = "survey.read", "survey.edit", "import.run"
OWN = (200, 404)  # a file belongs to whoever asked for it
ROWS: dict[str, Row] = {
    "surveys": Row(READ),
    "surveys-new": Row(EDIT),
    "surveys-file": Row(EDIT, post=True),
    "surveys-template": Row(EDIT, fine=(200, 302, 405), alice=lambda w: ["csat"], shared=True),
    # Whoever may not edit is led to the preview.
    "surveys-one": Row(READ, code, fine=(200, 302)),
    "surveys-preview": Row(READ, code),
    "surveys-share": Row(READ, code),
    "surveys-sheet": Row(READ, code),
    "surveys-versions": Row(READ, code),
    "surveys-definition": Row(READ, code),
    "surveys-act": Row(EDIT, lambda w: [w.survey.code, "close"], post=True),
    "imports": Row(RUN),
    "imports-new": Row(RUN),
    "imports-template": Row(RUN, lambda w: ["units"], shared=True),
    "imports-one": Row(RUN, file),
    "imports-progress": Row(RUN, file),
    "imports-problems": Row(RUN, file),
    "imports-cancel": Row(RUN, file, post=True),
    "imports-resume": Row(RUN, file, post=True),
    "imports-passwords": Row("member.edit", file, post=True, fine=(404,)),
    "imports-mapping": Row(RUN, file, post=True),
    "imports-preview": Row(RUN, file, post=True),
    "imports-column": Row(RUN, column, post=True),
    "imports-sheet": Row(RUN, file, post=True),
    "imports-units": Row(RUN, file, post=True),
    "imports-export": Row("feedback.export"),
    "imports-export-one": Row("feedback.export", export, fine=OWN),
    "imports-export-progress": Row("feedback.export", export, fine=OWN),
    "imports-export-file": Row("feedback.export", export, fine=OWN),
    "results": Row("metric.read"),
    "results-one": Row("metric.read", code),
    "results-question": Row("metric.read", asked, fine=OWN),
    "standings": Row("metric.read"),
    "standings-unit": Row("metric.read", lambda w: ["N-001"], lambda w: ["S-001"], shared=True),
    "indicators": Row("metric.read"),
    "indicators-new": Row("indicator.edit"),
    "indicators-usual": Row("indicator.edit", post=True),
    "indicators-one": Row("metric.read", indicator),
    "indicators-edit": Row("indicator.edit", indicator),
    "indicators-target": Row("indicator.edit", indicator),
    "indicators-remove": Row("indicator.edit", indicator, post=True),
    "feedback": Row("feedback.read"),
    "feedback-new": Row("feedback.read"),
    "feedback-views": Row("feedback.read", post=True),
    "feedback-views-drop": Row("feedback.read", view, post=True, fine=(404,)),
    "feedback-one": Row("feedback.read", record, southern_record),
    "feedback-similar": Row("feedback.read", record, southern_record),
    "feedback-talks": Row("scorecard.read"),
    "feedback-talks-one": Row("scorecard.read", lambda w: [w.house.agent_1.code], fine=(404,)),
    "feedback-tag": Row("feedback.tag", record, southern_record, post=True),
    "feedback-untag": Row("feedback.tag", record, southern_record, post=True),
    "feedback-correct": Row("feedback.correct", record, southern_record, post=True),
    "feedback-uncorrect": Row("feedback.correct", record, southern_record, post=True),
    "customers": Row("customer.read"),
    "customers-new": Row("customer.edit"),
    "customers-one": Row("customer.read", customer, southern_customer),
    "customers-edit": Row("customer.edit", customer, southern_customer),
    "customers-data": Row("customer.read", customer, southern_customer, post=True, fine=(200, 403)),
    "customers-erase": Row("customer.erase", customer, post=True),
    "customers-identity": Row("customer.edit", identity, post=True, fine=(403, 404)),
    "customers-consent": Row("customer.edit", customer, southern_customer, post=True, fine=(403,)),
    "customers-contact": Row("customer.edit", identity, post=True, fine=(403, 404)),
    "customers-place": Row("customer.edit", identity, post=True, fine=(403, 404)),
    "api/v1/backups": Row(api=True),
    "api/v1/members": Row(api=True),
    "api/v1/members/<member>/two-step": Row(api=True, alice=lambda w: [1], fine=(405,)),
    "api/v1/privacy/export": Row(api=True, fine=(405,)),
    "api/v1/privacy/erase": Row(api=True, fine=(405,)),
    "api/v1/privacy/erasures/<erasure>": Row(api=True, alice=erasure),
    "api/v1/populations": Row(api=True),
    "api/v1/populations/<population>": Row(api=True, alice=lambda w: [1]),
}
