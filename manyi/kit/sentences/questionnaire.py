"""Codes of answers and of questionnaire definitions, and the names of the kinds."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


SENTENCES = {
    # answers
    "required": _("Please answer this question."),
    "consent_required": _("Please tick this box to go on."),
    "consent_invalid": _("Please answer with yes or no."),
    "na_not_allowed": _("“Not applicable” is not an answer to this question."),
    "no_answer_asked": _("This is a text to read; it takes no answer."),
    "answer_invalid": _("This answer cannot be read. Please answer again."),
    "question_unknown": _("There is no question “{value}” here."),
    "hidden_unknown": _("There is no hidden field “{value}” in this survey."),
    "page_unknown": _("There is no such page in this survey."),
    "number_invalid": _("“{value}” is not a number. Please write digits only."),
    "number_out_of_range": _("Please give a number from {low} to {high}."),
    "number_too_low": _("Please give a number of at least {low}."),
    "number_too_high": _("Please give a number of at most {high}."),
    "number_not_whole": _("Please give a whole number."),
    "choice_unknown": _("“{value}” is not one of the answers. Please choose from the list."),
    "choices_expected": _("Please give a list of answers."),
    "choices_too_few": _("Please choose at least {low} answers."),
    "choices_too_many": _("Please choose at most {high} answers."),
    "choice_exclusive": _(
        "One of these answers cannot be combined with others. Please choose again."
    ),
    "rows_expected": _("Please answer each row by its code."),
    "row_unknown": _("There is no row “{value}” in this question."),
    "text_expected": _("Please answer in words."),
    "text_too_long": _(
        "This text has {length} characters; at most {limit} fit. Please shorten it."
    ),
    "text_not_asked": _("Only the answer that asks for words may come with a text."),
    "date_too_early": _("Please give a date on or after {earliest}."),
    "date_too_late": _("Please give a date on or before {latest}."),
    # definitions
    "questionnaire.invalid": _(
        "The questionnaire cannot be used yet. Correct what is named below."
    ),
    "questionnaire.not_json": _("The questionnaire is not JSON."),
    "questionnaire.too_large": _(
        "The questionnaire is larger than {limit} bytes. Please shorten it."
    ),
    "questionnaire.schema_unknown": _(
        "This version of the questionnaire format is not known; write 1."
    ),
    "questionnaire.languages_invalid": _(
        "Name 1 to 20 different languages, such as “zh-Hans” and “en”."
    ),
    "questionnaire.field_required": _("This is missing."),
    "questionnaire.field_unknown": _(
        "“{value}” does not belong here. Correct the name or remove it."
    ),
    "questionnaire.field_type": _("This must be of the type {expected}."),
    "questionnaire.value_not_allowed": _("“{value}” is not possible here. Use one of: {allowed}."),
    "questionnaire.number_outside": _("Use a whole number from {low} to {high}."),
    "questionnaire.too_many": _("There are more than {limit}. Please use fewer."),
    "questionnaire.text_missing": _("The text in the language “{language}” is missing."),
    "questionnaire.language_unknown": _(
        "The questionnaire does not name the language “{language}”."
    ),
    "questionnaire.text_long": _("This text has more than {limit} characters."),
    "questionnaire.code_invalid": _(
        "“{value}” is not a code: a letter, then up to 39 letters, digits or underscores."
    ),
    "questionnaire.code_reserved": _(
        "The code “{value}” has a meaning of its own. Choose another."
    ),
    "questionnaire.code_taken": _(
        "The code “{value}” is used twice; capital and small letters count as the same."
    ),
    "questionnaire.item_taken": _("Two questions score the item “{value}” with the same metric."),
    "questionnaire.item_without_metric": _("A question that makes no score has no item."),
    "questionnaire.no_questions": _("There is no question to answer yet."),
    "questionnaire.redirect_invalid": _(
        "The address to go on to must begin with http:// or https://."
    ),
    "questionnaire.scale_invalid": _(
        "A scale is [worst, best]: two different whole numbers with at most {limit} answers."
    ),
    "questionnaire.scale_fixed": _("This metric is measured from {low} to {high}."),
    "questionnaire.labels_count": _(
        "Give {expected} labels, one for each answer from the worst to the best."
    ),
    "questionnaire.look_too_many": _(
        "This look shows at most {limit} answers. Use numbers instead."
    ),
    "questionnaire.top_box_invalid": _(
        "Name some, but not all, answers of the scale as the top box."
    ),
    "questionnaire.bounds_reversed": _("The largest value lies below the smallest."),
    "questionnaire.other_twice": _("Only one choice of a question can ask for a text."),
    "questionnaire.other_in_matrix": _("A matrix has no choice that asks for a text."),
    "questionnaire.condition_deep": _("The condition is nested more than {limit} levels deep."),
    "questionnaire.reference_unknown": _("There is no “{value}” to refer to."),
    "questionnaire.reference_later": _(
        "“{value}” is not asked before this. A condition can only use earlier answers."
    ),
    "questionnaire.reference_row": _("“{value}” is a matrix: name the row as well."),
    "questionnaire.reference_value": _("“{question}” can never be answered with “{value}”."),
    "questionnaire.operator_unfit": _(
        "“{value}” cannot be asked of a question of the kind “{kind}”."
    ),
    "questionnaire.marked_pair": _(
        "“{first}” and “{second}” must have the same rows and the same scale."
    ),
    "questionnaire.marked_five": _("“{value}” needs five answers, from “like” to “dislike”."),
    "questionnaire.marked_rating": _("“{value}” is not a rating of this questionnaire."),
    "questionnaire.marked_satisfaction": _("A satisfaction model needs the group “satisfaction”."),
    "questionnaire.marked_twice": _("The path from “{first}” to “{second}” is there twice."),
    "questionnaire.marked_alone": _("No path leads to or from “{value}”."),
    "questionnaire.marked_circle": _(
        "Paths may not lead round in a circle; these do or depend on one that does: {value}."
    ),
    # kinds
    "questionnaire.kind.rating": _("Rating"),
    "questionnaire.kind.nps": _("Net Promoter Score"),
    "questionnaire.kind.ces": _("Customer Effort Score"),
    "questionnaire.kind.single": _("Single choice"),
    "questionnaire.kind.multiple": _("Multiple choice"),
    "questionnaire.kind.matrix": _("Matrix"),
    "questionnaire.kind.short_text": _("Short text"),
    "questionnaire.kind.long_text": _("Long text"),
    "questionnaire.kind.number": _("Number"),
    "questionnaire.kind.date": _("Date"),
    "questionnaire.kind.statement": _("Statement"),
    "questionnaire.kind.consent": _("Consent"),
}
