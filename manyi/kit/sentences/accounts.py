"""Codes of organisations, units, members and their log-ins."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "code.length": _("A code has 1 to {limit} characters."),
    "code.characters": _(
        "The code “{value}” holds a character that links and files cannot carry, such as / \\ "
        ", ; or quotes. Use letters, digits, - . _ and #."
    ),
    "code.slug": _("The code “{value}” has to consist of small letters, digits and hyphens."),
    "code.taken": _("The code “{value}” is in use already. Choose another one."),
    "text.too_long": _("The text is too long: at most {limit} characters."),
    "text.language_tag": _(
        "The languages of a text are tags such as zh-Hans or en, at most twenty."
    ),
    "language.unknown": _("The language “{value}” is not offered: use zh-Hans or en."),
    "time_zone.unknown": _("There is no time zone “{value}”. Use a name such as Asia/Shanghai."),
    "colour.invalid": _("“{value}” is not a colour. Write it as #0F766E."),
    "threshold.invalid": _("“{value}” is not a threshold: use a whole number from 2 to 1000."),
    "position.invalid": _("“{value}” is not a position: use a whole number."),
    "phone.invalid": _(
        "“{value}” is not a phone number. Write it as 13800000000 or with its country code."
    ),
    "email.invalid": _("“{value}” is not an e-mail address."),
    "username.invalid": _(
        "The user name “{value}” has to consist of 2 to 60 letters, digits, dots, hyphens, "
        "plus signs or underscores."
    ),
    "attributes.too_many": _("At most {limit} attributes can be kept, each with a plain value."),
    "attributes.number": _("“{value}” is no number that can be kept. Stay below 10¹⁵."),
    "logo.invalid": _(
        "This picture cannot be used as a logo. Send a simple PNG, JPEG or WebP of at most 5 MB."
    ),
    "organisation.name_missing": _("Give the organisation a name."),
    "setup.closed": _(
        "The set-up is closed: this installation has an owner already. Log in, or ask that "
        "owner to add you."
    ),
    "setup.code_wrong": _(
        "This is not the set-up code. It is printed where the server was started."
    ),
    "unit.not_found": _("There is no unit “{value}” here, or you may not see it."),
    "unit.in_use": _(
        "“{value}” cannot be removed because feedback, people or other units belong to it. "
        "Close it instead."
    ),
    "unit.circle": _(
        "A unit cannot be moved below itself or below “{value}”, which is part of it."
    ),
    "unit.too_deep": _("The tree can have at most {limit} levels."),
    "unit.size_invalid": _("“{value}” is not a size: use a number that is not negative."),
    "unit.level": _("Level {n}"),
    "place.in_use": _("“{value}” cannot be removed because feedback refers to it."),
    "agent.member_taken": _("This member is linked to another agent already."),
    "member.role_unknown": _(
        "There is no role “{value}”. Use owner, analyst, unit_manager, agent, viewer or "
        "external_analyst."
    ),
    "member.owner_has_no_unit": _(
        "An owner sees the whole organisation. Leave the unit empty, or choose another role."
    ),
    "member.last_owner": _("This is the last owner. Make somebody else an owner first."),
    "member.no_login": _("Give a user name, a phone or an e-mail address to log in with."),
    "member.no_mail": _("This member has no e-mail address. Enter one and save it first."),
    "member.deactivated": _("This member is deactivated. Let them in again first."),
    "mail_failed": _(
        "The mail server does not answer, so no mail was sent. Try again in a moment; if it lasts, "
        "tell the administrator."
    ),
    "member.login_taken": _(
        "“{value}” belongs to somebody on this installation already. Use another one."
    ),
    "member.elsewhere": _(
        "This person also works for another organisation, so only they can change their log-in."
    ),
    "password.too_short": _("The password is too short: use at least eight characters."),
    "password.too_common": _("This password is too common. Choose another one."),
    "password.numeric": _("The password has to hold more than digits."),
    "password.similar": _("The password is too similar to the name, phone or e-mail address."),
    "password.weak": _("This password is too weak. Choose a longer one."),
    "token.name_missing": _("Give the token a name that says what it is for."),
    "token.expired_already": _("The token would have expired already. Choose a later day."),
    "token.too_many": _("A member can have at most {limit} tokens. Revoke one that is not used."),
    "view.name_missing": _("Give the view a name."),
    "view.too_many": _("A member can keep at most {limit} views. Delete one first."),
}
