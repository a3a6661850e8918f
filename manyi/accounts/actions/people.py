"""Members: who may log in, as what, and below which unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from manyi.accounts import audit
from manyi.accounts.actions.users import new_user, put_password, save_user
from manyi.accounts.given import (
    clean_email,
    clean_language,
    clean_phone,
    clean_text,
    clean_username,
    refuse,
)
from manyi.accounts.models import Member, Organisation, Unit, User
from manyi.accounts.permissions import require
from manyi.kit.problems import Forbidden

Role = Member.Role


def add_member(
    *,
    by: Member,
    role: str,
    unit: Unit | None = None,
    username: str = "",
    email: str = "",
    phone: str = "",
    name: str = "",
    password: str | None = None,
    language: str = "",
    now: datetime,
) -> Member:
    """Add a member with a log-in of their own; a password given here must be changed.

    A log-in that somebody has already is refused, unless `by` owns every organisation of that
    person: attaching a stranger would let this owner set the stranger's password.
    """
    require(by, "member.edit")
    _check_place(by, role, unit)
    with transaction.atomic():
        user = _own_user(by, email) or new_user(
            username=username,
            email=email,
            phone=phone,
            name=name,
            password=password,
            language=language,
            must_change_password=password is not None,
        )
        member = Member.objects.create(
            user=user, organisation=by.organisation, role=role, unit=unit, created_at=now
        )
        _record(by, "member.add", member, {"role": role, "unit": unit.code if unit else None}, now)
    return member


def _own_user(by: Member, email: str) -> User | None:
    """Return the user of this address where `by` owns each organisation they belong to."""
    address = clean_email(email)
    user = User.objects.filter(email__iexact=address).first() if address else None
    if user is None:
        return None
    theirs = set(user.memberships.values_list("organisation_id", flat=True))
    owned = Member.objects.filter(user_id=by.user_id, role=Role.OWNER, is_active=True)
    mine = set(owned.values_list("organisation_id", flat=True))
    if not theirs or by.organisation_id in theirs or not theirs <= mine:
        refuse("email", "member.login_taken", value=address)
    return user


def _check_place(by: Member, role: str, unit: Unit | None) -> None:
    if role not in Role.values:
        refuse("role", "member.role_unknown", value=str(role)[:40])
    if unit is not None and unit.organisation_id != by.organisation_id:
        raise Forbidden("forbidden", deed="member.edit")
    if role == Role.OWNER and unit is not None:
        refuse("unit", "member.owner_has_no_unit")


def change_member(
    *, by: Member, member: Member, role: str | None = None, unit: Any = ..., now: datetime
) -> bool:
    """Give a member another role or unit (None = the whole organisation)."""
    _may_edit(by, member)
    role = role or member.role
    unit = member.unit if unit is ... else unit
    _check_place(by, role, unit)
    if (role, unit.pk if unit else None) == (member.role, member.unit_id):
        return False
    with transaction.atomic():
        if role != Role.OWNER:
            _keep_an_owner(member)
        member.role, member.unit = role, unit
        member.save(update_fields=["role", "unit"])
        detail = {"role": role, "unit": unit.code if unit else None}
        _record(by, "member.change", member, detail, now)
    return True


_CLEANERS: dict[str, Callable[[str], str | None]] = {
    "username": clean_username,
    "email": clean_email,
    "phone": clean_phone,
    "first_name": lambda text: clean_text(text, 60),
    "language": lambda tag: clean_language(tag) if tag else "",
}


def change_person(*, by: Member, member: Member, now: datetime, **values: str) -> bool:
    """Set username, email, phone, name or language of a member who belongs nowhere else."""
    _may_edit(by, member)
    user = member.user
    if "name" in values:
        values["first_name"] = values.pop("name")
    cleaned = {key: _CLEANERS[key](value) for key, value in values.items()}
    changed = [key for key, value in cleaned.items() if getattr(user, key) != value]
    if not changed:
        return False
    _require_sole(member)
    for key in changed:
        setattr(user, key, cleaned[key])
    if not user.username:
        refuse("username", "member.no_login")
    with transaction.atomic():
        save_user(user)
        if "email" in changed:
            # The old address must no longer log in or reset: it may be somebody else's now.
            EmailAddress.objects.filter(user=user).delete()
        _record(by, "member.person", member, {"fields": sorted(changed)}, now)
    return True


def deactivate_member(*, by: Member, member: Member, now: datetime) -> None:
    """Take a member's access away at once; what they did stays theirs."""
    _may_edit(by, member)
    with transaction.atomic():
        _keep_an_owner(member)
        member.is_active = False
        member.save(update_fields=["is_active"])
        _follow_memberships(member.user)
        _record(by, "member.deactivate", member, {}, now)


def reactivate_member(*, by: Member, member: Member, now: datetime) -> None:
    _may_edit(by, member)
    with transaction.atomic():
        member.is_active = True
        member.save(update_fields=["is_active"])
        _follow_memberships(member.user)
        _record(by, "member.reactivate", member, {}, now)


def _follow_memberships(user: User) -> None:
    user.is_active = user.memberships.filter(is_active=True).exists()
    user.save(update_fields=["is_active"])


def set_first_password(*, by: Member, member: Member, password: str, now: datetime) -> None:
    """Set a password that the member must change at the next log-in; ends their sessions."""
    _may_edit(by, member)
    _require_sole(member)
    user = member.user
    put_password(user, password)
    user.must_change_password = True
    with transaction.atomic():
        user.save(update_fields=["password", "must_change_password"])
        _record(by, "member.first_password", member, {}, now)


def note_invitation(*, by: Member, member: Member, now: datetime) -> None:
    """Note that a member is sent a link to choose a password; refuse where none can reach them."""
    _may_edit(by, member)
    if not member.user.email:
        refuse("email", "member.no_mail")
    if not member.is_active or not member.user.is_active:
        refuse("email", "member.deactivated")
    with transaction.atomic():
        _record(by, "member.invite", member, {}, now)


def reset_two_step(*, by: Member, member: Member, now: datetime) -> bool:
    """Take a lost phone's second step off a log-in; False where there was none.

    The password stays and is asked for as before; whoever logs in may switch it on again.
    """
    _may_edit(by, member)
    _require_sole(member)
    with transaction.atomic():
        gone, _ = Authenticator.objects.filter(user=member.user_id).delete()
        if gone:
            _record(by, "member.two_step_off", member, {}, now)
    return bool(gone)


def _may_edit(by: Member, member: Member) -> None:
    require(by, "member.edit", member.unit)
    if member.organisation_id != by.organisation_id:
        raise Forbidden("forbidden", deed="member.edit")


def _require_sole(member: Member) -> None:
    """Refuse to touch the log-in of somebody who works for another organisation too."""
    if member.user.memberships.exclude(organisation_id=member.organisation_id).exists():
        raise Forbidden("member.elsewhere")


def _keep_an_owner(leaving: Member) -> None:
    if leaving.role != Role.OWNER or not leaving.is_active:
        return
    # Two owners who demote each other at once would leave nobody: one waits here.
    Organisation.objects.select_for_update().get(pk=leaving.organisation_id)
    others = Member.objects.filter(
        organisation_id=leaving.organisation_id,
        role=Role.OWNER,
        is_active=True,
        user__is_active=True,
    )
    if not others.exclude(pk=leaving.pk).exists():
        refuse("role", "member.last_owner")


def _record(by: Member, action: str, member: Member, detail: dict[str, Any], now: datetime) -> None:
    audit.record(
        by.organisation_id,
        actor=by,
        action=action,
        target=f"member:{member.pk}",
        detail=detail,
        now=now,
    )
