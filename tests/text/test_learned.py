"""What corrections teach moves what they speak of, holds the rest, and is judged unseen."""

from __future__ import annotations

from functools import cache

import pytest

from manyi.kit.problems import Problem
from manyi.text import analyse, read_head
from manyi.text.corrected import Verdict, corrected
from manyi.text.learned import (
    Judged,
    Learned,
    Lesson,
    changed,
    cross_validated,
    learn,
    moved,
    relearned,
)

IRONY = [f"第{i}间的{w}真是太棒了呢" for i in range(10) for w in ("电视", "空调", "热水")]
PLAIN = [f"第{i}间的{w}很干净" for i in range(10) for w in ("床", "地毯", "浴室")]


def judged(texts: list[str]) -> list[Judged]:
    return [Judged(t, a.polarity, a.score) for t, a in zip(texts, analyse(texts), strict=True)]


@cache
def lessons() -> list[Lesson]:
    return [Lesson(one, -1) for one in judged(IRONY)]


@cache
def others() -> list[Judged]:
    return judged(PLAIN)


def test_a_head_learns_what_was_corrected_and_leaves_the_rest() -> None:
    head = learn(lessons(), others())
    asked = judged(["前台真是太棒了呢", "前台的床很干净", "早餐不错"])
    assert [one.polarity for one in asked] == ["positive"] * 3
    assert [label for label, _ in moved(head, asked)] == ["negative", "positive", "positive"]
    assert changed(head, others()) == 0
    assert head.to_bytes() == learn(lessons(), others()).to_bytes()


def test_scores_agree_with_their_labels() -> None:
    head = learn(lessons(), others())
    for label, score in moved(head, judged([*IRONY, *PLAIN, "一般", ""])):
        sense = 0 if abs(score) < 0.12 else 1 if score > 0 else -1
        assert ("negative", "neutral", "positive")[sense + 1] == label or abs(score) == 0.12


def test_relearned_keeps_places_and_names_the_model() -> None:
    head = read_head(learn(lessons(), others()).to_bytes())
    texts = ["电视真是太棒了呢", "", "床很干净"]
    plain = analyse(texts)
    said = relearned(texts, plain, Learned(3, texts=head, clauses=head))
    assert [one.polarity for one in said] == ["negative", "neutral", "positive"]
    assert said[0].model.endswith("+own-3")
    assert [(f.start, f.end) for one in said for f in one.findings] == [
        (f.start, f.end) for one in plain for f in one.findings
    ]
    assert said[1].findings == plain[1].findings == ()


def test_lessons_are_judged_by_heads_that_never_saw_them() -> None:
    tried = cross_validated(lessons(), others())
    assert not any(tried.before)
    assert sum(tried.after) >= 28
    # What contradicts itself cannot be learnt, and an honest judge says so.
    noise = [Lesson(one.judged, (-1, 1)[i % 2]) for i, one in enumerate(lessons())]
    assert sum(cross_validated(noise, others()).after) <= 22


def test_too_few_lessons_are_refused() -> None:
    with pytest.raises(Problem, match="lessons_too_few"):
        learn(lessons()[:19], others())


def test_verdicts_replace_add_and_take_away() -> None:
    text = "排队太久，服务员态度很好"
    [said] = analyse([text])
    found = corrected(
        text,
        said,
        [
            Verdict("polarity", "", 1),
            Verdict("aspect", "service.attitude", None),
            Verdict("aspect", "price.value", -1, (0, 2)),
            Verdict("intent", "leaving", 1),
            Verdict("intent", "complaint", None),
        ],
    )
    assert said.polarity == "negative"
    assert (found.polarity, found.score) == ("positive", 1.0)
    assert "service.attitude" not in [f.aspect for f in found.findings]
    assert found.findings[-1].aspect_at == ((0, 2),)
    assert "leaving" in found.intents
    assert "complaint" not in found.intents
    assert corrected(text, said, []) == said
