"""A survey's results, ready for their template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from manyi.charts import Five, box, days
from manyi.kit.localtext import pick
from manyi.kit.period import INTERVALS
from manyi.kit.selection import ATTRIBUTE, Selection
from manyi.metrics.guard import limits
from manyi.metrics.rows import OK, Row
from manyi.questionnaire.model import Question
from manyi.reports import results, splits
from manyi.reports.amounts import amounts, days_named
from manyi.reports.dashboards import attempt, kind_of
from manyi.reports.results import Asked, Counted, Grid, Received, Results, Said, Scaled
from manyi.stats.result import Estimate
from manyi.surveys.models import Survey
from manyi.web import chosen, downloads, filters, numbers
from manyi.web.context import language
from manyi.web.results import drawn
from manyi.web.results.splitting import split_shown
from manyi.web.voices import may_read, record_href

AT_ONCE = 20_000
"""With more answers than this each question's card is fetched when it comes into view."""


def results_of(request: Any, survey: Survey, selection: Selection) -> dict[str, Any]:
    """Return everything that the page of a survey's results shows."""
    found = Results(survey, selection)
    questions = results.asked(survey)
    head = attempt(lambda: results.received(survey, selection))
    later = head.value is None or head.value.total > AT_ONCE
    q = results.current(survey)
    return {
        "survey": survey,
        "title": survey.title_in(language()),
        "answer": _answer(head.value, survey, found),
        "head": head,
        "received": _received(head.value),
        "limits": limits(selection.scope),
        **numbers.counting(found.mine),
        "chips": list(_chips(request, selection, questions)),
        "clear": _without_filters(request),
        "downloads": [*downloads.choices(request), *downloads.single_answers(request, found.mine)],
        "inbox": f"{_page('feedback')}?{found.mine.query()}" if may_read(request) else "",
        "cards": [_placed(request, found, one, later=later) for one in questions],
        "split_by": request.GET.get("split", ""),
        "split_choices": _split_choices(splits.choices(q)),
        "split": attempt(lambda: split_shown(request, found.mine, questions)),
        "kept": [(k, v) for k, vs in request.GET.lists() for v in vs if k not in _OWN],
        "survey_url": _page("surveys-one", survey.code),
        "share_url": _page("surveys-share", survey.code),
    }


_OWN = frozenset({"split", "format"})


def _page(name: str, *args: str) -> str:
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _answer(head: Received | None, survey: Survey, found: Results) -> str:
    if head is None:
        return _("The numbers could not be computed just now; the answers are safe.")
    if head.total == 0:
        return _("Nobody has answered yet.")
    said = {"total": f"{head.total:,}", "few": found.limits.privacy_n}
    row = head.completion.row if head.completion else None
    if row is None:
        return _("Answers received so far: %(total)s; none of them is in this selection.") % said
    if row.n is None and head.total < found.limits.privacy_n:
        return (
            _(
                "Answers received: %(total)s. The survey is anonymous, so results appear "
                "from %(few)s answers on."
            )
            % said
        )
    if row.n is None:
        return (
            _("Answers received: %(total)s. This selection is too small to stay anonymous.") % said
        )
    said["n"] = f"{row.n:,}"
    return _("Answers in this selection: %(n)s; received so far: %(total)s.") % said


def _received(head: Received | None) -> dict[str, Any] | None:
    if head is None:
        return None
    done = head.completion
    return {
        "total": head.total,
        "completion": numbers.figure_of(done.row) if done else None,
        "seconds": head.seconds,
        "languages": [(numbers.group("language", code), n) for code, n in head.languages],
        "versions": head.versions if len(head.versions) > 1 else [],
    }


def _split_choices(codes: list[str]) -> list[tuple[str, str]]:
    return [(code, split_name(code)) for code in codes]


def split_name(code: str) -> str:
    """Return what to split by is called."""
    names = {"week": _("Week"), "month": _("Month"), "quarter": _("Quarter")}
    return names[code] if code in INTERVALS else numbers.dimension(code)


def card_of(request: Any, survey: Survey, code: str, selection: Selection) -> dict[str, Any] | None:
    """Return the card of one question; None where the survey does not ask it."""
    one = next((a for a in results.asked(survey) if a.question.code == code), None)
    if one is None:
        return None
    return _placed(request, Results(survey, selection), one, later=False)


def _placed(request: Any, found: Results, one: Asked, *, later: bool) -> dict[str, Any]:
    x = one.question
    head = {
        "code": x.code,
        "title": pick(x.title, language(), x.code),
        "kind": x.kind,
        "gone_since": one.gone_since,
        "few": found.limits.precision_n,
    }
    if later:
        address = reverse("results-question", args=[found.survey.code, x.code])
        return head | {"later": f"{address}?{request.GET.urlencode()}"}
    link = _link(request, found.survey)
    return head | {"part": attempt(lambda: _card(request, found, x, link))}


def _link(request: Any, survey: Survey) -> drawn.Link:
    page = reverse("results-one", args=[survey.code])

    def link(question: str, code: str) -> str:
        params = request.GET.copy()
        key = f"answer:{question}"
        there = params.getlist(key) == [code]
        params.pop(key, None)
        if not there:
            params[key] = code
        return f"{page}?{params.urlencode()}"

    return link


def _card(request: Any, found: Results, x: Question, link: drawn.Link) -> dict[str, Any]:
    told, few = found.of(x), found.limits.precision_n
    about = numbers.about
    match told:
        case Scaled():
            shown = [_number(code, row, about(code, row, found.mine)) for code, row in told.numbers]
            chart = drawn.scaled(x, told, link, few=few)
            strip = drawn.nps(told, few=few) if x.metric == "nps" else None
            return {"row": told.row, "numbers": shown, "chart": chart, "strip": strip}
        case Grid():
            return {"grid": _grid(told), "chart": drawn.grid(x, told, link)}
        case Counted():
            chart = drawn.counted(x, told, link, few=few)
            return {"row": told.row, "chart": chart} | _amounts(found, x, told)
        case Said() if x.kind == "date":
            named = days_named(found.kept, x.code) if told.latest else []
            drawn_days = {"picture": days(named, language=language())} if named else None
            return {"row": told.row, "chart": drawn_days}
        case Said():
            mine = told.latest if _sees_answers(request) else ()
            latest = [(words, day, record_href(pk)) for words, day, pk in mine]
            return {
                "row": told.row,
                "latest": latest,
                "is_text": True,
                "may": _sees_answers(request),
            }


def _sees_answers(request: Any) -> bool:
    """Whether the member may read single answers: they are shown as they were written."""
    return bool(request.scope.sees_text) and may_read(request)


def _amounts(found: Results, x: Question, told: Counted) -> dict[str, Any]:
    """Return mean and median of a number question, and the box of its answers."""
    if x.kind != "number" or not told.row.ok:
        return {}
    given = amounts(found.kept, x.code)
    if given is None:
        return {}
    named = ((_("Mean"), given.mean), (_("Median"), given.median))
    five = Five(
        given.low, given.quarter, given.median.value or 0.0, given.three_quarters, given.high
    )
    return {
        "numbers": [_amount(name, one, found.mine) for name, one in named],
        "box": box(five, language=language()),
    }


def _amount(name: str, one: Estimate, mine: Selection) -> dict[str, Any]:
    row = Row({}, None, None, OK, one)
    about = [(_("Selection"), numbers.selected(mine)), (_("Base"), f"n {one.n:,}")]
    return {
        "name": name,
        "row": numbers.figure_of(row),
        "kind": "mean",
        "about": about,
        "help": f"{reverse('methods')}#mean",
        "copy": f"{name} {numbers.written(one, 'mean')}",
    }


def _number(code: str, row: Any, about: Any) -> dict[str, Any]:
    name = str(numbers.METRIC_NAMES[code])
    return {
        "name": name,
        "row": numbers.figure_of(row),
        "kind": kind_of(code),
        "about": about,
        "help": numbers.help_for(code),
        "copy": f"{name} {numbers.written(row.estimate, kind_of(code))}",
    }


def _grid(found: Grid) -> list[dict[str, Any]]:
    return [
        {"label": pick(one.label, language(), one.code), "row": numbers.figure_of(one.index)}
        for one in found.rows
    ]


def _chips(request: Any, selection: Selection, questions: list[Asked]) -> Iterator[dict[str, Any]]:
    """Yield the filters in force; unit and period stand in the frame already."""
    known = {one.question.code: one.question for one in questions}
    for key, codes in selection.answers.items():
        yield {
            "label": chosen.question(known.get(key.partition(".")[0]), key),
            "value": _(", ").join(chosen.answer(known, key, code) for code in codes),
            "href": filters.address(request, **{f"answer:{key}": None}),
        }
    for dimension, codes in selection.where.items():
        if dimension not in ("unit", "survey"):
            yield {
                "label": numbers.dimension(dimension),
                "value": _(", ").join(numbers.group(dimension, code) for code in codes),
                "href": filters.address(request, **{dimension: None}),
            }


def _without_filters(request: Any) -> str:
    kept = {k: None for k in request.GET if k.startswith(("answer:", ATTRIBUTE)) or k == "channel"}
    return filters.address(request, **kept)
