"""Polarity, emotion, intents and findings on sentences of our own."""

from __future__ import annotations

from pathlib import Path

import pytest

from manyi.kit.problems import Problem
from manyi.text import Aspect, analyse, pack, packs, store, taxonomy, terms
from manyi.text.cars import cars

OWN = Path(taxonomy.__file__).parent / "taxonomies" / "clauses.txt"


@pytest.mark.parametrize(
    ("text", "polarity"),
    [
        ("味道好极了，下次还来", "positive"),
        ("服务员爱答不理，等了一个钟头", "negative"),
        ("質量太差，用兩天就壞了", "negative"),
        ("東西很好，物流也快", "positive"),
        ("The staff were rude and the food was cold", "negative"),
        ("Excellent hotel, friendly staff", "positive"),
        ("请问你们几点开门", "neutral"),
    ],
)
def test_polarity(text: str, polarity: str) -> None:
    assert analyse([text])[0].polarity == polarity


def test_each_clause_has_its_own_aspect_polarity_and_words() -> None:
    text = "房间很干净，但是早餐太差！"
    found = analyse([text], taxonomy="hotel")[0].findings
    said = {f.aspect: f.polarity for f in found}
    assert said["room.comfort"] == "positive"
    assert said["room.breakfast"] == "negative"
    breakfast = next(f for f in found if f.aspect == "room.breakfast")
    assert [text[a:b] for a, b in breakfast.aspect_at] == ["早餐"]
    assert [text[a:b] for a, b in breakfast.opinion_at] == ["太差"]
    assert text[breakfast.start : breakfast.end] == "但是早餐太差"


def test_places_point_into_the_text_as_written() -> None:
    text = "ＷＩＦＩ\u200b太慢，早 餐\u200b太差"
    for finding in analyse([text], taxonomy="hotel")[0].findings:
        for start, end in finding.aspect_at:
            assert text[start:end].strip()


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("建议多放几把椅子", "suggestion"),
        ("怎么开发票？", "question"),
        ("请尽快派人来修", "request"),
        ("电梯困人了，紧急", "urgent"),
        ("再也不来了，太差", "leaving"),
        ("不解决我就打12315投诉你们，太过分了", "escalation"),
        ("太过分了，我要投诉", "complaint"),
        ("感谢李师傅，服务非常好", "praise"),
        ("I will never again order here, awful service", "leaving"),
    ],
)
def test_intent(text: str, intent: str) -> None:
    assert intent in analyse([text])[0].intents


def test_thanks_in_a_complaint_are_no_praise() -> None:
    found = analyse(["态度恶劣，东西是坏的，谢谢你们浪费我时间，垃圾"])[0]
    assert "praise" not in found.intents
    assert "complaint" in found.intents


def test_own_clauses_are_mostly_understood() -> None:
    rows = [line.split("|") for line in OWN.read_text("utf-8").splitlines()]
    right = agreed = 0
    for trade, aspect, polarity, text in rows:
        found = analyse([text], taxonomy=trade)[0].findings
        right += aspect in {f.aspect for f in found}
        agreed += polarity in {f.polarity for f in found}
    assert right >= 0.7 * len(rows)
    assert agreed >= 0.6 * len(rows)


def test_every_trade_has_names_in_both_languages_and_words() -> None:
    for code in packs():
        chosen = pack(code)
        assert len(chosen.aspects) >= 10
        for aspect in chosen.aspects:
            assert set(aspect.name) == {"zh-Hans", "en"}
            assert aspect.words
            assert aspect.group in taxonomy.groups()


def test_own_aspects_come_first() -> None:
    own = Aspect("own.slide", {"zh-Hans": "滑梯", "en": "Slide"}, ("滑梯", "slide"))
    chosen = pack("retail").extended([own])
    found = analyse(["滑梯坏了"], taxonomy=chosen)[0].findings
    assert found[0].aspect == "own.slide"


def test_an_unknown_trade_is_refused() -> None:
    with pytest.raises(Problem, match="taxonomy_unknown"):
        analyse(["好"], taxonomy="zoo")


def test_worthless_texts_have_no_findings() -> None:
    found = analyse(["asdfgh jklasdf qwerty", "专业代开发票，加微信kaipiao88"])
    assert [a.findings for a in found] == [(), ()]
    assert [a.emotion for a in found] == [None, None]


def test_the_model_names_itself() -> None:
    assert analyse(["好吃"])[0].model == store.version()


def test_terms_pair_opinion_and_aspect() -> None:
    text = "服务员态度很热情，就是环境有点吵"
    found = terms([text])[0]
    pairs = {(text[slice(*t.aspect)], t.polarity) for t in found.opinions if t.aspect}
    assert pairs == {("服务员", "positive"), ("环境", "negative")}
    assert [text[a:b] for a, b in found.aspects] == ["服务员", "环境"]


def test_cars_have_aspects_and_one_polarity() -> None:
    found = cars(["油耗太高了，加速也肉", "外观很漂亮"])
    assert "car.consumption" in found[0]
    assert found[1].keys() == {"product.look"}
    assert all(len(set(said.values())) == 1 for said in found)


@pytest.mark.parametrize(
    ("trade", "said", "spoken_of"),
    [
        ("hotel", "服务方面还可以，酒店对面就是地铁，里面很干净", False),
        ("hotel", "他们老是让我和老公等，去香港也没这么久，淡季人少，空气中有油漆味", False),
        ("hotel", "楼下的面很好，里面的菜也好", True),
        ("restaurant", "质量方面没得说，牛肉面很香", True),
    ],
)
def test_a_word_inside_another_that_means_something_else_is_not_meant(
    trade: str, said: str, spoken_of: bool
) -> None:
    found = analyse([said], taxonomy=trade)[0].findings
    assert ("food.taste" in {one.aspect for one in found}) == spoken_of
    assert all("面" not in said[a:b] or said[a - 1 : b] in ("的面", "肉面") for f in found
               for a, b in f.aspect_at if b - a == 1)  # fmt: skip


def test_other_words_hide_short_ones_alone_and_are_of_no_trade() -> None:
    (found,) = analyse(["房间很脏，心脏病人慎住"], taxonomy="hotel")
    assert [one.end for one in found.findings if one.aspect == "environment.clean"] == [4]
    for one in taxonomy.aspects().values():
        short = {word for word in one.words if len(word) == 1}
        assert all(short & set(word) and len(word) > 1 for word in one.besides), one.code
        assert not set(one.besides) & set(one.words), one.code
