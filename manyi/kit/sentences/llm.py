"""Codes of the model outside the installation."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "llm.none": _(
        "No outside model is set up. Whoever runs this installation names one by MANYI_LLM_URL and "
        "MANYI_LLM_MODEL."
    ),
    "llm.not_allowed": _("The outside model may not be used for that here. An owner can allow it."),
    "llm.unavailable": _(
        "The outside model does not answer now. Nothing is lost: our own model’s answers stand."
    ),
    "llm.invalid": _("The outside model’s answer could not be believed, so it was thrown away."),
    "llm.held_back": _(
        "This text was not sent: it is empty, or speaks to a machine rather than to people. Our "
        "own model alone reads such texts."
    ),
    "llm.invalid_choice": _("What the outside model may do was not changed."),
    "llm.not_agreed": _("Agree that masked texts leave this installation, or switch all off."),
    "llm.tokens_invalid": _("Give a whole number of tokens from 0 to {limit}."),
    "llm.days_invalid": _("Give a number of days from 1 to 366."),
    "llm.selection_long": _("This selection has too many conditions to be summarised. Drop some."),
    "llm.summary_under_way": _("A summary is being written for you. Wait until it is there."),
    "llm.summary_few": _(
        "Fewer than five texts here may leave the installation. Read them, or select more."
    ),
    "llm.tokens_used": _("Today’s tokens are used up. Try again tomorrow (UTC)."),
    "llm.summary_unfounded": _(
        "The outside model wrote nothing that rests on the texts, so nothing is shown."
    ),
    "llm.unreachable": _("Nothing listens at its address."),
    "llm.certificate": _("Its certificate is not trusted by this machine."),
    "llm.slow": _("It did not answer in time."),
    "llm.refused": _("It refuses the key."),
    "llm.model_unknown": _("It knows no such address or model."),
    "llm.busy": _("It has too much to do."),
    "llm.failed": _("It answers with an error."),
    "llm.redirected": _("It points to another address, which is not followed."),
    "llm.unreadable": _("It answers in a form that cannot be read."),
    "llm.too_long": _("The text is too long for it."),
    "llm.text_refused": _("It refuses this text."),
    "doctor.llm_none": _("No outside model is set up; texts are read by our own models alone."),
    "doctor.llm_good": _("The outside model {model} at {host} answers."),
    "doctor.llm_unlisted": _(
        "{host} answers, but does not list the model {model}. Check MANYI_LLM_MODEL."
    ),
    "doctor.llm_failed": _(
        "The outside model at {host} does not answer ({why}). Our own models’ answers stand."
    ),
    "doctor.llm_plain": _(
        "The outside model {model} at {host} answers, but masked texts and the key travel "
        "unencrypted. Use https."
    ),
}
