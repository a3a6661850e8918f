"""Codes of surveys."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "survey.answered": _(
        "This survey has answers, so it cannot be deleted. Close it instead; its answers stay."
    ),
    "survey.unpublished": _("This survey has never been published. Publish it first."),
    "survey.invalid": _("These settings do not fit together. Correct what is named below."),
    "survey.closes_early": _("The survey must close after it opens."),
    "survey.moment_odd": _("Give a moment between the years {first} and {last}."),
    "survey.weighted_to_none": _(
        "A survey without a population cannot be weighted. Say first how large each group is."
    ),
    "disposition.invalid": _("These counts cannot be used. Correct what is named below."),
    "disposition.many": _("At most {limit} lines are possible. Add up lines of the same code."),
    "disposition.code": _(
        "Line {line}: “{value}” is no final disposition code. Write one such as 1.1, 2.11 or 3.1."
    ),
    "disposition.count": _(
        "Line {line}: “{value}” is no count of cases. Write a whole number, 0 or more."
    ),
    "survey.limit_low": _("The limit of answers must be at least 1, or left empty."),
}
