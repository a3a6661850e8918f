"""The tree grows, moves and closes; codes stay clean; a stranger's tree stays a stranger's."""

from __future__ import annotations

import pytest

from manyi.accounts import actions, queries
from manyi.accounts.models import AuditEntry, Unit
from manyi.accounts.permissions import scope
from manyi.customers.actions import upsert
from manyi.kit.problems import Forbidden, NotFound, Problem
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_a_unit_is_added_below_another_and_the_deed_is_kept() -> None:
    house = factories.house()
    unit = actions.add_unit(
        by=house.alice, code=" N-003 ", name="望京店", parent=house.north, size="150", now=NOW
    )
    assert (unit.code, unit.depth, unit.size) == ("N-003", 2, 150.0)
    assert unit.path == f"{house.north.path}{unit.pk}/"
    assert unit.name == {"zh-Hans": "望京店"}
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.target) == ("unit.add", f"unit:{unit.pk}")
    assert entry.detail == {"code": "N-003", "parent": "N"}


@pytest.mark.parametrize("code", ["", "  ", "x" * 61, "a/b", "a,b", "a\nb", "..", "a\x00b", "<b>"])
def test_a_code_that_links_cannot_carry_is_refused(code: str) -> None:
    house = factories.house()
    with pytest.raises(Problem) as refused:
        actions.add_unit(by=house.alice, code=code, now=NOW)
    assert refused.value.code in {"code.length", "code.characters"}


@pytest.mark.parametrize("code", ["3#楼", "SH-001", "一号 楼", "a.b_c"])
def test_codes_of_every_day_are_taken(code: str) -> None:
    house = factories.house()
    assert actions.add_unit(by=house.alice, code=code, now=NOW).code == code


def test_a_code_is_taken_once_but_by_each_organisation() -> None:
    house, charlie = factories.house(), factories.stranger_house().charlie
    with pytest.raises(Problem) as refused:
        actions.add_unit(by=house.alice, code="N-001", now=NOW)
    assert refused.value.code == "code.taken"
    assert actions.add_unit(by=charlie, code="N-002", now=NOW).organisation != house.organisation


def test_a_subtree_moves_with_its_root() -> None:
    house = factories.house()
    assert actions.move_unit(by=house.alice, unit=house.north, parent=house.south, now=NOW)
    assert not actions.move_unit(by=house.alice, unit=house.north, parent=house.south, now=NOW)
    moved = Unit.objects.get(pk=house.north_1.pk)
    assert moved.path == f"{house.root.pk}/{house.south.pk}/{house.north.pk}/{moved.pk}/"
    assert moved.depth == 3
    below = Unit.objects.filter(path__startswith=Unit.objects.get(pk=house.south.pk).path)
    expected = {house.south, house.south_1, house.north, house.north_1, house.north_2}
    assert set(below) == expected
    actions.move_unit(by=house.alice, unit=house.north, parent=None, now=NOW)
    moved.refresh_from_db()
    assert (moved.path, moved.depth) == (f"{house.north.pk}/{moved.pk}/", 1)


def test_no_unit_moves_below_itself() -> None:
    house = factories.house()
    for parent in (house.north, house.north_1):
        with pytest.raises(Problem) as refused:
            actions.move_unit(by=house.alice, unit=house.north, parent=parent, now=NOW)
        assert refused.value.code == "unit.circle"


def test_the_tree_has_a_bottom() -> None:
    house = factories.house()
    unit = house.north_1
    for depth in range(unit.depth + 1, 12):
        unit = actions.add_unit(by=house.alice, code=f"D{depth}", parent=unit, now=NOW)
    with pytest.raises(Problem) as refused:
        actions.add_unit(by=house.alice, code="D12", parent=unit, now=NOW)
    assert refused.value.code == "unit.too_deep"
    with pytest.raises(Problem):
        actions.move_unit(by=house.alice, unit=house.north, parent=house.south, now=NOW)


def test_a_unit_in_use_is_closed_and_not_removed() -> None:
    house = factories.house()
    upsert(house.organisation.pk, {"ref": "C-1", "unit": "N-002"}, NOW)
    for unit in (house.north, house.north_1, house.north_2):
        with pytest.raises(Problem) as refused:
            actions.remove_unit(by=house.alice, unit=unit, now=NOW)
        assert refused.value.code == "unit.in_use"
    assert actions.close_unit(by=house.alice, unit=house.north, now=NOW) == 3
    assert actions.close_unit(by=house.alice, unit=house.north, now=NOW) == 0
    assert actions.reopen_unit(by=house.alice, unit=house.north_1, now=NOW) == 1
    actions.remove_unit(by=house.alice, unit=house.south_1, now=NOW)
    assert not Unit.objects.filter(code="S-001").exists()


def test_only_an_owner_edits_the_tree_and_only_their_own() -> None:
    house, charlie = factories.house(), factories.stranger_house().charlie
    for member in (house.bob, house.analyst, house.viewer, house.external, charlie):
        with pytest.raises(Forbidden):
            actions.change_unit(by=member, unit=house.north_1, name="x", now=NOW)
        with pytest.raises(Forbidden):
            actions.move_unit(by=member, unit=house.north_1, parent=house.south, now=NOW)
    with pytest.raises(Forbidden):
        actions.move_unit(
            by=charlie, unit=factories.unit(charlie.organisation), parent=house.root, now=NOW
        )


def test_a_foreign_unit_looks_like_none() -> None:
    house, stranger = factories.house(), factories.stranger_house()
    assert queries.unit_by_code(stranger.scope(), "N-001") == stranger.north_1
    for seen, code in ((stranger.scope(), "N-002"), (scope(house.bob), "S-001")):
        with pytest.raises(NotFound):
            queries.unit_by_code(seen, code)
    assert set(queries.agents(scope(house.bob))) == {house.agent_1, house.agent_2}
    assert set(queries.agents(stranger.scope())) == {stranger.agent_1}


def test_the_tree_is_drawn_in_natural_order_from_what_is_seen() -> None:
    house = factories.house()
    factories.unit(house.north, "N-10")
    factories.unit(house.north, "N-9")
    drawn = [(b.unit.code, b.level) for b in queries.tree(scope(house.bob))]
    assert drawn == [("N", 0), ("N-001", 1), ("N-002", 1), ("N-9", 1), ("N-10", 1)]
    codes = [b.unit.code for b in queries.tree(house.scope())]
    assert codes == ["HQ", "N", "N-001", "N-002", "N-9", "N-10", "S", "S-001"]


def test_levels_have_the_names_that_the_organisation_gave() -> None:
    house = factories.house()
    assert queries.level_name(house.organisation, 1, "zh-Hans") == "大区"
    assert queries.level_name(house.organisation, 1, "en") == "Region"
    assert queries.level_name(house.organisation, 5, "en") == "Level 6"


def test_importing_the_tree_twice_changes_nothing() -> None:
    house = factories.house()
    rows = [
        {"code": "E", "name": "东区", "name:en": "East", "parent": "HQ"},
        {"code": "E-001", "name": "上海店", "parent": "E", "size": "300"},
    ]
    done = [actions.upsert_unit(by=house.alice, row=row, now=NOW) for row in rows]
    assert done == ["created", "created"]
    done = [actions.upsert_unit(by=house.alice, row=row, now=NOW) for row in rows]
    assert done == ["unchanged", "unchanged"]
    changed = {"code": "E-001", "name": "上海一店", "parent": "N", "is_closed": True}
    assert actions.upsert_unit(by=house.alice, row=changed, now=NOW) == "updated"
    unit = Unit.objects.get(code="E-001")
    assert (unit.parent, unit.name["zh-Hans"], unit.size) == (house.north, "上海一店", 300.0)
    assert unit.closed_at == NOW
    assert Unit.objects.get(code="E").name == {"zh-Hans": "东区", "en": "East"}
    with pytest.raises(Problem) as refused:
        actions.upsert_unit(by=house.alice, row={"code": "X", "parent": "nowhere"}, now=NOW)
    assert refused.value.errors[0].pointer == "parent"


def test_touchpoints_and_agents_are_added_changed_and_removed_when_unused() -> None:
    house = factories.house()
    row = {"code": "A-9", "name": "孙丽", "unit": "N-001"}
    assert actions.upsert_agent(by=house.bob, row=row, now=NOW) == "created"
    assert actions.upsert_agent(by=house.bob, row=row, now=NOW) == "unchanged"
    assert actions.upsert_agent(by=house.bob, row={**row, "unit": "N-002"}, now=NOW) == "updated"
    for bad in ({"code": "A-10", "unit": "S-001"}, {"code": "A-11"}, {**row, "unit": "S-001"}):
        with pytest.raises(Forbidden):
            actions.upsert_agent(by=house.bob, row=bad, now=NOW)
    point = {"code": "move_in", "name": "入住", "position": 3}
    assert actions.upsert_touchpoint(by=house.analyst, row=point, now=NOW) == "created"
    assert actions.upsert_touchpoint(by=house.analyst, row=point, now=NOW) == "unchanged"
    with pytest.raises(Forbidden):
        actions.upsert_touchpoint(by=house.bob, row=point, now=NOW)
    stranger = factories.stranger_house()
    with pytest.raises(Forbidden):
        actions.remove_place(by=house.alice, row=stranger.repair, now=NOW)
    actions.remove_place(by=house.alice, row=house.repair, now=NOW)
    assert [t.code for t in queries.touchpoints(house.scope())] == ["checkout", "move_in"]
    with pytest.raises(Problem) as refused:
        actions.add_agent(
            by=house.alice, code="A-12", unit=house.north_1, member=house.agent, now=NOW
        )
    assert refused.value.code == "agent.member_taken"
