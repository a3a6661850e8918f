"""Writes: each checks who asks, and leaves its entry in the audit chain."""

from manyi.accounts.actions.imports import (
    upsert_agent,
    upsert_member,
    upsert_touchpoint,
    upsert_unit,
)
from manyi.accounts.actions.organisation import (
    change_organisation,
    create_organisation,
    set_logo,
    set_up,
    setup_code,
    setup_is_open,
)
from manyi.accounts.actions.people import (
    add_member,
    change_member,
    change_person,
    deactivate_member,
    note_invitation,
    reactivate_member,
    reset_two_step,
    set_first_password,
)
from manyi.accounts.actions.places import (
    add_agent,
    add_team,
    add_touchpoint,
    change_place,
    remove_place,
)
from manyi.accounts.actions.tokens import (
    create_token,
    delete_view,
    member_of_token,
    revoke_token,
    save_view,
)
from manyi.accounts.actions.units import (
    add_unit,
    change_unit,
    close_unit,
    move_unit,
    remove_unit,
    reopen_unit,
)
from manyi.accounts.actions.users import change_own_password

__all__ = [
    "add_agent",
    "add_member",
    "add_team",
    "add_touchpoint",
    "add_unit",
    "change_member",
    "change_organisation",
    "change_own_password",
    "change_person",
    "change_place",
    "change_unit",
    "close_unit",
    "create_organisation",
    "create_token",
    "deactivate_member",
    "delete_view",
    "member_of_token",
    "move_unit",
    "note_invitation",
    "reactivate_member",
    "remove_place",
    "remove_unit",
    "reopen_unit",
    "reset_two_step",
    "revoke_token",
    "save_view",
    "set_first_password",
    "set_logo",
    "set_up",
    "setup_code",
    "setup_is_open",
    "upsert_agent",
    "upsert_member",
    "upsert_touchpoint",
    "upsert_unit",
]
