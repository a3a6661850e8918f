"""Codes of files on their way in."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "import.what_unknown": _(
        "“{value}” cannot be imported. "
        "Use feedback, units, members, touchpoints, agents or customers."
    ),
    "import.no_file": _("Choose a file first."),
    "import.scale_invalid": _(
        "The scale of “{column}” needs two different numbers, the worst and the best answer."
    ),
    "import.file_gone": _("The file is no longer here. Please upload it again."),
    "import.column_unknown": _("The file has no column “{value}”."),
    "import.field_unknown": _("“{value}” is not a field of this list."),
    "import.mapping_incomplete": _("The columns are not settled yet. Correct what is named here."),
    "import.source_length": _(
        "Name where the file comes from, with at most {limit} characters, such as reviews-meituan."
    ),
    "import.parent_needed": _("Choose below which unit the new units stand."),
    "import.under_way": _("This import is already under way or finished. Reload the page."),
    "import.no_code": _("No column is mapped to the code, by which a row is recognised again."),
    "import.no_key_members": _(
        "No column is mapped to the user name, e-mail or phone, by which a member is recognised."
    ),
    "import.no_key_customers": _(
        "No column is mapped to the customer number, phone or e-mail, "
        "by which a customer is recognised."
    ),
    "import.member_gone": _(
        "Whoever started this import is no longer a member, so it was stopped."
    ),
    "import.ended_for_erasure": _(
        "A customer asked to be forgotten while this file waited to be imported, so the file was "
        "deleted. Nothing of it was stored. Please upload a current file."
    ),
    "import.broke": _(
        "The import stopped after row {line} because of an error that was logged. "
        "What was stored stays; it can go on from there."
    ),
    "import.counts_differ": _(
        "The counts do not add up: {counted} rows were counted, {total} were read. "
        "Import the same file again; rows that are stored stay as they are."
    ),
    "import.passwords_taken": _(
        "The first passwords were fetched already, or there were none. "
        "An owner can set a new password for a member."
    ),
    "import.told": _(
        "{created} new, {updated} changed, {unchanged} unchanged, {rejected} rejected"
    ),
    "cli.no_organisation": _("There is no organisation “{value}” with an owner."),
    "cli.which_organisation": _("There are several organisations: name one by --organisation."),
    "cli.organisation": _("--organisation {value}"),
    "cli.no_owner": _("Nobody owns an organisation yet. Run manyi setup first."),
    "import.line": _("Row"),
    "import.column": _("Column"),
    "import.value": _("In the file"),
    "import.reason": _("What is wrong"),
}
