"""The methods in words: what each answers, its formula, and what to beware of."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True)
class Method:
    """A method under its anchor, which is the metric's code where it is one."""

    anchor: str
    name: Words
    answers: Words
    formula: Words = ""
    beware: Words = ""


@dataclass(frozen=True)
class Part:
    """Methods that belong together."""

    name: Words
    methods: tuple[Method, ...]


PARTS = (
    Part(
        _("Numbers"),
        (
            Method(
                "csat",
                _("Satisfied (CSAT)"),
                _("Which share of those who answered is satisfied?"),
                _(
                    "Answers in the top box ÷ all valid answers. The top box is 3 on 1–3, the two "
                    "best answers on scales up to 1–7, the three best on 1–10 and 0–10."
                ),
                _("Two teams with the same share may differ in how many are very dissatisfied."),
            ),
            Method(
                "csat_mean",
                _("Mean score"),
                _("What is given on average, on the question’s own scale?"),
                _("Sum of the scores ÷ number of answers."),
                _("Means of different scales cannot be compared; use the index for that."),
            ),
            Method(
                "csat_index",
                _("Satisfaction index"),
                _("How satisfied, from 0 (worst answer) to 100 (best answer)?"),
                _("Mean of (score − worst) ÷ (best − worst) × 100."),
                _("The only form in which answers on different scales are averaged."),
            ),
            Method(
                "nps",
                _("Net Promoter Score"),
                _("Do more people recommend us than warn of us?"),
                _("Share of 9–10 minus share of 0–6, in points from −100 to +100."),
                _("Its interval is wide: below 50 answers differences of 20 points are chance."),
            ),
            Method(
                "ces",
                _("Ease (CES)"),
                _("How easy was it to get something done?"),
                _("Mean from 1 (hard) to 7 (easy); beside it the share of 5, 6 and 7."),
            ),
            Method(
                "composite",
                _("Composite"),
                _("How do several indicators stand together?"),
                _("Each part brought to 0–100, then their weighted mean."),
                _("Where a part has no answers the rest keep their weights among themselves."),
            ),
            Method(
                "completion",
                _("Completion rate"),
                _("How many of those who began came to the end?"),
                _("Finished ÷ first page sent; those still under way count neither way."),
                _("No response rate: that needs invitations."),
            ),
        ),
    ),
    Part(
        _("How sure we are"),
        (
            Method(
                "interval",
                _("Interval"),
                _("Where would the number be if everybody had answered?"),
                _(
                    "95%: of a hundred such intervals about 95 hold the true number. Shares by "
                    "Wilson, small NPS by adjusted Wald, means by t with a correction for skew."
                ),
                _("It tells of chance only, not of who chose not to answer."),
            ),
            Method(
                "n",
                _("n"),
                _("How many valid answers stand behind the number?"),
                _(
                    "Blank, “not applicable” and “don’t know” never count; 0 is an answer. "
                    "Several answers of one customer tell less than those of different people, "
                    "so the interval is then wider."
                ),
            ),
            Method(
                "few",
                _("Too few to judge"),
                _("Why is there no number?"),
                _("Below the organisation’s threshold (usually 10) only the count is shown."),
                _("Nobody is judged on three answers."),
            ),
            Method(
                "privacy",
                _("Hidden to protect privacy"),
                _("Why is there not even a count?"),
                _(
                    "In anonymous surveys a group of fewer than 5 is hidden, and so is any group "
                    "from which a small one could be worked out by subtraction."
                ),
            ),
            Method(
                "change",
                _("Change over time"),
                _("Has it really changed, or is it chance?"),
                _(
                    "Difference from the previous period and from a year ago, each with its "
                    "interval. ▲▼ where the interval leaves 0 out, ◇ where it holds 0."
                ),
            ),
            Method(
                "weighting",
                _("Weighting"),
                _("Does each answer count the same?"),
                _(
                    "Yes, unless a weighting is set: then answers count so that the known make-up "
                    "of all customers is met, and the interval takes the price of it into account."
                ),
            ),
        ),
    ),
    Part(
        _("Comparing units"),
        (
            Method(
                "fair",
                _("Fair number"),
                _("What would the unit’s number be without the luck of few answers?"),
                _(
                    "The unit’s own number, drawn towards the whole; the fewer the answers, the "
                    "more (empirical Bayes)."
                ),
                _("For ranking and rewarding use this, not the unit’s own number."),
            ),
            Method(
                "rank",
                _("Rank"),
                _("Which place, and how sure is it?"),
                _("Behind the rank in brackets: the places that the intervals allow."),
            ),
            Method(
                "differs",
                _("Clearly above or below"),
                _("Does the unit truly differ from the others of its level?"),
                _(
                    "Tested against the others, corrected for there being many units "
                    "(Benjamini–Hochberg), so that chance alone marks hardly any."
                ),
            ),
        ),
    ),
    Part(
        _("Other questions"),
        (
            Method(
                "mean",
                _("Mean and median of a number"),
                _("What was usual, and how far do the answers spread?"),
                _(
                    "Mean with interval; the median has half of the answers on either side, and "
                    "the middle half lies between the quarters."
                ),
                _("A few very large answers move the mean, hardly the median."),
            ),
            Method(
                "choices",
                _("Shares of choices"),
                _("How many chose this?"),
                _("Those who chose it ÷ all who answered the question; interval by Wilson."),
                _("With several answers possible the shares add up to more than 100%."),
            ),
            Method(
                "matrix",
                _("Rows of a matrix"),
                _("Which of several things is rated best?"),
                _("Each row’s satisfaction index, from the best to the worst."),
            ),
        ),
    ),
)
ANCHORS = {
    "csat_mean": "csat_mean",
    "csat_index": "csat_index",
    "index": "csat_index",
    "promoters": "nps",
    "passives": "nps",
    "detractors": "nps",
    "ces_share": "ces",
    "top_box": "csat",
    "bottom_box": "csat",
    "mean": "csat_mean",
    "": "composite",
}


def anchor_of(metric: str) -> str:
    """Return the anchor of a metric's method."""
    return ANCHORS.get(metric, metric)
