"""A survey's life: drafted, published, changed, closed, copied, deleted; and who may see it."""

from __future__ import annotations

import copy
import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

import pytest

from manyi.accounts.models import AuditEntry
from manyi.accounts.permissions import scope
from manyi.feedback.submit import Context, submit_all
from manyi.kit.problems import Forbidden, NotFound, Problem
from manyi.surveys import actions, qr, queries, wire
from manyi.surveys.models import Survey, SurveyVersion
from tests.factories import NOW, House, stranger_house

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=1)
DEFINITION: dict[str, Any] = {
    "languages": ["zh-Hans", "en"],
    "title": {"zh-Hans": "回访", "en": "Follow-up"},
    "pages": [
        {
            "code": "one",
            "questions": [
                {"code": "nps", "kind": "nps", "title": {"zh-Hans": "推荐？", "en": "Recommend?"}}
            ],
        }
    ],
}


def changed() -> dict[str, Any]:
    definition = copy.deepcopy(DEFINITION)
    definition["pages"][0]["questions"][0]["required"] = True
    return definition


def draft(house: House, **settings: Any) -> Survey:
    return actions.create(by=house.alice, definition=DEFINITION, now=NOW, **settings)


def test_a_draft_takes_its_title_from_the_questionnaire(house: House) -> None:
    survey = draft(house)
    assert survey.title == DEFINITION["title"]
    assert survey.state == "draft" and not survey.code.isdigit()
    assert queries.public(survey.code, NOW).state == "unknown"
    assert draft(house, title="我的问卷").title == {"zh-Hans": "我的问卷"}


def test_a_wrong_definition_names_its_faults(house: House) -> None:
    with pytest.raises(Problem) as caught:
        actions.create(by=house.alice, definition={"languages": ["en"]}, now=NOW)
    assert caught.value.code == "questionnaire.invalid" and caught.value.errors


def test_an_unchanged_draft_keeps_its_version_and_a_changed_one_gets_a_new(house: House) -> None:
    survey = draft(house)
    first = actions.publish(by=house.alice, survey=survey, now=NOW)
    assert actions.publish(by=house.alice, survey=survey, now=LATER) == first
    actions.update_draft(by=house.alice, survey=survey, definition=changed(), now=LATER)
    first.refresh_from_db()
    assert "required" not in first.definition["pages"][0]["questions"][0]
    second = actions.publish(by=house.alice, survey=survey, now=LATER)
    assert (first.number, second.number) == (1, 2)
    assert queries.public(survey.code, LATER).version == second
    assert second.published_by == house.alice.user.display_name


def test_being_anonymous_is_part_of_the_version(house: House) -> None:
    survey = draft(house)
    actions.publish(by=house.alice, survey=survey, now=NOW)
    actions.update_draft(by=house.alice, survey=survey, is_anonymous=False, now=LATER)
    assert queries.public(survey.code, NOW).version.is_anonymous  # type: ignore[union-attr]
    assert actions.publish(by=house.alice, survey=survey, now=LATER).number == 2


def test_closing_and_reopening_shows_at_once(house: House) -> None:
    survey = draft(house)
    with pytest.raises(Problem, match=r"survey\.unpublished"):
        actions.reopen(by=house.alice, survey=survey, now=NOW)
    actions.publish(by=house.alice, survey=survey, now=NOW)
    assert queries.public(survey.code, NOW).state == "open"
    actions.close(by=house.alice, survey=survey, now=NOW)
    assert queries.public(survey.code, NOW).state == "closed"
    actions.reopen(by=house.alice, survey=survey, now=NOW)
    assert queries.public(survey.code, NOW).state == "open"


def test_opening_times_hold_to_the_moment(house: House) -> None:
    survey = draft(house, opens_at=NOW, closes_at=LATER)
    actions.publish(by=house.alice, survey=survey, now=NOW)
    second = timedelta(seconds=1)
    moments = (NOW - second, NOW, LATER - second, LATER)
    states = [queries.public(survey.code, at).state for at in moments]
    assert states == ["not_yet", "open", "open", "closed"]


def test_settings_that_do_not_fit_are_refused(house: House) -> None:
    stranger = stranger_house()
    for settings, pointer in (
        ({"opens_at": LATER, "closes_at": NOW}, "closes_at"),
        ({"response_limit": 0}, "response_limit"),
        ({"unit": stranger.root}, "unit"),
        ({"touchpoint": stranger.repair}, "touchpoint"),
    ):
        with pytest.raises(Problem) as caught:
            draft(house, **settings)
        assert [e.pointer for e in caught.value.errors] == [pointer]


def test_a_copy_is_a_draft_of_its_own(house: House) -> None:
    survey = draft(house, touchpoint=house.repair, is_anonymous=False)
    actions.publish(by=house.alice, survey=survey, now=NOW)
    other = actions.duplicate(by=house.alice, survey=survey, now=LATER)
    assert other.code != survey.code and other.state == "draft" and other.current is None
    assert other.definition == survey.definition and other.touchpoint == house.repair
    assert other.title == {"zh-Hans": "回访（副本）", "en": "Follow-up (copy)"}


def test_only_a_survey_nobody_answered_is_deleted(house: House) -> None:
    unused, used = draft(house), draft(house)
    for survey in (unused, used):
        actions.publish(by=house.alice, survey=survey, now=NOW)
    version = used.current
    assert version is not None
    submit_all(version, "s-1", {"nps": 0}, context=Context(language="en"), now=NOW)
    actions.delete(by=house.alice, survey=unused, now=NOW)
    with pytest.raises(Problem, match=r"survey\.answered"):
        actions.delete(by=house.alice, survey=used, now=NOW)
    used.refresh_from_db()
    assert used.current == version
    assert not SurveyVersion.objects.exclude(survey=used).exists()


def test_whoever_may_not_edit_is_refused(house: House) -> None:
    survey = draft(house)
    for by in (house.bob, house.viewer, house.agent, house.external):
        with pytest.raises(Forbidden):
            actions.publish(by=by, survey=survey, now=NOW)
        with pytest.raises(Forbidden):
            actions.create(by=by, definition=DEFINITION, now=NOW)


def test_every_deed_is_written_down(house: House) -> None:
    survey = draft(house)
    actions.publish(by=house.alice, survey=survey, now=NOW)
    actions.close(by=house.alice, survey=survey, now=NOW)
    actions.close(by=house.alice, survey=survey, now=NOW)
    deeds = AuditEntry.objects.filter(target=f"survey:{survey.code}")
    assert [d.action for d in deeds] == ["survey.create", "survey.publish", "survey.close"]


def test_each_sees_their_own(house: House) -> None:
    everywhere, north = draft(house), draft(house, unit=house.north)
    south = draft(house, unit=house.south_1)
    assert set(queries.surveys(scope(house.bob))) == {everywhere, north}
    assert set(queries.surveys(house.scope())) == {everywhere, north, south}
    assert not queries.surveys(stranger_house().scope()).exists()


def test_a_survey_is_found_by_id_or_code_inside_the_scope_only(house: House) -> None:
    survey, south = draft(house), draft(house, unit=house.south)
    assert queries.by_ref(house.scope(), str(survey.pk)) == survey
    assert queries.by_ref(house.scope(), survey.code) == survey
    stranger = stranger_house()
    for found_by, ref in (
        (stranger.scope(), survey.code),
        (stranger.scope(), str(survey.pk)),
        (scope(house.bob), south.code),
        (house.scope(), "nosuch"),
        (house.scope(), "9" * 40),
        (house.scope(), "²"),
        (house.scope(), ""),
    ):
        with pytest.raises(NotFound):
            queries.by_ref(found_by, ref)


def test_on_the_wire(house: House) -> None:
    survey = draft(house, unit=house.north, opens_at=NOW)
    shown = wire.survey(survey)
    assert shown["id"] == str(survey.pk) and shown["version"] is None
    assert shown["unit"] == "N" and shown["opens_at"] == "2026-11-01T01:00:00+00:00"
    version = actions.publish(by=house.alice, survey=survey, now=NOW)
    assert wire.published(version) == {
        "version": 1,
        "code": survey.code,
        "url": wire.survey(survey)["url"],
    }
    assert shown["url"].endswith(f"/s/{survey.code}/")


def test_a_print_sheet_has_a_code_for_each_unit(house: House) -> None:
    survey = draft(house)
    cards = qr.cards(survey, [house.north_1, house.south_1], "zh-Hans")
    assert [c.name for c in cards] == ["北京朝阳店", "广州天河店"]
    assert cards[0].url.endswith(f"/s/{survey.code}/?source=qr&unit=N-001")
    assert cards[0].svg != cards[1].svg


def test_qr_codes_scale_and_are_large_enough_to_print() -> None:
    drawing = ET.fromstring(qr.svg("https://example.com/s/abc/?unit=N-001"))
    assert "viewBox" in drawing.attrib and "width" not in drawing.attrib
    picture = qr.png("https://example.com/s/abc/", pixels=600)
    width = int.from_bytes(picture[16:20], "big")
    assert 500 <= width <= 700
