"""Codes of the REST face."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "token_invalid": _("The token is missing, wrong or expired. Make a new one under Settings."),
    "token_read_only": _("This token may only read. Use one that may write."),
    "token_password_old": _(
        "Your password was set by somebody else. Log in and choose your own, then use the token."
    ),
    "method_not_allowed": _(
        "This address does not take this method. “Allow” names those it takes."
    ),
    "body_not_json": _("The body is not JSON."),
    "request_odd": _("The request holds too many parameters, or characters that cannot be used."),
    "body_too_large": _("The body is larger than {limit} bytes. Send less at a time, or in bulk."),
    "body.invalid": _("The body cannot be used. Correct the fields named below."),
    "parameters.invalid": _("The query cannot be used. Correct the parameters named below."),
    "parameter_unknown": _("There is no parameter “{field}”. Check its spelling."),
    "value_invalid": _("This value cannot be used here."),
    "index_invalid": _("“{value}” is not a number from 0 to 100."),
    "limit_invalid": _("“{value}” is not a whole number from 1 to 200."),
    "cursor_invalid": _("This cursor is not one of ours. Begin without it."),
    "level_invalid": _("“{value}” is not a level from 0.5 to 0.999."),
    "weighting_unknown": _("There is no weighting “{value}”. Use none or raked."),
    "idempotency_key_invalid": _("An idempotency key has 1 to {limit} characters."),
    "idempotency_other_body": _("This idempotency key was used for another body. Take a new one."),
    "idempotency_in_flight": _("The same idempotency key is being stored right now. Try again."),
    "line_too_long": _("The line is longer than a million bytes."),
    "line_not_json": _("The line is not JSON."),
    "answers.invalid": _("Some answers cannot be stored. Correct those named below."),
    "submission_id_short": _("A submission id has at least 8 characters."),
    "survey_not_open": _("The survey takes no answers now."),
    "survey_full": _("The survey has as many answers as it asked for."),
    "failed": _("Something failed on our side. The log has the request's id."),
    "workers_on_sqlite": _(
        "On SQLite there is one web process. Leave out --workers, or use PostgreSQL."
    ),
    "already_serving": _("Another server already uses {folder}. Stop it first."),
    "port_taken": _("Port {port} is taken. Choose another with --port."),
    "privacy.one_name": _(
        "Name exactly one customer: by “customer” (the ref), “id”, “phone”, “email”, “openid” or "
        "“unionid”."
    ),
}
