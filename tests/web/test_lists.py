"""Lists: sorted by their heads, with the columns that the member chose."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from manyi.accounts import actions
from manyi.accounts.models import SavedView, Unit
from tests.factories import NOW, House
from tests.voices import made, published, receive, voice
from tests.web.staff import logged_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(house: House) -> Client:
    return logged_in(house.alice, "en")


def names(page: str) -> list[str]:
    """Return the first cells of a list's rows."""
    rows = re.findall(r'class="card-title-cell[^>]*>(.*?)</t[hd]>', page, re.DOTALL)
    return [re.sub(r"<[^>]+>|\s+", " ", row).strip() for row in rows]


def shown(client: Client, path: str, **query: Any) -> list[str]:
    return names(text(client.get(path, query)))


def test_units_are_sorted_by_size_and_those_without_one_come_last(
    alice: Client, house: House
) -> None:
    Unit.objects.update(size=None)
    for unit, size in ((house.north_1, 20), (house.south_1, 0), (house.north, 5)):
        Unit.objects.filter(pk=unit.pk).update(size=size)
    rising, falling = (shown(alice, "/units/", sort=s) for s in ("size", "-size"))
    assert rising[:3] == falling[:3][::-1]
    assert rising[3:] == falling[3:]
    page = text(alice.get("/units/", {"sort": "-size"}))
    assert re.search(r'aria-sort="descending"><a class="sorts" href="\?sort=size"', page)


def test_what_cannot_be_sorted_by_stays_in_its_own_order(alice: Client, house: House) -> None:
    assert shown(alice, "/units/", sort="zone") == shown(alice, "/units/")
    assert shown(alice, "/units/", sort="no-such") == shown(alice, "/units/")


def test_members_surveys_and_imports_are_sorted(alice: Client, house: House) -> None:
    by_role = shown(alice, "/settings/members/", sort="role")
    assert by_role == shown(alice, "/settings/members/", sort="-role")[::-1] or len(by_role) > 6
    made(house.alice, "nps")
    survey = published(house.alice, "csat").survey
    receive(house.alice, voice())
    assert survey.title_in("en") in shown(alice, "/surveys/", sort="title")[0]
    for key in ("state", "-done", "share", "-last", "created"):
        assert len(shown(alice, "/surveys/", sort=key)) == 2
    for key in ("file", "-total", "state", "when"):
        assert alice.get("/imports/", {"sort": key}).status_code == 200


def test_customers_are_walked_by_number_in_either_direction(alice: Client, house: House) -> None:
    sent = [
        voice(customer={"ref": f"C-{n:03}", "name": f"C-{n:03}"}, unit="N-001") for n in range(120)
    ]
    receive(house.alice, *sent, voice(customer={"name": "Z", "phone": "13800000001"}))
    for sort in ("ref", "-ref", "updated", "-updated"):
        path, seen = f"/customers/?sort={sort}", []
        while path:
            page = text(alice.get(path))
            seen += names(page)
            following = re.search(r'rel="next" href="([^"]+)"', page)
            path = "/customers/" + following[1].replace("&amp;", "&") if following else ""
        assert len(seen) == len(set(seen)) == 121, sort
        if sort.endswith("ref"):
            assert seen[-1] == "Z"
            assert seen[:-1] == sorted(seen[:-1], reverse=sort == "-ref")


def test_the_inbox_is_read_from_the_oldest_there_and_back(alice: Client, house: House) -> None:
    sent = [
        voice(verbatim=f"word{n:03}", occurred_at=f"2026-10-{1 + n // 24:02}T{n % 24:02}:00:00Z")
        for n in range(120)
    ]
    receive(house.alice, *sent)
    every = "/feedback/?from=2026-01-01&to=2026-12-31&sort=when"
    path, seen, last = every, [], ""
    while path:
        last, page = path, text(alice.get(path))
        seen += re.findall(r">(word\d+)<", page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = "/feedback/" + following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"word{n:03}" for n in range(120)]
    back = re.search(r'rel="prev" href="([^"]+)"', text(alice.get(last)))
    assert back is not None
    earlier = text(alice.get("/feedback/" + back[1].replace("&amp;", "&")))
    assert re.findall(r">(word\d+)<", earlier) == seen[50:100]


def test_columns_are_chosen_kept_shared_and_forgotten(alice: Client, house: House) -> None:
    assert 'data-label="Code"' in text(alice.get("/units/"))
    sent = {"cols": ["size", "zone"], "query": "q=a&sort=-size"}
    answer = alice.post("/lists/units/columns/", sent)
    assert answer["Location"] == "/units/?q=a&sort=-size&cols=size%2Czone"
    page = text(alice.get("/units/"))
    assert 'data-label="Code"' not in page
    assert 'data-label="Time zone"' in page
    # The address wins, and a colleague's own choice is untouched.
    assert 'data-label="Code"' in text(alice.get("/units/", {"cols": "code"}))
    assert 'data-label="Code"' in text(logged_in(house.bob, "en").get("/units/"))
    shared = text(logged_in(house.bob, "en").get("/units/", {"cols": "zone"}))
    assert 'data-label="Code"' not in shared
    alice.post("/lists/units/columns/", {"reset": "1", "query": ""})
    assert 'data-label="Code"' in text(alice.get("/units/"))
    assert not SavedView.objects.exists()


def test_no_other_list_and_no_other_page_can_be_named(alice: Client) -> None:
    assert alice.post("/lists/nothing/columns/", {}).status_code == 404
    answer = alice.post("/lists/units/columns/", {"query": "//evil.example", "cols": ["a"]})
    assert answer["Location"].startswith("/units/?")


def test_kept_columns_are_no_views_of_the_inbox(alice: Client, house: House) -> None:
    alice.post("/lists/feedback/columns/", {"cols": ["unit"]})
    receive(house.alice, voice(occurred_at=NOW.isoformat()))
    assert "My views" not in text(alice.get("/feedback/"))
    actions.save_view(by=house.alice, page="feedback", name="Mine", query="score=low")
    assert "Mine" in text(alice.get("/feedback/"))
