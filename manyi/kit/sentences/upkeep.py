"""Codes of backups, restores and the doctor."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "backup.exists": _("There is a file “{path}” already. Name another one."),
    "backup.no_folder": _("There is no folder “{path}”. Make it first."),
    "backup.running": _("Another backup is being written. Try again when it is done."),
    "backup.not_one": _("“{path}” is not a backup that Manyi wrote."),
    "backup.damaged": _("The backup “{path}” is damaged. Nothing was restored; use another one."),
    "backup.newer": _(
        "The backup “{path}” was made by version {version}. Install that version or a newer one."
    ),
    "backup.database_damaged": _(
        "The copy of the database does not pass its own check. Run “manyi doctor”."
    ),
    "backup.no_tool": _(
        "{tool} is not installed, and PostgreSQL is backed up and restored by it. Install "
        "PostgreSQL’s client tools of at least the server’s version."
    ),
    "backup.tool_failed": _("{tool} failed: {said}"),
    "restore.not_empty": _(
        "“{place}” is not empty, and a restore overwrites nothing. Name an empty data folder in "
        "MANYI_DATA, or an empty database."
    ),
    "restore.other_database": _(
        "The backup is of another kind of database ({made}). Set or remove MANYI_DATABASE_URL."
    ),
    "restore.other_key": _(
        "The backup was made with another secret key. Set MANYI_SECRET_KEY to that key, or "
        "remove it where the backup holds the key."
    ),
    "restore.rows_differ": _(
        "The restored tables do not hold what the backup says. Use another backup."
    ),
    "restore.newer": _(
        "The backup comes from a newer version (it knows “{migration}”). Install that version."
    ),
}
