"""The demo: one organisation to look around in, marked as such."""

from __future__ import annotations

from django.conf import settings

from manyi.accounts.models import Member
from manyi.kit.tokens import spoken_code


def password(username: str) -> str:
    """Return a demo member's password: another in each installation, the same at each start."""
    return spoken_code(settings.SECRET_KEY, f"demo:{username}")


def log_ins() -> list[tuple[str, str, str]]:
    """Return role, user name and password of the demo's members who still have that password."""
    members = Member.objects.filter(organisation__is_demo=True, is_active=True)
    found = []
    for member in members.select_related("user").order_by("pk"):
        name = member.user.username
        if member.user.check_password(password(name)):
            found.append((member.role, name, password(name)))
    return found
