"""People, places and things for tests: plain functions that store real rows.

`house()` makes a whole organisation: the owner Alice, her colleague Bob who manages the
North region, and one member of every other role. `stranger_house()` makes Charlie, who owns
another organisation with the same unit codes, so that a leak between tenants shows.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password

from manyi.accounts.models import Agent, Member, Organisation, Team, Touchpoint, Unit, User
from manyi.accounts.permissions import scope
from manyi.kit.selection import Scope, Selection

NOW = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
LEVELS = [
    {"zh-Hans": "集团", "en": "Group"},
    {"zh-Hans": "大区", "en": "Region"},
    {"zh-Hans": "门店", "en": "Store"},
]
_serial = itertools.count(1)


@cache
def _sealed_password() -> str:
    return make_password(PASSWORD)


def text(zh: str, en: str) -> dict[str, str]:
    return {"zh-Hans": zh, "en": en}


def organisation(code: str | None = None, **values: Any) -> Organisation:
    """Store an organisation without units or members."""
    values.setdefault("name", text("安居集团", "Anju Group"))
    values.setdefault("created_at", NOW)
    values.setdefault("level_names", LEVELS)
    return Organisation.objects.create(code=code or f"org-{next(_serial)}", **values)


def unit(
    parent: Organisation | Unit,
    code: str | None = None,
    zh: str = "门店",
    en: str = "Store",
    **values: Any,
) -> Unit:
    """Store a unit below an organisation (then it is a root) or below another unit."""
    above = parent if isinstance(parent, Unit) else None
    owner = parent.organisation_id if isinstance(parent, Unit) else parent.pk
    row = Unit(
        organisation_id=owner,
        parent=above,
        code=code or f"U-{next(_serial)}",
        name=text(zh, en),
        depth=above.depth + 1 if above else 0,
        **values,
    )
    row.save()
    row.path = f"{above.path if above else ''}{row.pk}/"
    row.save(update_fields=["path"])
    return row


def user(name: str | None = None, **values: Any) -> User:
    """Store a user whose password is PASSWORD."""
    username = name or f"user-{next(_serial)}"
    values.setdefault("password", _sealed_password())
    values.setdefault("email", f"{username}@example.com")
    values.setdefault("first_name", username.split("@")[0].capitalize())
    return User.objects.create(username=username, **values)


def member(
    place: Organisation | Unit,
    role: str = Member.Role.ANALYST,
    name: str | None = None,
    **values: Any,
) -> Member:
    """Store a member with a new user; below a unit when `place` is one."""
    below = place if isinstance(place, Unit) else None
    owner = place.organisation if isinstance(place, Unit) else place
    return Member.objects.create(
        user=values.pop("user", None) or user(name),
        organisation=owner,
        role=role,
        unit=below,
        created_at=NOW,
        **values,
    )


def touchpoint(
    owner: Organisation, code: str, zh: str = "", en: str = "", position: int = 0
) -> Touchpoint:
    return Touchpoint.objects.create(
        organisation=owner, code=code, name=text(zh or code, en or code), position=position
    )


def agent(place: Organisation | Unit, code: str | None = None, **values: Any) -> Agent:
    """Store a person whose service is rated."""
    below = place if isinstance(place, Unit) else None
    owner = place.organisation if isinstance(place, Unit) else place
    return Agent.objects.create(
        organisation=owner, unit=below, code=code or f"A-{next(_serial)}", **values
    )


def team(
    place: Organisation | Unit, code: str | None = None, zh: str = "工程部", en: str = "Works"
) -> Team:
    below = place if isinstance(place, Unit) else None
    owner = place.organisation if isinstance(place, Unit) else place
    return Team.objects.create(
        organisation=owner, unit=below, code=code or f"T-{next(_serial)}", name=text(zh, en)
    )


@dataclass
class House:
    """An organisation with a tree, touchpoints, agents and a member of every role.

    HQ ── N (North) ── N-001, N-002
       └─ S (South) ── S-001
    """

    organisation: Organisation
    root: Unit
    north: Unit
    south: Unit
    north_1: Unit
    north_2: Unit
    south_1: Unit
    repair: Touchpoint
    checkout: Touchpoint
    agent_1: Agent
    agent_2: Agent
    works: Team
    alice: Member
    bob: Member
    analyst: Member
    agent: Member
    viewer: Member
    external: Member

    def scope(self) -> Scope:
        """Return what Alice, who owns the organisation, sees."""
        return scope(self.alice)

    def selection(self, **where: tuple[str, ...]) -> Selection:
        """Return everything that Alice sees, narrowed by dimensions."""
        return Selection(scope=self.scope(), where=where)


def house(code: str | None = None) -> House:
    """Store a whole organisation; see `House`."""
    owner = organisation(code)
    tag = f"{next(_serial)}"
    root = unit(owner, "HQ", "安居集团", "Anju Group")
    north = unit(root, "N", "北区", "North")
    south = unit(root, "S", "南区", "South")
    north_1 = unit(north, "N-001", "北京朝阳店", "Chaoyang Store", size=120)
    agent_member = member(north_1, Member.Role.AGENT, f"dora{tag}")
    return House(
        organisation=owner,
        root=root,
        north=north,
        south=south,
        north_1=north_1,
        north_2=unit(north, "N-002", "北京海淀店", "Haidian Store", size=80),
        south_1=unit(south, "S-001", "广州天河店", "Tianhe Store", size=200),
        repair=touchpoint(owner, "repair", "维修", "Repair", 0),
        checkout=touchpoint(owner, "checkout", "结账", "Checkout", 1),
        agent_1=agent(north_1, "A-1", name="李娜", member=agent_member),
        agent_2=agent(north_1, "A-2", name="赵强"),
        works=team(owner, "works"),
        alice=member(owner, Member.Role.OWNER, f"alice{tag}"),
        bob=member(north, Member.Role.UNIT_MANAGER, f"bob{tag}"),
        analyst=member(owner, Member.Role.ANALYST, f"ann{tag}"),
        agent=agent_member,
        viewer=member(owner, Member.Role.VIEWER, f"vic{tag}"),
        external=member(owner, Member.Role.EXTERNAL_ANALYST, f"eve{tag}"),
    )


@dataclass
class StrangerHouse:
    """Charlie's organisation, with a store of the same code as one of Alice's."""

    organisation: Organisation
    root: Unit
    north_1: Unit
    repair: Touchpoint
    agent_1: Agent
    charlie: Member

    def scope(self) -> Scope:
        return scope(self.charlie)


def stranger_house(code: str | None = None) -> StrangerHouse:
    """Store another tenant whose codes are the same as those of `house()`."""
    owner = organisation(code, name=text("远方公司", "Faraway Ltd"))
    root = unit(owner, "HQ", "远方公司", "Faraway Ltd")
    north_1 = unit(root, "N-001", "远方一店", "Faraway One")
    return StrangerHouse(
        organisation=owner,
        root=root,
        north_1=north_1,
        repair=touchpoint(owner, "repair", "维修", "Repair"),
        agent_1=agent(north_1, "A-1", name="陌生人"),
        charlie=member(owner, Member.Role.OWNER, f"charlie{next(_serial)}"),
    )
