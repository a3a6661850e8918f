"""Files of feedback: mapped, checked, stored once, resumed after a crash."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.test.utils import CaptureQueriesContext

from manyi.accounts.models import Agent, AuditEntry
from manyi.connectors import actions, drafting, importing, queries
from manyi.connectors.models import Import
from manyi.feedback import analysing
from manyi.feedback.models import FeedbackRecord, TalkReading
from manyi.kit.problems import Forbidden, Problem
from tests.connectors.files import counts, csv_of, imported, reviews, sent, worked, xlsx_of
from tests.factories import NOW, house, stranger_house

pytestmark = pytest.mark.django_db


def test_the_same_file_twice_changes_nothing() -> None:
    alice = house().alice
    assert counts(imported(alice, reviews(600))) == (600, 0, 0, 0)
    again = imported(alice, reviews(600))
    assert counts(again) == (0, 0, 600, 0)
    assert again.state == Import.State.DONE
    assert FeedbackRecord.objects.count() == 600


def test_a_changed_row_updates_its_record() -> None:
    alice = house().alice
    imported(alice, reviews(5))
    assert counts(imported(alice, reviews(5, score=5))) == (0, 4, 1, 0)


def test_conversations_a_turn_a_row_are_stored_and_read() -> None:
    lines = [["会话ID", "时间", "角色", "客服工号", "内容"]]
    for k in range(12):
        at = f"2026-10-20 10:{k:02}"
        lines.append([f"C{k}", f"{at}:40", "客服小王", "A-1", "非常抱歉，马上给您换"])
        lines.append([f"C{k}", f"{at}:05", "客户", "", "加湿器坏了，太气人了"])
    alice = house().alice
    assert counts(imported(alice, csv_of(lines))) == (12, 0, 0, 0)
    assert counts(imported(alice, csv_of(lines))) == (0, 0, 12, 0)
    record = FeedbackRecord.objects.get(source_ref="C7")
    assert (record.kind, record.agent and record.agent.code) == ("conversation", "A-1")
    assert record.verbatim == "加湿器坏了，太气人了"
    analysing.analyse_waiting(now=NOW)
    course = TalkReading.objects.get(record=record)
    assert course.first_response == 35
    assert course.items["empathy"][0] == "met"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_chinese_files(encoding: str) -> None:
    content = reviews(20).decode().encode(encoding)
    assert counts(imported(house().alice, content)) == (20, 0, 0, 0)
    assert FeedbackRecord.objects.filter(verbatim="第3条评论：排队久", channel="wechat").exists()


def test_zero_is_an_answer() -> None:
    rows = [["日期", "推荐意愿"], *(["2026-10-01", n] for n in (0, 0, 7, 10, 9, 8, 3))]
    job = imported(house().alice, xlsx_of(rows), "nps.xlsx")
    assert counts(job) == (7, 0, 0, 0)
    values = FeedbackRecord.objects.values_list("scores__value", flat=True)
    assert sorted(values) == [0, 0, 3, 7, 8, 9, 10]


def test_a_killed_worker_loses_nothing_and_doubles_nothing() -> None:
    alice = house().alice
    job = sent(alice, reviews(1200))
    actions.run(by=alice, job=job, now=NOW)
    importing.work_on_next(now=NOW, worker="w1", seconds=0)  # one chunk, then w1 is killed
    job.refresh_from_db()
    assert job.progress == 250 == FeedbackRecord.objects.count()
    assert importing.work_on_next(now=NOW, worker="w2") == 0  # the lease still holds
    worked(job, worker="w2", minutes=2)
    assert counts(job) == (1200, 0, 0, 0)
    assert job.state == Import.State.DONE
    assert FeedbackRecord.objects.count() == 1200


def test_a_worker_that_lost_its_lease_stores_nothing_more() -> None:
    alice = house().alice
    job = sent(alice, reviews(600))
    actions.run(by=alice, job=job, now=NOW)
    importing.work_on_next(now=NOW, worker="w1", seconds=0)
    stale = Import.objects.get(pk=job.pk)
    importing.work_on_next(now=NOW + timedelta(minutes=2), worker="w2", seconds=0)
    assert FeedbackRecord.objects.count() == 500
    importing.store_on(stale, worker="w1", now=NOW, seconds=9)
    assert FeedbackRecord.objects.count() == 500
    assert counts(worked(job, worker="w2", minutes=2)) == (600, 0, 0, 0)


def test_cancelling_stops_and_keeps_what_is_stored() -> None:
    alice = house().alice
    job = sent(alice, reviews(600))
    actions.run(by=alice, job=job, now=NOW)
    importing.work_on_next(now=NOW, worker="w1", seconds=0)
    actions.cancel(by=alice, job=job, now=NOW)
    assert worked(job).state == Import.State.CANCELLED
    assert FeedbackRecord.objects.count() == 250
    assert counts(imported(alice, reviews(600))) == (350, 0, 250, 0)


def test_a_dry_run_stores_nothing_and_foretells_the_counts() -> None:
    at = house()
    imported(at.alice, reviews(3))
    extra = [["X-1", "没有日期", "N-001", 5, "日期错", "微信"]]
    extra += [["X-2", "2025-03-01", "N-404", 5, "没有这家店", "微信"]]
    extra += [["D-7", "2025-03-01", "N-001", 5, "同一订单两次", "微信"]] * 2
    content = reviews(300) + csv_of(extra)
    job = sent(at.alice, content)
    actions.check(by=at.alice, job=job, now=NOW)
    worked(job)
    assert (job.stage, job.is_checked) == (Import.Stage.MAPPING, True)
    assert FeedbackRecord.objects.count() == 3
    foretold, problems = counts(job), job.problems.count()
    actions.run(by=at.alice, job=job, now=NOW)
    worked(job)
    assert counts(job) == foretold == (297, 1, 4, 2)
    assert job.problems.count() == problems == 2


def test_a_dry_run_leaves_no_agent_behind() -> None:
    rows = [
        ["日期", "评分", "客服", "评论"],
        *(["2026-10-01", 5, "新人", f"好{i}"] for i in range(3)),
    ]
    alice = house().alice
    job = sent(alice, csv_of(rows))
    actions.check(by=alice, job=job, now=NOW)
    worked(job)
    assert not Agent.objects.filter(code="新人").exists()
    actions.run(by=alice, job=job, now=NOW)
    assert counts(worked(job)) == (3, 0, 0, 0)


def test_units_by_name_and_unknown_units() -> None:
    at = house()
    job = sent(at.alice, reviews(2, unit="北京朝阳店") + reviews(1, unit="上海新店")[40:])
    rows = [["订单号", "评价时间", "门店", "评分", "评论"]]
    rows += [
        ["1", "2026-10-01", "北京朝阳店", "5", "好"],
        ["2", "2026-10-01", "上海新店", "4", "行"],
    ]
    job = sent(at.alice, csv_of(rows))
    assert queries.unknown_units(job, job.mapping) == ["上海新店"]
    made = actions.create_units(by=at.alice, job=job, words=["上海新店"], parent=at.south, now=NOW)
    assert made == 1
    actions.run(by=at.alice, job=job, now=NOW)
    assert counts(worked(job)) == (2, 0, 0, 0)
    assert set(FeedbackRecord.objects.values_list("unit__code", flat=True)) == {"N-001", "上海新店"}


def test_a_word_can_be_matched_with_a_unit() -> None:
    at = house()
    job = sent(at.alice, reviews(3, unit="天河"))
    actions.name_units(by=at.alice, job=job, words={"天河": "S-001"}, now=NOW)
    actions.run(by=at.alice, job=job, now=NOW)
    assert counts(worked(job)) == (3, 0, 0, 0)
    assert counts(imported(at.alice, reviews(4, unit="天河"))) == (1, 0, 3, 0)  # remembered


def test_rows_of_a_siblings_unit_are_refused_to_a_manager() -> None:
    at = house()
    content = csv_of(
        [["日期", "门店", "评分"], ["2026-10-01", "N-001", 5], ["2026-10-01", "S-001", 5]]
    )
    job = imported(at.bob, content)
    assert counts(job) == (1, 0, 0, 1)
    [problem] = job.problems.all()
    assert (problem.code, problem.line, problem.column) == ("unit_not_yours", 3, "门店")


def test_the_role_of_today_counts() -> None:
    at = house()
    job = sent(at.analyst, reviews(3))
    actions.run(by=at.analyst, job=job, now=NOW)
    at.analyst.is_active = False
    at.analyst.save()
    assert worked(job).state == Import.State.FAILED
    assert job.problem["code"] == "import.member_gone"
    assert not FeedbackRecord.objects.exists()


def test_who_may_not_import_is_refused() -> None:
    at = house()
    for member in (at.viewer, at.agent, at.external):
        with pytest.raises(Forbidden):
            sent(member, reviews(1))
    with pytest.raises(Forbidden):
        sent(at.analyst, csv_of([["用户名"], ["x"]]), what="members")


def test_nobody_sees_anothers_imports() -> None:
    at, other = house(), stranger_house()
    job = sent(at.alice, reviews(1))
    assert queries.import_by_id(at.analyst, job.pk) == job
    for member in (at.bob, other.charlie):
        with pytest.raises(Problem, match="not_found"):
            queries.import_by_id(member, job.pk)


def test_a_date_is_asked_for_once_where_the_file_has_none() -> None:
    alice = house().alice
    job = sent(alice, csv_of([["评分", "评论"], [5, "很好很好"], [1, "太慢太慢"]]))
    with pytest.raises(Problem) as caught:
        actions.run(by=alice, job=job, now=NOW)
    assert [e.code for e in caught.value.errors] == ["mapping.no_date"]
    actions.choose(by=alice, job=job, mapping={**job.mapping, "occurred_at": "2012-05-01"}, now=NOW)
    actions.run(by=alice, job=job, now=NOW)
    assert counts(worked(job)) == (2, 0, 0, 0)
    assert {r.day.isoformat() for r in FeedbackRecord.objects.all()} == {"2012-05-01"}
    again = sent(alice, csv_of([["评论", "评分"], ["不错", 4]]))
    assert again.mapping["occurred_at"] is None  # a date belongs to one file


def test_problems_come_with_the_original_row() -> None:
    alice = house().alice
    rows = [["订单号", "评价时间", "评分", "评论"], ["1", "2026-10-01", "5", "好"]]
    rows += [["2", "哪天", "4", "行"], ["3", "2026-10-02", "9", "超出"]]
    job = sent(alice, csv_of(rows))
    columns = [
        {**c, "role": "score", "scale": [1, 5], "metric": "csat", "item": "overall"}
        if c["name"] == "评分"
        else {**c, "role": "occurred_at"}
        if c["name"] == "评价时间"
        else c
        for c in job.mapping["columns"]
    ]
    actions.choose(by=alice, job=job, mapping={**job.mapping, "columns": columns}, now=NOW)
    actions.run(by=alice, job=job, now=NOW)
    assert counts(worked(job)) == (1, 0, 0, 2)
    listed = list(queries.problem_rows(job, "zh-Hans"))
    assert [row[:3] for row in listed] == [[3, "评价时间", "哪天"], [4, "评分", "9"]]
    assert listed[1][4:] == ["3", "2026-10-02", "9", "超出"]


def test_large_files_are_read_by_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "SMALL", 10)
    alice = house().alice
    job = sent(alice, reviews(50))
    assert (job.stage, job.columns) == (Import.Stage.READING, [])
    for _ in range(100):
        importing.work_on_next(now=NOW, worker="w1")
        job.refresh_from_db()
        if job.stage == Import.Stage.MAPPING:
            break
    assert (job.stage, job.state, job.total) == (Import.Stage.MAPPING, Import.State.WAITING, 50)
    actions.run(by=alice, job=job, now=NOW)
    assert counts(worked(job)) == (50, 0, 0, 0)


def test_unattended_imports_go_on_by_themselves() -> None:
    alice = house().alice
    job = sent(alice, reviews(10), options={"source": "shop"}, mapping=None)
    assert counts(worked(job)) == (10, 0, 0, 0)
    assert FeedbackRecord.objects.filter(source="shop").count() == 10
    with pytest.raises(Problem, match="mapping_incomplete"):
        sent(alice, csv_of([["甲", "乙"], ["x", "y"]]), options={}, mapping=None)


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("reviews_meituan_202610.csv", "reviews-meituan"),
        ("美团评价 2026年10月.xlsx", "美团评价"),
        ("C:\\x\\NPS (3).csv", "nps"),
        ("2026-10-01.csv", "import"),
    ],
)
def test_sources_are_named_after_files(name: str, source: str) -> None:
    assert drafting.source_of(name.rsplit("\\", 1)[-1]) == source


def test_a_chunk_costs_few_queries(django_assert_max_num_queries: CaptureQueriesContext) -> None:
    alice = house().alice
    job = sent(alice, reviews(250))
    actions.run(by=alice, job=job, now=NOW)
    with django_assert_max_num_queries(40):
        importing.work_on_next(now=NOW, worker="w1", seconds=0)


@pytest.mark.parametrize(
    "name", ["waimai_train.csv.gz", "hotel_htl_train.csv.gz", "chnsenticorp_val.csv.gz"]
)
def test_real_reviews_come_in_once(name: str) -> None:
    path = Path(os.environ.get("SHARED_DIR", Path(__file__).parents[3] / "shared")) / "data" / name
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{path} is missing")
        pytest.skip(f"{path} is not on this machine")
    alice = house().alice
    tallies = []
    for _ in range(2):
        job = sent(alice, path.read_bytes(), name)
        actions.choose(
            by=alice, job=job, mapping={**job.mapping, "occurred_at": "2020-05-01"}, now=NOW
        )
        actions.run(by=alice, job=job, now=NOW)
        tallies.append(counts(worked(job)))
    (created, _, _, rejected), again = tallies
    assert created + rejected == job.total
    assert rejected <= 0.01 * job.total
    assert again == (0, 0, created, rejected)
    assert FeedbackRecord.objects.count() == created


def test_imports_are_audited_and_leave_no_rows_behind() -> None:
    at = house()
    job = imported(at.alice, reviews(3))
    assert AuditEntry.objects.filter(action="import.run", target=f"import:{job.pk}").count() == 1
    assert not drafting.at(job.path).exists()
    kept = imported(at.alice, reviews(2, unit="N-404"))
    assert drafting.at(kept.path).exists()  # the original rows can still be downloaded
