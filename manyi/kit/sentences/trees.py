"""Codes of drivers and forecasts by trees: method, analysis and pictures."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "trees_no_better": _(
        "For customers it has not seen, the model is not surely better than no model at all. "
        "Do not act on its ranking."
    ),
    "trees_alike": _(
        "Some items say nearly the same thing (variance inflation up to {vif}): they share their "
        "importance between them."
    ),
    "churn_few": _(
        "Of the customers whose forecasts can be judged {left} left and {stayed} stayed; at least "
        "{least} of each are needed. Choose a longer period or another outcome."
    ),
    "churn.no_outcome": _(
        "No customer who answered carries an attribute that tells who left. Import one: a date "
        "of leaving, or a word such as “left” and “stayed”."
    ),
    "churn.personal": _(
        "Who left stands in customers’ personal data, which you may not see. Ask somebody who may."
    ),
    "churn.choose": _(
        "None of the customers’ attributes sounds like leaving. Choose the one that tells who left."
    ),
    "analysis.trees_few": _(
        "{n} answers have the outcome; trees need at least {least}. "
        "Choose a longer period or fewer items."
    ),
    "churn.outcome_unknown": _("Customers who answered carry no attribute “{value}”."),
    "churn.value_unknown": _("No customer has the value “{value}” there. Use one of: {known}."),
    "churn.number": _("“{value}” is out of range. Give a whole number from {low} to {high}."),
    "churn.few_known": _(
        "Of {n} answers it is known whether the customer left; at least {least} are needed. "
        "Choose a longer period or a shorter horizon."
    ),
    "churn.undated": _(
        "The outcome has no date: customers who had left before they answered count too, which "
        "makes forecasts look better than they are. Import the date of leaving."
    ),
    "churn.settled": _(
        "{n} answers are left out: their horizon is not over yet, or the customer had left before."
    ),
    "chart.forecast_told": _("Forecast"),
    "chart.forecast_seen": _("Left"),
    "chart.forecast_reached": _("Customers contacted, the likeliest leavers first"),
    "chart.forecast_caught": _("Leavers among them"),
    "chart.forecast_true": _(
        "{held} of {all} groups of like forecasts have what was forecast inside their interval."
    ),
    "chart.forecast_gain": _("The likeliest {share} of customers hold {caught} of all leavers."),
    "chart.forecast_shape": _("“{most}” adds most ({high}), “{least}” least ({low})."),
    "chart.forecast_share": _("Share"),
    "chart.forecast_answer": _("Answer"),
    "chart.forecast_value": _("Value"),
}
