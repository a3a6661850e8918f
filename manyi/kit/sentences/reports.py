"""Codes of exports."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "export.format_unknown": _("“{value}” is not a format. Use xlsx, csv, json, sav or sss."),
    "export.file_gone": _("The file is no longer here. Start the export again."),
    "export.counts_differ": _(
        "The file does not hold what was selected: "
        "{written} rows were written, {total} were found. Start the export again."
    ),
    "export.broke": _("The export stopped because of an error that was logged. Start it again."),
    "export.member_gone": _(
        "Whoever started this export is no longer a member, so it was stopped."
    ),
    "export.id": _("Id"),
    "export.source": _("Source"),
    "export.source_ref": _("Source reference"),
    "export.survey": _("Survey"),
    "export.kind": _("Kind"),
    "export.channel": _("Channel"),
    "export.occurred_at": _("Time"),
    "export.day": _("Day"),
    "export.state": _("State"),
    "export.language": _("Language"),
    "export.unit": _("Unit code"),
    "export.unit_name": _("Unit"),
    "export.touchpoint": _("Touchpoint"),
    "export.agent": _("Agent"),
    "export.customer": _("Customer no."),
    "export.customer_name": _("Customer name"),
    "export.verbatim": _("Verbatim"),
    "export.tags": _("Tags"),
    "export.revision": _("Revision"),
    "export.turns": _("Conversation"),
    "export.data": _("Data"),
    "export.codes": _("Codes"),
    "export.codebook": _("Codebook"),
    "export.book_column": _("Column"),
    "export.book_label": _("Question or item"),
    "export.book_code": _("Code"),
    "export.book_meaning": _("Meaning"),
    "export.book_note": _("Note"),
    "export.scale": _("Scale from {worst} (worst) to {best} (best)"),
    "export.metric": _("Metric {metric}"),
    "export.na": _("Not applicable"),
    "export.yes": _("Yes"),
    "export.no": _("No"),
    "export.complete": _("Complete"),
    "export.partial": _("Broken off"),
    "export.under_way": _("Under way"),
    "export.feedback": _("feedback"),
}
