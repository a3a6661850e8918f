"""Words of courtesy are no key words; what stands beside them still is."""

from __future__ import annotations

import pytest

from manyi.text.courtesy import is_courteous
from manyi.text.phrases import keywords


@pytest.mark.parametrize(
    "phrase", ["谢谢", "谢谢老板", "非常感谢", "您好", "请问", "thank", "thanks again", "hello"]
)
def test_courtesy_is_known(phrase: str) -> None:
    assert is_courteous(phrase)


@pytest.mark.parametrize("phrase", ["排队", "谢绝自带", "你好看", "thankless", "shipping", "辛苦"])
def test_other_words_are_not(phrase: str) -> None:
    assert not is_courteous(phrase)


def test_a_cloud_of_words_holds_no_thanks() -> None:
    said = [
        "您好，排队太久了，谢谢",
        "谢谢，收银排队很慢",
        "你好，今天又排队半小时，谢谢你们",
        "周末排队的人多，谢谢",
        "hello, the checkout was slow, thank you",
        "thank you, but the checkout took an hour",
        "slow checkout, thanks, thank you",
    ]
    found = {one.text for one in keywords(said)}
    assert {"排队", "checkout"} <= found
    assert not {one for one in found if "谢" in one or "thank" in one or "好" in one}
