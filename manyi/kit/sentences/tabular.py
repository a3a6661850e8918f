"""Codes of files that people hand in and of their rows."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "file.too_large": _(
        "The file is too large to read: at most {limit} MB. Split it and import the parts."
    ),
    "file.too_many_columns": _(
        "The table is too wide: at most {limit} columns. Delete the columns that are not needed."
    ),
    "file.too_many_rows": _(
        "The table is too long: at most {limit} rows. Split it and import the parts."
    ),
    "file.cell_too_long": _(
        "Row {row} has a cell of more than {limit} characters. Look for a missing quotation mark."
    ),
    "file.zip_bomb": _(
        "The file unpacks to far more than its size suggests and was not opened. "
        "Save the sheet again, or send it as CSV."
    ),
    "file.encrypted": _("The file is protected by a password. Save it without one and try again."),
    "file.old_xls": _("This is an old Excel file (.xls). Save it as .xlsx and try again."),
    "file.unknown_format": _(
        "This is not a table that can be read. Send CSV, XLSX, JSON lines or SPSS (.sav)."
    ),
    "file.not_a_table": _(
        "No table was found in the file. Export it again as CSV in UTF-8 or as XLSX."
    ),
    "file.unreadable": _("The file is damaged or incomplete. Export it again and try once more."),
    "file.empty": _("The file is empty: no row with any content was found."),
    "file.timeout": _("Reading the file took too long. Split it, or save it as CSV."),
    "file.no_such_sheet": _("The workbook has no visible sheet “{sheet}”."),
    "file.no_sav": _("This installation cannot read SPSS files. Save the data as CSV or XLSX."),
    "file.undecodable": _(
        "{n} characters could not be read as {encoding} and were replaced by �. "
        "Save the file as UTF-8 if that matters."
    ),
    "row.too_long": _(
        "The row has more cells than the {columns} columns; the rest was left out. "
        "Look for a comma without quotation marks."
    ),
    "row.not_an_object": _("The line is not a JSON object and was left out."),
    "row.date_missing": _("The row has no date. Fill it in, or set one date for the whole file."),
    "row.date_invalid": _(
        "“{value}” is not a date that can be read. Write it as 2026-11-01 14:30."
    ),
    "row.score_invalid": _(
        "“{value}” is not an answer on the scale. Say in the mapping which number it stands for."
    ),
    "row.score_off_scale": _(
        "{value} lies outside the scale from {low} to {high}. Correct it, or change the scale."
    ),
    "row.turns_invalid": _(
        "“{value}” shows no turns. Write them as JSON, or a line each that begins with who speaks."
    ),
    "row.empty": _("The row has no score, no answer and no text, so there is nothing to store."),
    "mapping.invalid": _("The mapping cannot be read: “{value}” is not allowed for “{key}”."),
    "mapping.no_content": _(
        "No column is mapped to a score, an answer or a text. Choose at least one."
    ),
    "mapping.no_date": _(
        "No column is mapped to the date. Choose one, or set one date for the whole file."
    ),
    "mapping.two_columns": _("Two columns are mapped to “{role}”. Keep one of them."),
}
