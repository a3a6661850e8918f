"""Codes of corrections and of what is learnt from them."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "correction.wordless": _("This record has no words, so there is nothing to correct."),
    "correction.too_many": _("A record takes at most {limit} corrections."),
    "correction.invalid": _("The correction cannot be kept. Name at least one thing to correct."),
    "correction.polarity_missing": _("Say whether the text is negative, neutral or positive."),
    "correction.aspect_unknown": _(
        "“{value}” is no theme of the taxonomy. Choose one of the list, or add it there."
    ),
    "correction.intent_unknown": _("“{value}” is no intent."),
    "correction.place_invalid": _("The words that say it are not in the text."),
    "lessons_too_few": _("At least {least} corrections are needed to learn from; there are {n}."),
    "lessons_one_sided": _(
        "At least {least} texts that say it and {least} that do not are needed to learn from."
    ),
    "learning.nothing": _("Nothing has been learnt yet that reads at least as well as the model."),
}
