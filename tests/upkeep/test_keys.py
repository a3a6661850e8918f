"""A new secret key: all is read and found as before, then sealed again, then the old one goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection

from manyi.accounts.permissions import scope
from manyi.base import env, secrecy
from manyi.customers import actions, queries
from manyi.customers.models import Customer, Identity
from manyi.upkeep import backup, keys
from manyi.upkeep.doctor import CHECKS
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.db]
OLD, NEW = ("abcdefghijklmnop" + word * 20 for word in ("old", "new"))
PHONE = "+8613800000000"


@pytest.fixture
def use(settings: Any) -> Iterator[Any]:
    def set_keys(key: str, *old: str) -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = key, list(old)
        secrecy.forget_keys()

    set_keys(OLD)
    yield set_keys
    secrecy.forget_keys()


def said() -> tuple[str, dict[str, Any]]:
    _, code, params = CHECKS["key"](NOW)
    return code, params


def test_all_is_found_at_once_and_sealed_again(use: Any) -> None:
    house = factories.house()
    one = actions.upsert(house.organisation.pk, {"phone": PHONE, "name": "王芳"}, NOW)
    actions.upsert(house.organisation.pk, {"email": "a@example.com"}, NOW)
    TOTP.activate(house.bob.user, "JBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(house.bob.user).generate_codes()
    assert said() == ("doctor.key_good", {})

    def found() -> list[int | None]:
        words = ("王芳", PHONE, "0000", "a@example.com")
        seen = [queries.search(scope(house.alice), w, Customer.objects.none()) for w in words]
        return [rows.values_list("pk", flat=True).first() for rows in seen]

    before = found()
    assert before[:3] == [one, one, one]
    use(NEW, OLD)
    assert found() == before
    assert said() == ("doctor.key_waiting", {"n": 3 + 2})
    assert keys.reseal(now=NOW) > 0
    assert keys.reseal(now=NOW) == 0
    assert said() == ("doctor.key_idle", {})
    use(NEW)
    assert found() == before
    assert Customer.objects.get(pk=one).name == "王芳"
    assert Identity.objects.get(kind="phone").value == PHONE
    recovery = Authenticator.objects.get(user=house.bob.user, type="recovery_codes")
    assert RecoveryCodes(recovery).generate_codes() == codes
    totp = Authenticator.objects.get(user=house.bob.user, type="totp")
    assert secrecy.decrypt(totp.data["secret"]) == "JBSWY3DPEHPK3PXP"
    assert said() == ("doctor.key_good", {})


def test_without_the_old_key_the_doctor_says_what_is_lost(use: Any) -> None:
    owner = factories.organisation()
    actions.upsert(owner.pk, {"phone": PHONE, "name": "王芳"}, NOW)
    use(NEW)
    assert said() == ("doctor.key_lost", {"n": 2})
    assert keys.reseal(now=NOW) == 0
    use(NEW, OLD)
    assert Customer.objects.get().name == "王芳"


def test_a_stopped_address_stays_stopped(use: Any) -> None:
    owner = factories.organisation()
    actions.upsert(owner.pk, {"phone": PHONE}, NOW)
    for value in (PHONE, "+8613900000000"):
        actions.suppress(
            organisation_id=owner.pk, kind="phone", value=value, reason="wish", now=NOW
        )
    use(NEW, OLD)
    keys.reseal(now=NOW)
    assert said() == ("doctor.key_stops", {"n": 1})  # the other number is nobody's: a hash alone
    both = [("phone", PHONE), ("phone", "+8613900000000")]
    assert queries.suppressed(owner.pk, both) == {*both}
    use(NEW)
    assert queries.suppressed(owner.pk, both) == {both[0]}


def test_an_open_form_is_taken_after_the_change(use: Any) -> None:
    from manyi.respond.ticket import Ticket, seal, unseal

    fields = {"submission": "s" * 16, "survey": "abc", "version": 1, "issued": 1}
    names = Ticket.__dataclass_fields__
    ticket = Ticket(**{n: fields.get(n, "") for n in names})
    token = seal(ticket)
    use(NEW, OLD)
    assert unseal(token, "abc") == ticket
    use(NEW)
    assert unseal(token, "abc") is None


def test_a_backup_from_before_is_ours_while_the_old_key_is_set(use: Any) -> None:
    before = backup.fingerprint()
    use(NEW, OLD)
    assert before in backup.fingerprints()
    use(NEW)
    assert before not in backup.fingerprints()


def test_settings_take_old_keys_from_text_file_and_folder(tmp_path: Path) -> None:
    named = tmp_path / "named"
    named.write_text(f"{OLD}\n")
    data = {"MANYI_DATA": str(tmp_path / "data"), "MANYI_SECRET_KEY": NEW}
    assert env.read(data).old_keys == ()
    assert env.read({**data, "MANYI_SECRET_KEY_OLD": f"{OLD}, {OLD}x"}).old_keys == (OLD, OLD + "x")
    assert env.read({**data, "MANYI_SECRET_KEY_OLD_FILE": str(named)}).old_keys == (OLD,)
    (tmp_path / "data" / "secret-key-old").write_text(OLD)
    assert env.read(data).old_keys == (OLD,)
    for wrong in ("short", NEW):
        with pytest.raises(env.SettingError):
            env.read({**data, "MANYI_SECRET_KEY_OLD": wrong})


def test_the_sealed_text_names_its_key(use: Any) -> None:
    owner = factories.organisation()
    actions.upsert(owner.pk, {"phone": PHONE, "name": "王芳"}, NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM customers_customer")
        [(stored,)] = cursor.fetchall()
    assert stored.startswith(secrecy.marks()[0])
