"""Addresses of units and settings."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path

from manyi.web.settings import audit, llm, members, organisation, places, tokens, units

urlpatterns: list[URLPattern | URLResolver] = [
    path("units/", units.units, name="units"),
    path("units/new/", units.new_unit, name="units-new"),
    path("units/<int:pk>/", units.one_unit, name="units-one"),
    re_path(
        r"^units/(?P<pk>\d{1,18})/(?P<deed>move|close|reopen|remove)/$",
        units.act_on_unit,
        name="units-act",
    ),
    path("settings/", organisation.settings, name="settings"),
    path("settings/organisation/", organisation.organisation, name="organisation"),
    path("settings/organisation/logo/", organisation.logo, name="organisation-logo"),
    path(
        "settings/organisation/logo/preview/",
        organisation.logo_preview,
        name="organisation-logo-preview",
    ),
    path("settings/members/", members.members, name="members"),
    path("settings/members/new/", members.new_member, name="members-new"),
    path("settings/members/<int:pk>/", members.one_member, name="members-one"),
    path("settings/members/<int:pk>/password/", members.first_password, name="members-password"),
    path("settings/members/<int:pk>/invite/", members.invite_member, name="members-invite"),
    re_path(
        r"^settings/members/(?P<pk>\d{1,18})/(?P<deed>deactivate|reactivate|two-step-off)/$",
        members.switch_member,
        name="members-switch",
    ),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke_token, name="tokens-revoke"),
    path("settings/llm/", llm.llm, name="llm"),
    path("settings/llm/try/", llm.try_llm, name="llm-try"),
    path("settings/llm/act/", llm.act_on_llm, name="llm-act"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit/verify/", audit.verify_audit, name="audit-verify"),
]
for _kind in places.KINDS.values():
    _at = f"settings/{_kind.name}/"
    urlpatterns += [
        path(_at, places.list_of(_kind), name=_kind.name),
        path(f"{_at}new/", places.new_of(_kind), name=f"{_kind.name}-new"),
        path(f"{_at}<int:pk>/", places.one_of(_kind), name=f"{_kind.name}-one"),
        re_path(
            rf"^{_at}(?P<pk>\d{{1,18}})/(?P<deed>remove|up|down|on|off)/$",
            places.act_on(_kind),
            name=f"{_kind.name}-act",
        ),
    ]
