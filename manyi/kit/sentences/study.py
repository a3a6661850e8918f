"""What pictures and the file report say: findings, headings, notes, problems."""


def _(msgid: str) -> str:
    """Mark a sentence for the catalogue."""
    return msgid


CHARTS = {
    "chart.estimate": _("{value} ({interval}, n {n})"),
    "chart.too_few": _("too few answers to judge (n {n})"),
    "chart.too_few_short": _("too few"),
    "chart.target": _("Target {value}"),
    "chart.whole": _("Whole {value}"),
    "chart.comma": _(", "),
    "chart.trend": _("From {first} in {first_label} to {last} in {last_label}."),
    "chart.trend_one": _("{last} in {last_label}."),
    "chart.trend_empty": _("None of the {n} periods has enough answers to judge."),
    "chart.trend_same": _("That is no real change."),
    "chart.trend_up": _("That is a real rise."),
    "chart.trend_down": _("That is a real fall."),
    "chart.target_met": _("The target of {value} is met."),
    "chart.target_missed": _("The target of {value} is missed."),
    "chart.target_open": _("Whether the target of {value} is met cannot be told yet."),
    "chart.dots": _(
        "{n} groups around the whole of {whole}. Highest: {best} with {best_value}; "
        "lowest: {worst} with {worst_value}."
    ),
    "chart.dots_empty": _("None of the {n} groups has enough answers to judge."),
    "chart.none_differ": _("None truly differs from the rest."),
    "chart.some_differ": _("Truly different from the rest ({n}): {names}."),
    "chart.differs_yes": _("truly differs"),
    "chart.differs_no": _("no clear difference"),
    "chart.bars": _(
        "{n} figures. Highest: {best} with {best_value}; lowest: {worst} with {worst_value}."
    ),
    "chart.nothing": _("There are no answers to draw."),
    "chart.likert": _(
        "{n} items. Most satisfied with “{best}”: {best_share} (n {best_n}) on the good side of the "
        "scale; least with “{worst}”: {worst_share} (n {worst_n})."
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
        "{last} of {first} reach the end ({share}). Most are lost between “{from}” and “{to}”: {lost}."
    ),
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

SENTENCES = {**CHARTS}
