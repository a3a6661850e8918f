"""HTML form fields and links to raw values. Pure; nothing here decides whether a value is good.

Fields: `q.CODE`, `q.CODE.ROW` (matrix), `q.CODE.text` (other), `q.CODE.na` (not applicable).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from manyi.questionnaire.model import (
    NA,
    NUMBER_KINDS,
    TEXT_KINDS,
    Question,
    Questionnaire,
)
from manyi.questionnaire.values import clean, normal

Fields = Mapping[str, Sequence[str]]
_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def field_name(question: str, part: str = "") -> str:
    """Return the name of a form field: q.CODE or q.CODE.PART."""
    return f"q.{question}.{part}" if part else f"q.{question}"


def from_form(q: Questionnaire, page_code: str, form: Fields) -> dict[str, object]:
    """Return the raw values of a page's fields; questions left blank are absent."""
    page = q.page(page_code)
    found = {x.code: _raw(x, form) for x in (page.questions if page else ()) if x.asks}
    return {code: value for code, value in found.items() if value is not None}


def to_form(question: Question, value: object) -> dict[str, list[str]]:
    """Return the fields that show a normalised value again; `from_form` reads them back."""
    name = field_name(question.code)
    if isinstance(value, Mapping) and question.kind == "matrix":
        return {field_name(question.code, row): [_shown(cell)] for row, cell in value.items()}
    if isinstance(value, Mapping):
        return _mapping_fields(question.code, value)
    if isinstance(value, (list, tuple)):
        return {name: [str(code) for code in value]}
    return {} if value is None else {name: [_shown(value)]}


def prefill(q: Questionnaire, query: Fields) -> tuple[dict[str, object], dict[str, str]]:
    """Return the answers and hidden fields of a link's query; what cannot be used is ignored."""
    answers = {}
    for x in q.questions():
        value, problems = normal(x, _from_link(x, query))
        if value is not None and not problems:
            answers[x.code] = value
    return answers, hidden_fields(q, query)


def hidden_fields(q: Questionnaire, query: Fields) -> dict[str, str]:
    """Return the hidden fields that `q` knows, cut to their lengths."""
    found = {h.code: clean(_last(query.get(h.code)))[: h.max_length] for h in q.hidden}
    return {code: text for code, text in found.items() if text}


def _from_link(x: Question, query: Fields) -> object:
    # A link may pick a rating or a choice; words are the respondent's own to write.
    if not x.asks or x.kind in ("matrix", "consent", *TEXT_KINDS):
        return None
    codes = [code for given in query.get(x.code, ()) for code in given.split(",")]
    return _raw(x, {field_name(x.code): codes if x.kind == "multiple" else codes[-1:]})


def _raw(x: Question, form: Fields) -> object:
    name = field_name(x.code)
    if _last(form.get(field_name(x.code, NA))):
        return {"na": True}
    if x.kind == "matrix":
        cells = {row.code: _cell(x, form.get(field_name(x.code, row.code))) for row in x.rows}
        return {code: cell for code, cell in cells.items() if cell is not None} or None
    text = _last(form.get(field_name(x.code, "text"))).strip()
    if x.kind == "multiple":
        return _multiple(x, form.get(name, ()), text)
    given = _last(form.get(name))
    if given == NA and x.kind not in TEXT_KINDS:
        return {"na": True}
    return _single(x, given, text) if x.kind == "single" else _plain(x, given)


def _plain(x: Question, given: str) -> object:
    if x.kind in NUMBER_KINDS:
        return _number(given)
    if x.kind == "consent":
        return _consent(given)
    return given if given.strip() else None


def _consent(given: str) -> object:
    word = given.strip().lower()
    if word in _TRUE:
        return True
    return False if word in _FALSE else given or None


def _number(given: str) -> object:
    # NFKC: a Chinese keyboard may type the full-width digits １２.
    plain = unicodedata.normalize("NFKC", given).strip()
    try:
        return float(plain) if plain else None
    except ValueError:
        return given


def _single(x: Question, given: str, text: str) -> object:
    other = x.other_choice
    if text and other and given in ("", other.code):
        return {"code": other.code, "text": text}
    return given or None


def _multiple(x: Question, given: Sequence[str], text: str) -> object:
    codes = [code for code in given if code]
    if NA in codes:
        return {"na": True}
    other = x.other_choice
    if text and other:
        return {"codes": [*codes, *({other.code} - set(codes))], "other": text}
    return codes or None


def _cell(x: Question, given: Sequence[str] | None) -> object:
    code = _last(given)
    if code == NA:
        return {"na": True}
    return _number(code) if x.scale is not None else code or None


def _mapping_fields(code: str, value: Mapping[str, object]) -> dict[str, list[str]]:
    if value.get("na") is True:
        return {field_name(code, NA): ["1"]}
    text = {field_name(code, "text"): [str(value.get("text", value.get("other", "")))]}
    codes = value.get("codes", [value.get("code")])
    return {field_name(code): [str(c) for c in codes], **text}  # type: ignore[attr-defined]


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return NA if isinstance(value, Mapping) else str(value)


def _last(given: Sequence[str] | None) -> str:
    return next((text for text in reversed(given or ()) if text), "")
