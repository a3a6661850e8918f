"""Codes of the staff's pages of surveys, feedback and customers."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "survey.no_file": _("Choose a file first."),
    "survey.file_not_json": _(
        "This file is not JSON. Download a definition here and change that one."
    ),
    "feedback.tag_missing": _("Write the tag first."),
    "feedback.tag_too_long": _("A tag has at most {limit} characters."),
    "feedback.tags_too_many": _("A record has at most {limit} tags."),
}
