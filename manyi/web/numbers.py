"""How numbers are named and explained on pages."""

from __future__ import annotations

import math
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from manyi.charts import HIDDEN, Hidden, Kind, figure, interval
from manyi.kit.localtext import pick
from manyi.kit.say import say
from manyi.kit.selection import Selection
from manyi.metrics import changes, weighted
from manyi.metrics.guard import limits
from manyi.metrics.rows import FAILED, SUPPRESSED, TOO_FEW, Row
from manyi.programmes.queries import population_by_code
from manyi.reports.analysis import leaving
from manyi.reports.dashboards import Asked, Headline
from manyi.stats.result import Estimate
from manyi.web.chosen import dimension as dimension
from manyi.web.chosen import group as group
from manyi.web.chosen import selected as selected
from manyi.web.context import language
from manyi.web.filters import address
from manyi.web.methods.texts import anchor_of

METRIC_NAMES: dict[str, str | Promise] = {
    "csat": gettext_lazy("Satisfied (CSAT)"),
    "csat_mean": gettext_lazy("Mean score"),
    "csat_index": gettext_lazy("Satisfaction index"),
    "nps": gettext_lazy("Net Promoter Score"),
    "promoters": gettext_lazy("Share of promoters"),
    "passives": gettext_lazy("Share of passives"),
    "detractors": gettext_lazy("Share of detractors"),
    "ces": gettext_lazy("Ease (CES)"),
    "ces_share": gettext_lazy("Found it easy"),
    "mean": gettext_lazy("Mean"),
    "index": gettext_lazy("Index"),
    "top_box": gettext_lazy("Top box"),
    "bottom_box": gettext_lazy("Bottom box"),
    "": gettext_lazy("Composite"),
}
FORMULAS: dict[str, str | Promise] = {
    "csat": gettext_lazy("answers in the top box ÷ all valid answers (4 and 5 on a scale of 1–5)"),
    "csat_mean": gettext_lazy("mean of the scores on their own scale"),
    "csat_index": gettext_lazy("mean of (score − worst) ÷ (best − worst) × 100"),
    "nps": gettext_lazy("share of 9–10 minus share of 0–6"),
    "promoters": gettext_lazy("share of 9–10"),
    "passives": gettext_lazy("share of 7–8"),
    "detractors": gettext_lazy("share of 0–6"),
    "ces": gettext_lazy("mean of the scores from 1 (hard) to 7 (easy)"),
    "ces_share": gettext_lazy("share of 5–7 on a scale of 1–7"),
    "mean": gettext_lazy("mean of the scores on their own scale"),
    "index": gettext_lazy("mean of (score − worst) ÷ (best − worst) × 100"),
    "top_box": gettext_lazy("share of the top box of the scale"),
    "bottom_box": gettext_lazy("share of the bottom box of the scale"),
    "": gettext_lazy("weighted mean of its parts, each brought to 0–100"),
}
METHODS: dict[str, str | Promise] = {
    "wilson": gettext_lazy("Wilson, 95%"),
    "adjusted_wald": gettext_lazy("adjusted Wald, 95%"),
    "correlation_bound": gettext_lazy("never too narrow, 95%"),
    "unanimous": gettext_lazy("all answered alike; from the number of answers, 95%"),
}
_ENDS = {"share": (0.0, 100.0), "index": (0.0, 100.0), "points": (-100.0, 100.0)}


def name(one: Asked) -> str:
    """Return what a headline number is called, in the reader's language."""
    return pick(one.name, language(), str(METRIC_NAMES.get(one.metric, one.metric)))


def help_for(metric: str) -> str:
    """Return the address that tells how a metric is computed."""
    return f"{reverse('methods')}#{anchor_of(metric)}"


def written(found: Estimate, kind: Kind) -> str:
    """Return value, interval and n as one line of text."""
    if found.value is None or found.low is None or found.high is None:
        return _("n %(n)s") % {"n": f"{found.n:,}"}
    words = {
        "value": figure(found.value, kind),
        "interval": interval(found.low, found.high, kind),
        "n": f"{found.n:,}",
    }
    return say("chart.estimate", language(), words)


def about(metric: str, row: Row, selection: Selection) -> list[tuple[str, str]]:
    """Return what stands behind a number: formula, selection, base, exclusions, interval."""
    found = row.estimate
    rows = [
        (_("Formula"), str(FORMULAS.get(metric, metric))),
        (_("Selection"), selected(selection)),
        (_("Base"), _base(row)),
        (_("Left out"), _("blank and “not applicable” answers, surveys still under way")),
        (_("Weighting"), _weighting(row, selection)),
    ]
    if found.value is not None:
        rows.append((_("Interval"), _method(found)))
    return rows


def _weighting(row: Row, selection: Selection) -> str:
    words = weighted_words(row, selection)
    note = next((one for one in row.estimate.warnings if one.code == "raked"), None)
    if note is None:
        return _("none: each answer counts once")
    told = _("by raking; design effect %(deff)s") % {"deff": f"{note.params['deff']:.2f}"}
    return f"{words}{_(', ')}{told}"


def weighted_words(row: Row, selection: Selection) -> str:
    """Return the population that a number is weighted to, in words; nothing where it is not."""
    if row.weighted_to is None:
        return ""
    found = population_by_code(selection.scope, row.weighted_to)
    return _("weighted to “%(population)s”") % {"population": found.name_in(language())}


def weighted_page(selection: Selection) -> str:
    """Return the population that the pages of the surveys asked for are weighted to."""
    if weighted.weighting_of(selection) != weighted.RAKED:
        return ""
    return weighted.population_of(selection).name_in(language())


def counting(selection: Selection) -> dict[str, str]:
    """Return what the page says of how its numbers count: weighted to whom, without which."""
    return {"weighted_to": weighted_page(selection), "left_out": left_out_words(selection)}


def left_out_words(selection: Selection) -> str:
    """Return that flagged answers of the surveys asked for count nowhere; nothing where all do."""
    least = limits(selection.scope).privacy_n
    found = leaving.left_out_of(selection)
    if found is None:
        return ""
    if found.n < least and found.is_anonymous:
        return _("Numbers here are without the answers that carry a flag.")
    return ngettext(
        "Numbers here are without %(n)s answer that carries a flag.",
        "Numbers here are without %(n)s answers that carry a flag.",
        found.n,
    ) % {"n": f"{found.n:,}"}


def _base(row: Row) -> str:
    if row.status == SUPPRESSED or row.n is None:
        return _("hidden")
    few = _("%(n)s answers") % {"n": f"{row.n:,}"}
    effective = row.estimate.n_effective
    if not row.ok or round(effective) >= row.n:
        return few
    told = _("they tell as much as %(n)s of different people") % {"n": f"{effective:,.0f}"}
    return f"{few}{_('; ')}{told}"


def _method(found: Estimate) -> str:
    usual = _("95%; answers of one customer count as one person's")
    return str(METHODS.get(found.method, usual))


def bounds(found: list[Estimate], kind: Kind) -> tuple[float, float]:
    """Return the ends of an axis that holds every interval, a little wider."""
    least, most = _ENDS.get(kind, (-math.inf, math.inf))
    ends = [e for one in found if one.value is not None for e in (one.low, one.high)]
    known = [e for e in ends if e is not None]
    if not known:
        return 0.0, 100.0
    pad = (max(known) - min(known)) * 0.04 or 1.0
    return max(min(known) - pad, least), min(max(known) + pad, most)


def axis(low: float, high: float, kind: Kind) -> str:
    """Return the ends of an axis in words, rounded."""
    if kind == "mean":
        return f"{low:.1f}–{high:.1f}"
    return f"{low:.0f}–{high:.0f}".replace("-", "−")


def tile(one: Headline, selection: Selection, request: Any) -> dict[str, Any]:
    """Return a headline as the page shows it."""
    return {
        "code": one.asked.code,
        "name": name(one.asked),
        "kind": one.asked.kind,
        "better": one.asked.better,
        "row": figure_of(one.row),
        "weighted": weighted_words(one.row, selection),
        "comparison": one.comparison,
        "standing": one.standing,
        "target": one.target,
        "about": about(one.asked.metric, one.row, selection),
        "help": help_for(one.asked.metric),
        "copy": f"{name(one.asked)} {written(one.row.estimate, one.asked.kind)}",
        "href": address(request, metric=one.asked.code),
        "why": _why(one.asked, request),
    }


def _why(asked: Asked, request: Any) -> str:
    """Return the address of what the number's change goes with; "" where none can tell."""
    metric = {"csat": "csat_index", "csat_mean": "csat_index"}.get(asked.metric, asked.metric)
    narrow = asked.indicator is not None and bool(asked.indicator.query)
    if narrow or asked.item != "overall" or metric not in changes.METRICS:
        return ""
    return reverse("themes-changes") + address(request, metric=metric)


def drawn(row: Row) -> Estimate | Hidden:
    """Return a row as pictures take it: what must not be told stays apart from too few."""
    return HIDDEN if row.status == SUPPRESSED else row.estimate


def figure_of(row: Row) -> dict[str, Any]:
    """Return a row as `{% estimate %}` takes it."""
    found = row.estimate
    return {
        "status": row.status,
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "n": found.n,
        "notes": found.warnings if row.ok else (),
    }


def finding(one: Headline, *, precision_n: int, privacy_n: int) -> str:
    """Return the page's answer in a sentence: the number and whether it truly changed."""
    row, title = one.row, name(one.asked)
    if row.status == FAILED:
        return _("%(name)s could not be computed just now; the data are safe.") % {"name": title}
    if row.status == SUPPRESSED:
        return _(
            "Answers have arrived; so that nobody can be recognised, numbers are not shown yet "
            "(anonymous surveys need at least %(few)s)."
        ) % {"few": privacy_n}
    if row.status == TOO_FEW:
        return _few(row.estimate.n, title, precision_n)
    said = {"name": title, "value": figure(row.estimate.value or 0.0, one.asked.kind)}
    return _change(one, said)


def _few(n: int, title: str, precision_n: int) -> str:
    if n == 0:
        return _("No answers in this period yet.")
    return ngettext(
        "%(n)s answer has arrived; from %(few)s on %(name)s is judged.",
        "%(n)s answers have arrived; from %(few)s on %(name)s is judged.",
        n,
    ) % {"n": n, "few": precision_n, "name": title}


def _change(one: Headline, said: dict[str, str]) -> str:
    delta, direction = one.comparison.delta, one.comparison.direction
    if delta is None or delta.value is None:
        return _("%(name)s %(value)s; there is no earlier period to compare with.") % said
    if direction == 0:
        return _("%(name)s %(value)s, no real change from the previous period.") % said
    size = figure(abs(delta.value), "mean" if one.asked.kind == "mean" else "index")
    said["by"] = size if one.asked.kind != "share" else _("%(size)s pp") % {"size": size}
    if direction > 0:
        return _("%(name)s %(value)s, truly up by %(by)s from the previous period.") % said
    return _("%(name)s %(value)s, truly down by %(by)s from the previous period.") % said
