"""All that is held of one customer, for the customer who asks what that is."""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.customers import queries, wire
from manyi.customers.models import Customer
from manyi.feedback.findings import with_findings
from manyi.feedback.models import FeedbackRecord, Reading, RecordHistory
from manyi.feedback.queries import of_customer
from manyi.kit.selection import Scope

CHUNK = 200
READ = ("generation", "polarity", "score", "emotion", "intents", "flags", "language", "model")


def hand_out(*, by: Member, scope: Scope, customer: Customer, now: datetime) -> dict[str, Any]:
    """Return all that is held of a customer as far as the scope sees; who took it is kept."""
    audit.record(
        by.organisation_id,
        actor=by,
        action="customer.export",
        target=f"customer:{customer.pk}",
        now=now,
    )
    return held(scope, customer)


def held(scope: Scope, customer: Customer) -> dict[str, Any]:
    """Return the customer, what stands against writing to them, and every voice of theirs."""
    erasure = queries.open_erasures().filter(customer_id_value=customer.pk).first()
    return {
        "customer": wire.customer(customer, scope),
        "not_to_be_written_to": _stopped(customer),
        "erasure_requested_at": erasure and erasure.requested_at.isoformat(),
        "feedback": list(_voices(scope, customer)),
    }


def pack(found: dict[str, Any], to: IO[bytes]) -> None:
    """Write what is held as a ZIP: the customer, and a voice a line."""
    person = {name: part for name, part in found.items() if name != "feedback"}
    with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("customer.json", json.dumps(person, ensure_ascii=False, indent=2))
        lines = "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in found["feedback"])
        made.writestr("feedback.jsonl", lines)


def _stopped(customer: Customer) -> list[dict[str, str]]:
    pairs = [(one.kind, one.value) for one in customer.identities.all()]
    stopped = queries.suppressed(customer.organisation_id, pairs)
    return [{"kind": kind, "value": value} for kind, value in sorted(stopped)]


def _voices(scope: Scope, customer: Customer) -> Iterator[dict[str, Any]]:
    rows = of_customer(scope, customer.pk).iterator(CHUNK)
    for chunk in _chunks(rows):
        history, readings = _history(chunk), _readings(chunk)
        for r, shown in zip(chunk, with_findings(scope, chunk), strict=True):
            yield {
                **shown,
                "received_at": r.received_at.isoformat(),
                "consent": r.consent,
                "meta": r.meta,
                "masked": r.masked,
                "readings": readings[r.pk],
                "history": history[r.pk],
            }


def _chunks(rows: Iterable[FeedbackRecord]) -> Iterator[list[FeedbackRecord]]:
    chunk: list[FeedbackRecord] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk


def _history(chunk: Sequence[FeedbackRecord]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = RecordHistory.objects.filter(record_id__in=[r.pk for r in chunk]).order_by("revision")
    for row in rows:
        at = row.replaced_at.isoformat()
        said = {"revision": row.revision, "replaced_at": at, "content": row.content}
        found[row.record_id].append(said)
    return found


def _readings(chunk: Sequence[FeedbackRecord]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    rows = Reading.objects.filter(record_id__in=[r.pk for r in chunk]).order_by("generation")
    for record_id, *values in rows.values_list("record_id", *READ):
        found[record_id].append(dict(zip(READ, values, strict=True)))
    return found
