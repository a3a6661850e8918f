"""Founding, setting up once, and the look of an organisation."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from manyi.accounts import actions
from manyi.accounts.logo import LIMIT, media_type, shrink
from manyi.accounts.models import Member, Organisation
from manyi.kit.problems import Forbidden, Problem
from tests import factories
from tests.factories import NOW

db = [pytest.mark.django_db, pytest.mark.db]
GIVEN = {"organisation": "安居物业", "email": "owner@example.com", "password": "quite-A-long-one"}


def picture(kind: str = "PNG", side: int = 900, mode: str = "RGB") -> bytes:
    out = BytesIO()
    image = Image.effect_noise((side, side // 2), 90).convert(mode)
    image.save(out, kind)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.db
def test_the_first_owner_sets_the_installation_up_once() -> None:
    assert actions.setup_is_open()
    with pytest.raises(Problem) as refused:
        actions.set_up(code="abcde-fghjk", **GIVEN, now=NOW)
    assert refused.value.code == "setup.code_wrong"
    code = actions.setup_code().upper() + " "
    owner = actions.set_up(code=code, **GIVEN, now=NOW)
    assert (owner.role, owner.organisation.name) == ("owner", {"zh-Hans": "安居物业"})
    assert owner.user.check_password("quite-A-long-one")
    assert not owner.user.must_change_password
    assert not actions.setup_is_open()
    with pytest.raises(Forbidden):
        actions.set_up(code=code, **{**GIVEN, "email": "other@example.com"}, now=NOW)
    assert Member.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.db
def test_a_demo_does_not_close_the_set_up() -> None:
    demo = factories.organisation(is_demo=True)
    factories.member(demo, "owner")
    assert actions.setup_is_open()
    factories.member(factories.organisation(), "analyst")
    assert actions.setup_is_open()
    factories.member(factories.organisation(), "owner")
    assert not actions.setup_is_open()


@pytest.mark.django_db
@pytest.mark.db
def test_a_set_up_that_fails_leaves_nothing() -> None:
    with pytest.raises(Problem):
        actions.set_up(code=actions.setup_code(), **{**GIVEN, "password": "short"}, now=NOW)
    assert not Organisation.objects.exists()


@pytest.mark.django_db
@pytest.mark.db
def test_two_organisations_of_one_name_have_two_codes() -> None:
    one = actions.create_organisation(name={"en": "Acme Ltd"}, now=NOW)
    two = actions.create_organisation(name={"en": "Acme Ltd"}, now=NOW)
    assert one.code == "acme-ltd"
    assert two.code != one.code
    assert actions.create_organisation(name="安居", now=NOW).code == "organisation"


@pytest.mark.django_db
@pytest.mark.db
def test_an_owner_changes_the_organisation() -> None:
    house, charlie = factories.house(), factories.stranger_house().charlie
    values = {"colour": "#aa0011", "privacy_n": 8, "level_names": ["集团", {"en": "City"}]}
    assert actions.change_organisation(by=house.alice, now=NOW, **values)
    assert not actions.change_organisation(by=house.alice, now=NOW, **values)
    stored = Organisation.objects.get(pk=house.organisation.pk)
    assert (stored.colour, stored.privacy_n) == ("#AA0011", 8)
    assert stored.level_names == [{"zh-Hans": "集团"}, {"en": "City"}]
    for key, value in {
        "colour": "red",
        "privacy_n": 1,
        "time_zone": "Mars/Olympus",
        "language": "xx",
        "name": "",
    }.items():
        with pytest.raises(Problem):
            actions.change_organisation(by=house.alice, now=NOW, **{key: value})
    for by in (house.bob, house.analyst, house.viewer):
        with pytest.raises(Forbidden):
            actions.change_organisation(by=by, now=NOW, colour="#000000")
    charlie.organisation.refresh_from_db()
    assert charlie.organisation.colour != "#AA0011"


@pytest.mark.parametrize(("kind", "mode"), [("PNG", "RGB"), ("JPEG", "L"), ("WEBP", "RGB")])
def test_any_picture_becomes_a_small_one(kind: str, mode: str) -> None:
    made = shrink(picture(kind, mode=mode))
    assert len(made) <= LIMIT
    image = Image.open(BytesIO(made))
    assert max(image.size) <= 256
    assert Image.MIME[image.format or ""] == media_type(made)


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + b"0" * 50, picture()[:400]],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Problem) as refused:
        shrink(data)
    assert refused.value.code == "logo.invalid"


@pytest.mark.django_db
@pytest.mark.db
def test_a_logo_is_kept_and_taken_away() -> None:
    house = factories.house()
    actions.set_logo(by=house.alice, picture=picture(), now=NOW)
    assert bytes(Organisation.objects.get(pk=house.organisation.pk).logo or b"")
    actions.set_logo(by=house.alice, picture=None, now=NOW)
    assert Organisation.objects.get(pk=house.organisation.pk).logo is None
    with pytest.raises(Forbidden):
        actions.set_logo(by=house.bob, picture=picture(), now=NOW)
