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
    "share_not_left": _("Fewer than {share} % have left so far, so this time is not known yet."),
    "several_curves": _("No one figure tells how several groups differ: compare two of them."),
    "no_known_interval": _("No interval of this figure is known."),
    "few_customers": _("These answers come from only {customers} customers."),
    "one_item": _("One item alone has no reliability to tell."),
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
    "ties": _("Some answers are equal, so the exact test of ranks cannot be made."),
    "separated": _("The outcome can be told without any error, so no model can be fitted."),
    "drivers_alike": _(
        "Some drivers say nearly the same thing (variance inflation up to {vif}): trust their "
        "shares of influence, not their single weights."
    ),
    "few_units": _("Only {units} units were compared, so the result may be chance."),
    "starts_differ": _(
        "The units started at {starts} different times, so early ones were compared with late "
        "ones; an effect that grows is then misjudged. Compare each start by itself."
    ),
    "units_left_out": _("{units} units were not there at every time and were left out."),
    "no_untouched_units": _(
        "There is nothing to compare with: no unit stayed without the change at these times."
    ),
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
    "explain_groups_differ": _(
        "“{outcome}” differs by “{by}”: highest for “{top}” ({top_value}), lowest for "
        "“{bottom}” ({bottom_value}). With {level}% confidence the gap lies between {low} "
        "and {high}; chance alone would bring such differences in {chance} of samples."
    ),
    "explain_groups_alike": _(
        "No sure difference of “{outcome}” by “{by}” was found among {n} answers: chance "
        "alone would bring such differences in {chance} of samples. With {level}% confidence "
        "the gap between “{top}” ({top_value}) and “{bottom}” ({bottom_value}) lies between "
        "{low} and {high}."
    ),
    "explain_labels_depend": _(
        "What is answered to “{outcome}” depends on “{by}”: most of all, “{answer}” is "
        "{share}% for “{group}” and {whole}% over all. The association is {size} on a scale "
        "from 0 to 1 (with {level}% confidence between {low} and {high}); chance alone would "
        "bring it in {chance} of samples."
    ),
    "explain_labels_alike": _(
        "No sure association of “{outcome}” with “{by}” was found among {n} answers: chance "
        "alone would bring what was seen in {chance} of samples. With {level}% confidence "
        "its strength lies between {low} and {high} on a scale from 0 to 1."
    ),
    "explain_rises": _(
        "“{outcome}” rises with “{by}”: the correlation is {size}, with {level}% confidence "
        "between {low} and {high}; chance alone would bring it in {chance} of samples."
    ),
    "explain_falls": _(
        "“{outcome}” falls as “{by}” rises: the correlation is {size}, with {level}% "
        "confidence between {low} and {high}; chance alone would bring it in {chance} of "
        "samples."
    ),
    "explain_unrelated": _(
        "No sure relation of “{outcome}” with “{by}” was found among {n} answers: the "
        "correlation of {size} lies with {level}% confidence between {low} and {high}, and "
        "chance alone would bring it in {chance} of samples."
    ),
    "explain_trend_up": _(
        "“{outcome}” has risen over time: by {size} in 30 days, with {level}% confidence "
        "between {low} and {high}; chance alone would bring it in {chance} of samples."
    ),
    "explain_trend_down": _(
        "“{outcome}” has fallen over time: by {size} in 30 days, with {level}% confidence "
        "between {low} and {high}; chance alone would bring it in {chance} of samples."
    ),
    "explain_no_trend": _(
        "No sure trend of “{outcome}” was found among {n} answers: the change of {size} in "
        "30 days lies with {level}% confidence between {low} and {high}, and chance alone "
        "would bring it in {chance} of samples."
    ),
    "explain_odds_rise": _(
        "“{outcome}” becomes more likely as “{by}” rises: each {step} more multiplies the "
        "odds by {size}, with {level}% confidence between {low} and {high}; chance alone "
        "would bring it in {chance} of samples."
    ),
    "explain_odds_fall": _(
        "“{outcome}” becomes less likely as “{by}” rises: each {step} more multiplies the "
        "odds by {size}, with {level}% confidence between {low} and {high}; chance alone "
        "would bring it in {chance} of samples."
    ),
    "explain_odds_same": _(
        "“{by}” was not surely found to change how likely “{outcome}” is ({n} answers): each "
        "{step} more multiplies the odds by {size}, with {level}% confidence between {low} "
        "and {high}; chance alone would bring it in {chance} of samples."
    ),
    "explain_threshold": _(
        "A threshold of “{by}” tells “{outcome}” without error: one with it exceeds one "
        "without in {size}% of pairs, with {level}% confidence between {low}% and {high}%; "
        "chance alone would bring it in {chance} of samples."
    ),
    "explain_unrelated_odds": _(
        "The {n} answers are too few to say whether “{by}” changes how likely “{outcome}” "
        "is: chance alone would bring what was seen in {chance} of samples."
    ),
    "explain_too_few": _("Only {n} answers have both “{outcome}” and “{by}”: too few to compare."),
    "explain_all_alike": _(
        "All {n} answers to “{outcome}” are the same, so there is nothing to explain."
    ),
    "explain_one_group": _(
        "All {n} answers belong to one group of “{by}”, so there is nothing to compare with."
    ),
    "explain_small_groups": _("The smallest group has only {n} answers, so its figures are rough."),
    "explain_ranks_disagree": _(
        "A test by ranks, which a few extreme answers cannot sway, comes to another result "
        "(chance: {chance}): be careful."
    ),
    "explain_by_customers": _(
        "Weights and customers who answered more than once have been allowed for."
    ),
    "explain_pairs_adjusted": _(
        "Pairs of groups are compared with Holm's correction, because many comparisons find "
        "differences by chance."
    ),
    "explain_rare_cells": _(
        "Some combinations are rare, so chance was worked out exactly instead of by the "
        "usual approximation."
    ),
    "explain_outliers": _(
        "A few extreme values would dominate, so ranks were compared instead of the values "
        "themselves."
    ),
    "explain_bent": _("The relation is not a straight line: look at the figure."),
    "explain_turned": _(
        "The outcome has labels without an order, so the other variable was compared between them."
    ),
    "effect_tiny": _("The effect is so small that it hardly matters."),
    "effect_small": _("The effect is small."),
    "effect_middling": _("The effect is of middling size."),
    "effect_large": _("The effect is large."),
    "verdict_better": _(
        "It has become better: {value}, with {level}% confidence between {low} and {high}, "
        "against the periods before the one that started the plan."
    ),
    "verdict_worse": _(
        "It has become worse: {value}, with {level}% confidence between {low} and {high}, "
        "against the periods before the one that started the plan."
    ),
    "verdict_no_real_change": _(
        "No real change: {value}, with {level}% confidence between {low} and {high}, against "
        "the periods before the one that started the plan."
    ),
    "verdict_no_clean_baseline": _(
        "No clean baseline: the only period before the plan is the bad one that started it, "
        "and after a bad period it gets better by chance alone. Wait for a comparison group, "
        "or compare with later plans."
    ),
    "verdict_no_answers": _("Nobody has answered since the plan started."),
    "plan_whole": _(
        "Collect {n} answers: at a response rate of {rate}% that takes {invitations} invitations."
    ),
    "plan_each": _(
        "Collect {n} answers in each of {groups} groups: at a response rate of {rate}% that "
        "takes {invitations} invitations each."
    ),
    "plan_everybody": _(
        "Invite all {people} people: {n} answers are needed, and at a response rate of "
        "{rate}% even that will not be enough."
    ),
    "effect_counterfactual": _(
        "Since the change it was on average {value} away from what would have been expected "
        "without it, with {level}% confidence between {low} and {high}."
    ),
    "no_spread": _("All answers are alike, so there is nothing to measure the difference by."),
}
