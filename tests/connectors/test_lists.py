"""Lists from spreadsheets: headings in two languages, each row what a person may do by hand."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from manyi.accounts.models import Agent, Member, Touchpoint, Unit, User
from manyi.connectors import actions, lists
from manyi.connectors.models import FirstPassword
from manyi.customers.models import Customer, CustomerUnit
from manyi.kit.problems import Forbidden, NotFound
from manyi.tabular import reading
from manyi.tabular.writing import write_xlsx
from tests.connectors.files import counts, csv_of, imported, sent, worked, xlsx_of
from tests.factories import NOW, house

pytestmark = pytest.mark.django_db


def test_units_with_parents_in_the_same_file() -> None:
    at = house()
    rows = [
        ["机构编码", "名称", "上级编码", "户数", "物业类型"],
        ["EAST", "东区", "HQ", "", ""],
        ["E-1", "东一店", "EAST", 320, "住宅"],
    ]
    content = xlsx_of(rows)
    job = sent(at.alice, content, "units.xlsx", what="units")
    actions.check(by=at.alice, job=job, now=NOW)
    worked(job)
    assert counts(job) == (2, 0, 0, 0)
    assert not Unit.objects.filter(code="EAST").exists()
    actions.run(by=at.alice, job=job, now=NOW)
    assert counts(worked(job)) == (2, 0, 0, 0)
    unit = Unit.objects.get(code="E-1")
    assert (unit.parent.code, unit.size, unit.attributes) == ("EAST", 320, {"物业类型": "住宅"})
    assert counts(imported(at.alice, content, "units.xlsx", what="units")) == (0, 0, 2, 0)


def test_english_headings_and_wrong_rows() -> None:
    at = house()
    rows = [["Code", "Name", "Position"], ["move_in", "Move-in", 3], ["", "Nothing", 1]]
    job = imported(at.analyst, csv_of(rows), "t.csv", what="touchpoints")
    assert counts(job) == (1, 0, 0, 1)
    assert Touchpoint.objects.get(code="move_in").position == 3
    [problem] = job.problems.all()
    assert (problem.line, problem.column, problem.code) == (3, "Code", "code.length")


def test_customers_belong_to_rooms() -> None:
    at = house()
    rows = [
        ["客户编号", "姓名", "手机", "机构编码", "房号", "业主/租户", "会员等级"],
        ["C-1", "王芳", "13800000001", "北京朝阳店", "3-1202", "业主", "金卡"],
        ["C-2", "李雷", "13800000002", "N-001", "3-1203", "租户", ""],
    ]
    content = xlsx_of(rows)
    assert counts(imported(at.alice, content, "c.xlsx", what="customers")) == (2, 0, 0, 0)
    place = CustomerUnit.objects.get(customer__ref="C-1")
    assert (place.unit.code, place.room, place.relation) == ("N-001", "3-1202", "业主")
    assert Customer.objects.get(ref="C-1").attributes == {"会员等级": "金卡"}
    assert counts(imported(at.alice, content, "c.xlsx", what="customers")) == (0, 0, 2, 0)


def test_agents_of_a_unit() -> None:
    at = house()
    rows = [["工号", "姓名", "门店"], ["A-9", "韩梅梅", "N-002"]]
    assert counts(imported(at.bob, csv_of(rows), "a.csv", what="agents")) == (1, 0, 0, 0)
    assert Agent.objects.get(code="A-9").unit == at.north_2


def test_first_passwords_are_handed_out_once_to_the_importer() -> None:
    at = house()
    rows = [["用户名", "姓名", "角色", "机构编码"], ["hanmei", "韩梅", "店长", "N-001"]]
    content = csv_of(rows)
    job = imported(at.alice, content, "m.csv", what="members")
    assert counts(job) == (1, 0, 0, 0)
    member = Member.objects.get(user__username="hanmei")
    assert (member.role, member.unit) == ("unit_manager", at.north_1)
    assert "hanmei" not in FirstPassword.objects.values_list("password", flat=True)
    with pytest.raises(Forbidden):
        actions.take_passwords(by=at.analyst, job=job)
    [(login, name, password)] = actions.take_passwords(by=at.alice, job=job)
    assert (login, name) == ("hanmei", "韩梅")
    assert User.objects.get(username="hanmei").must_change_password
    assert authenticate(username="hanmei", password=password) is not None
    with pytest.raises(NotFound):
        actions.take_passwords(by=at.alice, job=job)
    assert counts(imported(at.alice, content, "m.csv", what="members")) == (0, 0, 1, 0)


@pytest.mark.parametrize("what", list(lists.LISTS))
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_templates_are_understood(what: str, language: str, tmp_path: Path) -> None:
    file = io.BytesIO()
    write_xlsx(file, lists.template(what, language))
    path = tmp_path / "t.xlsx"
    path.write_bytes(file.getvalue())
    shape = reading.convert(path, tmp_path / "rows")
    guessed = lists.guess(what, shape.columns)
    assert list(guessed.values()) == [f.code for f in lists.LISTS[what].fields]
    [row] = reading.rows(tmp_path / "rows")
    given = lists.row_of(what, guessed, shape.columns, row.cells)
    if what == "members":
        assert given["role"] == "unit_manager"
