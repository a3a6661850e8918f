"""Codes of the kit, of permissions and of the processes."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "selection.invalid": _("The filter cannot be read. Correct the parameters named below."),
    "conditions_many": _("Filter by {limit} conditions at most."),
    "dimensions_many": _("Group by {limit} dimensions at most."),
    "dimension_unknown": _("There is no dimension “{value}” to group by."),
    "interval_unknown": _("“{value}” is not an interval: use day, week, month, quarter or year."),
    "date_invalid": _("“{value}” is not a date. Write it as 2026-11-01."),
    "period_reversed": _("The last day lies before the first day."),
    "busy": _("The server is busy and has stored nothing. Please send it again in a moment."),
    "too_many": _("That was too much at once. Please send it again in a moment."),
    "forbidden": _("Your role does not allow this. Ask an owner of the organisation."),
    "member_not_found": _("There is no member with the e-mail or user name “{email}”."),
    "not_found": _("There is no such thing here, or you may not see it."),
}
