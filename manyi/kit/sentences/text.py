"""Codes of text analytics."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "taxonomy_unknown": _("There is no list of aspects “{value}”. Choose one of those offered."),
    "taxonomy.under_way": _("Texts are being read again already. Wait until that is done."),
    "taxonomy.invalid": _("Some themes cannot be read."),
    "taxonomy.many": _("At most {limit} themes of your own are taken."),
    "taxonomy.code_invalid": _(
        "“{value}” is no code: small letters, digits and _, with one dot between group and theme."
    ),
    "taxonomy.code_twice": _("The code “{value}” stands twice."),
    "taxonomy.name_missing": _("The theme “{value}” needs a name."),
    "taxonomy.words_long": _(
        "The theme “{value}” has too many words, or one of more than 60 characters."
    ),
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
