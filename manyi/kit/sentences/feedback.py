"""Codes of the one door."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "record.invalid": _("The record cannot be stored. Correct the fields named below."),
    "object_expected": _("An object is expected here."),
    "list_expected": _("A list of at most a few hundred entries is expected here."),
    "field_unknown": _("There is no field “{field}”. Check its spelling."),
    "field_required": _("“{field}” is required."),
    "record_empty": _("The record says nothing: give scores, answers or a verbatim."),
    "value.text_expected": _("“{field}” has to be a text."),
    "value.text_too_long": _("“{field}” is longer than {limit} characters."),
    "kind_unknown": _("“{value}” is not a kind of feedback."),
    "time_invalid": _("“{value}” is not a time. Write it as 2026-11-01T09:30:00+08:00."),
    "time_without_offset": _("“{value}” lacks its offset. Write it as 2026-11-01T09:30:00+08:00."),
    "time_implausible": _("“{value}” lies before 1990 or in the future."),
    "score_shape": _("A score is an object with item, metric, value and scale."),
    "score_twice": _("There are two scores “{metric}” for the item “{item}”."),
    "value.metric_unknown": _(
        "“{value}” is not a metric that is stored: use csat, nps, ces or score."
    ),
    "item_invalid": _("“{value}” cannot name an item: use 1 to 90 characters without spaces."),
    "scale_invalid": _("The scale has to be [worst, best], two different numbers (NPS: 0, 10)."),
    "value_off_scale": _("“{value}” does not lie on the scale from {low} to {high}."),
    "turns_too_many": _(
        "The conversation has {n} turns; one may have {limit} at most. Split it into several."
    ),
    "turn_shape": _("A turn is an object with role, at and text."),
    "attributes_shape": _("Attributes are an object with at most 50 names."),
    "attribute_invalid": _("An attribute is a text of at most 500 characters, a number or yes/no."),
    "unit_unknown": _("There is no unit with the code “{value}”. Add it, or correct the code."),
    "touchpoint_unknown": _(
        "There is no touchpoint with the code “{value}”. Add it, or correct the code."
    ),
    "survey_unknown": _("There is no published survey “{value}”."),
    "unit_not_yours": _("The unit “{value}” is not one that you may store feedback for."),
    "record_elsewhere": _("A record with this source_ref belongs to a unit that you may not see."),
}
