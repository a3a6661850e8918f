"""Codes of backups, restores and the doctor."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "address_unusable": _(
        "This machine cannot serve on {host}, port {port}. Give one of its own addresses with "
        "--host, and a port that you may use with --port."
    ),
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
    "restore.no_ledger": _("{path} is no file. Name erasures.txt or a later backup."),
    "restore.newer": _(
        "The backup comes from a newer version (it knows “{migration}”). Install that version."
    ),
    "doctor.address_good": _("People reach this installation at {address}."),
    "doctor.address_plain": _(
        "{address} is not encrypted. Put a proxy with a certificate in front and set "
        "MANYI_BASE_URL to its https address."
    ),
    "doctor.folder_good": _("The data folder {path} is readable by its owner alone."),
    "doctor.folder_open": _("Others can read {path}. Run: chmod {mode} {path}"),
    "doctor.audit_good": _("The audit log goes on to entry {n} ({hash}…)."),
    "doctor.audit_cut": _(
        "Entry {number} of the audit log is gone or was changed. Find out who could write to the "
        "database, and compare with a backup: manyi verify-audit --against FILE"
    ),
    "audit.holds": _("The audit chain holds: {n} entries, the last one no. {number}: {hash}"),
    "audit.broken": _("The audit chain breaks at entry {number}. Compare with a backup."),
    "audit.hash_missing": _("No entry has the hash {hash}. The end of the chain was cut off."),
    "audit.cut": _(
        "The audit chain no longer goes through entry {number}, which was its last one once: its "
        "end was cut off or written anew. Compare with a backup."
    ),
    "doctor.key_good": _("One secret key opens all that is sealed."),
    "doctor.key_waiting": _(
        "{n} sealed fields still need an old key. The worker seals them again; keep "
        "MANYI_SECRET_KEY_OLD until none is left."
    ),
    "doctor.key_stops": _(
        "{n} addresses that must not be written to are known by an old key alone. Keep "
        "MANYI_SECRET_KEY_OLD, or they could be written to again."
    ),
    "doctor.key_idle": _("Nothing needs the old keys any more. Remove MANYI_SECRET_KEY_OLD."),
    "doctor.key_lost": _(
        "{n} sealed fields and stopped addresses open with no key that is set. Name the key that "
        "sealed them in MANYI_SECRET_KEY_OLD."
    ),
    "disk_full": _(
        "The disk is full, and “manyi {command}” did not finish. Make room and start it again."
    ),
    "restore.unfinished": _(
        "A restore into {place} did not finish. Empty the folder (and the database that "
        "MANYI_DATABASE_URL names) and restore again."
    ),
    "key_strange": _(
        "The secret key is not the one of this installation: it opens none of {n} sealed fields. "
        "Set MANYI_SECRET_KEY to the former key, or name that in MANYI_SECRET_KEY_OLD. Where it "
        "is lost for good, go on with --key-is-lost."
    ),
    "doctor.space_good": _("{free} GB are free in {path}."),
    "doctor.space_low": _("Only {free} GB are free in {path}. Plan for more."),
    "doctor.space_short": _(
        "Only {free} GB are free in {path}. Make room: a full disk takes no answers."
    ),
    "doctor.writes_good": _("The disk makes {rate} writes a second durable."),
    "doctor.writes_slow": _(
        "The disk makes only {rate} writes a second durable. Use a local SSD, no network folder."
    ),
    "doctor.database_good": _("{name} answers."),
    "doctor.database_affected": _(
        "{name} can lose committed data. Install the package pysqlite3 0.6.1 or newer."
    ),
    "doctor.database_failed": _(
        "The database did not answer: {said}. Start “manyi serve” once if it is new."
    ),
    "doctor.migrations_good": _("The tables are up to date."),
    "doctor.migrations_waiting": _(
        "The tables are older than the program. Start “manyi serve”, which brings them up to date."
    ),
    "doctor.worker_good": _("The worker was seen {seconds} s ago."),
    "doctor.worker_late": _(
        "The worker was last seen {seconds} s ago. Start “manyi serve” or “manyi work”."
    ),
    "doctor.worker_never": _("No worker has run yet. Start “manyi serve” or “manyi work”."),
    "doctor.lake_good": _("The lake agrees with the database and is {seconds} s behind."),
    "doctor.lake_disagrees": _(
        "The lake disagrees with the database in {months}. Run “manyi rebuild”."
    ),
    "doctor.lake_unreadable": _("The lake cannot be read: {said}. Run “manyi rebuild”."),
    "doctor.text_good": _("Texts are read by {model}."),
    "doctor.text_fast": _(
        "Texts are read by {model}. A slower model reads better: pip install “manyi[accurate]”."
    ),
    "doctor.assets_good": _("The pages’ scripts and styles are built."),
    "doctor.assets_missing": _("The pages’ scripts and styles are not built. Run “make install”."),
    "doctor.mail_none": _("No mail is sent. Set MANYI_EMAIL_URL for password resets by mail."),
    "doctor.mail_good": _("The mail server {host}:{port} answers and lets us in."),
    "doctor.mail_failed": _(
        "The mail server {host}:{port} refuses: {said}. Correct MANYI_EMAIL_URL."
    ),
    "doctor.clock_good": _("The clock says {at}."),
    "doctor.clock_behind": _(
        "The newest record came at {at}, which lies ahead. Correct this machine’s clock."
    ),
}
