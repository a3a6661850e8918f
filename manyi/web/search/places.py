"""Pages that stand in no rail and yet have a name that people look for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from manyi.web.pages import Step
from manyi.web.settings.editing import TABS

PLACES = (
    *(Step(name, label, "settings", deed) for name, label, deed in TABS),
    Step("surveys-new", _("New survey"), "plus", "survey.edit"),
    Step("imports-new", _("Import a file"), "file-import", "import.run"),
    Step("imports-export", _("Export"), "download", "feedback.export"),
    Step("account_change_password", _("Change password"), "key", "token.edit"),
    Step("mfa_index", _("Two-step log-in"), "shield-lock", "token.edit"),
    Step("methods", _("How it is computed"), "info-circle", "metric.read"),
)
