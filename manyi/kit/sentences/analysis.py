"""Codes of the analyst's pages."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "analysis.no_survey": _("No survey has been published yet. Publish one, then analyse it."),
    "analysis.measure_unknown": _("There is no measure “{value}”. Use one of {known}."),
    "analysis.variable_unknown": _("The survey has no question “{value}”. Choose another."),
    "analysis.drivers_items": _(
        "Drivers need at least {least} rating questions. Choose another survey."
    ),
    "analysis.drivers_answered": _(
        "At least {least} items must be answered by half of those who rated the outcome. "
        "Choose other items or a longer period."
    ),
    "analysis.few_lines": _(
        "{n} answers have every item; at least {least} are needed for a sound finding. "
        "Choose a longer period or fewer items."
    ),
    "analysis.few_answers": _(
        "Only {n} answers can be compared; at least {least} are needed. Choose a longer period."
    ),
    "analysis.nothing_counted": _(
        "The survey asks nothing that can be counted. Choose another survey."
    ),
    "analysis.nothing_scored": _("The survey asks for no rating. Choose another survey."),
    "analysis.one_group": _(
        "There are no two groups with enough answers to compare. "
        "Choose other segments or a longer period."
    ),
    "analysis.choice": _("“{value}” is not a choice here. Use one of: {known}."),
    "analysis.margin_line": _(
        "Line {line} has fewer than three parts. Write dimension, code and size."
    ),
    "analysis.margins_empty": _("No sizes were given. Write at least one dimension with sizes."),
    "analysis.population_name": _("Give the new population a name."),
    "analysis.scale_items": _(
        "Reliability needs at least {least} ratings that belong together. Choose another survey."
    ),
    "analysis.item_alike": _(
        "Everybody gave one of the items the same rating, so it cannot be compared with the "
        "others. Choose a longer period."
    ),
    "analysis.number_range": _("“{value}” is out of range. Give a number from {low} to {high}."),
    "analysis.shares_over": _("Promoters and detractors together exceed 100 per cent."),
    "analysis.no_difference": _("Both shares are the same. Give two that differ."),
    "analysis.no_model": _(
        "The questionnaire has no model of the kind “{kind}”. Choose another survey, or make one "
        "from a template."
    ),
    "analysis.hidden": _(
        "The survey is anonymous: with groups smaller than {few} somebody could be recognised. "
        "Choose a wider selection."
    ),
    "analysis.flagged_few": _(
        "Fewer than {few} anonymous answers carry a flag: the numbers before and after would tell "
        "what they said. Wait until there are more."
    ),
    "analysis.whole_only": _(
        "Response rates are those of the whole survey, of which you see a part. "
        "Choose a survey of your own units."
    ),
    "analysis.asked_unknown": _(
        "Nobody knows yet how many were asked. Enter below how many refused, were not reached "
        "or remain unknown."
    ),
    "analysis.counted_otherwise": _(
        "Code {code}: {entered} were entered, {here} answers are stored here; what was entered "
        "counts."
    ),
    "analysis.none_ineligible": _(
        "No case was found not eligible, so all unknown ones are taken as eligible (e = 1)."
    ),
    "analysis.no_spread": _(
        "Everybody rated the outcome alike, so there is nothing to explain. "
        "Choose another outcome or a longer period."
    ),
    "analysis.sampled": _(
        "Worked out from {n} answers drawn at random, since there are more than that."
    ),
    "chart.against_n": _("Answers (independent ones)"),
    "chart.against_none": _("All {n} units lie within what chance allows (99.8%) around {whole}."),
    "chart.against_some": _(
        "Of {n} units around {whole}, {above} lie above and {below} below what chance allows "
        "(99.8%): {names}."
    ),
    "chart.against_limits": _("95% limits of chance"),
    "chart.against_verdict": _("Against chance"),
    "chart.against_above_far": _("above, outside 99.8%"),
    "chart.against_above": _("above, outside 95%"),
    "chart.against_within": _("within"),
    "chart.against_below": _("below, outside 95%"),
    "chart.against_below_far": _("below, outside 99.8%"),
    "chart.quadrant_performance": _("Performance (index)"),
    "chart.quadrant_importance": _("Importance"),
    "chart.quadrant_middle": _("average"),
    "chart.quadrant_concentrate_here": _("Improve first"),
    "chart.quadrant_keep_up_good_work": _("Keep it up"),
    "chart.quadrant_low_priority": _("Low priority"),
    "chart.quadrant_possible_overkill": _("Perhaps more than needed"),
    "chart.quadrant_first": _("Improve first: {names}. Important, and below the average."),
    "chart.quadrant_none": _("Nothing is both important and below the average."),
    "chart.quadrant_head_name": _("Item"),
    "chart.quadrant_head_field": _("Field"),
    "chart.quadrant_head_importance": _("Importance"),
    "chart.quadrant_head_performance": _("Performance (index)"),
    "chart.quadrant_head_interval": _("95% interval"),
    "chart.quadrant_head_n": _("n"),
    "chart.kano_better": _("Satisfies where it is there"),
    "chart.kano_worse": _("Dissatisfies where it is missing"),
    "chart.kano_attractive": _("Attractive"),
    "chart.kano_one_dimensional": _("One-dimensional"),
    "chart.kano_must_be": _("Must-be"),
    "chart.kano_indifferent": _("Indifferent"),
    "chart.kano_other": _("Reverse or questionable"),
    "chart.kano_head_name": _("Feature"),
    "chart.kano_head_category": _("Category"),
    "chart.kano_must_be_are": _("Must-be: {names}"),
    "chart.kano_one_dimensional_are": _("One-dimensional: {names}"),
    "chart.kano_attractive_are": _("Attractive: {names}"),
    "chart.kano_none": _("No feature matters to most."),
}
