"""Another taxonomy: every text is read again by it, and the numbers change at once at the end."""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from manyi.accounts import audit
from manyi.accounts.models import Member
from manyi.accounts.permissions import require
from manyi.feedback import analysing, taxonomy
from manyi.feedback.models import FeedbackRecord, Finding, Reading, TaxonomyVersion
from manyi.kit.problems import FieldProblem, Problem
from manyi.text.taxonomy import aspects, groups, pack

WORKER = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
MOST_OWN, MOST_WORDS, LONGEST = 200, 200, 60
DROPPED_AT_ONCE = 2_000
_CODE = re.compile(r"[a-z][a-z0-9_]{0,28}(\.[a-z][a-z0-9_]{0,28})?")
Own = Sequence[Mapping[str, Any]]


def choose(
    *, by: Member, pack_code: str, own: Own, now: datetime, head: int | None = None
) -> TaxonomyVersion:
    """Have all texts read again by a trade's aspects and one's own; raises Problem.

    `head` is the number of a learnt head, 0 for none; without it the one in force goes on.
    Until every text is read the old numbers stand. Only one re-reading goes at a time.
    """
    require(by, "organisation.edit")
    pack(pack_code)
    checked = check(own)
    mine = TaxonomyVersion.objects.filter(organisation=by.organisation)
    with transaction.atomic():
        if analysing.rereading(by.organisation_id) is not None:
            raise Problem("taxonomy.under_way")
        last = mine.aggregate(last=Max("number"))["last"] or taxonomy.FIRST
        read = FeedbackRecord.objects.filter(
            organisation=by.organisation, analysed_at__isnull=False
        )
        row = TaxonomyVersion.objects.create(
            organisation=by.organisation,
            number=last + 1,
            pack=pack_code,
            own=checked,
            head=_head(by.organisation_id) if head is None else head,
            by=by,
            total=read.count(),
            created_at=now,
        )
        detail = {"pack": pack_code, "own": len(checked), "number": row.number}
        audit.record(by.organisation_id, actor=by, action="taxonomy.choose", detail=detail, now=now)
    return row


def _head(organisation_id: int) -> int:
    learned = taxonomy.current(organisation_id).learned
    return 0 if learned is None else learned.number


def check(own: Own) -> list[dict[str, Any]]:
    """Return aspects of one's own in their stored form; raises Problem naming each fault."""
    errors: list[FieldProblem] = []
    if len(own) > MOST_OWN:
        errors.append(FieldProblem("", "taxonomy.many", {"limit": MOST_OWN}))
    seen: set[str] = set()
    found = []
    for i, one in enumerate(own[:MOST_OWN]):
        code = str(one.get("code", "")).strip()
        words = [w for w in (str(x).strip() for x in one.get("words", ())) if w]
        named = {k: str(v).strip()[:LONGEST] for k, v in dict(one.get("name", {})).items() if v}
        wrong = _wrong(code, words, named, seen)
        if wrong:
            errors.append(FieldProblem(f"/{i}", wrong, {"value": code[:LONGEST] or str(i + 1)}))
        seen.add(code)
        found.append({"code": code, "name": named, "words": words})
    if errors:
        raise Problem("taxonomy.invalid", errors=tuple(errors))
    return found


def _wrong(code: str, words: Sequence[str], named: Mapping[str, str], seen: set[str]) -> str:
    if not _CODE.fullmatch(code):
        return "taxonomy.code_invalid"
    if code in seen:
        return "taxonomy.code_twice"
    if not named and code not in aspects() and code not in groups():
        return "taxonomy.name_missing"
    if len(words) > MOST_WORDS or any(len(word) > LONGEST for word in words):
        return "taxonomy.words_long"
    return ""


def work_on_next(*, now: datetime, worker: str = WORKER) -> int:
    """Read a few thousand texts of a re-reading again; returns how many. A loop step."""
    running = TaxonomyVersion.State.RUNNING
    mine = TaxonomyVersion.objects.filter(claimed_by=worker, state=running).first()
    job = mine or TaxonomyVersion.claim_next(worker=worker, now=now)
    if job is None:
        return 0
    done = 0
    while done < analysing.TURN * analysing.size():
        texts = _next(job)
        if not texts:
            return _switch(job, worker, now) + done
        analysing.read_again(texts, taxonomy.generation(job))
        done += len(texts)
        job.last_record, job.progress = texts[-1].record, job.progress + len(texts)
        if not job.report(
            worker=worker, now=now, last_record=job.last_record, progress=job.progress
        ):
            break
    return done


def _next(job: TaxonomyVersion) -> list[analysing.Text]:
    read = FeedbackRecord.objects.filter(
        organisation_id=job.organisation_id, analysed_at__isnull=False, pk__gt=job.last_record
    )
    fields = ("organisation_id", "pk", "revision", "verbatim")
    return [
        analysing.Text(*row) for row in read.order_by("pk").values_list(*fields)[: analysing.size()]
    ]


def _switch(job: TaxonomyVersion, worker: str, now: datetime) -> int:
    """Let the new findings count in place of the old ones, all at once."""
    with transaction.atomic():
        if not job.finish(worker=worker, now=now, total=job.progress):
            return 0
        others = TaxonomyVersion.objects.filter(organisation_id=job.organisation_id)
        others.filter(is_current=True).update(is_current=False)
        others.filter(pk=job.pk).update(is_current=True)
    return 1


def drop_old(*, now: datetime) -> int:
    """Delete findings of generations that count no more, a few at a time. A loop step."""
    dropped = 0
    for row in TaxonomyVersion.objects.filter(is_current=True):
        living = taxonomy.living(row.organisation_id)
        old = Reading.objects.filter(
            record__organisation_id=row.organisation_id, generation__lt=min(living)
        )
        ids = list(old.values_list("record_id", flat=True)[:DROPPED_AT_ONCE])
        if ids:
            with transaction.atomic():
                for model in (Finding, Reading):
                    gone = model.objects.filter(record_id__in=ids, generation__lt=min(living))
                    gone._raw_delete("default")
            dropped += len(ids)
    return dropped
