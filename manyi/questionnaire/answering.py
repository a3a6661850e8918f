"""What a respondent sees, and whether what was answered can be kept. Pure and total.

`answers` are normalised values of earlier checks (question code → value), `hidden` the hidden
fields that came with the link. Problems name the question (or `question.row`) and a code; their
params hold `question`, its title in the respondent's language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from manyi.kit.localtext import pick
from manyi.kit.problems import FieldProblem
from manyi.questionnaire.conditions import holds, is_absent
from manyi.questionnaire.model import Page, Question, Questionnaire
from manyi.questionnaire.values import clean, normal

Answers = Mapping[str, object]
HiddenValues = Mapping[str, str]
_TITLE = 80


@dataclass(frozen=True)
class Checked:
    """The answers that can be kept, and what is wrong with the others.

    `revealed` lists questions of the page that these answers have only now made visible and
    that were not answered: show the page again instead of going on.
    """

    values: dict[str, object]
    problems: tuple[FieldProblem, ...]
    revealed: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


# ── the path ──────────────────────────────────────────────────────────────────────────────


def visible_questions(
    q: Questionnaire, page: Page, answers: Answers, hidden: HiddenValues | None = None
) -> list[Question]:
    """Return what a page shows, in its fixed order; nothing where the page itself is hidden."""
    if not holds(page.show_if, answers, hidden):
        return []
    return [x for x in page.questions if holds(x.show_if, answers, hidden)]


def visible_pages(
    q: Questionnaire, answers: Answers, hidden: HiddenValues | None = None
) -> list[Page]:
    """Return the pages with something to show, in order."""
    return [p for p in q.pages if visible_questions(q, p, answers, hidden)]


def next_page(
    q: Questionnaire, answers: Answers, after: str | None, hidden: HiddenValues | None = None
) -> Page | None:
    """Return the first page to show after page `after` (None: from the start), or None: done."""
    place = _places(q).get(after, -1) if after is not None else -1
    shown = visible_pages(q, answers, hidden)
    return next((p for p in shown if _places(q)[p.code] > place), None)


def previous_page(
    q: Questionnaire, answers: Answers, before: str, hidden: HiddenValues | None = None
) -> Page | None:
    """Return the last page shown before page `before`, or None at the start."""
    place = _places(q).get(before, 0)
    shown = visible_pages(q, answers, hidden)
    return next((p for p in reversed(shown) if _places(q)[p.code] < place), None)


def prune(
    q: Questionnaire, answers: Answers, hidden: HiddenValues | None = None
) -> dict[str, object]:
    """Return `answers` without those to questions that are not, or no longer, on the path."""
    kept: dict[str, object] = {}
    for page in q.pages:
        if not holds(page.show_if, kept, hidden):
            continue
        for question in page.questions:
            value = answers.get(question.code)
            if not is_absent(value) and holds(question.show_if, kept, hidden):
                kept[question.code] = value
    return kept


def _places(q: Questionnaire) -> dict[str, int]:
    return {page.code: i for i, page in enumerate(q.pages)}


# ── checking ──────────────────────────────────────────────────────────────────────────────


def check_page(
    q: Questionnaire,
    page_code: str,
    raw: Mapping[str, object],
    answers: Answers,
    language: str,
    hidden: HiddenValues | None = None,
) -> Checked:
    """Check one page as it was sent; `answers` are those stored of the other pages.

    Answers to questions that the page does not show are dropped; codes that are not on the page
    are a problem. `values` holds this page's answers only.
    """
    page = q.page(page_code)
    if page is None:
        return Checked({}, (FieldProblem(str(page_code), "page_unknown", {}),))
    known = {x.code for x in page.questions}
    elsewhere = {code: v for code, v in answers.items() if code not in known}
    found = _walk([page], raw, elsewhere, hidden, _required)
    problems = _unknown(raw, known) + _titled(q, found.problems, language)
    revealed = _revealed(q, page, raw, answers, {**elsewhere, **found.values}, hidden)
    return Checked(found.values, tuple(problems), revealed)


def check_all(
    q: Questionnaire,
    raw: Mapping[str, object],
    language: str = "",
    hidden: HiddenValues | None = None,
) -> Checked:
    """Check a whole response at once; `values` are those of the questions on its path."""
    return _check(q, raw, language, hidden, _required)


def check_partial(
    q: Questionnaire,
    raw: Mapping[str, object],
    language: str = "",
    hidden: HiddenValues | None = None,
) -> Checked:
    """Check a response that may still be unfinished: nothing is missing, all else holds."""
    return _check(q, raw, language, hidden, _nothing_required)


def check_hidden(q: Questionnaire, raw: Mapping[str, object]) -> Checked:
    """Check hidden fields that a caller names itself; `forms.hidden_fields` reads a link's."""
    known = {h.code: h for h in q.hidden}
    values: dict[str, object] = {}
    problems: list[FieldProblem] = []
    for code, given in raw.items():
        text = clean(given) if isinstance(given, str) else ""
        if code not in known:
            problems.append(FieldProblem(f"hidden.{code}", "hidden_unknown", {"value": code[:60]}))
        elif given is not None and not isinstance(given, str):
            problems.append(FieldProblem(f"hidden.{code}", "text_expected", {}))
        elif len(text) > known[code].max_length:
            params = {"limit": known[code].max_length, "length": len(text)}
            problems.append(FieldProblem(f"hidden.{code}", "text_too_long", params))
        elif text:
            values[code] = text
    return Checked(values, tuple(problems))


Missing = Callable[[Question, object], list[FieldProblem]]


def _check(
    q: Questionnaire,
    raw: Mapping[str, object],
    language: str,
    hidden: HiddenValues | None,
    missing: Missing,
) -> Checked:
    known = {x.code for x in q.questions()}
    found = _walk(q.pages, raw, {}, hidden, missing)
    problems = _unknown(raw, known) + _titled(q, found.problems, language)
    return replace(found, problems=tuple(problems))


def _walk(
    pages: tuple[Page, ...] | list[Page],
    raw: Mapping[str, object],
    before: Answers,
    hidden: HiddenValues | None,
    missing: Missing,
) -> Checked:
    values: dict[str, object] = {}
    problems: list[FieldProblem] = []
    for page in pages:
        if not holds(page.show_if, {**before, **values}, hidden):
            continue
        for question in page.questions:
            if not holds(question.show_if, {**before, **values}, hidden):
                continue
            value, wrong = normal(question, raw.get(question.code))
            problems += wrong or missing(question, value)
            if value is not None:
                values[question.code] = value
    return Checked(values, tuple(problems))


def _required(question: Question, value: object) -> list[FieldProblem]:
    if not question.required or not question.asks:
        return []
    if question.kind == "consent" and value is not True:
        return [FieldProblem(question.code, "consent_required", {})]
    if question.kind != "matrix":
        return [FieldProblem(question.code, "required", {})] if value is None else []
    given = value if isinstance(value, Mapping) else {}
    open_rows = [row.code for row in question.rows if row.code not in given]
    return [FieldProblem(f"{question.code}.{row}", "required", {}) for row in open_rows]


def _nothing_required(question: Question, value: object) -> list[FieldProblem]:
    return []


def _revealed(
    q: Questionnaire,
    page: Page,
    raw: Mapping[str, object],
    stored: Answers,
    now: Answers,
    hidden: HiddenValues | None,
) -> tuple[str, ...]:
    was = {x.code for x in visible_questions(q, page, stored, hidden)}
    shown = visible_questions(q, page, now, hidden)
    return tuple(x.code for x in shown if x.code not in was and is_absent(raw.get(x.code)))


def _unknown(raw: Mapping[str, object], known: set[str]) -> list[FieldProblem]:
    strange = [str(code) for code in raw if code not in known]
    return [FieldProblem(code, "question_unknown", {"value": code[:60]}) for code in strange]


def _titled(
    q: Questionnaire, problems: tuple[FieldProblem, ...], language: str
) -> list[FieldProblem]:
    return [_with_title(q, problem, language) for problem in problems]


def _with_title(q: Questionnaire, problem: FieldProblem, language: str) -> FieldProblem:
    code, _, row_code = problem.pointer.partition(".")
    question = q.question(code)
    if question is None:
        return problem
    row = question.row(row_code)
    title = pick(row.label if row else question.title, language or q.language)[:_TITLE]
    return replace(problem, params={**problem.params, "question": title})
