"""As whom a command acts: the operator of the machine is an owner."""

from __future__ import annotations

from manyi.accounts.models import Member
from manyi.kit.problems import FieldProblem, Problem


def owner(code: str | None = None) -> Member:
    """Return an owner of the organisation: the one named, or the only one that is no demo."""
    owners = Member.objects.filter(role=Member.Role.OWNER, is_active=True).select_related(
        "user", "organisation", "unit", "agent"
    )
    if code:
        found = owners.filter(organisation__code=code).order_by("pk").first()
        if found is None:
            raise Problem("cli.no_organisation", value=code)
        return found
    codes = owners.values_list("organisation__code", flat=True)
    choices = sorted({*codes.filter(organisation__is_demo=False)}) or sorted({*codes})
    if len(choices) != 1:
        named = tuple(FieldProblem(c, "cli.organisation", {"value": c}) for c in choices)
        raise Problem("cli.which_organisation" if choices else "cli.no_owner", errors=named)
    return owner(choices[0])
