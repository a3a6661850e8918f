"""Codes of the staff's pages."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "web.format_unknown": _("“{value}” is no format here: use xlsx or csv."),
}
