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
    "survey.weighted_to_none": _(
        "A survey without a population cannot be weighted. Say first how large each group is."
    ),
    "survey.limit_low": _("The limit of answers must be at least 1, or left empty."),
}
