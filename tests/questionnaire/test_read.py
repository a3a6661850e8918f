"""A definition is read whole or refused with everything that is wrong, each with its pointer."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from manyi.kit.problems import Problem
from manyi.kit.sentences import SENTENCES
from manyi.packs.templates import names, template
from manyi.questionnaire.read import dump, load
from manyi.questionnaire.schema import ID, json_schema

from .made import choice, definition, every_kind, one, question, t

VALIDATOR = Draft202012Validator(json_schema())


def refusals(value: object) -> list[tuple[str, str]]:
    with pytest.raises(Problem) as caught:
        load(value)
    assert caught.value.code == "questionnaire.invalid"
    assert {e.code for e in caught.value.errors} <= set(SENTENCES)
    return [(e.pointer, e.code.removeprefix("questionnaire.")) for e in caught.value.errors]


def of_one(**changes: object) -> list[tuple[str, str]]:
    return refusals(definition([{**question("x", "rating"), **changes}]))


X = "/pages/0/questions/0"
LATER = {"question": "z", "is": "answered"}


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"kind": "slider"}, f"{X}/kind", "value_not_allowed"),
        ({"code": "a.b"}, f"{X}/code", "code_invalid"),
        ({"code": "1a"}, f"{X}/code", "code_invalid"),
        ({"code": "x" * 41}, f"{X}/code", "code_invalid"),
        ({"code": "NA"}, f"{X}/code", "code_reserved"),
        ({"code": "lang"}, f"{X}/code", "code_reserved"),
        ({"title": {"en": "only"}}, f"{X}/title", "text_missing"),
        ({"title": {"zh-Hans": "a", "en": "b", "fr": "c"}}, f"{X}/title", "language_unknown"),
        ({"title": t("x" * 2001)}, f"{X}/title", "text_long"),
        ({"title": 3}, f"{X}/title", "field_type"),
        ({"required": "yes"}, f"{X}/required", "field_type"),
        ({"choices": []}, f"{X}/choices", "field_unknown"),
        ({"scale": [1, 1]}, f"{X}/scale", "scale_invalid"),
        ({"scale": [0, 101]}, f"{X}/scale", "scale_invalid"),
        ({"scale": [True, 5]}, f"{X}/scale", "scale_invalid"),
        ({"labels": [t("a")]}, f"{X}/labels", "labels_count"),
        ({"labels": "satisfaction_5"}, f"{X}/labels", "labels_count"),
        ({"labels": "nice"}, f"{X}/labels", "value_not_allowed"),
        ({"look": "faces"}, f"{X}/look", "look_too_many"),
        ({"look": "labels"}, f"{X}/labels", "field_required"),
        ({"metric": "ces"}, f"{X}/metric", "scale_fixed"),
        ({"metric": "none", "item": "y"}, f"{X}/item", "item_without_metric"),
        ({"top_box": list(range(11))}, f"{X}/top_box", "top_box_invalid"),
        ({"top_box": [12]}, f"{X}/top_box", "top_box_invalid"),
        ({"show_if": {"question": "x", "is": "answered"}}, f"{X}/show_if", "reference_later"),
        ({"show_if": LATER}, f"{X}/show_if", "reference_unknown"),
        ({"show_if": {"question": "z", "is": "like"}}, f"{X}/show_if/is", "value_not_allowed"),
        ({"show_if": {"all": []}}, f"{X}/show_if/all", "field_required"),
        ({"show_if": {"hidden": "h", "is": "answered"}}, f"{X}/show_if", "reference_unknown"),
        ({"title": t("{{nobody|x}}")}, f"{X}/title", "reference_unknown"),
    ],
)
def test_a_wrong_question_is_refused_with_its_pointer(changes, pointer, code):
    assert (pointer, code) in of_one(**changes)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"languages": []}, "/languages", "languages_invalid"),
        ({"languages": ["en", "en"]}, "/languages", "languages_invalid"),
        ({"schema": 2}, "/schema", "schema_unknown"),
        ({"colour": "red"}, "/colour", "field_unknown"),
        ({"a/b~c": 1}, "/a~1b~0c", "field_unknown"),
        ({"pages": []}, "/pages", "no_questions"),
        ({"pages": {}}, "/pages", "field_type"),
        ({"thanks": {"redirect": "javascript:alert(1)"}}, "/thanks/redirect", "redirect_invalid"),
        ({"thanks": {"redirect": "//evil.example"}}, "/thanks/redirect", "redirect_invalid"),
        ({"hidden": [{"code": "x"}]}, "/hidden/0/code", "code_taken"),
        ({"hidden": [{"code": "source"}]}, "/hidden/0/code", "code_reserved"),
    ],
)
def test_a_wrong_survey_is_refused_with_its_pointer(changes, pointer, code):
    assert (pointer, code) in refusals({**definition([question("x", "rating")]), **changes})


def test_everything_wrong_is_named_at_once():
    wrong = definition([question("x y", "rating"), question("z", "single", choices=[])])
    assert len(refusals(wrong)) == 2


@pytest.mark.parametrize(
    ("questions", "pointer", "code"),
    [
        ([question("x", "nps"), question("X", "nps")], "/pages/0/questions/1/code", "code_taken"),
        (
            [question("x", "nps", item="o"), question("y", "nps", item="o")],
            "/pages/0/questions/1/item",
            "item_taken",
        ),
        (
            [question("x", "single", choices=[choice("a"), choice("a")])],
            f"{X}/choices/1/code",
            "code_taken",
        ),
        (
            [question("x", "single", choices=[choice("na")])],
            f"{X}/choices/0/code",
            "code_reserved",
        ),
        (
            [question("x", "single", choices=[choice("other")])],
            f"{X}/choices/0/code",
            "code_reserved",
        ),
        (
            [question("x", "single", choices=[choice("a", other=True), choice("b", other=True)])],
            f"{X}/choices",
            "other_twice",
        ),
        ([question("x", "matrix", rows=[choice("text")])], f"{X}/rows/0/code", "code_reserved"),
        ([question("x", "number", min=3, max=2)], f"{X}/max", "bounds_reversed"),
        ([question("x", "date", min="20200101")], f"{X}/min", "field_type"),
        ([question("x", "multiple", min_choices=3)], f"{X}/max_choices", "bounds_reversed"),
        ([question("x", "statement")], "/pages", "no_questions"),
    ],
)
def test_contradictions_are_refused(questions, pointer, code):
    assert (pointer, code) in refusals(definition(questions))


@pytest.mark.parametrize(
    ("kind", "condition", "code"),
    [
        ("single", {"is": "equals", "value": "z"}, "reference_value"),
        ("single", {"is": "in", "value": ["a", "z"]}, "reference_value"),
        ("single", {"is": "at_least", "value": 1}, "operator_unfit"),
        ("single", {"is": "includes", "value": "a"}, "operator_unfit"),
        ("single", {"is": "equals", "value": "na"}, "reference_value"),
        ("nps", {"is": "equals", "value": 11}, "reference_value"),
        ("nps", {"is": "equals", "value": True}, "reference_value"),
        ("matrix", {"is": "equals", "value": 0}, "reference_row"),
        ("matrix", {"row": "r9", "is": "equals", "value": 0}, "reference_unknown"),
        ("consent", {"is": "equals", "value": "yes"}, "reference_value"),
        ("statement", {"is": "answered"}, "reference_unknown"),
    ],
)
def test_a_condition_must_be_able_to_hold(kind, condition, code):
    show_if = {"question": "x", **condition}
    value = definition([question("x", kind)], [question("y", "nps", show_if=show_if)])
    assert ("/pages/1/questions/0/show_if", code) in refusals(value)


def test_a_mixed_page_cannot_depend_on_itself():
    show_if = {"question": "x", "is": "equals", "value": 0}
    value = definition([question("x", "nps"), question("y", "nps", show_if=show_if)])
    load(value)
    value["pages"][0]["order"] = "random"
    assert refusals(value) == [("/pages/0/questions/1/show_if", "reference_later")]


def test_large_and_foreign_values_are_refused():
    many = [question(f"x{i}", "nps") for i in range(201)]
    assert ("/pages/0/questions", "too_many") in refusals(definition(many))
    halves = definition(many[:150], many[150:])
    assert ("/pages", "too_many") in refusals(halves)
    assert refusals({"title": "x" * 600_000}) == [("", "too_large")]
    assert refusals({"title": {1, 2}}) == [("", "not_json")]
    assert refusals({"title": "a\x00b"}) == [("", "not_json")]
    assert refusals({"title": "a\ud800b"}) == [("", "not_json")]
    assert ("", "field_type") in refusals([])
    assert ("", "field_type") in refusals(None)


def test_a_plain_text_belongs_to_the_only_language():
    q = load(
        {
            "languages": ["en"],
            "title": "Hello",
            "pages": [{"code": "p", "questions": [{"code": "x", "kind": "nps", "title": "How?"}]}],
        }
    )
    assert q.title == {"en": "Hello"}
    assert q.pages[0].questions[0].required is False


def test_defaults_follow_the_kind():
    _, rating = one("rating", scale=None)
    assert (rating.points(), rating.metric, rating.item) == ((1, 2, 3, 4, 5), "csat", "x")
    _, turned = one("rating", scale=[5, 1], labels="satisfaction_5")
    assert turned.label_of(5)["en"] == "Very dissatisfied"
    assert turned.look == "labels"
    _, text = one("long_text")
    assert (text.metric, text.item) == (None, "")


def rich() -> dict[str, object]:
    q = dump(
        every_kind(
            intro=t("Hello"),
            consent_notice=t("Notice"),
            thanks={"text": t("Bye {{nps|x}}"), "redirect": "https://example.org/a?b=1"},
            hidden=[{"code": "order"}, {"code": "ref", "max_length": 9}],
        )
    )
    conditions = {
        "all": [
            {"question": "nps", "is": "in", "value": [0, 1]},
            {"not": {"question": "matrix", "row": "r1", "is": "at_least", "value": 0}},
            {"any": [{"hidden": "order", "is": "answered"}]},
        ]
    }
    q["pages"][1]["show_if"] = conditions
    q["pages"][0]["order"] = "random"
    return q


def test_dump_is_the_inverse_of_load():
    value = rich()
    q = load(value)
    assert dump(q) == value
    assert load(dump(q)) == q


@pytest.mark.parametrize("name", names())
def test_templates_are_valid_and_canonical(name):
    value = template(name)
    VALIDATOR.validate(value)
    assert dump(load(value)) == value


def test_the_schema_is_a_schema_without_a_host():
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == ID
    VALIDATOR.validate(rich())
    assert not VALIDATOR.is_valid({**rich(), "colour": "red"})
    assert not VALIDATOR.is_valid(definition([{**question("x", "nps"), "choices": []}]))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 12) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_broken_definition_is_refused_or_read_but_never_raises_otherwise(data):
    value = copy.deepcopy(rich())
    spot = value
    for _ in range(data.draw(st.integers(0, 6))):
        keys = list(spot) if isinstance(spot, dict) else range(len(spot))
        inner = [k for k in keys if isinstance(spot[k], (dict, list)) and spot[k]]
        if not inner:
            break
        spot = spot[data.draw(st.sampled_from(inner))]
    keys = list(spot) if isinstance(spot, dict) else list(range(len(spot)))
    spot[data.draw(st.sampled_from(keys))] = data.draw(JSON)
    try:
        q = load(value)
    except Problem as problem:
        assert problem.errors
        return
    VALIDATOR.validate(value)
    assert load(dump(q)) == q
