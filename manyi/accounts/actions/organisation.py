"""Organisations: founded, set up by their first owner, and given a look of their own."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify

from manyi.accounts import audit
from manyi.accounts.actions.users import new_user
from manyi.accounts.given import (
    clean_colour,
    clean_language,
    clean_local,
    clean_slug,
    clean_threshold,
    clean_zone,
    refuse,
)
from manyi.accounts.logo import shrink
from manyi.accounts.models import Member, Organisation
from manyi.accounts.permissions import require
from manyi.kit import tokens
from manyi.kit.localtext import LocalText, pick
from manyi.kit.problems import Forbidden

LEVEL_NAMES: tuple[dict[str, str], ...] = (
    {"zh-Hans": "集团", "en": "Group"},
    {"zh-Hans": "大区", "en": "Region"},
    {"zh-Hans": "门店", "en": "Store"},
)
MAX_LEVELS = 12


def create_organisation(
    *,
    name: LocalText | str,
    now: datetime,
    code: str = "",
    language: str = "zh-Hans",
    time_zone: str = "Asia/Shanghai",
    is_demo: bool = False,
    actor: str = "system",
) -> Organisation:
    """Create a tenant without units or members; only commands and the set-up call this."""
    cleaned = clean_local(name, clean_language(language))
    if not cleaned:
        refuse("name", "organisation.name_missing")
    with transaction.atomic():
        organisation = Organisation.objects.create(
            code=_free_code(code, pick(cleaned, "en")),
            name=cleaned,
            language=language,
            time_zone=clean_zone(time_zone),
            level_names=list(LEVEL_NAMES),
            is_demo=is_demo,
            created_at=now,
        )
        _record(organisation, actor, "organisation.create", {"code": organisation.code}, now)
    return organisation


def _free_code(wanted: str, name: str) -> str:
    if wanted:
        code = clean_slug(wanted)
        if Organisation.objects.filter(code=code).exists():
            refuse("code", "code.taken", value=code)
        return code
    stem = slugify(name)[:40].strip("-_") or "organisation"
    taken = set(Organisation.objects.filter(code__startswith=stem).values_list("code", flat=True))
    while stem in taken:
        stem = f"{stem[:40]}-{secrets.token_hex(3)}"
    return stem


def setup_is_open() -> bool:
    """Whether nobody owns a real organisation yet; a demo's owners do not count."""
    return not Member.objects.filter(
        role=Member.Role.OWNER,
        is_active=True,
        user__is_active=True,
        organisation__is_demo=False,
    ).exists()


def setup_code() -> str:
    """Return the code that `manyi serve` prints and the set-up page asks for."""
    return tokens.spoken_code(settings.SECRET_KEY, "setup")


def set_up(
    *,
    code: str,
    organisation: LocalText | str,
    password: str,
    username: str = "",
    email: str = "",
    phone: str = "",
    name: str = "",
    language: str = "zh-Hans",
    time_zone: str = "Asia/Shanghai",
    now: datetime,
) -> Member:
    """Found the first real organisation and its owner, once."""
    given = code.strip().lower().encode()
    if not hmac.compare_digest(given, setup_code().encode()):
        refuse("code", "setup.code_wrong")
    with transaction.atomic():
        audit.hold()  # two set-ups at the same moment: the second finds the door closed
        if not setup_is_open():
            raise Forbidden("setup.closed")
        tenant = create_organisation(
            name=organisation, language=language, time_zone=time_zone, now=now, actor="setup"
        )
        user = new_user(
            username=username,
            email=email,
            phone=phone,
            name=name,
            password=password,
            language=language,
        )
        owner = Member.objects.create(
            user=user, organisation=tenant, role=Member.Role.OWNER, created_at=now
        )
        _record(tenant, "setup", "member.add", {"role": "owner"}, now, f"member:{owner.pk}")
    return owner


_CLEANERS: dict[str, Callable[[Any, str], Any]] = {
    "name": lambda value, language: clean_local(value, language),
    "language": lambda value, language: clean_language(value),
    "time_zone": lambda value, language: clean_zone(value),
    "colour": lambda value, language: clean_colour(value),
    "level_names": lambda value, language: _levels(value, language),
    "precision_n": lambda value, language: clean_threshold(value, "precision_n"),
    "privacy_n": lambda value, language: clean_threshold(value, "privacy_n"),
}


def change_organisation(*, by: Member, now: datetime, **values: Any) -> bool:
    """Set name, language, time_zone, colour, level_names, precision_n or privacy_n.

    Returns False when nothing differs.
    """
    require(by, "organisation.edit")
    organisation = by.organisation
    cleaned = {k: _CLEANERS[k](v, organisation.language) for k, v in values.items()}
    if "name" in cleaned and not cleaned["name"]:
        refuse("name", "organisation.name_missing")
    changed = [k for k, v in cleaned.items() if getattr(organisation, k) != v]
    if not changed:
        return False
    for key in changed:
        setattr(organisation, key, cleaned[key])
    with transaction.atomic():
        organisation.save(update_fields=changed)
        _record(organisation, by, "organisation.change", {"fields": sorted(changed)}, now)
    return True


def _levels(names: Sequence[Mapping[str, str] | str], language: str) -> list[dict[str, str]]:
    if len(names) > MAX_LEVELS:
        refuse("level_names", "unit.too_deep", limit=MAX_LEVELS)
    return [clean_local(name, language, "level_names") for name in names]


def set_logo(*, by: Member, picture: bytes | None, now: datetime) -> None:
    """Keep a small picture of our own making; None takes the logo away."""
    require(by, "organisation.edit")
    by.organisation.logo = shrink(picture) if picture else None
    with transaction.atomic():
        by.organisation.save(update_fields=["logo"])
        _record(by.organisation, by, "organisation.logo", {"removed": not picture}, now)


def _record(
    organisation: Organisation,
    actor: Member | str,
    action: str,
    detail: dict[str, Any],
    now: datetime,
    target: str = "",
) -> None:
    audit.record(
        organisation,
        actor=actor,
        action=action,
        target=target or f"organisation:{organisation.pk}",
        detail=detail,
        now=now,
    )
