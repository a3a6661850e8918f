"""Codes of metrics, indicators and targets."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "metric_needs_item": _(
        "The metric “{metric}” needs an item. Name the question or aspect that it is about."
    ),
    "other_scales": _(
        "{count} answers were given on another scale and are not in this mean. "
        "Choose the index to count them as well."
    ),
    "period_kept": _(
        "Counted from {first} to {last}: at the ends there are so few anonymous answers that "
        "a day more or less would tell who gave them."
    ),
    "anonymous_left_out": _(
        "Answers of small anonymous surveys are left out until enough people have answered."
    ),
    "indicator.code_taken": _("There is already an indicator “{value}”. Choose another code."),
    "indicator.weight": _("“{value}” is not a weight. Give a number above 0."),
    "indicator.query": _("“{key}” is not part of a selection. Remove it from the filter."),
    "indicator.circle": _(
        "The indicator “{value}” cannot be part of itself. Choose another parent."
    ),
    "indicator.has_children": _(
        "The indicator “{value}” is made of others. Remove them before it measures by itself."
    ),
    "indicator.parent_measures": _(
        "The indicator “{value}” measures by itself and cannot be made of others."
    ),
    "target.value": _("“{value}” is not a target. Give a number."),
}
