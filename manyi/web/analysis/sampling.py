"""The sample-size planner, ready for the template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from manyi.kit.problems import Problem
from manyi.kit.say import say
from manyi.reports.analysis import planning
from manyi.stats.effect.planner import Plan
from manyi.web.analysis.catalogue import named
from manyi.web.context import language

WHATS: dict[str, str | Promise] = {
    "share": gettext_lazy("measure a share, such as CSAT"),
    "mean": gettext_lazy("measure a mean score"),
    "nps": gettext_lazy("measure NPS"),
    "share_difference": gettext_lazy("tell two shares apart"),
    "mean_difference": gettext_lazy("tell two means apart"),
    "nps_difference": gettext_lazy("tell two NPS apart"),
}
LABELS: dict[str, str | Promise] = {
    "margin": gettext_lazy("Margin ±"),
    "expected": gettext_lazy("Share expected (%)"),
    "after": gettext_lazy("Share hoped for (%)"),
    "sd": gettext_lazy("Standard deviation of an answer"),
    "difference": gettext_lazy("Difference to be seen"),
    "promoters": gettext_lazy("Promoters (%)"),
    "detractors": gettext_lazy("Detractors (%)"),
    "population": gettext_lazy("Customers there are (empty: very many)"),
    "rate": gettext_lazy("Response rate expected (%)"),
    "deff": gettext_lazy("Design effect"),
    "units": gettext_lazy("Units, each judged by itself"),
    "power": gettext_lazy("Chance to see it (%)"),
    "level": gettext_lazy("Confidence (%)"),
}


def shown(request: Any) -> dict[str, Any]:
    """Return the form and the plan; a number that makes no sense is named at its field."""
    given = request.GET.get("what", "")
    what = given if given in planning.PLANS else "share"
    wrongs: dict[str, str] = {}
    plan: Plan | None = None
    try:
        plan = planning.planned(what, request.GET.dict())
    except Problem as problem:
        wrongs = {e.pointer: say(e.code, language(), e.params) for e in problem.errors}
    return {
        "offer": named("analysis-sample-size"),
        "what": what,
        "whats": [(code, words, code == what) for code, words in WHATS.items()],
        "fields": [_field(request, what, name, wrongs) for name in planning.PLANS[what]],
        "plan": plan,
        "answer": _answer(plan) if plan else "",
        "ladder": list(_ladder(what, request.GET.dict())) if plan else [],
        "ladder_label": LABELS[_RUNGS[what][0]],
    }


def _answer(plan: Plan) -> str:
    params = plan.sentence.params.items()
    written = {key: f"{n:,}" if isinstance(n, int) else n for key, n in params}
    return say(plan.sentence.code, language(), written)


def _field(request: Any, what: str, name: str, wrongs: dict[str, str]) -> dict[str, Any]:
    usual = planning.default(what, name)
    given = request.GET.get(name, "").strip()
    return {
        "name": name,
        "label": LABELS[name],
        "value": given or ("" if usual is None else f"{usual:g}"),
        "wrong": wrongs.get(name, ""),
    }


_RUNGS: dict[str, tuple[str, tuple[float, ...]]] = {
    "share": ("margin", (1, 2, 3, 5, 8, 10)),
    "mean": ("margin", (0.02, 0.05, 0.1, 0.2, 0.3)),
    "nps": ("margin", (2, 3, 5, 8, 10, 15)),
    "share_difference": ("power", (70, 80, 90, 95)),
    "mean_difference": ("difference", (0.05, 0.1, 0.2, 0.3, 0.5)),
    "nps_difference": ("difference", (3, 5, 8, 10, 15, 20)),
}


def _ladder(what: str, given: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Yield the same plan for other margins, to see what precision costs."""
    name, values = _RUNGS[what]
    for value in values:
        plan = planning.planned(what, {**given, name: f"{value:g}"})
        yield {"value": f"{value:g}", "plan": plan}
