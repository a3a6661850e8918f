"""An erased customer leaves no trace: not in the rows, the index, the lake or free pages."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from manyi.accounts import audit
from manyi.connectors.forgetting import forget_imports
from manyi.connectors.models import Import, ImportProblem
from manyi.customers.actions import request_erasure
from manyi.customers.models import Customer, ErasureRequest
from manyi.feedback import search
from manyi.feedback.models import FeedbackRecord, RecordHistory, Score
from manyi.kit.selection import Selection
from manyi.lake import checking, engine, tidying
from manyi.lake import writing as lake
from manyi.metrics import queries
from manyi.reports.forgetting import forget_exports
from manyi.themes.vectors import forget_erased
from manyi.upkeep import ledger
from manyi.upkeep.erasure import FLOORS, REWRITTEN, erase_due
from manyi.upkeep.restore import forget_again
from tests.factories import NOW, House, house
from tests.voices import published, receive, voice

MARKER = "zzsecretzz"
HAN = "玄武门"
CUSTOMER = {
    "ref": f"C-{MARKER}",
    "name": f"{MARKER} {HAN}",
    "phone": "+447700900123",
    "email": f"{MARKER}@example.com",
    "attributes": {"nick": MARKER},
    "consent": {"purpose": "feedback", "version": MARKER},
}

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


@pytest.fixture
def home() -> House:
    return house()


def speak(home: House) -> int:
    """Store what one customer said in every form, and eleven others'; return the customer."""
    survey = published(home.alice, "csat", is_anonymous=False).survey
    answers = {"overall": 2, "comment": f"{MARKER} {HAN}"}
    spoken = [
        voice(source_ref="1", customer=CUSTOMER, verbatim=f"first {MARKER}"),
        voice(source_ref="2", customer=CUSTOMER, attributes={"order": MARKER}),
        voice(source_ref="3", customer=CUSTOMER, survey=survey.code, scores=None, verbatim=None,
              answers=answers),
        voice(source_ref="4", customer=CUSTOMER, turns=[{"role": "customer", "text": MARKER}]),
    ]  # fmt: skip
    others = [voice(customer={"ref": f"O-{i}"}) for i in range(11)]
    assert all(o.result == "created" for o in receive(home.alice, *spoken, *others))
    search.index_waiting()
    receive(home.alice, voice(source_ref="1", customer=CUSTOMER, verbatim=f"again {HAN}{MARKER}"))
    search.index_waiting()
    assert RecordHistory.objects.exists()
    return Customer.objects.get(ref=f"C-{MARKER}").pk


def dump() -> bytes:
    """Return every value that the database holds, index and blobs included."""
    rows: list[bytes] = []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = [name for (name,) in cursor.fetchall()]
        else:
            names = connection.introspection.table_names(cursor)
        for name in names:
            cursor.execute(f'SELECT * FROM "{name}"')
            rows += [raw(value) for row in cursor.fetchall() for value in row]
    return b"\n".join(rows)


def raw(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()


def in_lake() -> list[Path]:
    import pyarrow.parquet as parquet

    files = [p for p in engine.folder().rglob("*.parquet")]
    return [p for p in files if MARKER in str(parquet.read_table(p).to_pylist())]


def test_no_copy_is_left(home: House):
    customer = speak(home)
    lake.append(home.organisation.pk, NOW)
    assert MARKER.encode() in dump() and in_lake()
    (before,) = queries.estimate(Selection(scope=home.scope()), "csat")

    request_erasure(by=home.alice, customer=Customer.objects.get(pk=customer), now=NOW)
    assert erase_due(NOW) == 2
    assert erase_due(NOW) == 0, "the lake still holds the old files"
    later = NOW + timedelta(minutes=11)
    lake.append_new(later)
    lake.compact(later)
    lake.sweep(later + timedelta(minutes=11))
    end = later + timedelta(minutes=12)
    assert forget_imports(now=end) == forget_exports(now=end) == forget_erased(end) == 1
    assert erase_due(end) == 1
    assert erase_due(end) == 0

    request = ErasureRequest.objects.get()
    assert request.done_at == end and set(request.ticks) == FLOORS | {REWRITTEN}
    for word in (MARKER, HAN, "7700900123"):
        assert word.encode() not in dump(), word
    assert in_lake() == []
    assert checking.recount() == []
    assert audit.verify().ok
    (after,) = queries.estimate(Selection(scope=home.scope()), "csat")
    assert (after.n, after.estimate.value) == (before.n, before.estimate.value)
    assert Score.objects.filter(record__source_ref="3").exists(), "numbers stay, as nobody's"


def test_it_is_not_done_while_a_merged_copy_lies_about(home: House):
    """A merge after the wish carries the old copies into a file younger than it."""
    customer = speak(home)
    with monkeypatched(tidying, MANY=2):
        lake.append(home.organisation.pk, NOW)
        receive(home.alice, *(voice() for _ in range(3)))
        lake.append(home.organisation.pk, NOW)
        request_erasure(by=home.alice, customer=Customer.objects.get(pk=customer), now=NOW)
        erase_due(NOW)
        merged = NOW + timedelta(minutes=5)
        assert lake.compact(merged) > 0 and in_lake(), "merged, too young to be purged"
    purged = NOW + timedelta(minutes=14)
    lake.append_new(purged)
    lake.compact(purged)
    for minutes in (15, 16, 20):
        now = NOW + timedelta(minutes=minutes)
        lake.sweep(now)
        erase_due(now)
        assert in_lake() and "lake" not in ErasureRequest.objects.get().ticks
    end = NOW + timedelta(minutes=30)
    lake.sweep(end)
    erase_due(end)
    assert not in_lake() and "lake" in ErasureRequest.objects.get().ticks


@contextlib.contextmanager
def monkeypatched(module: object, **values: object) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setattr(module, name, value)
        yield


def test_the_bytes_of_the_file_hold_nothing_either(home: House):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL vacuums by itself")
    customer = speak(home)
    request_erasure(by=home.alice, customer=Customer.objects.get(pk=customer), now=NOW)
    erase_due(NOW)
    name = Path(str(connection.settings_dict["NAME"]))
    connection.close()  # nobody of this process holds a lock that a plain read would drop
    for path in (name, name.with_name(name.name + "-wal")):
        with contextlib.suppress(FileNotFoundError):
            raw = path.read_bytes()
            assert MARKER.encode() not in raw and HAN.encode() not in raw, path


def test_what_is_sent_again_does_not_bring_it_back(home: House):
    customer = speak(home)
    again = voice(source_ref="2", customer=CUSTOMER, attributes={"order": MARKER})
    request_erasure(by=home.alice, customer=Customer.objects.get(pk=customer), now=NOW)
    erase_due(NOW)
    assert [o.result for o in receive(home.alice, again)] == ["unchanged"]
    assert not FeedbackRecord.objects.filter(verbatim__contains=MARKER).exists()
    assert not Customer.objects.filter(pk=customer).exists()
    assert Customer.objects.filter(ref__startswith="O-").count() == 11


def test_files_and_problems_of_imports_and_exports_go_too(home: House):
    from manyi.connectors import drafting
    from manyi.reports import actions as exports
    from manyi.reports.models import Export

    customer = speak(home)
    given = {"organisation": home.organisation, "user": home.alice.user, "created_at": NOW}
    done = Import.objects.create(**given, state="failed", upload="a.upload", path="a.rows")
    ImportProblem.objects.create(job=done, line=1, code="x", value=MARKER)
    open_one = Import.objects.create(**given, state="waiting", upload="b.upload", path="b.rows")
    made = Export.objects.create(**given, state="done", path="a.csv", file_name="a.csv")
    running = Export.objects.create(**given, state="running", file_name="b.csv")
    for path in (drafting.at("a.upload"), drafting.at("b.upload"), exports.path_of(made)):
        path.write_text(MARKER)
    request_erasure(by=home.alice, customer=Customer.objects.get(pk=customer), now=NOW)
    erase_due(NOW)
    assert forget_imports(now=NOW) == forget_exports(now=NOW) == 0, "one is still under way"
    drafting.at("b.upload").unlink()  # as a week later
    Export.objects.filter(pk=running.pk).update(state="failed")
    assert open_one.state == "waiting"
    assert forget_imports(now=NOW) == forget_exports(now=NOW) == 1
    assert not drafting.at("a.upload").exists() and not exports.path_of(made).exists()
    assert MARKER.encode() not in dump()


def test_a_file_that_waits_for_a_person_keeps_nobody_from_being_forgotten(home: House):
    from manyi.connectors import drafting

    customer = speak(home)
    given = {"organisation": home.organisation, "user": home.alice.user, "created_at": NOW}
    waits = Import.objects.create(**given, stage="mapping", upload="w.upload", path="w.rows")
    stores = Import.objects.create(**given, stage="storing", upload="s.upload", path="s.rows")
    for name in ("w.upload", "w.rows", "s.upload"):
        drafting.at(name).write_text(MARKER)
    request_erasure(by=home.alice, customer=Customer.objects.get(pk=customer), now=NOW)
    erase_due(NOW)
    later = NOW + timedelta(hours=23)
    assert forget_imports(now=later) == 0 and drafting.at("w.rows").exists()
    day = NOW + timedelta(days=1)
    assert forget_imports(now=day) == 0, "one is being stored"
    waits.refresh_from_db()
    assert (waits.state, waits.problem["code"]) == ("failed", "import.ended_for_erasure")
    Import.objects.filter(pk=stores.pk).update(state="done")
    assert forget_imports(now=day) == 1
    assert not any(drafting.at(n).exists() for n in ("w.upload", "w.rows", "s.upload"))


def test_a_restored_backup_forgets_again(home: House):
    customer = speak(home)
    request_erasure(by=home.alice, customer=Customer.objects.get(pk=customer), now=NOW)
    mark = ledger.mark(home.organisation.pk, customer)
    ErasureRequest.objects.all().delete()  # as in a backup from before
    assert forget_again({"0" * 32}, now=NOW) == 0
    assert Customer.objects.filter(pk=customer).exists()
    assert forget_again({mark}, now=NOW) == 1
    assert forget_again({mark}, now=NOW) == 0
    assert MARKER.encode() not in dump()
    assert mark in ledger.read(engine.folder().parent / ledger.FILE)
    assert audit.verify().ok
