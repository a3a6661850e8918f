"""A Questionnaire to JSON: the shortest form that `read.load` reads back to an equal value."""

from __future__ import annotations

from typing import Any

from manyi.kit.localtext import LocalText
from manyi.kit.scale import Scale
from manyi.questionnaire import model as m
from manyi.questionnaire.marks import dump_mark
from manyi.questionnaire.values import tidy_number

Json = dict[str, Any]


def dump(q: m.Questionnaire) -> Json:
    """Return `q` as JSON-able data; `load(dump(q)) == q`. What equals its default is left out."""
    return {
        "schema": q.schema,
        "languages": list(q.languages),
        "title": dict(q.title),
        **_given(intro=dict(q.intro), consent_notice=dict(q.consent_notice)),
        **_given(hidden=[_hidden(h) for h in q.hidden]),
        **_given(models=[dump_mark(one) for one in q.models]),
        "pages": [_page(page) for page in q.pages],
        **_given(thanks=_given(text=dict(q.thanks.text), redirect=q.thanks.redirect)),
    }


def dump_condition(condition: m.Condition) -> Json:
    match condition:
        case m.All(of):
            return {"all": [dump_condition(one) for one in of]}
        case m.Either(of):
            return {"any": [dump_condition(one) for one in of]}
        case m.Not(of):
            return {"not": dump_condition(of)}
        case m.Compare():
            return _compare(condition)


def _compare(one: m.Compare) -> Json:
    about = {"hidden": one.question} if one.hidden else {"question": one.question}
    value = list(one.value) if isinstance(one.value, tuple) else one.value
    shown = {} if value is None else {"value": value}
    return {**about, **_given(row=one.row), "is": one.op, **shown}


def _given(**values: Any) -> Json:
    """Return what is not empty. Only for values where empty means absent, never for numbers."""
    return {key: v for key, v in values.items() if v is not None and v != {} and v not in ([], "")}


def _flags(**values: bool) -> Json:
    return {key: True for key, v in values.items() if v}


def _hidden(hidden: m.Hidden) -> Json:
    default = m.Hidden(hidden.code).max_length
    length = {} if hidden.max_length == default else {"max_length": hidden.max_length}
    return {"code": hidden.code, **length}


def _page(page: m.Page) -> Json:
    show_if = {} if page.show_if is None else {"show_if": dump_condition(page.show_if)}
    return {
        "code": page.code,
        **_given(title=dict(page.title)),
        **show_if,
        **_order(order=page.order),
        "questions": [_question(x) for x in page.questions],
    }


def _order(**orders: str) -> Json:
    return {key: v for key, v in orders.items() if v != "fixed"}


def _question(x: m.Question) -> Json:
    show_if = {} if x.show_if is None else {"show_if": dump_condition(x.show_if)}
    return {
        "code": x.code,
        "kind": x.kind,
        "title": dict(x.title),
        **_given(help=dict(x.help)),
        **_flags(required=x.required, allow_na=x.allow_na),
        **show_if,
        **_given(rows=[_choice(c) for c in x.rows], choices=[_choice(c) for c in x.choices]),
        **_order(row_order=x.row_order, choice_order=x.choice_order),
        **_scaled(x),
        **_bounds(x),
        **_given(touchpoint=x.touchpoint),
    }


def _choice(choice: m.Choice) -> Json:
    flags = _flags(other=choice.other, exclusive=choice.exclusive)
    return {"code": choice.code, "label": dict(choice.label), **flags}


def _scaled(x: m.Question) -> Json:
    if x.scale is None:
        return {}
    ends = _given(worst=dict(x.worst_label), best=dict(x.best_label))
    top = None if x.top_box is None else sorted(tidy_number(v) for v in x.top_box)
    own_item = x.item if x.metric is not None and x.item != x.code else ""
    look = "" if x.look == ("labels" if x.labels else "numbers") else x.look
    return {
        **_scale(x.scale, m.DEFAULT_SCALES.get(x.kind, m.RATING_SCALE)),
        **_given(labels=_labels(x.labels), look=look, ends=ends, item=own_item, top_box=top),
        **({} if x.metric == m.DEFAULT_METRICS[x.kind] else {"metric": x.metric or "none"}),
    }


def _scale(scale: Scale, default: Scale) -> Json:
    return {} if scale == default else {"scale": [int(scale.worst), int(scale.best)]}


def _labels(labels: tuple[LocalText, ...]) -> Any:
    known = next((name for name, words in m.LABEL_SETS.items() if words == labels), None)
    return known or [dict(one) for one in labels]


def _bounds(x: m.Question) -> Json:
    low: Any = x.earliest.isoformat() if x.earliest else x.min
    high: Any = x.latest.isoformat() if x.latest else x.max
    numbers = {
        "min": tidy_number(low) if isinstance(low, float) else low,
        "max": tidy_number(high) if isinstance(high, float) else high,
        "min_choices": x.min_choices,
        "max_choices": x.max_choices,
        "max_length": x.max_length,
    }
    return {**{k: v for k, v in numbers.items() if v is not None}, **_flags(whole=x.whole)}
