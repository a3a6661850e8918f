"""Random order that is stored, and piping that never breaks a page."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from manyi.questionnaire.effort import count_questions, estimate_seconds
from manyi.questionnaire.order import draw, ordered_choices, ordered_questions, ordered_rows
from manyi.questionnaire.piping import fill
from manyi.questionnaire.read import load

from .made import choice, definition, every_kind, one, question, survey, t


def mixed():
    letters = [choice(c) for c in "abcdefgh"]
    last = [choice("other", other=True), choice("none", exclusive=True)]
    value = definition(
        [
            question("hello", "statement"),
            *[question(f"n{i}", "nps") for i in range(6)],
            question("m", "multiple", choices=[*letters, *last], choice_order="random"),
            question("g", "matrix", rows=letters, row_order="random"),
        ]
    )
    value["pages"][0]["order"] = "random"
    return load(value)


@pytest.mark.parametrize("make", [random.Random, np.random.default_rng])
def test_an_order_is_drawn_once_and_can_be_stored(make):
    q = mixed()
    order = draw(q, make(7))
    assert order == draw(q, make(7))
    assert order != draw(q, make(8))
    stored = json.loads(json.dumps(order))
    page = q.pages[0]
    assert [x.code for x in ordered_questions(page, stored)] == order["pages"]["p1"]
    choices = [c.code for c in ordered_choices(q.question("m"), stored)]
    assert sorted(choices[:8]) == list("abcdefgh")
    assert choices != [*"abcdefgh", "other", "none"]
    assert choices[8:] == ["other", "none"]
    assert sorted(c.code for c in ordered_rows(q.question("g"), stored)) == list("abcdefgh")
    assert ordered_questions(page, stored)[0].code == "hello"


def test_every_place_is_reached():
    q, rng = mixed(), random.Random(1)
    firsts = {draw(q, rng)["choices"]["m"][0] for _ in range(200)}
    assert firsts == set("abcdefgh")


def test_what_is_fixed_is_not_drawn_and_an_old_order_still_works():
    q, x = one("single")
    assert draw(q, random.Random(1)) == {}
    fixed = [c.code for c in x.choices]
    for order in (None, {}, {"choices": {}}, {"choices": {"x": ["gone"]}}):
        assert [c.code for c in ordered_choices(x, order)] == fixed
    assert [c.code for c in ordered_choices(x, {"choices": {"x": ["b"]}})] == ["b", "a", "other"]


PIPES = [
    ("{{nps|?}}", {"nps": 0}, "0"),
    ("{{nps|none yet}}", {}, "none yet"),
    ("{{nps}}", {}, ""),
    ("{{nps|x}}", {"nps": {"na": True}}, "x"),
    ("{{single|x}}", {"single": "a"}, "A"),
    ("{{single|x}}", {"single": {"code": "other", "text": "the queue"}}, "the queue"),
    ("{{multiple|x}}", {"multiple": ["a", "b"]}, "A, B"),
    ("{{multiple|x}}", {"multiple": {"codes": ["a", "other"], "other": "me"}}, "A, me"),
    ("{{matrix.r1|x}}", {"matrix": {"r1": 0}}, "0"),
    ("{{matrix|x}}", {"matrix": {"r1": 0}}, "x"),
    ("{{short_text}}!", {"short_text": "<b>{{nps}}</b>\nline"}, "<b>{{nps}}</b> line!"),
    ("{{hidden.name|friend}}", {}, "Wang"),
    ("{{hidden.gone|friend}}", {}, "friend"),
    ("{{nobody|x}} {{ broken }", {}, "x {{ broken }"),
    ("{{ nps | spaced }}", {}, "spaced"),
    ("{{consent|x}}", {"consent": True}, "x"),
]


@pytest.mark.parametrize(("text", "answers", "said"), PIPES)
def test_pipes(text, answers, said):
    assert fill({"en": text}, every_kind(), answers, "en", {"name": "Wang"}) == said


def test_pipes_speak_the_respondents_language():
    q = every_kind()
    text = {"zh-Hans": "因为{{multiple|它}}", "en": "as {{multiple|it}}"}
    assert fill(text, q, {"multiple": ["a", "b"]}, "zh-Hans") == "因为中A、中B"
    assert fill(text, q, {}, "zh-Hans") == "因为它"
    _, rated = one("rating", scale=None, labels="satisfaction_5")
    labelled = survey([question("x", "rating", scale=None, labels="satisfaction_5")])
    assert rated.label_of(1)["zh-Hans"] == "非常不满意"
    assert fill("{{x}}", labelled, {"x": 1}, "zh-Hans") == "非常不满意"


def test_the_ends_of_a_scale_are_not_its_answers():
    q, _ = one("nps", ends={"worst": t("Never"), "best": t("Surely")})
    assert fill("{{x}}", q, {"x": 0}, "en") == "0"


def test_effort_grows_with_what_is_asked():
    short, _ = one("nps")
    full = every_kind()
    assert 5 <= estimate_seconds(short) < estimate_seconds(full, "en")
    assert estimate_seconds(full) % 5 == 0
    assert count_questions(full) == 11
