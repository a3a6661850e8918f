"""Themes nobody named are found weekly, keep their numbers, and what is new comes first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from django.test import Client

from manyi.accounts.actions import create_token
from manyi.accounts.models import AuditEntry
from manyi.accounts.permissions import scope
from manyi.feedback.analysing import analyse_waiting
from manyi.feedback.models import FeedbackRecord
from manyi.kit.problems import Forbidden, NotFound
from manyi.themes import actions, looking, queries
from manyi.themes.models import Look, UnnamedTheme
from tests.factories import NOW, House, stranger_house
from tests.voices import receive, voice
from tests.web.staff import logged_in, text

pytestmark = [pytest.mark.django_db, pytest.mark.db]

# NOW is a Sunday; the last week that is over began on the Monday before the last.
LAST = date(2026, 10, 19)
STANDING = [
    ("我想让孩子学{}", ["钢琴", "画画", "游泳", "书法"]),
    ("听邻居说{}要拆迁了", ["东边", "西边", "老楼", "学校"]),
    ("我们一家{}从老家赶过来", ["三口", "五口", "老小", "两口"]),
]
FRESH = ["外星人的机器狗撞了我", "机器狗乱跑吓坏老人", "昨天机器狗又乱跑", "门口看到机器狗追小狗"]
WHEN = "%Y-%m-%dT09:30:00+08:00"


def week_of(first: date, day: int) -> str:
    return (datetime.combine(first, datetime.min.time()) + timedelta(days=day % 7)).strftime(WHEN)


def said(home: House, first: date, texts: list[str], **values: Any) -> None:
    spoken = [
        voice(verbatim=one, occurred_at=week_of(first, n), source_ref=f"{first}-{n}", **values)
        for n, one in enumerate(texts)
    ]
    receive(home.alice, *spoken)


def standing(seed: int, n: int) -> list[str]:
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(n):
        sentence, words = STANDING[rng.integers(len(STANDING))]
        found.append(sentence.format(words[rng.integers(len(words))]))
    return found


@pytest.fixture
def heard(house: House) -> House:
    """Nine weeks of the same, and in the last one something that nobody said before."""
    for k in range(looking.WEEKS):
        said(house, LAST - k * looking.WEEK, standing(k, 40))
    said(house, LAST, [FRESH[n % 4] for n in range(16)], source="other")
    analyse_waiting(now=NOW)
    return house


def test_what_is_new_comes_first_and_the_rest_stands_still(heard: House) -> None:
    assert looking.look_due(NOW) == 1 and looking.look_due(NOW) == 0
    found = queries.looked(scope(heard.alice))
    assert found.look is not None and found.look.week == LAST
    rising = [one for one in found.themes if one.is_rising]
    assert len(rising) == 1 and found.themes[0] == rising[0]
    first = rising[0]
    assert "机器狗" in "".join(first.name)
    assert first.weeks[-1].n == 16 and first.rise is not None and first.rise.before == 0
    assert len(found.themes) >= 3
    examples = queries.examples(scope(heard.alice), first.number, at_most=5)
    assert {one.words for one in examples} <= set(FRESH) and len(examples) == 5


def test_silence_where_nothing_changed(house: House) -> None:
    for k in range(looking.WEEKS):
        said(house, LAST - k * looking.WEEK, standing(k, 40))
    analyse_waiting(now=NOW)
    assert looking.look_due(NOW) == 1
    themes = queries.looked(scope(house.alice)).themes
    assert len(themes) >= 3 and not any(one.is_rising for one in themes)


def test_a_theme_keeps_its_number_next_week(heard: House) -> None:
    looking.look_due(NOW)
    before = {one.number: one.name for one in queries.looked(scope(heard.alice)).themes}
    said(heard, LAST + looking.WEEK, standing(99, 40))
    analyse_waiting(now=NOW)
    assert looking.look_due(NOW + looking.WEEK) == 1
    after = {one.number: one for one in queries.looked(scope(heard.alice)).themes}
    kept = before.keys() & after.keys()
    assert len(kept) >= len(before) - 1
    assert not any(after[number].is_new for number in kept)
    assert Look.objects.count() == 2


def test_few_texts_make_no_theme(house: House) -> None:
    said(house, LAST, standing(1, 40))
    analyse_waiting(now=NOW)
    assert looking.look_due(NOW) == 1
    assert queries.looked(scope(house.alice)).themes == ()
    page = text(logged_in(house.alice).get("/themes/unnamed/"))
    assert "没有主题体系以外的主题" in page


def test_only_who_sees_the_whole_organisation_sees_them(heard: House) -> None:
    looking.look_due(NOW)
    number = queries.looked(scope(heard.alice)).themes[0].number
    with pytest.raises(Forbidden):
        queries.looked(scope(heard.bob))
    with pytest.raises(Forbidden):
        queries.examples(scope(heard.bob), number, at_most=5)
    charlie = stranger_house().charlie
    assert queries.looked(scope(charlie)).themes == ()
    assert queries.examples(scope(charlie), number, at_most=5) == []
    with pytest.raises(NotFound):
        queries.theme(scope(charlie), number)
    assert logged_in(heard.bob).get("/themes/unnamed/").status_code == 403
    assert "/themes/unnamed/" not in text(logged_in(heard.bob).get("/themes/"))
    assert "/themes/unnamed/" in text(logged_in(heard.alice).get("/themes/"))


def test_weeks_of_few_anonymous_people_are_not_told(heard: House) -> None:
    one = FeedbackRecord.objects.filter(verbatim__contains="机器狗").first()
    assert one is not None
    FeedbackRecord.objects.filter(pk=one.pk).update(is_anonymous=True)
    looking.look_due(NOW)
    themes = queries.looked(scope(heard.alice)).themes
    theme = next(t for t in themes if "机器狗" in "".join(t.name))
    assert theme.weeks[-1].n is None and theme.weeks[-1].share is None
    assert theme.rise is None and theme.senses is None and theme.n is None


def test_erased_and_changed_words_are_no_examples(heard: House) -> None:
    looking.look_due(NOW)
    theme = queries.looked(scope(heard.alice)).themes[0]
    (gone, *_), (changed, *_) = UnnamedTheme.objects.get(number=theme.number).voices[:2]
    FeedbackRecord.objects.filter(pk=gone).update(masked=None, verbatim="")
    FeedbackRecord.objects.filter(pk=changed).update(masked="改了")
    shown = queries.examples(scope(heard.alice), theme.number, at_most=50)
    assert len(shown) == 14 and not {gone, changed} & {one.record.pk for one in shown}


def test_pages_and_rest_show_the_same(heard: House, settings: Any, tmp_path: Any) -> None:
    looking.look_due(NOW)
    theme = queries.looked(scope(heard.alice)).themes[0]
    staff = logged_in(heard.alice)
    page = text(staff.get("/themes/unnamed/"))
    assert " · ".join(theme.name) in page and "上升" in page
    single = text(staff.get(f"/themes/unnamed/{theme.number}/"))
    assert "<mark>" in single and "机器狗" in single
    csv = staff.get("/themes/unnamed/", {"format": "csv"})
    assert csv.status_code == 200
    made = create_token(by=heard.alice, name="t", now=NOW)
    answer = Client(headers={"Authorization": f"Bearer {made[1]}"}).get("/api/v1/text/unnamed")
    (first, *_) = answer.json()["themes"]
    assert first["number"] == theme.number and first["is_rising"] is True
    assert first["weeks"][-1]["n"] == 16 and "机器狗" in first["examples"][0]


def test_a_theme_goes_to_the_taxonomy_editor(heard: House) -> None:
    looking.look_due(NOW)
    theme = queries.looked(scope(heard.alice)).themes[0]
    page = text(logged_in(heard.alice).get("/themes/taxonomy/", {"unnamed": theme.number}))
    assert f"own.u{theme.number} | {' · '.join(theme.name)}" in page


def test_all_clauses_are_looked_among_where_that_is_chosen(heard: House) -> None:
    looking.look_due(NOW)
    few = Look.objects.get()
    actions.look_among_all(by=heard.alice, now=NOW)
    UnnamedTheme.objects.all().delete()
    few.delete()
    looking.look_due(NOW)
    assert Look.objects.get().is_whole and Look.objects.get().clauses >= few.clauses
    with pytest.raises(Forbidden):
        actions.look_among_loose(by=heard.bob, now=NOW)
    deeds = AuditEntry.objects.filter(action__startswith="unnamed.")
    assert [deed.action for deed in deeds] == ["unnamed.among_all"]
