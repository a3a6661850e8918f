"""JSON to a Questionnaire: everything that people's input must keep is checked here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from manyi.kit.problems import FieldProblem, Problem
from manyi.kit.scale import Scale
from manyi.questionnaire import model as m
from manyi.questionnaire.consistent import inconsistencies
from manyi.questionnaire.fields import Fields, is_language, is_web_address
from manyi.questionnaire.marks import mark
from manyi.questionnaire.read_condition import condition
from manyi.questionnaire.write import dump

__all__ = ["dump", "load"]

# `na` and `text` are parts of form fields, `lang` and `source` of links, `hidden` of piping.
RESERVED = frozenset({m.NA, m.OTHER, "text", "lang", "source", "hidden"})
RESERVED_CHOICES = frozenset({m.NA})
RESERVED_ROWS = frozenset({m.NA, "text"})
MOST_FACES, MOST_STARS = 7, 10


def load(value: object) -> m.Questionnaire:
    """Return the questionnaire that the JSON `value` describes.

    Raises Problem("questionnaire.invalid") with a JSON pointer for everything that is wrong.
    """
    _refuse_large(value)
    errors: list[FieldProblem] = []
    top = Fields(value, "", errors, ())
    top.languages = _languages(top)
    q = _questionnaire(top)
    errors += [] if errors else inconsistencies(q)
    if errors:
        raise Problem("questionnaire.invalid", errors=tuple(errors))
    return q


def _refuse_large(value: object) -> None:
    size = _size(value)
    if 0 <= size <= m.MAX_BYTES:
        return
    code = "questionnaire.not_json" if size < 0 else "questionnaire.too_large"
    errors = (FieldProblem("", code, {"limit": m.MAX_BYTES}),)
    raise Problem("questionnaire.invalid", errors=errors)


def _size(value: object) -> int:
    """Return the bytes of `value` as JSON, -1 where it is none that a database can hold."""
    try:
        text = json.dumps(value, ensure_ascii=False)
        size = len(text.encode())
    except (TypeError, ValueError, RecursionError):
        return -1
    # PostgreSQL's jsonb has no NUL.
    return -1 if "\\u0000" in text else size


def _languages(top: Fields) -> tuple[str, ...]:
    found = top.take("languages")
    if (
        isinstance(found, (list, tuple))
        and 0 < len(found) <= m.MAX_LANGUAGES
        and all(is_language(tag) for tag in found)
        and len(set(found)) == len(found)
    ):
        return tuple(found)
    top.wrong("languages", "languages_invalid")
    return ()


def _questionnaire(top: Fields) -> m.Questionnaire:
    version = top.take("schema")
    if version is not None and (version != 1 or version is True):
        top.wrong("schema", "schema_unknown")
    q = m.Questionnaire(
        title=top.needed_text("title"),
        languages=top.languages,
        pages=tuple(_page(one) for one in top.children("pages", m.MAX_PAGES)),
        intro=top.text("intro"),
        thanks=_thanks(top.child("thanks")) if top.has("thanks") else m.Thanks(),
        consent_notice=top.text("consent_notice"),
        hidden=tuple(_hidden(one) for one in top.children("hidden", m.MAX_HIDDEN)),
        models=tuple(mark(one) for one in top.children("models", m.MAX_MODELS)),
    )
    top.take("thanks")
    top.finish()
    return q


def _thanks(fields: Fields) -> m.Thanks:
    redirect = fields.take("redirect")
    if redirect is not None and not is_web_address(redirect):
        fields.wrong("redirect", "redirect_invalid")
    thanks = m.Thanks(fields.text("text"), redirect)
    fields.finish()
    return thanks


def _hidden(fields: Fields) -> m.Hidden:
    code = fields.code(reserved=RESERVED)
    hidden = m.Hidden(code, fields.count("max_length", 1, m.MAX_TEXT) or 200)
    fields.finish()
    return hidden


def _page(fields: Fields) -> m.Page:
    page = m.Page(
        code=fields.code(),
        questions=tuple(_question(one) for one in fields.children("questions", m.MAX_QUESTIONS)),
        title=fields.text("title"),
        show_if=condition(fields, "show_if"),
        order=fields.one_of("order", m.ORDERS, "fixed"),
    )
    fields.finish()
    return page


def _question(fields: Fields) -> m.Question:
    kind = fields.one_of("kind", m.KINDS, "statement")
    if not fields.has("kind"):
        fields.wrong("kind", "field_required")
    x = m.Question(
        code=fields.code(reserved=RESERVED),
        kind=kind,
        title=fields.needed_text("title"),
        help=fields.text("help"),
        show_if=condition(fields, "show_if"),
    )
    if x.asks:
        x = replace(x, required=fields.flag("required"), touchpoint=fields.string("touchpoint", 64))
    if kind not in ("statement", "consent"):
        x = replace(x, allow_na=fields.flag("allow_na"))
    x = replace(x, **_PARTS[kind](fields, kind))
    fields.finish()
    return replace(x, item=x.item or x.code) if x.metric is not None else x


Part = dict[str, Any]


def _nothing(fields: Fields, kind: str) -> Part:
    return {}


def _scaled(fields: Fields, kind: str) -> Part:
    scale = _scale(fields, kind)
    labels = _labels(fields, scale)
    look = fields.one_of("look", m.LOOKS, "labels" if labels else "numbers")
    if look == "labels" and not labels:
        fields.wrong("labels", "field_required")
    most = {"stars": MOST_STARS, "faces": MOST_FACES}.get(look, m.MAX_POINTS)
    if len(scale.points()) > most:
        fields.wrong("look", "look_too_many", limit=most)
    ends = fields.child("ends") if fields.has("ends") else None
    part = {"scale": scale, "labels": labels, "look": look, **_ends(ends)}
    return {**part, **_scoring(fields, kind, scale)}


def _scale(fields: Fields, kind: str) -> Scale:
    default = m.DEFAULT_SCALES.get(kind, m.RATING_SCALE)
    found = fields.take("scale")
    if found is None:
        return default
    scale = _read_scale(found)
    if scale is None:
        fields.wrong("scale", "scale_invalid", limit=m.MAX_POINTS)
        return default
    if kind in ("nps", "ces") and (scale.low, scale.high) != (default.low, default.high):
        fields.wrong("scale", "scale_fixed", low=int(default.low), high=int(default.high))
    if kind == "nps" and scale.worst > scale.best:
        fields.wrong("scale", "scale_fixed", low=0, high=10)
    return scale


def _read_scale(found: object) -> Scale | None:
    if not isinstance(found, (list, tuple)) or len(found) != 2:
        return None
    if not all(isinstance(v, int) and not isinstance(v, bool) for v in found):
        return None
    worst, best = found
    if worst == best or max(abs(worst), abs(best)) > 1000 or abs(worst - best) >= m.MAX_POINTS:
        return None
    return Scale(worst, best)


def _labels(fields: Fields, scale: Scale) -> tuple[Mapping[str, str], ...]:
    found = fields.take("labels")
    if found is None:
        return ()
    if isinstance(found, str):
        return _label_set(fields, found, scale)
    if not isinstance(found, (list, tuple)) or len(found) != len(scale.points()):
        fields.wrong("labels", "labels_count", expected=len(scale.points()))
        return ()
    labels = tuple(fields.local(f"labels/{i}", one) for i, one in enumerate(found))
    if not all(labels):
        fields.wrong("labels", "labels_count", expected=len(scale.points()))
    return labels


def _label_set(fields: Fields, name: str, scale: Scale) -> tuple[Mapping[str, str], ...]:
    labels = m.LABEL_SETS.get(name, ())
    if not labels:
        allowed = ", ".join(m.LABEL_SETS)
        fields.wrong("labels", "value_not_allowed", value=name[:60], allowed=allowed)
    elif len(labels) != len(scale.points()):
        fields.wrong("labels", "labels_count", expected=len(scale.points()))
    for tag in fields.languages:
        if labels and tag not in labels[0]:
            fields.wrong("labels", "text_missing", language=tag)
    return labels


def _ends(fields: Fields | None) -> Part:
    if fields is None:
        return {}
    part = {"worst_label": fields.text("worst"), "best_label": fields.text("best")}
    fields.finish()
    return part


def _scoring(fields: Fields, kind: str, scale: Scale) -> Part:
    fields.take("ends")
    metric: str | None = m.DEFAULT_METRICS[kind]
    if kind == "rating":
        metric = fields.one_of("metric", (*m.METRICS, "none"), "csat")
        _check_metric(fields, metric, scale)
    elif kind == "matrix":
        metric = fields.one_of("metric", ("csat", "none"), "csat")
    metric = None if metric == "none" else metric
    item = fields.code_or_none("item") or ""
    if item and metric is None:
        fields.wrong("item", "item_without_metric")
    return {"metric": metric, "item": item, "top_box": _top_box(fields, scale)}


def _check_metric(fields: Fields, metric: str, scale: Scale) -> None:
    if metric == "nps" and (scale.worst, scale.best) != (0, 10):
        fields.wrong("metric", "scale_fixed", low=0, high=10)
    if metric == "ces" and (scale.low, scale.high) != (1, 7):
        fields.wrong("metric", "scale_fixed", low=1, high=7)


def _top_box(fields: Fields, scale: Scale) -> frozenset[float] | None:
    found = fields.take("top_box")
    if found is None:
        return None
    good = isinstance(found, (list, tuple)) and 0 < len(found) < len(scale.points())
    if not good or not all(v in scale.points() and not isinstance(v, bool) for v in found):
        fields.wrong("top_box", "top_box_invalid")
        return None
    return frozenset(float(v) for v in found)


def _choosing(fields: Fields, kind: str) -> Part:
    part: Part = {
        "choices": _choices(fields, "choices"),
        "choice_order": fields.one_of("choice_order", m.ORDERS, "fixed"),
    }
    if kind == "multiple":
        part["min_choices"] = fields.count("min_choices", 1, m.MAX_CHOICES)
        part["max_choices"] = fields.count("max_choices", 1, m.MAX_CHOICES)
    return part


def _choices(fields: Fields, key: str) -> tuple[m.Choice, ...]:
    found = fields.children(key, m.MAX_CHOICES)
    if not found:
        fields.wrong(key, "field_required")
    return tuple(_choice(one, key) for one in found)


def _choice(fields: Fields, key: str) -> m.Choice:
    reserved = RESERVED_ROWS if key == "rows" else RESERVED_CHOICES
    code, label = fields.code(reserved=reserved), fields.needed_text("label")
    choice = m.Choice(code, label)
    if key != "rows":
        choice = m.Choice(code, label, fields.flag("other"), fields.flag("exclusive"))
    fields.finish()
    return choice


def _matrix(fields: Fields, kind: str) -> Part:
    rows = {
        "rows": _choices(fields, "rows"),
        "row_order": fields.one_of("row_order", m.ORDERS, "fixed"),
    }
    if not fields.has("choices"):
        fields.take("choices")
        return {**rows, **_scaled(fields, kind)}
    return {**rows, "choices": _choices(fields, "choices")}


def _text(fields: Fields, kind: str) -> Part:
    return {"max_length": fields.count("max_length", 1, 20_000)}


def _number(fields: Fields, kind: str) -> Part:
    low, high = fields.number("min"), fields.number("max")
    if low is not None and high is not None and high < low:
        fields.wrong("max", "bounds_reversed")
    return {"min": low, "max": high, "whole": fields.flag("whole")}


def _dates(fields: Fields, kind: str) -> Part:
    first, last = _day(fields, "min"), _day(fields, "max")
    if first is not None and last is not None and last < first:
        fields.wrong("max", "bounds_reversed")
    return {"earliest": first, "latest": last}


def _day(fields: Fields, key: str) -> date | None:
    found = fields.take(key)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found)
    except (TypeError, ValueError):
        day = None
    # fromisoformat alone would also take 20261101.
    if day is None or day.isoformat() != found:
        fields.wrong(key, "field_type", expected="date")
    return day


_PARTS = {
    "rating": _scaled,
    "nps": _scaled,
    "ces": _scaled,
    "single": _choosing,
    "multiple": _choosing,
    "matrix": _matrix,
    "short_text": _text,
    "long_text": _text,
    "number": _number,
    "date": _dates,
    "statement": _nothing,
    "consent": _nothing,
}
