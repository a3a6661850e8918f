"""Codes of the staff's pages."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "web.button_unknown": _("Nothing was done: open the page again and press one of its buttons."),
    "web.format_unknown": _("“{value}” is no format here: use xlsx or csv."),
}
