"""A large organisation to measure pages on: the demo, multiplied.

Its records are the demo's own, each with another day, unit and customer. SQLite copies them
from table to table, which takes minutes where the one door would take half an hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction

from manyi.accounts.models import Member, Organisation, Unit
from manyi.base.cjk import tokens
from manyi.feedback import search
from manyi.feedback.models import Answer, FeedbackRecord, Finding, Reading, Score
from manyi.lake import remembering
from manyi.lake import writing as lake
from manyi.packs import demo_load
from manyi.packs.templates import template
from manyi.surveys import actions as surveys
from manyi.surveys.models import Survey, SurveyVersion
from manyi.themes import looking, vectors

DAYS = 730
CUSTOMERS = 200_000
A_CHUNK = 50_000
CITIES = 10
# ids as `new_id` makes them, but of the day on which the voice was heard
_EPOCH_MS, _BITS = 1_704_067_200_000, 22


def fill(records: int, units: int) -> Organisation:
    """Make the organisation with so many records and units, its lake caught up."""
    now = datetime.now(UTC)
    owned = demo_load.load(now=now).organisation
    owner = owned.members.filter(role=Member.Role.OWNER).earliest("pk")
    stores = _stores(owned, units)
    versions = [_version(owned, owner, now, is_anonymous=one) for one in (False, True)]
    customers = _customers(owned, min(CUSTOMERS, max(records // 5, 1)))
    _plan(owned, stores, customers, versions, records, now)
    for first in range(0, records, A_CHUNK):
        with transaction.atomic(), connection.cursor() as cursor:
            _copy(cursor, first, first + A_CHUNK)
    _index()
    lake.append(owned.pk, now)
    remembering.append(owned.pk, now)
    lake.compact(now)
    lake.compact(now + timedelta(hours=2))
    while vectors.append_new(now):
        vectors.tidy(now)
    looking.look_due(now)
    return owned


def _stores(owned: Organisation, units: int) -> list[int]:
    """Return the stores' ids, with so many added below the demo's regions that all units are
    `units`."""
    regions = list(Unit.objects.filter(organisation=owned, depth=1))
    cities = [
        _unit(owned, region, f"{region.code}-{i}") for region in regions for i in range(CITIES)
    ]
    missing = units - Unit.objects.filter(organisation=owned).count()
    for i in range(missing):
        city = cities[i % len(cities)]
        _unit(owned, city, f"{city.code}-{i}")
    return list(Unit.objects.filter(organisation=owned, children=None).values_list("pk", flat=True))


def _unit(owned: Organisation, above: Unit, code: str) -> Unit:
    row = Unit.objects.create(
        organisation=owned,
        parent=above,
        code=code,
        name={"zh-Hans": f"{code} 店", "en": f"Store {code}"},
        path="",
        depth=above.depth + 1,
    )
    row.path = f"{above.path}{row.pk}/"
    row.save(update_fields=["path"])
    return row


def _version(
    owned: Organisation, owner: Member, now: datetime, *, is_anonymous: bool
) -> SurveyVersion:
    made = surveys.create(
        by=owner, definition=template("retail"), is_anonymous=is_anonymous, now=now
    )
    surveys.publish(by=owner, survey=made, now=now)
    current = Survey.objects.get(pk=made.pk).current
    assert current is not None
    return current


def _customers(owned: Organisation, wanted: int) -> list[int]:
    """Return the ids of all customers, copies of the demo's among them."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE twin AS SELECT c.id AS old, n.value AS turn,"
            " c.id + (n.value << 40) AS new FROM customers_customer c, json_each(%s) n",
            [str(list(range(1, wanted // 399 + 1)))],
        )
        for table, key in (("customers_customer", "id"), ("customers_identity", "customer_id"),
                           ("customers_customertoken", "customer_id")):  # fmt: skip
            _twin(cursor, table, key)
    mine = "SELECT id FROM customers_customer WHERE organisation_id = %s ORDER BY id"
    with connection.cursor() as cursor:
        cursor.execute(mine, [owned.pk])
        return [pk for (pk,) in cursor.fetchall()]


def _twin(cursor: Any, table: str, key: str) -> None:
    other = {key: "twin.new", "ref": "one.ref || '-' || twin.turn"}
    if table == "customers_identity":
        other["blind"] = "lower(hex(randomblob(16)))"
    columns = [name for name in _columns(cursor, table) if name != "id" or key == "id"]
    taken = ", ".join(other.get(name, f'one."{name}"') for name in columns)
    cursor.execute(
        f'INSERT INTO "{table}" ({_listed(columns)}) SELECT {taken}'  # noqa: S608
        f' FROM twin JOIN "{table}" one ON one."{key}" = twin.old ORDER BY twin.new'
    )


def _columns(cursor: Any, table: str) -> list[str]:
    return [one.name for one in connection.introspection.get_table_description(cursor, table)]


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def _plan(
    owned: Organisation,
    stores: list[int],
    customers: list[int],
    versions: list[SurveyVersion],
    records: int,
    now: datetime,
) -> None:
    """Say of each new record which old one it copies, and what it has of its own."""
    old = FeedbackRecord.objects.filter(organisation=owned, completed_at__isnull=False)
    kinds = list(old.order_by("pk").values_list("pk", "survey_id", "version_id", "customer_id"))
    rows = _planned(kinds, stores, customers, versions, records, now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE plan (n INTEGER PRIMARY KEY, new, old, unit, customer, at, day,"
            " survey, version, anonymous)"
        )
        while batch := list(islice(rows, A_CHUNK)):
            cursor.executemany(
                "INSERT INTO plan VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", batch
            )


def _planned(
    kinds: list[tuple[Any, ...]],
    stores: list[int],
    customers: list[int],
    versions: list[SurveyVersion],
    records: int,
    now: datetime,
) -> Iterator[tuple[Any, ...]]:
    import numpy as np

    rng = np.random.default_rng(11)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    # Business grows; shops open at eight in China, which is midnight in UTC.
    seconds = np.sort(rng.triangular(0, 1, 1.0001, records) * DAYS * 86_400).astype(int)
    picks = rng.integers(0, len(kinds), records).tolist()
    sizes = rng.lognormal(0, 1, len(stores))
    places = rng.choice(len(stores), records, p=sizes / sizes.sum())
    people = rng.integers(0, len(customers), records).tolist()
    turns = rng.integers(0, 3, records).tolist()
    for n, (second, pick) in enumerate(zip(seconds.tolist(), picks, strict=True)):
        day = today - timedelta(days=DAYS - second // 86_400)
        at = day + timedelta(seconds=second % 86_400 * 13 // 24)
        old, survey, version, customer = kinds[pick]
        is_anonymous = survey is not None and turns[n] == 2
        if survey is not None and turns[n]:
            survey, version = versions[turns[n] - 1].survey_id, versions[turns[n] - 1].pk
        known = None if customer is None or is_anonymous else customers[people[n]]
        made = (int(at.timestamp() * 1000) - _EPOCH_MS << _BITS) + n % (1 << _BITS)
        at = day - timedelta(hours=8) if is_anonymous else at
        told = at.replace(tzinfo=None).isoformat(" ")
        yield (n, made, old, stores[int(places[n])], known, told, day.date().isoformat(),
               survey, version, is_anonymous)  # fmt: skip


_OWN = {
    "id": "plan.new",
    "source_ref": "one.source_ref || '/' || plan.n",
    "unit_id": "plan.unit",
    "customer_id": "plan.customer",
    "occurred_at": "plan.at",
    "completed_at": "plan.at",
    "received_at": "plan.at",
    "day": "plan.day",
    "survey_id": "plan.survey",
    "version_id": "plan.version",
    "is_anonymous": "plan.anonymous",
    "is_indexed": "0",
    "lake_part": "NULL",
    "mentions_due": "one.analysed_at IS NOT NULL",
}


def _copy(cursor: Any, first: int, last: int) -> None:
    _copy_table(cursor, FeedbackRecord._meta.db_table, "id", _OWN, (first, last))
    for model in (Score, Answer, Reading, Finding):
        _copy_table(cursor, model._meta.db_table, "record_id", {"record_id": "plan.new"},
                    (first, last))  # fmt: skip


def _copy_table(
    cursor: Any, table: str, key: str, own: dict[str, str], part: tuple[int, int]
) -> None:
    columns = [name for name in _columns(cursor, table) if name != "id" or key == "id"]
    taken = ", ".join(own.get(name, f'one."{name}"') for name in columns)
    cursor.execute(
        f'INSERT INTO "{table}" ({_listed(columns)}) SELECT {taken} FROM plan'  # noqa: S608
        f' CROSS JOIN "{table}" one WHERE one."{key}" = plan.old AND plan.n >= %s AND plan.n < %s'
        " ORDER BY plan.n",
        part,
    )


def _index() -> None:
    """Index the words of all new records; each different text is read once."""
    known: dict[str, str] = {}
    waiting = FeedbackRecord.objects.filter(is_indexed=False).order_by("pk")
    while batch := list(waiting.values_list("pk", "verbatim")[:A_CHUNK]):
        rows = []
        for pk, text in batch:
            if text and text not in known:
                known[text] = " ".join(tokens(text))
            if text:
                rows.append((pk, known[text]))
        with transaction.atomic(), connection.cursor() as cursor:
            insert = f"INSERT INTO {search.TABLE} (rowid, tokens) VALUES (%s, %s)"  # noqa: S608
            cursor.executemany(insert, rows)
            waiting.filter(pk__lte=batch[-1][0]).update(is_indexed=True)
