"""Codes of customers and their identities."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "customer.invalid": _("The customer cannot be stored. Correct the fields named below."),
    "customer.field_unknown": _("A customer has no such field. Check its spelling."),
    "customer.no_key": _(
        "A customer needs a ref, a phone, an e-mail address or an openid to be recognised again."
    ),
    "customer.ref_invalid": _("A ref has at most {limit} characters, without control characters."),
    "customer.phone_invalid": _(
        "The phone number cannot be read and was left out. Write it as 13800000000 or with "
        "its country code."
    ),
    "customer.email_invalid": _("The e-mail address cannot be read and was left out."),
    "customer.openid_invalid": _(
        "The openid is too long or holds control characters and was left out."
    ),
    "customer.unionid_invalid": _(
        "The unionid is too long or holds control characters and was left out."
    ),
    "customer.identity_invalid": _("This is not a phone, e-mail address, openid or unionid."),
    "customer.identity_elsewhere": _(
        "This phone or address belongs to another customer and stays there."
    ),
    "customer.unit_unknown": _("There is no unit “{value}”, so the customer was not placed there."),
    "customer.needs_unit": _("Name one of your units to which the customer belongs."),
    "customer.elsewhere": _(
        "This customer belongs to a unit that you do not manage. Ask an owner of the organisation."
    ),
    "customer.not_found": _("There is no such customer here, or you may not see them."),
    "customer.purpose": _("Say what the consent is for, in at most {limit} characters."),
}
