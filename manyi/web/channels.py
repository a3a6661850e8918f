"""What channels, kinds of feedback and its sources are called, on every page alike."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

CHANNELS: dict[str, str | Promise] = {
    "web": pgettext_lazy("a channel", "Web"),
    "chat": pgettext_lazy("a channel", "Chat"),
    "phone": pgettext_lazy("a channel", "Phone"),
    "call": pgettext_lazy("a channel", "Phone"),
    "mail": pgettext_lazy("a channel", "E-mail"),
    "email": pgettext_lazy("a channel", "E-mail"),
    "sms": pgettext_lazy("a channel", "SMS"),
    "wechat": pgettext_lazy("a channel", "WeChat"),
    "wecom": pgettext_lazy("a channel", "WeCom"),
    "app": pgettext_lazy("a channel", "App"),
    "store": pgettext_lazy("a channel", "In store"),
    "qr": pgettext_lazy("a channel", "QR code"),
    "embed": pgettext_lazy("a channel", "Web page"),
    "kiosk": pgettext_lazy("a channel", "Kiosk"),
    "tablet": pgettext_lazy("a channel", "Tablet"),
    "review_site": pgettext_lazy("a channel", "Review site"),
    "social": pgettext_lazy("a channel", "Social media"),
    "api": pgettext_lazy("a channel", "API"),
    "file": pgettext_lazy("a channel", "File"),
}
KINDS: dict[str, str | Promise] = {
    "survey": pgettext_lazy("a kind of feedback", "Survey"),
    "rating": pgettext_lazy("a kind of feedback", "Rating"),
    "review": pgettext_lazy("a kind of feedback", "Review"),
    "post": pgettext_lazy("a kind of feedback", "Post"),
    "conversation": pgettext_lazy("a kind of feedback", "Conversation"),
    "call": pgettext_lazy("a kind of feedback", "Call"),
    "complaint": pgettext_lazy("a kind of feedback", "Complaint"),
    "suggestion": pgettext_lazy("a kind of feedback", "Suggestion"),
    "praise": pgettext_lazy("a kind of feedback", "Praise"),
    "interview": pgettext_lazy("a kind of feedback", "Interview"),
}
SOURCES: dict[str, str | Promise] = {
    "survey": pgettext_lazy("a source", "Surveys"),
    "import": pgettext_lazy("a source", "Imported file"),
}


def named(table: Mapping[str, str | Promise], code: str) -> str:
    """Return the word of a code, the code itself where the table has none."""
    return str(table.get(code, code))
