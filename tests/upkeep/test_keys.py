"""A new secret key: all is read and found as before, then sealed again, then the old one goes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.db import connection

from manyi.accounts.permissions import scope
from manyi.base import env, secrecy
from manyi.customers import actions, queries
from manyi.customers.models import Customer, Identity
from manyi.kit.problems import Problem
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


def stored_name() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM customers_customer")
        [(stored,)] = cursor.fetchall()
    return str(stored)


def test_what_is_saved_while_the_key_is_lost_stays_sealed(use: Any) -> None:
    owner = factories.organisation()
    actions.upsert(owner.pk, {"ref": "C-1", "phone": PHONE, "name": "王芳"}, NOW)
    before = stored_name()
    use(NEW)
    one = Customer.objects.get()
    assert one.name == ""
    one.save()
    Identity.objects.get().save()
    actions.upsert(owner.pk, {"ref": "C-1", "attributes": {"tier": "gold"}}, NOW)
    assert stored_name() == before
    use(NEW, OLD)
    assert (Customer.objects.get().name, Identity.objects.get().value) == ("王芳", PHONE)


def test_sealing_again_leaves_what_it_cannot_open(use: Any) -> None:
    owner = factories.organisation()
    actions.upsert(owner.pk, {"ref": "C-1", "phone": PHONE}, NOW)
    third = "abcdefghijklmnop" + "third" * 20
    use(third)
    actions.upsert(owner.pk, {"ref": "C-1", "phone": "+8613900000000", "name": "王芳"}, NOW)
    use(NEW, third)
    keys.reseal(now=NOW)
    assert keys.reseal(now=NOW) == 0
    use(NEW, OLD)
    keys.reseal(now=NOW)
    values = {*Identity.objects.values_list("value", flat=True)}
    assert values == {PHONE, "+8613900000000"}
    hashes = {*Identity.objects.values_list("blind", flat=True)}
    assert hashes == {secrecy.blind("phone", value) for value in values}


def test_a_second_step_whose_secret_is_lost_takes_no_code(use: Any) -> None:
    house = factories.house()
    TOTP.activate(house.bob.user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(house.bob.user)
    use(NEW)
    assert said() == ("doctor.key_lost", {"n": 2})
    totp = TOTP(Authenticator.objects.get(user=house.bob.user, type="totp"))
    now = int(time.time()) // 30
    reckoned = [format_hotp_value(hotp_value("", now + i)) for i in (-1, 0, 1)]
    assert not any(totp.validate_code(code) for code in reckoned)
    rows = Authenticator.objects.filter(user=house.bob.user, type="recovery_codes")
    first, again = (RecoveryCodes(rows.get()).generate_codes()[0] for _ in range(2))
    assert first != again, "codes of the empty seed are the same everywhere"


def test_a_strange_key_is_refused_before_it_seals_anything(use: Any) -> None:
    owner = factories.organisation()
    keys.require_key()
    actions.upsert(owner.pk, {"phone": PHONE, "name": "王芳"}, NOW)
    actions.suppress(organisation_id=owner.pk, kind="phone", value=PHONE, reason="wish", now=NOW)
    keys.require_key()
    use(NEW)
    with pytest.raises(Problem) as refused:
        keys.require_key()
    assert (refused.value.code, refused.value.params) == ("key_strange", {"n": 3})
    assert said() == ("doctor.key_lost", {"n": 3})
    use(NEW, OLD)
    keys.require_key()
