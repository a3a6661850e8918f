"""Many customers at once: found, matched in memory, stored by a few statements.

The feedback door hands in a customer with nearly every record, so this is written for speed:
one look-up for a whole batch, raw inserts, and nothing written for what is known already.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction

from manyi.accounts.models import Unit
from manyi.base import locks, secrecy
from manyi.base.ids import new_id
from manyi.customers.given import Given, Known, name_tokens, phone_token
from manyi.customers.models import Consent, Customer, CustomerToken, CustomerUnit, Identity
from manyi.customers.sql import delete_pairs, insert, run_many, select_in
from manyi.kit.problems import FieldProblem

Done = Literal["created", "updated", "unchanged"]
Key = tuple[str, str]


@dataclass(slots=True)
class _Row:
    """A customer in memory; `sealed` is the name as it is stored."""

    id: int
    ref: str | None
    sealed: str = ""
    language: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    is_new: bool = False
    is_changed: bool = False


@dataclass(slots=True)
class Stored:
    """One customer's outcome; `id` is None for one who could never be recognised again."""

    id: int | None
    done: Done = "unchanged"
    problems: list[FieldProblem] = field(default_factory=list)


class Batch:
    """The customers of one transaction."""

    def __init__(self, organisation_id: int, givens: Sequence[Given], now: datetime) -> None:
        self.organisation_id = organisation_id
        self.givens = givens
        self.now = now

    def store(self) -> list[Stored]:
        """Match and store everything in the caller's transaction, or in one of its own."""
        # Whoever goes on after a failure has a savepoint of their own around this.
        with transaction.atomic(savepoint=False):
            stored = self._plan()
            if connection.vendor == "postgresql" and self._adds():
                # Two transactions that know nothing of each other could create one customer
                # twice; the second waits here and then looks again.
                locks.hold(f"customers:{self.organisation_id}")
                stored = self._plan()
            self._write()
        return stored

    def _adds(self) -> bool:
        return bool(self.new_identities) or any(row.is_new for row in self.rows.values())

    def _plan(self) -> list[Stored]:
        self.rows: dict[int, _Row] = {}
        self.by_ref: dict[str, int] = {}
        self.owner: dict[Key, int] = {}
        self.new_identities: list[tuple[int, Known]] = []
        self.tokens: set[tuple[str, int]] = set()
        self.stale_tokens: set[tuple[str, int]] = set()
        self.new_places: dict[tuple[int, int, str], str] = {}
        self.changed_places: dict[tuple[int, int, str], str] = {}
        self.new_consents: list[tuple[Any, ...]] = []
        self._look_up()
        return [self._take(given) for given in self.givens]

    def _look_up(self) -> None:
        refs = {g.ref for g in self.givens if g.ref is not None}
        aliases: dict[str, dict[str, str]] = {}
        for known in (k for g in self.givens for k in g.identities):
            for hashed in secrecy.blinds(known.kind, known.value):
                aliases.setdefault(known.kind, {})[hashed] = known.blind
        for kind, hashes in aliases.items():
            found = select_in(
                Identity,
                ("blind", "customer_id"),
                "blind",
                hashes,
                organisation_id=self.organisation_id,
                kind=kind,
            )
            self.owner |= {(kind, hashes[blind]): customer for blind, customer in found}
        columns = ("id", "ref", "name", "language", "attributes")
        mine = {"organisation_id": self.organisation_id}
        for row in select_in(Customer, columns, "ref", refs, **mine):
            self._remember(row)
        missing = set(self.owner.values()) - self.rows.keys()
        for row in select_in(Customer, columns, "id", missing, **mine):
            self._remember(row)
        self._look_up_places()
        self._look_up_consents()

    def _remember(self, row: tuple[Any, ...]) -> None:
        pk, ref, sealed, language, attributes = row
        known = json.loads(attributes) if isinstance(attributes, str) else attributes
        self.rows[pk] = _Row(pk, ref, sealed, language, known)
        if ref is not None:
            self.by_ref[ref] = pk

    def _look_up_places(self) -> None:
        self.places: dict[tuple[int, int, str], str] = {}
        codes = {p.unit for g in self.givens for p in g.places}
        mine = {"organisation_id": self.organisation_id}
        self.units: dict[str, int] = dict(select_in(Unit, ("code", "id"), "code", codes, **mine))
        if self.units:
            columns = ("customer_id", "unit_id", "room", "relation")
            found = select_in(CustomerUnit, columns, "customer_id", self.rows)
            self.places = {(c, u, room): relation for c, u, room, relation in found}

    def _look_up_consents(self) -> None:
        self.agreed: dict[tuple[int, str], tuple[Any, ...]] = {}
        if not any(g.consents for g in self.givens):
            return
        columns = ("customer_id", "purpose", "version", "is_granted", "at")
        found = select_in(Consent, columns, "customer_id", self.rows)
        for customer, purpose, version, granted, _ in sorted(found, key=lambda row: row[4]):
            self.agreed[customer, purpose] = (version, bool(granted))

    def _take(self, given: Given) -> Stored:
        problems = list(given.problems)
        if not given.has_key:
            if given.name or given.attributes:
                problems.append(FieldProblem("ref", "customer.no_key"))
            return Stored(None, problems=problems)
        row = self._match(given) or self._new_row()
        if given.ref is not None and row.ref is None:
            row.ref = given.ref
            self.by_ref[given.ref] = row.id
            row.is_changed = True
        self._describe(row, given)
        changed = [
            self._attach(row, given, problems),
            self._settle(row, given, problems),
            self._agree(row, given),
        ]
        row.is_changed |= any(changed)
        done: Done = "created" if row.is_new else "updated" if row.is_changed else "unchanged"
        return Stored(row.id, done, problems)

    def _match(self, given: Given) -> _Row | None:
        """Return the customer by ref, else by the first identity that contradicts no ref."""
        if given.ref is not None and given.ref in self.by_ref:
            return self.rows[self.by_ref[given.ref]]
        for known in given.identities:
            owner = self.owner.get((known.kind, known.blind))
            if owner is None:
                continue
            row = self.rows[owner]
            if given.ref is None or row.ref is None:
                return row
        return None

    def _new_row(self) -> _Row:
        row = _Row(new_id(), None, is_new=True)
        self.rows[row.id] = row
        return row

    def _describe(self, row: _Row, given: Given) -> None:
        if given.name:
            self._rename(row, given.name)
        if given.language and given.language != row.language:
            row.language = given.language
            row.is_changed = True
        merged = {**row.attributes, **given.attributes}
        merged = {key: value for key, value in merged.items() if value is not None}
        if merged != row.attributes:
            row.attributes = merged
            row.is_changed = True

    def _rename(self, row: _Row, name: str) -> None:
        old = secrecy.decrypt(row.sealed)
        if old == name:
            return
        fresh = {(blind, row.id) for blind in name_tokens(self.organisation_id, name)}
        if old:
            gone = {(blind, row.id) for blind in name_tokens(self.organisation_id, old)}
            self.tokens -= gone
            self.stale_tokens |= gone - fresh
        self.stale_tokens -= fresh
        self.tokens |= fresh
        row.sealed = secrecy.encrypt(name)
        row.is_changed = True

    def _attach(self, row: _Row, given: Given, problems: list[FieldProblem]) -> bool:
        added = False
        for known in given.identities:
            owner = self.owner.get((known.kind, known.blind))
            if owner is None:
                self.owner[known.kind, known.blind] = row.id
                self._add(row, known)
                added = True
            elif owner != row.id:
                problems.append(FieldProblem(known.kind, "customer.identity_elsewhere"))
        return added

    def _add(self, row: _Row, known: Known) -> None:
        self.new_identities.append((row.id, known))
        if known.kind == Identity.Kind.PHONE:
            self.tokens.add((phone_token(self.organisation_id, known.value), row.id))

    def _settle(self, row: _Row, given: Given, problems: list[FieldProblem]) -> bool:
        changed = False
        for place in given.places:
            unit = self.units.get(place.unit)
            if unit is None:
                params = {"value": place.unit[:80]}
                problems.append(FieldProblem("unit", "customer.unit_unknown", params))
                continue
            key = (row.id, unit, place.room)
            relation = self.places.get(key)
            if relation is None:
                self.new_places[key] = place.relation
            elif place.relation and place.relation != relation:
                (self.new_places if key in self.new_places else self.changed_places)[key] = (
                    place.relation
                )
            else:
                continue
            self.places[key] = place.relation
            changed = True
        return changed

    def _agree(self, row: _Row, given: Given) -> bool:
        changed = False
        for one in given.consents:
            state = (one.version, one.is_granted)
            if self.agreed.get((row.id, one.purpose)) == state:
                continue
            self.agreed[row.id, one.purpose] = state
            at = self._time(one.at or self.now)
            self.new_consents.append((row.id, one.purpose, *state, one.language, one.channel, at))
            changed = True
        return changed

    def _time(self, at: datetime) -> Any:
        return connection.ops.adapt_datetimefield_value(at)

    def _write(self) -> None:
        now = self._time(self.now)
        changed = [row for row in self.rows.values() if row.is_changed and not row.is_new]
        self._insert_customers([row for row in self.rows.values() if row.is_new], now)
        columns = ("ref", "name", "language", "attributes", "updated_at")
        assignments = ", ".join(f"{column} = %s" for column in columns)
        run_many(
            f"UPDATE {Customer._meta.db_table} SET {assignments} WHERE id = %s",  # noqa: S608
            [(*_values(row), now, row.id) for row in changed],
        )
        insert(
            Identity,
            ("organisation_id", "customer_id", "kind", "value", "blind"),
            [
                (self.organisation_id, customer, k.kind, secrecy.encrypt(k.value), k.blind)
                for customer, k in self.new_identities
            ],
        )
        delete_pairs(CustomerToken, ("blind", "customer_id"), self.stale_tokens)
        insert(CustomerToken, ("blind", "customer_id"), self.tokens)
        self._write_places()
        insert(
            Consent,
            ("customer_id", "purpose", "version", "is_granted", "language", "channel", "at"),
            self.new_consents,
        )

    def _insert_customers(self, rows: Iterable[_Row], now: Any) -> None:
        columns = ("id", "organisation_id", "ref", "name", "language", "attributes")
        insert(
            Customer,
            (*columns, "updated_at", "created_at"),
            [(row.id, self.organisation_id, *_values(row), now, now) for row in rows],
        )

    def _write_places(self) -> None:
        insert(
            CustomerUnit,
            ("customer_id", "unit_id", "room", "relation"),
            [(*key, relation) for key, relation in self.new_places.items()],
        )
        run_many(
            f"UPDATE {CustomerUnit._meta.db_table} SET relation = %s"  # noqa: S608
            " WHERE customer_id = %s AND unit_id = %s AND room = %s",
            [(relation, *key) for key, relation in self.changed_places.items()],
        )


def _values(row: _Row) -> tuple[Any, ...]:
    return (row.ref, row.sealed, row.language, json.dumps(row.attributes, ensure_ascii=False))
