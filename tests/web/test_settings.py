"""Settings: kept through forms, said in sentences, shown once, inside one's scope."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from manyi.accounts import audit
from manyi.accounts.models import Agent, ApiToken, AuditEntry, Member, Team, Touchpoint, Unit, User
from tests import factories
from tests.factories import House

pytestmark = pytest.mark.django_db
Logged = Callable[[Any], Client]


@pytest.fixture(autouse=True)
def _nothing_sent_yet() -> None:
    cache.clear()


@pytest.fixture
def alice(house: House, client_of: Logged) -> Client:
    return client_of(house.alice)


def said(response: Any) -> list[str]:
    return [str(m) for m in get_messages(response.wsgi_request)]


def picture(colour: str = "teal") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (400, 200), colour).save(out, "PNG")
    return SimpleUploadedFile("logo.png", out.getvalue(), "image/png")


ORGANISATION = {
    "name__zh": "云栖",
    "name__en": "Yunqi",
    "language": "en",
    "time_zone": "Europe/Zurich",
    "colour": "#123456",
    "precision_n": "20",
    "privacy_n": "6",
    "level_zh": ["总部", "", "城市"],
    "level_en": ["Head office", "", "City"],
}


def test_the_organisation_is_kept(alice: Client, house: House) -> None:
    assert alice.post("/settings/organisation/", ORGANISATION).status_code == 302
    house.organisation.refresh_from_db()
    mine = house.organisation
    assert mine.name == {"zh-Hans": "云栖", "en": "Yunqi"}
    assert (mine.language, mine.time_zone, mine.colour) == ("en", "Europe/Zurich", "#123456")
    assert (mine.precision_n, mine.privacy_n) == (20, 6)
    assert [level["en"] for level in mine.level_names] == ["Head office", "City"]


def test_an_organisation_keeps_a_name(alice: Client) -> None:
    empty = ORGANISATION | {"name__zh": "", "name__en": ""}
    response = alice.post("/settings/organisation/", empty)
    assert response.status_code == 422
    assert "请填写组织名称" in response.content.decode()


def test_a_logo_is_shown_before_it_is_kept(alice: Client, house: House) -> None:
    preview = alice.post("/settings/organisation/logo/preview/", {"logo": picture()})
    assert "data:image/png;base64," in preview.content.decode()
    house.organisation.refresh_from_db()
    assert house.organisation.logo is None
    alice.post("/settings/organisation/logo/", {"logo": picture()})
    house.organisation.refresh_from_db()
    assert house.organisation.logo
    alice.post("/settings/organisation/logo/", {"remove": "1"})
    house.organisation.refresh_from_db()
    assert not house.organisation.logo


def test_what_is_no_picture_is_refused(alice: Client) -> None:
    wrong = SimpleUploadedFile("logo.png", b"<svg onload=alert(1)>", "image/png")
    preview = alice.post("/settings/organisation/logo/preview/", {"logo": wrong})
    assert "这张图片无法用作标志" in preview.content.decode()


def test_no_unit_is_made_below_one_that_cannot_be(alice: Client, house: House) -> None:
    for below in ("9" * 5000, "9" * 19, "404"):
        assert alice.get(f"/units/new/?below={below}").status_code == 404
    assert alice.get("/units/new/?below=-1").status_code == 200


def test_the_tree_grows_moves_closes_and_loses_a_leaf(alice: Client, house: House) -> None:
    sent = {"code": "N-003", "name__zh": "天津店", "size": "0"}
    assert alice.post(f"/units/new/?below={house.north.pk}", sent).status_code == 302
    unit = Unit.objects.get(code="N-003")
    assert (unit.parent, unit.size) == (house.north, 0)
    here = f"/units/{unit.pk}/"
    alice.post(here, sent | {"name__en": "Tianjin"})
    alice.post(here + "move/", {"parent": "S"})
    unit.refresh_from_db()
    assert (unit.parent, unit.name["en"]) == (house.south, "Tianjin")
    alice.post(here + "close/")
    unit.refresh_from_db()
    assert unit.closed_at is not None
    alice.post(here + "reopen/")
    alice.post(here + "remove/")
    assert not Unit.objects.filter(pk=unit.pk).exists()


def test_a_unit_does_not_hang_below_itself(alice: Client, house: House) -> None:
    at = f"/units/{house.north.pk}/move/"
    assert any("不能" in words for words in said(alice.post(at, {"parent": "N-001"})))
    house.north.refresh_from_db()
    assert house.north.parent == house.root


def test_a_code_that_is_taken_is_said_at_the_field(alice: Client, house: House) -> None:
    response = alice.post("/units/new/", {"code": "N-001", "name__zh": "又一店"})
    assert response.status_code == 422
    field = response.context["form"].errors["code"]
    assert "已被使用" in str(field)


def test_the_tree_is_searched_by_name_in_either_language(alice: Client) -> None:
    for words in ("海淀", "haidian", "n-002"):
        page = alice.get("/units/", {"q": words}).content.decode()
        assert "北京海淀店" in page
        assert "广州天河店" not in page
    assert "没有找到" in alice.get("/units/", {"q": "没有这个"}).content.decode()


def test_a_large_tree_comes_branch_by_branch(
    alice: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.web.settings.units.WHOLE_TREE", 3)
    whole = alice.get("/units/").content.decode()
    assert "北区" not in whole
    assert f"?below={house.root.pk}" in whole
    part = alice.get("/units/", {"below": str(house.root.pk)}).content.decode()
    assert "北区" in part
    assert "北京朝阳店" not in part
    assert "<html" not in part


def test_lists_come_as_files(alice: Client) -> None:
    for path in ("/units/", "/settings/members/", "/settings/touchpoints/", "/settings/audit/"):
        answer: Any = alice.get(path, {"format": "csv"})
        rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode()[1:])))
        assert len(rows[0]) > 1
        book: Any = alice.get(path, {"format": "xlsx"})
        assert b"".join(book.streaming_content)[:2] == b"PK"


NEW_MEMBER = {"name": "王芳", "username": "wangfang", "role": "unit_manager", "unit": "N"}


def test_a_new_member_gets_a_first_password_that_is_shown_once(alice: Client, house: House) -> None:
    added = alice.post("/settings/members/new/", NEW_MEMBER)
    member = Member.objects.get(user__username="wangfang")
    assert added.headers["Location"] == f"/settings/members/{member.pk}/"
    assert (member.role, member.unit) == ("unit_manager", house.north)
    page = alice.get(added.headers["Location"]).content.decode()
    password = re.search(r'class="secret mb-1">([^<]+)<', page)
    assert password is not None
    assert password[1] not in alice.get(added.headers["Location"]).content.decode()
    theirs = Client()
    login = {"login": "wangfang", "password": password[1]}
    assert theirs.post("/log-in/", login).status_code == 302
    assert theirs.get("/").headers["Location"] == "/password/"


def test_a_double_click_adds_one_member_and_still_shows_the_password(alice: Client) -> None:
    sent = NEW_MEMBER | {"once": "a-mark"}
    first, second = (alice.post("/settings/members/new/", sent) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert Member.objects.filter(user__username="wangfang").count() == 1
    assert 'class="secret' in alice.get(second.headers["Location"]).content.decode()


def test_a_member_changes_role_and_unit_and_leaves(alice: Client, house: House) -> None:
    at = f"/settings/members/{house.bob.pk}/"
    user = house.bob.user
    sent = {"name": "Robert", "username": user.username, "email": user.email, "role": "viewer"}
    assert alice.post(at, sent).status_code == 302
    house.bob.refresh_from_db()
    user.refresh_from_db()
    assert (house.bob.role, house.bob.unit, user.first_name) == ("viewer", None, "Robert")
    alice.post(at + "deactivate/")
    house.bob.refresh_from_db()
    assert not house.bob.is_active
    alice.post(at + "reactivate/")
    house.bob.refresh_from_db()
    assert house.bob.is_active


def test_a_new_first_password_ends_the_old_one(alice: Client, house: House) -> None:
    alice.post(f"/settings/members/{house.bob.pk}/password/")
    user = User.objects.get(pk=house.bob.user_id)
    assert user.must_change_password
    assert not user.check_password(factories.PASSWORD)
    own = alice.post(f"/settings/members/{house.alice.pk}/password/")
    assert own.headers["Location"] == "/password/"
    assert User.objects.get(pk=house.alice.user_id).check_password(factories.PASSWORD)


def test_the_last_owner_stays(alice: Client, house: House) -> None:
    at = f"/settings/members/{house.alice.pk}/"
    response = alice.post(at + "deactivate/")
    assert any("最后一位所有者" in words for words in said(response))
    house.alice.refresh_from_db()
    assert house.alice.is_active


def test_places_are_kept(alice: Client, house: House) -> None:
    alice.post("/settings/teams/new/", {"code": "care", "name__zh": "客服部", "unit": "N"})
    assert Team.objects.get(code="care").unit == house.north
    alice.post(
        "/settings/agents/new/",
        {"code": "A-9", "name": "陈静", "unit": "N-002", "member": str(house.viewer.pk)},
    )
    agent = Agent.objects.get(code="A-9")
    assert (agent.unit, agent.member) == (house.north_2, house.viewer)
    alice.post(f"/settings/agents/{agent.pk}/off/")
    agent.refresh_from_db()
    assert not agent.is_active
    alice.post(f"/settings/teams/{house.works.pk}/remove/")
    assert not Team.objects.filter(pk=house.works.pk).exists()


def test_touchpoints_change_places(alice: Client, house: House) -> None:
    alice.post("/settings/touchpoints/new/", {"code": "move-in", "name__zh": "入住"})
    made = Touchpoint.objects.get(code="move-in")
    alice.post(f"/settings/touchpoints/{made.pk}/up/")
    assert list(Touchpoint.objects.values_list("code", flat=True)) == [
        "repair",
        "move-in",
        "checkout",
    ]
    alice.post(f"/settings/touchpoints/{house.repair.pk}/down/")
    assert Touchpoint.objects.values_list("code", flat=True)[0] == "move-in"


def test_a_manager_keeps_the_staff_of_their_units_only(house: House, client_of: Logged) -> None:
    bob = client_of(house.bob)
    south = factories.agent(house.south_1, "A-S", name="南方人")
    assert "南方人" not in bob.get("/settings/agents/").content.decode()
    assert bob.get(f"/settings/agents/{south.pk}/").status_code == 404
    outside = {"code": "A-10", "name": "某人", "unit": "S-001"}
    assert bob.post("/settings/agents/new/", outside).status_code == 422
    nowhere = {"code": "A-10", "name": "某人", "unit": ""}
    assert bob.post("/settings/agents/new/", nowhere).status_code == 422
    assert bob.post("/settings/agents/new/", outside | {"unit": "N-001"}).status_code == 302


def test_a_token_is_shown_once_and_revoked(alice: Client, house: House) -> None:
    sent = {"name": "Nightly export", "days": "30", "is_read_only": "on"}
    assert alice.post("/settings/tokens/", sent).status_code == 302
    page = alice.get("/settings/tokens/").content.decode()
    secret = re.search(r">(manyi_[\w-]+)<", page)
    assert secret is not None
    assert secret[1] not in alice.get("/settings/tokens/").content.decode()
    token = ApiToken.objects.get()
    assert token.is_read_only
    assert token.expires_at is not None
    alice.post(f"/settings/tokens/{token.pk}/revoke/")
    assert not ApiToken.objects.exists()


def test_one_sees_ones_own_tokens_and_an_owner_all(house: House, client_of: Logged) -> None:
    bob, viewer = client_of(house.bob), client_of(house.viewer)
    bob.post("/settings/tokens/", {"name": "Bobs bot", "days": "0"})
    token = ApiToken.objects.get()
    assert token.expires_at is None
    assert "Bobs bot" not in viewer.get("/settings/tokens/").content.decode()
    assert viewer.post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    assert "Bobs bot" in client_of(house.alice).get("/settings/tokens/").content.decode()


def test_the_audit_log_is_read_page_by_page_and_verified(
    alice: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.web.settings.audit.PAGE", 2)
    for n in range(3):
        audit.record(
            house.organisation,
            actor=house.alice,
            action="unit.add",
            target=f"unit:{house.north.pk}",
            detail={"code": f"EXTRA UNIT {n}"},
            now=factories.NOW,
        )
    first = alice.get("/settings/audit/").content.decode()
    assert "EXTRA UNIT 2" in first
    assert "EXTRA UNIT 0" not in first
    assert "新建机构" in first
    rest = re.search(r'rel="next" href="([^"]+)"', first)
    assert rest is not None
    assert "EXTRA UNIT 0" in alice.get("/settings/audit/" + rest[1]).content.decode()
    assert "日志完整" in alice.post("/settings/audit/verify/").content.decode()
    AuditEntry.objects.filter(number=2).update(action="unit.remove")
    assert "第 2 条处断开" in alice.post("/settings/audit/verify/").content.decode()


def test_settings_lead_to_the_first_page_one_may_open(house: House, client_of: Logged) -> None:
    assert client_of(house.alice).get("/settings/").headers["Location"] == "/settings/organisation/"
    assert client_of(house.viewer).get("/settings/").headers["Location"] == "/settings/tokens/"


def test_a_button_needs_its_page(house: House) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(house.alice.user)
    response = strict.post(f"/units/{house.south_1.pk}/close/")
    assert response.status_code == 403
    assert "页面已过期" in response.content.decode()
