"""Every address of the project: how to make it, who may open it, and as what it answers.

A part adds its own in `tests/web/urls_PART.py` as ROWS; `test_every_url.py` fails for an
address that stands in none of them. Keys are the names of addresses (`respond:survey`), and
under `/api/v1/` the routes.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from manyi.accounts.actions import create_token
from manyi.feedback.models import FeedbackRecord
from tests import factories, voices
from tests.factories import House, StrangerHouse

SAID = "电梯夹了我的手，没有人管"


@dataclass
class World:
    """Alice's house and Charlie's, and what a part needs from them, made when asked for."""

    house: House
    strangers: StrangerHouse

    @cached_property
    def survey(self) -> Any:
        """Return a survey that Alice has published."""
        return voices.published(self.house.alice).survey

    @cached_property
    def record(self) -> FeedbackRecord:
        """Return what a customer of the South said to Alice."""
        customer = {"ref": "C-77", "name": "钱多多", "phone": "13911112222"}
        said = voices.voice(unit="S-001", verbatim=SAID, customer=customer)
        voices.receive(self.house.alice, said)
        return FeedbackRecord.objects.get(source_ref=said["source_ref"])

    @cached_property
    def made(self) -> dict[str, Any]:
        """Return a place for what a part makes."""
        return {}


Arguments = Callable[[World], list[Any]]


def nothing(world: World) -> list[Any]:
    return []


@dataclass(frozen=True)
class Row:
    """One address.

    `deed` names the permission that opens it, None anybody who is logged in; `alice` makes the
    arguments for something of Alice's inside North, which Bob manages; `south` the same for
    something that Bob must not see. `public` needs no log-in, `api` speaks by token.
    `fine` are the answers to those who may; `shared` says that the arguments name nothing of
    Alice's own, so that a stranger finds their own there.
    """

    deed: str | None = None
    alice: Arguments = nothing
    south: Arguments | None = None
    post: bool = False
    public: bool = False
    api: bool = False
    fine: tuple[int, ...] = (200,)
    data: tuple[tuple[str, str], ...] = ()
    shared: bool = False

    def answers(self) -> tuple[int, ...]:
        return (*self.fine, 302, 400, 422) if self.post else self.fine


def anybody(*fine: int, alice: Arguments = nothing, post: bool = False) -> Row:
    """Return the row of a page that needs no log-in."""
    return Row(public=True, fine=fine or (200,), alice=alice, post=post)


def code(world: World) -> list[Any]:
    return [world.survey.code]


ROWS: dict[str, Row] = {
    # Customers
    "respond:survey": anybody(alice=code),
    "respond:embed": anybody(alice=code),
    "respond:qr_svg": anybody(alice=code),
    "respond:qr_png": anybody(alice=code),
    "respond:logo": anybody(200, 404, alice=code),
    # Machines
    "healthz": anybody(),
    "readyz": anybody(200, 503),
    "api/v1/openapi.json": anybody(),
    "api/v1/docs": anybody(),
    # Log-in
    "set-up": anybody(200, 404),
    "language": anybody(302, post=True),
    "account_login": anybody(200, 302),
    "account_logout": anybody(200, 302),
    "account_inactive": anybody(),
    "account_reset_password": anybody(),
    "account_reset_password_done": anybody(),
    "account_reset_password_from_key": anybody(alice=lambda w: ["1", "no-such-key"]),
    "account_reset_password_from_key_done": anybody(),
    "account_set_password": anybody(302),
    "mfa_authenticate": anybody(302),
    "account_change_password": Row(),
    "account_reauthenticate": Row(),
    "mfa_index": Row(),
    "mfa_reauthenticate": Row(fine=(200, 302)),
    "mfa_activate_totp": Row(fine=(200, 302)),
    "mfa_deactivate_totp": Row(fine=(200, 302, 404)),
    "mfa_view_recovery_codes": Row(fine=(200, 404)),
    "mfa_generate_recovery_codes": Row(fine=(200, 302)),
    "mfa_download_recovery_codes": Row(fine=(200, 403, 404)),
    "organisation-switch": Row(fine=(302,), alice=lambda w: [w.house.organisation.code]),
    # Start page
    "overview": Row("metric.read"),
    # Units and settings
    "units": Row("unit.read"),
    "units-new": Row("unit.edit"),
    "units-one": Row("unit.edit", lambda w: [w.house.north_1.pk], lambda w: [w.house.south_1.pk]),
    "units-act": Row(
        "unit.edit",
        lambda w: [w.house.north_1.pk, "close"],
        lambda w: [w.house.south_1.pk, "close"],
        post=True,
    ),
    "settings": Row("token.edit", fine=(302,)),
    "organisation": Row("organisation.edit"),
    "organisation-logo": Row("organisation.edit", post=True),
    "organisation-logo-preview": Row("organisation.edit", post=True),
    "members": Row("member.read"),
    "members-new": Row("member.edit"),
    "members-one": Row("member.edit", lambda w: [w.house.bob.pk], lambda w: [w.house.alice.pk]),
    "members-password": Row("member.edit", lambda w: [w.house.viewer.pk], post=True),
    "members-invite": Row("member.edit", lambda w: [w.house.viewer.pk], post=True),
    "members-switch": Row("member.edit", lambda w: [w.house.viewer.pk, "deactivate"], post=True),
    "teams": Row("unit.edit"),
    "teams-new": Row("unit.edit"),
    "teams-one": Row("unit.edit", lambda w: [w.house.works.pk]),
    "teams-act": Row("unit.edit", lambda w: [w.house.works.pk, "remove"], post=True),
    "touchpoints": Row("touchpoint.edit"),
    "touchpoints-new": Row("touchpoint.edit"),
    "touchpoints-one": Row("touchpoint.edit", lambda w: [w.house.repair.pk]),
    "touchpoints-act": Row("touchpoint.edit", lambda w: [w.house.repair.pk, "down"], post=True),
    "agents": Row("agent.edit"),
    "agents-new": Row("agent.edit"),
    "agents-one": Row(
        "agent.edit", lambda w: [w.house.agent_1.pk], lambda w: [_southern_agent(w).pk]
    ),
    "agents-act": Row(
        "agent.edit",
        lambda w: [w.house.agent_1.pk, "off"],
        lambda w: [_southern_agent(w).pk, "off"],
        post=True,
    ),
    "tokens": Row("token.edit"),
    # Seen by its owner and by owners: others find nothing there.
    "tokens-revoke": Row("token.edit", lambda w: [_token(w)], post=True, fine=(404,)),
    "audit": Row("audit.read"),
    "audit-verify": Row("audit.read", post=True),
    # The API: what is in it, by whom, is proved in tests/api
    "api/v1/": anybody(200, 404),
    "api/v1/feedback": Row(api=True),
    "api/v1/feedback/bulk": Row(api=True),
    "api/v1/feedback/<record>": Row(api=True, alice=lambda w: [w.record.pk]),
    "api/v1/surveys": Row(api=True),
    "api/v1/surveys/<survey>": Row(api=True, alice=code),
    "api/v1/surveys/<survey>/publish": Row(api=True, alice=code),
    "api/v1/surveys/<survey>/close": Row(api=True, alice=code),
    "api/v1/surveys/<survey>/responses": Row(api=True, alice=code),
    "api/v1/metrics": Row(api=True),
    "api/v1/customers": Row(api=True),
    "api/v1/customers/<customer>": Row(api=True, alice=lambda w: [w.record.customer_id]),
    "api/v1/units": Row(api=True),
    "api/v1/units/<unit>": Row(api=True, alice=lambda w: ["S-001"]),
    "api/v1/touchpoints": Row(api=True),
    "api/v1/audit": Row(api=True),
    "api/v1/audit/verify": Row(api=True),
    "api/v1/imports": Row(api=True),
    "api/v1/imports/<job>": Row(api=True, alice=lambda w: [1]),
}


def _southern_agent(world: World) -> Any:
    if "southern" not in world.made:
        world.made["southern"] = factories.agent(world.house.south_1, "A-S", name="南方人")
    return world.made["southern"]


def _token(world: World) -> int:
    if "token" not in world.made:
        by = world.house.viewer
        world.made["token"], _ = create_token(by=by, name="Vic", now=factories.NOW)
    return int(world.made["token"].pk)


def every_row() -> dict[str, Row]:
    """Return this table with those of the parts: `tests/web/urls_*.py`."""
    found = dict(ROWS)
    for module in pkgutil.iter_modules(["tests/web"]):
        if module.name.startswith("urls_") and module.name != "urls_table":
            found |= import_module(f"tests.web.{module.name}").ROWS
    return found
