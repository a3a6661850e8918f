"""Codes of text analytics."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "taxonomy_unknown": _("There is no list of aspects “{value}”. Choose one of those offered."),
    "head_too_few": _(
        "At least two different labels with {least} texts each are needed to learn from."
    ),
    "head_invalid": _("This model file cannot be read. Train the model again."),
    "text.empty": _("The text is empty."),
    "text.emoji_only": _("The text has only emoji."),
    "text.no_words": _("The text has no words."),
    "text.too_short": _("The text is too short to say much."),
    "text.repetitive": _("The text repeats the same characters again and again."),
    "text.gibberish": _("The text looks like keys pressed at random."),
    "text.advertising": _("The text looks like advertising."),
    "text.mixed_scripts": _("The text mixes several scripts."),
    "text.hidden_characters": _("The text holds characters that cannot be seen."),
    "text.truncated": _("The text is very long; only its beginning was analysed."),
    "text.copied": _("Other texts are the same or nearly the same."),
}
