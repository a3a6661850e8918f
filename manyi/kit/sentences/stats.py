"""Codes of the statistics: problems with a metric, and notes that go with a number."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "metric_unknown": _("There is no metric “{metric}”."),
    "metric_scale_unfit": _(
        "The metric “{metric}” cannot be worked out on a scale from {worst} to {best}. "
        "Choose another metric or another question."
    ),
    "top_box_unnamed": _(
        "On a scale from {worst} to {best} it is not settled which answers count as satisfied. "
        "Name them in the survey."
    ),
    "no_answers": _("Nobody has answered yet."),
    "off_scale": _("{count} answers lie off the scale and were left out."),
    "few_customers": _("These answers come from only {customers} customers."),
    "uneven_weights": _(
        "The weights are very unequal: {n} answers tell only as much as {n_effective}."
    ),
    "composite_child_missing": _(
        "{count} of the indicators it is made of have no answers; the others share their weight."
    ),
    "composite_correlation_unknown": _(
        "It is not known which answers come from the same people, so the interval is kept wide."
    ),
    "drawn_to_whole": _(
        "Its own value is {own}; because its answers are few, it counts {trust}% "
        "and the average of all units the rest."
    ),
    "lonely_cluster": _(
        "A stratum has only one cluster, so its error cannot be worked out. "
        "Join it with a similar stratum."
    ),
    "rake_totals_differ": _("The known totals of the variables have different sums."),
    "rake_empty_level": _(
        "Nobody who answered belongs to level {level} of variable {axis}, though the population "
        "has such people. Join it with a similar level."
    ),
    "calibration_failed": _("No weights meet all known totals. Use fewer totals or wider bounds."),
    "trim_impossible": _("With these limits the weights cannot keep their sum. Widen the limits."),
    "separated": _("The outcome can be told without any error, so no model can be fitted."),
    "drivers_alike": _(
        "Some drivers say nearly the same thing (variance inflation up to {vif}): trust their "
        "shares of influence, not their single weights."
    ),
    "few_units": _("Only {units} units were compared, so the result may be chance."),
    "pls_not_converged": _(
        "The satisfaction model did not settle. Check that the answers of each block go together."
    ),
    "cfa_not_converged": _(
        "The factor model did not settle. Check that the items of each factor go together."
    ),
    "too_many_drivers": _("At most {most} drivers can be compared at once. Choose fewer."),
    "weights_capped": _(
        "In {count} groups so few answered that their weight was held at {cap} times the average."
    ),
}
