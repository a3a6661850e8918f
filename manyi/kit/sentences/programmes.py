"""Codes of populations and of answers weighted to them."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    "population.invalid": _("The population has errors. Put right what is marked."),
    "population.too_many": _("More than {limit} categories were given. Join some of them."),
    "population.share_or_count": _("Give either the share in per cent or the count of people."),
    "population.count_low": _("A count must be above 0. Leave empty categories out."),
    "population.share_range": _(
        "A share must be above 0 and at most 100 per cent. Leave empty categories out."
    ),
    "population.number": _("“{value}” is not a number."),
    "population.twice": _("The category “{value}” of “{dimension}” is given twice."),
    "population.one_category": _("“{dimension}” needs at least two categories."),
    "population.mixed": _("“{dimension}” has both shares and counts. Give one of the two."),
    "population.shares_sum": _("The shares of “{dimension}” sum to {value} instead of 100."),
    "population.code_unknown": _("There is no “{value}”. Use a code that is set up."),
    "population.nested": _(
        "The unit “{value}” lies below another unit that is given, so its people would count "
        "twice. Give units of which none lies below another."
    ),
    "weighting_no_population": _(
        "Nothing is known of the population. Choose one survey that is weighted to a population "
        "with margins."
    ),
    "raked": _(
        "Weighted to the population “{population}”: design effect {deff}, {trimmed} % of the "
        "weight cut off."
    ),
    "raked_parts": _(
        "{n} of the {of} parts are weighted to their population; the others count each answer once."
    ),
    "raked_few": _(
        "Not weighted: a period needs at least {least} answers for weights that mean something."
    ),
    "raked_hidden": _(
        "Not weighted: fewer than {few} anonymous people answered in a category, and the weighted "
        "figure would tell of them."
    ),
    "raked_missing": _(
        "Nobody who answered belongs to {count} categories of “{dimension}”, which are {share} % "
        "of the population: the figure does not stand for them."
    ),
    "raked_outside": _(
        "{count} answers belong to no known category of “{dimension}” and keep their own weight "
        "in it."
    ),
    "raked_part": _(
        "The figures of “{dimension}” describe the whole population, but only part of it is "
        "looked at."
    ),
    "raked_unfinished": _("The margins contradict each other here and are not met exactly."),
}
