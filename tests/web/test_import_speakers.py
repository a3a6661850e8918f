"""Imports of conversations ask which side those are on whose names alone are known."""

from __future__ import annotations

import pytest
from django.test import Client

from manyi.connectors import actions
from manyi.connectors.models import Import, RememberedMapping
from manyi.feedback.models import FeedbackRecord
from tests.connectors.files import csv_of, worked, xlsx_of
from tests.factories import NOW, House, stranger_house
from tests.web.test_imports import ClientOf, form_of, sent

pytestmark = pytest.mark.django_db

TALKS = [
    ["对话编号", "时间", "对话"],
    *(
        [f"T-{n}", "2026-10-20", f"阿木: 您好\n小雨: 加湿器坏了\n阿木: 稍等\n小雨: <b>快</b>{n}"]
        for n in range(6)
    ),
]
JSON_TALKS = "\n".join(
    f'{{"对话编号": "{a}", "时间": "{b}", "turns": [{{"speaker": "阿木", "text": "您好"}},'
    f' {{"speaker": "小雨", "text": "坏了"}}]}}'
    for a, b, _ in TALKS[1:]
).encode()
FILES = [
    *((csv_of(TALKS), "t.csv"), (csv_of(TALKS, "gb18030"), "t.csv")),
    *((xlsx_of(TALKS), "t.xlsx"), (JSON_TALKS, "t.jsonl")),
]


def settled(client: Client, job: Import, **more: str) -> dict[str, str]:
    """Return the form once the conversations' column is chosen and shown again, as without JS."""
    form = {**form_of(client, job), "c2-role": "turns", "do": "save", **more}
    assert client.post(f"/imports/{job.pk}/mapping/", form).status_code == 302
    return form_of(client, job)


@pytest.mark.parametrize(("content", "name"), FILES)
def test_sides_of_speakers_known_by_name_alone_are_asked_and_remembered(
    client_of: ClientOf, house: House, content: bytes, name: str
) -> None:
    client = client_of(house.alice)
    job = sent(client, content, name)
    form = settled(client, job)
    page = client.get(f"/imports/{job.pk}/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    for shown in ("阿木", "小雨", "“<bdi>您好</bdi>”", "As guessed: unknown"):
        assert shown in page
    assert "<b>快" not in page
    said = {**form, "c2-0-side": "customer", "c2-1-side": "agent"}
    preview = client.post(f"/imports/{job.pk}/preview/", said).content.decode()
    assert "客服" in preview
    client.post(f"/imports/{job.pk}/mapping/", {**said, "do": "check"})
    assert (worked(job).created, FeedbackRecord.objects.count()) == (6, 0)
    client.post(f"/imports/{job.pk}/mapping/", {**form_of(client, job), "do": "run"})
    assert worked(job).created == 6
    assert [t.role for t in FeedbackRecord.objects.all()[0].turns.order_by("position")][:2] == [
        *("客户", "客服"),
    ]
    [kept] = RememberedMapping.objects.all()
    assert "阿木" not in str(kept.mapping)
    again = sent(client, content, name)
    assert form_of(client, again)["c2-0-side"] == "customer"
    unattended = actions.start(
        by=house.alice, chunks=[content], file_name=name, mapping=None, now=NOW
    )
    assert (worked(unattended).unchanged, unattended.rejected) == (6, 0)


def test_another_house_is_asked_anew_and_strange_sides_are_not_kept(
    client_of: ClientOf, house: House
) -> None:
    client, other = client_of(house.alice), client_of(stranger_house().charlie)
    job = sent(client, csv_of(TALKS), "t.csv")
    form = settled(client, job)
    strange = {"c2-1-side": "boss", "c2-2-who": "x" * 5_000, "c2-2-side": "agent"}
    settled(client, job, **{**form, "c2-0-side": "agent", **strange})
    job.refresh_from_db()
    assert {*job.mapping["columns"][2]["codes"].values()} == {"agent"}
    assert len(job.mapping["columns"][2]["codes"]) == 1
    assert other.post(f"/imports/{job.pk}/mapping/", form).status_code == 404
    client.post(f"/imports/{job.pk}/mapping/", {**form_of(client, job), "do": "run"})
    mine = sent(other, csv_of(TALKS), "t.csv")
    settled(other, mine)
    assert form_of(other, mine)["c2-0-side"] == "guess"
