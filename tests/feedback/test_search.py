"""Words are found before and after indexing, in Chinese and English, inside the scope alone."""

from __future__ import annotations

import pytest

from manyi.feedback import queries, search
from manyi.feedback.models import FeedbackRecord
from manyi.kit.period import Period
from manyi.kit.selection import Selection, parse
from tests.factories import NOW, House, house, stranger_house
from tests.voices import rated, receive, voice

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def home() -> House:
    home = house()
    receive(
        home.alice,
        voice(source_ref="queue", verbatim="结账排队太久了，房间很贵", unit="N-001"),
        voice(source_ref="english", verbatim="The Queue was long, WiFi fine", unit="S-001"),
        voice(source_ref="clean", verbatim="很干净", unit="N-002"),
    )
    return home


def found(home: House, words: str) -> set[str]:
    rows = queries.inbox(Selection(home.scope()), words=words)
    return set(rows.values_list("source_ref", flat=True))


@pytest.mark.parametrize(
    ("words", "refs"),
    [
        ("排队", {"queue"}),
        ("排队太久", {"queue"}),
        ("太久排队", set()),
        ("贵", {"queue"}),
        ("净", {"clean"}),
        ("queue", {"english"}),
        ("wifi long", {"english"}),
        ("很", {"queue", "clean"}),
        ("房间 排队", {"queue"}),
        ('"; DROP TABLE x --', set()),
    ],
)
@pytest.mark.parametrize("indexed", [False, True])
def test_words_are_found(home: House, words: str, refs: set[str], indexed: bool) -> None:
    if indexed:
        assert search.index_waiting() == 3
        assert search.index_waiting() == 0
    assert found(home, words) == refs


def test_a_change_is_found_by_its_new_words(home: House) -> None:
    search.index_waiting()
    receive(home.alice, voice(source_ref="clean", verbatim="有异味", unit="N-002"))
    assert found(home, "异味") == {"clean"}
    search.index_waiting()
    assert found(home, "异味") == {"clean"}
    assert found(home, "干净") == set()


def test_strangers_find_nothing(home: House) -> None:
    search.index_waiting()
    abroad = stranger_house()
    assert not queries.inbox(Selection(abroad.scope()), words="排队").exists()


def test_filters_narrow(home: House) -> None:
    receive(home.alice, rated(0, metric="nps", source_ref="zero", channel="chat", unit="N-001"))
    scope = home.scope()

    def refs(query: dict[str, list[str]], **bounds: float) -> set[str]:
        rows = queries.inbox(parse(scope, query), **bounds)
        return set(rows.values_list("source_ref", flat=True))

    assert refs({"unit": ["N"]}) == {"queue", "clean", "zero"}
    assert refs({"channel": ["chat"]}) == {"zero"}
    assert refs({}, index_lte=0) == {"zero"}
    assert refs({}, index_gte=75) == {"queue", "english", "clean"}
    today = NOW.date()
    assert queries.records(Selection(scope, when=Period(today, today))).count() == 0


def test_words_that_were_taken_back_find_nothing(home: House) -> None:
    search.index_waiting()
    for value in (2, 3):
        receive(home.alice, rated(value, source_ref="queue", verbatim=None, unit="N-001"))
    assert FeedbackRecord.objects.get(source_ref="queue").verbatim == ""
    search.index_waiting()
    assert found(home, "排队") == set()
    assert search.index_waiting() == 0
