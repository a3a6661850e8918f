"""Codes of the standard of service and of checks of what the machine says."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "standard.invalid": _("The standard cannot be put in force. Correct the items named below."),
    "standard.many": _("A standard takes at most {limit} items of your own."),
    "standard.empty": _("Leave at least one item on, with a weight above 0."),
    "standard.code_invalid": _(
        "“{value}” is no item. Items of your own have codes such as own.number: small letters, "
        "digits and _."
    ),
    "standard.code_twice": _("The item “{value}” is there twice."),
    "standard.weight_invalid": _("The weight of “{value}” has to be a number from 0 to 10."),
    "standard.channel_invalid": _(
        "The channels of “{value}” are codes of small letters and digits, at most 20 of them."
    ),
    "standard.name_missing": _("“{value}” needs a name in one language at least."),
    "standard.phrases_long": _("“{value}” takes at most 60 phrases of 2 to 60 characters each."),
    "standard.phrases_missing": _(
        "Nothing could fulfil “{value}”: give phrases, or let the known words count."
    ),
    "check.nothing": _("There is nothing to draw: no text has been read, or all are judged."),
    "check.verdict_invalid": _("Say whether the finding is right, and if not, what is wrong."),
    "check.whole_only": _(
        "What is drawn comes from all units: only members who see the whole organisation judge it."
    ),
    "standard.turns_missing": _(
        "Write the conversation a line a turn, such as “Agent: Good morning”."
    ),
}
