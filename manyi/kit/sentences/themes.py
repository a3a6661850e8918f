"""Codes of themes that nobody named."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "themes.whole_only": _(
        "Themes nobody named are made from all voices: only who sees the whole "
        "organisation sees them."
    ),
}
