"""Members are added safely: no owner ever reaches into another organisation's people."""

from __future__ import annotations

import pytest

from manyi.accounts import actions, queries
from manyi.accounts.models import AuditEntry, Member, User
from manyi.accounts.permissions import scope
from manyi.kit.problems import Forbidden, Problem
from tests import factories
from tests.factories import NOW, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.db]
FIRST = "first-Passw0rd-here"


def refusal(code: str, call: object, **given: object) -> None:
    with pytest.raises(Problem) as refused:
        call(**given, now=NOW)  # type: ignore[operator]
    assert refused.value.code == code


def test_a_cashier_gets_a_log_in_without_e_mail() -> None:
    house = factories.house()
    member = actions.add_member(
        by=house.alice,
        role="agent",
        unit=house.north_1,
        phone="139 0000 0001",
        name="小孙",
        password=FIRST,
        now=NOW,
    )
    user = member.user
    assert (user.phone, user.email, user.must_change_password) == ("+8613900000001", "", True)
    assert user.check_password(FIRST)
    actions.change_own_password(user=user, password="another-Passw0rd", now=NOW)
    assert not User.objects.get(pk=user.pk).must_change_password
    details = str(list(AuditEntry.objects.values_list("detail", "target", "actor")))
    assert not any(word in details for word in ("1390000", "139 0000", "小孙", FIRST))


def test_a_first_password_has_to_be_good_enough() -> None:
    house = factories.house()
    for password, code in (
        ("short", "password.too_short"),
        ("password", "password.too_common"),
        ("8365920174", "password.numeric"),
        ("cashier17", "password.similar"),
    ):
        given = {"by": house.alice, "role": "agent", "username": "cashier17", "password": password}
        refusal(code, actions.add_member, **given)
    assert not User.objects.filter(username="cashier17").exists()


@pytest.mark.parametrize("field", ["email", "phone", "username"])
def test_the_log_in_of_somebody_elsewhere_is_not_attached(field: str) -> None:
    house, stranger = factories.house(), factories.stranger_house()
    victim = stranger.charlie.user
    User.objects.filter(pk=victim.pk).update(phone="+8613700000000")
    victim.refresh_from_db()
    given = {"by": house.alice, "role": "viewer", "password": FIRST}
    refusal("member.login_taken", actions.add_member, **given, **{field: getattr(victim, field)})
    victim.refresh_from_db()
    assert victim.check_password(PASSWORD)
    assert victim.memberships.count() == 1


def test_an_owner_of_both_organisations_may_share_a_person() -> None:
    house, stranger = factories.house(), factories.stranger_house()
    Member.objects.create(
        user=house.alice.user, organisation=stranger.organisation, role="owner", created_at=NOW
    )
    shared = actions.add_member(
        by=house.alice, role="viewer", email=stranger.charlie.user.email, now=NOW
    )
    assert shared.user == stranger.charlie.user
    assert shared.user.check_password(PASSWORD)
    assert len(queries.memberships(shared.user)) == 2
    for call, given in (
        (actions.set_first_password, {"password": FIRST}),
        (actions.change_person, {"email": "mine@example.com"}),
    ):
        with pytest.raises(Forbidden) as refused:
            call(by=house.alice, member=shared, now=NOW, **given)
        assert refused.value.code == "member.elsewhere"


def test_a_stranger_and_a_colleague_cannot_touch_members() -> None:
    house, stranger = factories.house(), factories.stranger_house()
    for by in (stranger.charlie, house.bob, house.analyst, house.agent, house.external):
        for call, given in (
            (actions.change_member, {"role": "owner", "unit": None}),
            (actions.change_person, {"name": "x"}),
            (actions.set_first_password, {"password": FIRST}),
            (actions.deactivate_member, {}),
            (actions.reactivate_member, {}),
        ):
            with pytest.raises(Forbidden):
                call(by=by, member=house.viewer, now=NOW, **given)
        with pytest.raises(Forbidden):
            actions.add_member(by=by, role="owner", unit=house.north, username="x1", now=NOW)
    foreign = {"by": house.alice, "role": "agent", "username": "x1", "unit": stranger.north_1}
    with pytest.raises(Forbidden):
        actions.add_member(**foreign, now=NOW)


def test_the_last_owner_stays() -> None:
    house = factories.house()
    alone = {"by": house.alice, "member": house.alice}
    refusal("member.last_owner", actions.deactivate_member, **alone)
    refusal("member.last_owner", actions.change_member, **alone, role="viewer")
    actions.change_member(by=house.alice, member=house.analyst, role="owner", now=NOW)
    actions.deactivate_member(by=house.analyst, member=house.alice, now=NOW)
    assert not User.objects.get(pk=house.alice.user_id).is_active
    house.analyst.refresh_from_db()
    refusal("member.last_owner", actions.deactivate_member, by=house.analyst, member=house.analyst)
    actions.reactivate_member(by=house.analyst, member=house.alice, now=NOW)
    assert User.objects.get(pk=house.alice.user_id).is_active


def test_an_owner_has_no_unit_and_a_role_is_one_of_six() -> None:
    house = factories.house()
    given = {"by": house.alice, "member": house.bob}
    refusal("member.owner_has_no_unit", actions.change_member, **given, role="owner")
    refusal("member.role_unknown", actions.change_member, **given, role="king")
    assert actions.change_member(by=house.alice, member=house.bob, unit=house.south, now=NOW)
    assert not actions.change_member(by=house.alice, member=house.bob, unit=house.south, now=NOW)
    assert house.south_1.pk in (scope(Member.objects.get(pk=house.bob.pk)).unit_ids or ())


def test_importing_members_twice_changes_nothing() -> None:
    house = factories.house()
    rows = [
        {
            "phone": "13900000001",
            "name": "孙丽",
            "role": "agent",
            "unit": "N-001",
            "password": FIRST,
        },
        {"email": "Zhou@Example.com", "name": "周", "role": "viewer", "unit": ""},
    ]
    done = [actions.upsert_member(by=house.alice, row=row, now=NOW) for row in rows]
    assert done == ["created", "created"]
    again = [{**row, "password": "other-Passw0rd"} for row in rows]
    done = [actions.upsert_member(by=house.alice, row=row, now=NOW) for row in again]
    assert done == ["unchanged", "unchanged"]
    assert User.objects.get(phone="+8613900000001").check_password(FIRST)
    assert not User.objects.get(email="zhou@example.com").has_usable_password()
    moved = {**rows[0], "unit": "N-002"}
    assert actions.upsert_member(by=house.alice, row=moved, now=NOW) == "updated"


def test_a_member_sees_the_members_of_the_units_below() -> None:
    house, stranger = factories.house(), factories.stranger_house()
    assert set(queries.members(scope(house.bob))) == {house.bob, house.agent}
    assert stranger.charlie not in set(queries.members(house.scope()))


def test_a_token_speaks_for_its_member_until_it_is_revoked() -> None:
    from datetime import timedelta

    house, stranger = factories.house(), factories.stranger_house()
    token, secret = actions.create_token(
        by=house.bob, name="till", expires_at=NOW + timedelta(days=1), now=NOW
    )
    assert secret not in str(token.__dict__)
    found = actions.member_of_token(secret, NOW)
    assert found is not None
    assert (found[0], found[1].last_used_on) == (house.bob, NOW.date())
    for wrong, at in (("", NOW), (secret[:-1], NOW), (secret, NOW + timedelta(days=1))):
        assert actions.member_of_token(wrong, at) is None
    for by in (stranger.charlie, house.analyst):
        with pytest.raises(Forbidden):
            actions.revoke_token(by=by, token=token, now=NOW)
    actions.revoke_token(by=house.alice, token=token, now=NOW)
    assert actions.member_of_token(secret, NOW) is None


def test_a_token_ends_with_its_member() -> None:
    house = factories.house()
    _, secret = actions.create_token(by=house.bob, name="till", now=NOW)
    actions.deactivate_member(by=house.alice, member=house.bob, now=NOW)
    assert actions.member_of_token(secret, NOW) is None


def test_a_view_is_kept_under_its_name_by_its_member() -> None:
    house = factories.house()
    actions.save_view(by=house.bob, page="inbox", name="低分", query="kind=survey")
    view = actions.save_view(by=house.bob, page="inbox", name="低分", query="kind=complaint")
    assert [v.query for v in queries.views(house.bob, "inbox")] == ["kind=complaint"]
    with pytest.raises(Forbidden):
        actions.delete_view(by=house.alice, view=view)
    actions.delete_view(by=house.bob, view=view)
    assert not queries.views(house.bob, "inbox").exists()
