"""What pictures and the file report say: findings, headings, notes, problems."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


CHARTS = {
    "chart.estimate": _("{value} ({interval}, n {n})"),
    "chart.too_few": _("too few answers to judge (n {n})"),
    "chart.too_few_short": _("too few"),
    "chart.hidden": _("hidden to protect privacy"),
    "chart.trend_hidden": _("None of the {n} periods can be shown: too few people answered."),
    "chart.trend_hidden_one": _("The period cannot be shown: too few people answered."),
    "chart.target": _("Target {value}"),
    "chart.whole": _("Whole {value}"),
    "chart.comma": _(", "),
    "chart.trend": _("From {first} in {first_label} to {last} in {last_label}."),
    "chart.trend_one": _("{last} in {last_label}."),
    "chart.trend_empty": _("None of the {n} periods has enough answers to judge."),
    "chart.trend_empty_one": _("The period has too few answers to judge."),
    "chart.trend_same": _("That is no real change."),
    "chart.trend_up": _("That is a real rise."),
    "chart.trend_down": _("That is a real fall."),
    "chart.target_met": _("In {period} the target of {value} is met."),
    "chart.target_missed": _("In {period} the target of {value} is missed."),
    "chart.target_open": _("Whether the target of {value} is met in {period} cannot be told."),
    "chart.dots": _(
        "{n} groups around the whole of {whole}. Highest: {best} with {best_value}; "
        "lowest: {worst} with {worst_value}."
    ),
    "chart.dots_one": _("{best}: {best_value}; the whole: {whole}."),
    "chart.dots_empty": _("None of the {n} groups has enough answers to judge."),
    "chart.dots_empty_one": _("The group has too few answers to judge."),
    "chart.none_differ": _("None truly differs from the rest."),
    "chart.some_differ": _("Truly different from the rest ({n}): {names}."),
    "chart.differs_yes": _("truly differs"),
    "chart.differs_no": _("no clear difference"),
    "chart.bars_one": _("{best}: {best_value}."),
    "chart.bars": _(
        "{n} figures. Highest: {best} with {best_value}; lowest: {worst} with {worst_value}."
    ),
    "chart.nothing": _("There are no answers to draw."),
    "chart.likert": _(
        "{n} items. Most satisfied with “{best}”: {best_share} (n {best_n}) on the good side of "
        "the scale; least with “{worst}”: {worst_share} (n {worst_n})."
    ),
    "chart.likert_one": _("{best_share} of {best_n} answers lie on the good side of the scale."),
    "chart.nps": _("NPS {score}. {shares}."),
    "chart.detractors": _("Detractors (0–6)"),
    "chart.passives": _("Passives (7–8)"),
    "chart.promoters": _("Promoters (9–10)"),
    "chart.spread": _(
        "{n} answers. The most frequent is “{answer}” with {share}; “{low_word}” has {lowest}, "
        "“{high_word}” has {highest}."
    ),
    "chart.funnel": _(
        "{last} of {first} reach the end ({share}). Most are lost between “{from}” and “{to}”: "
        "{lost}."
    ),
    "chart.box": _(
        "Median {median}; half of the answers lie between {quarter} and {three_quarters}, "
        "nine in ten between {low} and {high}."
    ),
    "chart.col_low": _("5% lie below"),
    "chart.col_quarter": _("25% lie below"),
    "chart.col_median": _("Median"),
    "chart.col_three_quarters": _("75% lie below"),
    "chart.col_high": _("95% lie below"),
    "chart.col_name": _("Name"),
    "chart.col_period": _("Period"),
    "chart.col_value": _("Value"),
    "chart.col_interval": _("95% interval"),
    "chart.col_n": _("n"),
    "chart.col_answer": _("Answer"),
    "chart.col_share": _("Share"),
    "chart.col_step": _("Step"),
    "chart.col_differs": _("Compared with the rest"),
}

PROBLEMS = {
    "study.file_missing": _("There is no file “{path}”. Check the name and the folder."),
    "study.no_rows": _("“{file}” has a header but no rows. Export it again with its answers."),
    "study.column_unknown": _("There is no column “{column}”. The columns are: {columns}."),
    "study.scale_invalid": _(
        "“{value}” is not a scale. Write the worst and the best answer, such as 1-5 or 0-10."
    ),
    "study.score_unreadable": _(
        "The answers in “{column}” cannot be read as scores. Name another column, or hand in the "
        "scale, such as 1-5."
    ),
    "study.nothing_to_study": _(
        "No column looks like scores or comments. Name one with --score or --text; the columns "
        "are: {columns}."
    ),
    "study.cannot_write": _("The report cannot be written to “{path}”. Choose another place."),
}

WHOLE = {
    "study.brand": _("Manyi · customer satisfaction"),
    "study.contents": _("Contents"),
    "study.title": _("What customers say in “{file}”"),
    "study.full_stop": _(". "),
    "study.quoted": _("“{word}”"),
    "study.answer": _("{what}: {estimate}."),
    "study.answer_few": _("{item} has {n} answers: too few to judge."),
    "study.answer_texts": _("{n} comments, no scores: this is what they speak of most."),
    "study.answer_words": _("Low scores speak of {low}; high scores of {high}."),
    "study.answer_group": _("Truly below the rest: {group} ({column}) with {estimate}."),
    "study.change_same": _("No real change between {first} and {last}."),
    "study.change_up": _("A real rise between {first} and {last}."),
    "study.change_down": _("A real fall between {first} and {last}."),
    "study.footer": _(
        "Made by Manyi from one file, on one computer: nothing was sent anywhere, and this page "
        "loads nothing. It holds quotes from comments; hand it on with care."
    ),
    "study.section.guessed": _("What was read and guessed"),
    "study.section.headlines": _("Headline figures"),
    "study.section.spread": _("How answers spread"),
    "study.section.trend": _("Over time"),
    "study.section.groups": _("Who differs"),
    "study.section.items": _("Items side by side"),
    "study.section.themes": _("What they speak of"),
    "study.section.words": _("What they say"),
    "study.section.method": _("How this was made"),
    "study.as_table": _("As a table"),
}

GUESSES = {
    "study.read_all": _("“{file}” ({format}): {rows} rows read, all of them used."),
    "study.read_some": _(
        "“{file}” ({format}): {rows} rows read, {used} used, {left} left out because they hold "
        "neither a score nor a comment."
    ),
    "study.with_text": _("{texts} rows hold a comment."),
    "study.col_column": _("Column"),
    "study.col_use": _("Used as"),
    "study.col_scale": _("Scale"),
    "study.col_why": _("Why"),
    "study.use.score": _("score"),
    "study.use.text": _("comment"),
    "study.use.date": _("date"),
    "study.use.group": _("group"),
    "study.use.left": _("left out"),
    "study.main": _("main score"),
    "study.scale": _("{worst} (worst) to {best} (best)"),
    "study.answers_n": _("{n} answers"),
    "study.why_guessed": _("Guessed from its name and its values"),
    "study.why_named": _("You named it"),
    "study.why_named_range": _(
        "You named it; the scale runs from its least to its greatest answer"
    ),
    "study.why_not_named": _("You named other columns"),
    "study.why_personal": _("Names a person; not needed here"),
    "study.why_no_use": _("An identifier or a column of no known use"),
    "study.why_constant": _("The same in every row"),
    "study.why_empty": _("Empty"),
    "study.why_many": _("Too many different values to compare as groups"),
    "study.unread": _("“{column}”: {n} answers could not be read and are left out: {examples}."),
    "study.off_scale": _("“{column}”: {n} answers lie off the scale and are left out."),
    "study.zero_note": _(
        "{columns} columns run from 0 to 5, and {n} answers ({share}) are 0. If 0 means “not "
        "applicable” in this file, add --scale 1-5: the zeros are then left out."
    ),
    "study.repeated": _("{n} rows repeat an earlier row word for word; they are counted."),
    "study.file_problems": _("{n} lines of the file needed repair while reading."),
    "study.override": _("Wrong guess? Run it again and say so; this is what was used:"),
}

FINDINGS = {
    "study.headlines_lead": _(
        "Each figure stands with its 95% interval and its number of answers."
    ),
    "study.interval_n": _("{interval} · n {n}"),
    "study.battery": _("{n} items on the same scale"),
    "study.negative": _("Negative"),
    "study.positive": _("Positive"),
    "study.trend_lead": _(
        "{what}, with the 95% interval as a band. Hollow points have fewer than 30 "
        "answers; periods with fewer than 10 are left blank."
    ),
    "study.undated": _("{n} answers have no readable date."),
    "study.compare_lead": _(
        "Each group against all the others. Solid dots truly differ (Holm’s test within the "
        "column, 5%); hollow dots do not differ clearly, whatever their rank."
    ),
    "study.more_groups": _("{n} smaller groups are not shown."),
    "study.more_columns": _("Not drawn: {names}. Name the columns you need with --by."),
    "study.differences": _("Difference to the rest, group by group"),
    "study.col_difference": _("Difference"),
    "study.col_p": _("p (Holm)"),
    "study.col_top": _("Satisfied"),
    "study.col_correlation": _("Correlation with the main score"),
    "study.items_lead": _(
        "Every item as a 0–100 index, and how closely it goes with “{main}” (Pearson’s r)."
    ),
    "study.association": _(
        "Association, not cause: a high correlation alone does not show that improving the item "
        "would raise the main score."
    ),
    "study.themes_lead": _(
        "What {n} comments speak of, and how. Read by the model {model} with the list of the trade "
        "“{trade}”. A comment counts once in each theme that it speaks of."
    ),
    "study.themes_sampled": _("They were drawn at random from {of}."),
    "study.themes_guessed": _(
        "What {n} comments speak of, and how. Read by the model {model} with the list of the trade "
        "“{trade}”, which was guessed: --industry {industry}. A comment counts once in each theme "
        "that it speaks of."
    ),
    "study.sense_negative": _("Negative"),
    "study.sense_neutral": _("Mixed or neutral"),
    "study.sense_positive": _("Positive"),
    "study.theme_quotes": _("In their own words"),
    "study.theme_net": _("net sentiment {estimate}"),
    "study.col_theme": _("What is spoken of"),
    "study.col_share": _("Of all comments"),
    "study.col_net": _("Net sentiment"),
    "study.answer_theme": _("The theme with most complaints is {theme}: {n} of {of} comments."),
    "study.term.themes": _("Themes"),
    "study.method.themes": _(
        "Found by the words of a reviewed list, clause by clause; each clause is judged negative, "
        "neutral or positive by a model that reads on this machine and errs in about one clause of "
        "five. Net sentiment is the share of good comments less that of bad ones, from −100 to "
        "100. Of more than 20,000 comments a random sample is read."
    ),
    "study.words_lead": _(
        "Words that tell {low} low from {high} high comments, of {tested} words tested. Bars show "
        "the share of the comments that hold the word."
    ),
    "study.words_low": _("Low scores speak of"),
    "study.words_high": _("High scores speak of"),
    "study.words_none": _("No word stands out beyond chance."),
    "study.word_counts": _("{own} vs {other} · n {n}"),
    "study.frequent_lead": _("The words that most comments hold."),
    "study.metric.csat": _("Satisfied share"),
    "study.metric_box": _("{metric} ({box})"),
    "study.metric.csat_index": _("Satisfaction index"),
    "study.metric.csat_mean": _("Mean"),
    "study.metric.nps": _("NPS"),
    "study.metric.promoters": _("Promoters"),
    "study.metric.detractors": _("Detractors"),
    "study.metric.ces": _("Effort score (CES)"),
    "study.metric.ces_share": _("Share who found it easy"),
    "study.metric.positive": _("Positive share"),
}

METHODS = {
    "study.formula.csat": _(
        "Answers in the top boxes of the scale (the top two of up to seven, the top three of ten "
        "or eleven) ÷ all answers × 100; Wilson interval."
    ),
    "study.formula.csat_index": _(
        "(answer − worst) ÷ (best − worst) × 100, averaged over all answers; t interval."
    ),
    "study.formula.csat_mean": _("Sum of the answers ÷ their number; t interval."),
    "study.formula.nps": _(
        "Share of 9–10 minus share of 0–6, from −100 to +100; t interval, adjusted Wald below 50 "
        "answers."
    ),
    "study.formula.ces": _("Mean of the effort question; t interval."),
    "study.formula.positive": _("Answers marked positive ÷ all answers × 100; Wilson interval."),
    "study.term.interval": _("Interval"),
    "study.method.interval": _(
        "95%: drawn again and again from the same customers, 95 of 100 such intervals would hold "
        "the true figure. It covers chance, not who did or did not answer."
    ),
    "study.term.few": _("Too few"),
    "study.method.few": _("Below {few} answers no figure is shown, only the count."),
    "study.term.holm": _("Real differences"),
    "study.method.holm": _(
        "Each group of at least {few} answers is tested against all other answers; Holm’s "
        "correction keeps the chance of any false alarm within a column at 5%."
    ),
    "study.term.correlation": _("Correlation"),
    "study.method.correlation": _(
        "Pearson’s r over rows that hold both answers; interval by Fisher’s z."
    ),
    "study.term.words": _("Telling words"),
    "study.method.words": _(
        "{texts} comments. Log-odds of a word in low (index below 50, NPS 0–6) against high "
        "(above 50, NPS 9–10) comments with an informative Dirichlet prior (a tenth of the words, "
        "at most 1,000; Monroe et al. 2008), ranked by z; Benjamini–Hochberg at 5% over all words "
        "tested. A word counts once a comment."
    ),
    "study.term.segments": _("Chinese words"),
    "study.method.segments": _(
        "Found in the comments themselves by mutual information and branching entropy, without a "
        "dictionary; a word behind “不” or “没” is not counted as that word."
    ),
    "study.term.masking": _("Quotes"),
    "study.method.masking": _(
        "Phone, mail, ID, card, order and plate numbers are masked, as are the names and addresses "
        "that are recognised, and rather one too many."
    ),
    "study.term.customers": _("Customers"),
    "study.method.customers": _(
        "Each row counts as one independent answer; answers are not weighted. Several rows of one "
        "customer would make the intervals too narrow."
    ),
    "study.term.made": _("Made"),
    "study.made": _("{now}; random seed {seed}."),
}

SENTENCES = {**CHARTS, **PROBLEMS, **WHOLE, **GUESSES, **FINDINGS, **METHODS}
