"""What a staff page is: who may open it, and where it stands in the rail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from manyi.accounts.permissions import require
from manyi.web.once import act_once

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Step:
    """A place in the rail: the name of its address, and the deed that opens it."""

    name: str
    label: str | Promise
    icon: str
    deed: str
    phone: bool = False
    end: bool = False


# In the order of the six steps; one whose address does not exist yet is not shown.
STEPS = (
    Step("overview", _("Overview"), "home", "metric.read", phone=True),
    Step("surveys", _("Surveys"), "forms", "survey.read", phone=True),
    Step("imports", _("Imports"), "file-import", "import.run"),
    Step("results", _("Results"), "chart-dots", "metric.read", phone=True),
    Step("standings", _("Units compared"), "scale", "metric.read"),
    Step("themes", _("Themes"), "messages", "metric.read"),
    Step("analysis", _("Analysis"), "chart-scatter", "metric.read"),
    Step("indicators", _("Indicators"), "ruler-measure", "metric.read"),
    Step("feedback", _("Feedback"), "inbox", "feedback.read", phone=True, end=True),
    Step("customers", _("Customers"), "users", "customer.read", end=True),
    Step("units", _("Units"), "sitemap", "unit.read", end=True),
    Step("settings", _("Settings"), "settings", "token.edit", end=True),
)


def page(deed: str | None = None) -> Callable[[View], View]:
    """Open a view to members who may do `deed`; a form of it that is sent twice acts once.

    The view finds `request.member` and `request.scope`.
    """

    def wrap(view: View) -> View:
        @wraps(view)
        def opened(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return ask_to_log_in(request)
            if request.member is None:
                return render(request, "web/no_membership.html", status=403)
            if deed is not None:
                require(request.member, deed)
            response = act_once(request, lambda: view(request, *args, **kwargs))
            # After the log-out, or at the next person's turn, “back” shows nothing.
            patch_cache_control(response, private=True, no_store=True)
            return response

        opened.deed = deed  # type: ignore[attr-defined]
        return opened

    return wrap


def ask_to_log_in(request: Any) -> HttpResponseBase:
    """Lead to the log-in and back; a part of a page takes the whole page there."""
    if not getattr(request, "htmx", None):
        return redirect_to_login(_page_of(request))
    here = urlsplit(request.htmx.current_url_abs_path or "/")
    target = redirect_to_login(here.geturl())
    return HttpResponse(headers={"HX-Redirect": target["Location"]})


def _page_of(request: Any) -> str:
    """Return the page to come back to: of a form that was sent the one it stood on."""
    if request.method in {"GET", "HEAD"}:
        return str(request.get_full_path())
    came_from = urlsplit(request.headers.get("Referer", ""))
    ours = came_from.netloc == request.get_host()
    return came_from._replace(scheme="", netloc="", fragment="").geturl() if ours else "/"
